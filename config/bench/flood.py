"""`bench flood`: an hour's 20,000 posts for ten minutes, then ten times as many for two, by real processes.

Web, workers, beat and broker as bin/start runs them; a replayed incident that flows into an open
situation; and somebody who keeps looking at the inbox and at the topics of the situation meanwhile.
"""

import json
import random
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.urls import reverse

from cases.models import Case, Situation, User
from cases.rules.workflow import OPEN, State
from cases.services import inflows, situations
from config.bench import generate
from config.bench.living import living
from config.bench.measure import Bar, CannotMeasure, Report, quantile, quantiles
from config.bench.scratch import listening_source
from monitoring.models import Post, Query, Source

PER_HOUR, TENFOLD = 20_000, 10
BURST_SHARE = 1 / 6
"""Two minutes of twelve."""

MINUTES = 12.0
N_STORIES = 60
REPEATED, REPLIES, ASKING = 0.65, 0.10, 0.15
EVERY_S, LOOKS_EVERY_S = 2, 1.0
PAGE_S, VISIBLE_S = 0.1, 5.0
SETTLE_S = 60.0
UNREAD = re.compile(r'data-unread="(\d+)"')
"""Where the page of topics says how many posts nobody has read."""


@dataclass(slots=True)
class Looked:
    """What somebody saw while the flood came: seconds a page took, and when each post was there."""

    inbox_s: list[float] = field(default_factory=list)
    topics_s: list[float] = field(default_factory=list)
    lag_s: list[float] = field(default_factory=list)
    newest: int = 0


def run(*, seed: int, n_pages: int, now: datetime, minutes: float = MINUTES) -> Report:
    """Measure on the configured (scratch) database; `n_pages` is not used: a flood is counted in minutes."""
    source = listening_source(now=now)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ww-")))
        incident = folder / "flood.jsonl"
        n_posts = _write(incident, seed=seed, minutes=minutes)
        situation = _situation(now=now)
        web = stack.enter_context(living(folder, with_web=True))
        client = stack.enter_context(httpx.Client(base_url=web, cookies=_signed_in(), timeout=30))
        started_at = _start(source, incident)
        looked = _look(client, situation, source, until=started_at + timedelta(minutes=minutes))
        _wait_for(n_posts, looked, source)
        unread = _unread(client, situation)
    return _report(looked, situation, n_posts, unread)


def _situation(*, now: datetime) -> Situation:
    officer, query = User.objects.get(), Query.objects.get()
    plan = situations.Plan(name="Flood", began_at=now)
    situation = situations.open_situation(plan, by=officer, now=now)
    inflows.add(situation, query=query, since=now, by=officer, now=now)
    return situation


def _write(path: Path, *, seed: int, minutes: float) -> int:
    """An incident of so many minutes, the last sixth of them ten times as dense; how many posts."""
    chance = random.Random(seed)
    words = generate.vocabularies(seed)
    calm_s = minutes * 60 * (1 - BURST_SHARE)
    n_calm = round(PER_HOUR / 3600 * calm_s)
    n_burst = round(PER_HOUR * TENFOLD / 3600 * minutes * 60 * BURST_SHARE)
    moments = sorted(
        [chance.uniform(0, calm_s) for _ in range(n_calm)]
        + [chance.uniform(calm_s, minutes * 60) for _ in range(n_burst)]
    )
    with path.open("w", encoding="utf-8") as lines:
        lines.write(json.dumps({"incident": "flood", "title": "A flood of posts"}) + "\n")
        for line in _lines(chance, words, moments):
            lines.write(json.dumps(line, ensure_ascii=False) + "\n")
    return len(moments)


def _lines(
    chance: random.Random, words: dict[str, list[str]], moments: list[float]
) -> Iterator[dict[str, Any]]:
    """Posts as a crisis brings them: most repeat one of some stories, some join in, the rest says its own."""
    stories = [_text(chance, words, 24) for _ in range(N_STORIES)]
    weights = [1 / rank for rank in range(1, N_STORIES + 1)]
    heads: list[str] = []
    for n, at_s in enumerate(moments):
        author = f"a{chance.randrange(8000)}"
        line: dict[str, Any] = {"id": f"p{n}", "at_s": round(at_s, 3), "platform": "x", "lang": "nl"}
        line |= {"handle": author, "name": author, "followers": chance.randrange(3000), "kind": "post"}
        draw = chance.random()
        if draw < REPEATED:
            story = chance.choices(stories, weights)[0]
            line["text"] = f"RT @a{chance.randrange(8000)}: {story}" if draw < REPEATED / 2 else f"{story} !"
        elif draw < REPEATED + REPLIES and heads:
            head = chance.choice(heads[-200:])
            line |= {"kind": "reply", "parent": head, "thread": head, "text": _text(chance, words, 12)}
        else:
            mark = "?" if chance.random() < ASKING else "."
            line["text"] = _text(chance, words, 24) + mark
            heads.append(str(line["id"]))
        yield line


