"""`bench alert`: from the commit of a post to the alert's row, and from there to the mail server's word.

Real processes as bin/start runs them (beat, worker, broker), in production settings, on a database that
is taken in from another source meanwhile. Every alarm is a watch of its own that posts make rise.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection, transaction

from cases.models import Case, Escalation, Notification, User
from cases.rules.permissions import Role
from cases.services import intake, watching
from cases.services.watching import Plan
from config.bench import generate, path
from config.bench.living import living
from config.bench.mailbox import Mailbox, running_mailbox
from config.bench.measure import Bar, CannotMeasure, Report, quantile, quantiles
from config.bench.scratch import listening_source
from monitoring.connectors.base import AuthorRef, Kind, Mention
from monitoring.models import Query, Source
from monitoring.store import upsert_posts

N_ALARMS = 200
N_POSTS = 30
EVERY_S = 0.6
BAR_S = 5.0
PATIENCE_S = 120.0
APART = timedelta(days=1)


@dataclass(slots=True)
class Seen:
    """Moments of one alarm: its posts committed, its row there, its mail taken by the server."""

    committed_at: datetime
    raised_at: datetime | None = None
    mailed_at: datetime | None = None


@dataclass(slots=True)
class Watched:
    """What the bench looks at while the processes work."""

    source: Source
    mailbox: Mailbox
    seen: dict[int, Seen] = field(default_factory=dict)
    n_taken: int = 0

    def look(self) -> None:
        """Note every row and every mail that is new; a row counts from when somebody else can read it."""
        waiting = [case for case, one in self.seen.items() if one.raised_at is None]
        for case_id in Escalation.objects.filter(case__in=waiting).values_list("case", flat=True):
            self.seen[case_id].raised_at = datetime.now(UTC)
        self._look_at_mail()

    def _look_at_mail(self) -> None:
        fresh = self.mailbox.taken[self.n_taken :]
        if not fresh:
            return
        self.n_taken += len(fresh)
        keys = {str(mail["Message-ID"]).strip("<>").partition("@")[0]: at for at, mail in fresh}
        rows = Notification.objects.filter(escalation__case__in=self.seen, channel="email")
        for key, case_id in rows.values_list("key", "escalation__case"):
            at, one = keys.get(key[:32]), self.seen[case_id]
            if at and (one.mailed_at is None or at < one.mailed_at):
                one.mailed_at = at

    @property
    def is_complete(self) -> bool:
        return all(one.mailed_at for one in self.seen.values())


def run(*, seed: int, n_pages: int, now: datetime) -> Report:
    """Measure on the configured (scratch) database; `n_pages` is not used: alarms are counted, not pages."""
    source = listening_source(now=now)
    Source.objects.update(connector="webhook")  # nobody polls it: a watch of a source that is silent is blind
    cases = _watches(source, now=now)
    with ExitStack() as stack:
        mailbox = stack.enter_context(running_mailbox())
        world = Watched(source, mailbox)
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="ww-")))
        stack.enter_context(living(folder, environment=mailbox.settings))
        if Escalation.objects.exists():
            raise CannotMeasure("An alarm rang before there were posts that make one rise.")
        n_ingested, took_s = _raise_all(world, cases, seed=seed)
        _wait(world)
    to_row = sorted(_s(one.committed_at, one.raised_at) for one in world.seen.values())
    to_mail = sorted(_s(one.raised_at, one.mailed_at) for one in world.seen.values())
    name = connection.vendor
    figures = {
        "n_alarms": len(world.seen),
        "post_to_row_s": quantiles(to_row),
        "row_to_mail_s": quantiles(to_mail),
        "ingested_meanwhile_per_s": round(n_ingested / took_s),
    }
    return Report(
        figures,
        (
            Bar(f"commit of a post → alert row, p99 on {name}", quantile(to_row, 0.99), "<=", BAR_S),
            Bar(f"alert row → mail server, p99 on {name}", quantile(to_mail, 0.99), "<=", BAR_S),
        ),
    )


def _watches(source: Source, *, now: datetime) -> list[Case]:
    """Cases of some days ago, each under a watch of its own by an officer who has an address."""
    like = Query.objects.get()
    officer = User.objects.create_user("watcher", "watcher@desk.example", role=Role.OFFICER)
    cases = []
    for n in range(N_ALARMS):
        at = now - timedelta(hours=1)
        with transaction.atomic():
            stored = upsert_posts([_mention(n, 0, at=at)], now=at, source_id=source.pk)
            intake.open_cases(stored, now=at)
        case = Case.objects.get(pk=stored.new[0].id)
        plan = Plan(officer, "more than now", timedelta(hours=1), now + APART)
        watching.start(case, plan, by=like.owner, now=at)
        cases.append(case)
    return cases


def _mention(case: int, n: int, *, at: datetime) -> Mention:
    return Mention(
        platform="x",
        canonical_id=f"alert-{case}-{n}",
        url=f"https://social.example/{case}/{n}",
        text=f"De brand in wijk {case}: bericht {n} van {case * 31 + n}",
        posted_at=at,
        author=AuthorRef(f"a{case}-{n}", f"author{case}-{n}", f"Author {n}", 100),
        kind=Kind.REPLY if n else Kind.POST,
        thread_id=f"thread-{case}",
        language="nl",
    )


def _raise_all(world: Watched, cases: Sequence[Case], *, seed: int) -> tuple[int, float]:
    """Posts for one watch after the other, and pages of others in between; how many, in how long."""
    asked = path.queries(1, like=Query.objects.get(), seed=seed)
    pages = generate.pages(10_000, seed=seed)
    began, n_ingested = time.monotonic(), 0
    for n, case in enumerate(cases):
        at = datetime.now(UTC)
        with transaction.atomic():
            stored = upsert_posts(
                [_mention(n, k, at=at) for k in range(1, N_POSTS)], now=at, source_id=world.source.pk
            )
            intake.open_cases(stored, now=at)
        world.seen[case.pk] = Seen(datetime.now(UTC))
        page = next(pages)
        path.walk(world.source, page, asked, n, now=datetime.now(UTC))
        n_ingested += N_POSTS - 1 + len(page)
        until = began + (n + 1) * EVERY_S
        while time.monotonic() < until:
            world.look()
            time.sleep(0.02)
    return n_ingested, time.monotonic() - began


def _wait(world: Watched) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not world.is_complete:
        if time.monotonic() > deadline:
            silent = [case for case, one in world.seen.items() if not one.mailed_at]
            unraised = sum(one.raised_at is None for one in world.seen.values())
            raise CannotMeasure(f"{len(silent)} alarms were not mailed, {unraised} of them not raised.")
        world.look()
        time.sleep(0.02)


def _s(start: datetime | None, end: datetime | None) -> float:
    assert start is not None and end is not None
    return round((end - start).total_seconds(), 3)