def _text(chance: random.Random, words: dict[str, list[str]], n: int) -> str:
    """Some words with the one that is listened for among them."""
    said = chance.choices(words["nl"][:4000], k=n)
    said[chance.randrange(n)] = "brand"
    return " ".join(said)


def _signed_in() -> dict[str, str]:
    """The cookie of somebody who signed in."""
    officer = User.objects.get()
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(officer.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = officer.get_session_auth_hash()
    session.create()
    return {settings.SESSION_COOKIE_NAME: str(session.session_key)}


def _start(source: Source, incident: Path) -> datetime:
    """Let the incident begin; the source is polled as a stream would be heard."""
    started_at = datetime.now(UTC) + timedelta(seconds=EVERY_S)
    played = {"path": str(incident), "started_at": started_at.isoformat(), "run": "flood"}
    Source.objects.filter(pk=source.pk).update(
        connector="replay", settings=played, interval_s=EVERY_S, next_poll_at=started_at
    )
    return started_at


def _look(client: httpx.Client, situation: Situation, source: Source, *, until: datetime) -> Looked:
    """Look at both pages every second, and note when each post is there for others to read."""
    looked = Looked()
    inbox = reverse("cases:inbox")
    topics = reverse("cases:topics", args=[situation.pk])
    for address in (inbox, topics):  # the first look loads templates: no figure of a page that is used
        client.get(address).raise_for_status()
    while datetime.now(UTC) < until:
        began = time.monotonic()
        looked.inbox_s.append(_seconds(client, inbox))
        looked.topics_s.append(_seconds(client, topics))
        while time.monotonic() < began + LOOKS_EVERY_S:
            _note_new(looked, source)
            time.sleep(0.1)
    return looked


def _seconds(client: httpx.Client, address: str) -> float:
    began = time.perf_counter()
    client.get(address).raise_for_status()
    return time.perf_counter() - began


def _note_new(looked: Looked, source: Source) -> None:
    """How long ago the posts were written that somebody else can read now for the first time."""
    fresh = Post.objects.filter(source=source.pk, pk__gt=looked.newest)
    rows = list(fresh.order_by("pk").values_list("pk", "posted_at"))
    at = datetime.now(UTC)
    looked.lag_s += [(at - posted_at).total_seconds() for _pk, posted_at in rows]
    looked.newest = rows[-1][0] if rows else looked.newest


def _wait_for(n_posts: int, looked: Looked, source: Source) -> None:
    deadline = time.monotonic() + SETTLE_S
    while len(looked.lag_s) < n_posts and time.monotonic() < deadline:
        _note_new(looked, source)
        time.sleep(0.1)
    if not looked.lag_s:
        raise CannotMeasure("Not one post came in; the log of the polling worker says why.")


def _unread(client: httpx.Client, situation: Situation) -> int:
    """The number of unread posts that the page of topics shows."""
    page = client.get(reverse("cases:topics", args=[situation.pk])).text
    shown = UNREAD.search(page)
    if shown is None:
        raise CannotMeasure("The page of topics does not say how many posts are unread.")
    return int(shown[1])


def _report(looked: Looked, situation: Situation, n_posts: int, unread: int) -> Report:
    name = connection.vendor
    cases = Case.objects.filter(situation=situation)
    n_stored, n_cases = Post.objects.count(), cases.count()
    distinct = Post.objects.values("platform", "canonical_id").distinct().count()
    waiting = cases.filter(state=State.NEW).count()
    waiting += cases.filter(state=State.MERGED, lead__state=State.NEW).count()
    figures: dict[str, Any] = {
        "n_posts": n_posts,
        "n_cases": n_cases,
        "n_topics": cases.filter(lead=None, state__in=[*OPEN]).count(),
        "inbox_s": quantiles(sorted(looked.inbox_s)),
        "topics_s": quantiles(sorted(looked.topics_s)),
        "post_to_visible_s": quantiles(sorted(looked.lag_s)),
        "unread_shown": unread,
        "unread_counted": waiting,
    }
    bars = (
        Bar(f"posts lost on {name}", n_posts - min(n_stored, n_cases), "<=", 0),
        Bar(f"posts doubled on {name}", n_stored - distinct + max(0, n_cases - n_posts), "<=", 0),
        Bar(f"inbox p95 on {name}", quantile(sorted(looked.inbox_s), 0.95), "<=", PAGE_S),
        Bar(f"topics p95 on {name}", quantile(sorted(looked.topics_s), 0.95), "<=", PAGE_S),
        Bar(f"post → visible p95 on {name}", quantile(sorted(looked.lag_s), 0.95), "<=", VISIBLE_S),
        Bar(f"unread shown and not there on {name}", abs(unread - waiting), "<=", 0),
    )
    return Report(figures, bars)
