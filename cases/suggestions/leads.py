"""Which open cases tell the same story as posts that just came in.

Each process keeps an index of the leads of the last days in memory and learns of them by reading the
database, so that it knows only what was committed, by whichever process. The index proposes; the
rows decide, held in the transaction that opens the cases.
Source: docs/decisions/0006-how-copies-are-found.md
"""

from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.db import connection, transaction

from cases.models import Case
from cases.rules.workflow import OPEN, State
from cases.suggestions.stories import MOST, SIMILAR, Sketch, Story, StoryIndex, similarity, sketches, story_of
from monitoring import bulk
from monitoring.connectors.base import Kind
from monitoring.models import Post

WINDOW = timedelta(hours=72)
"""How long a case gathers copies."""

LOOK_BACK, EVERY = 20, 20
"""Every twentieth look reads again from where the index stood twenty looks ago: numbers are given out in
another order than they are committed in."""

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """A new post, its story, and the leads that may tell the same."""

    id: int
    story: Story
    sketch: Sketch
    is_urgent: bool
    near: Sequence[int]


@dataclass(frozen=True, slots=True)
class Found:
    """The lead of a copy, and how similar they are (0 to 1)."""

    lead_id: int
    similarity: float


class KnownLeads:
    """The leads that this process knows, safe for its threads."""

    def __init__(self, most: int = MOST) -> None:
        self._index = StoryIndex(most)
        self.most = most
        self._lock = Lock()
        self._newest = 0
        self._marks: deque[int] = deque(maxlen=LOOK_BACK)
        self._n_looks = 0

    def __len__(self) -> int:
        return len(self._index)

    def catch_up(self, *, now: datetime) -> None:
        """Learn of the leads that were committed since the last look, and a little before it."""
        since = self._since()
        ids = _committed_since(since) if since else _newest(self.most, now=now)
        with self._lock:
            unknown = [pk for pk in ids if pk not in self._index]
        for n in range(0, len(unknown), CHUNK):
            self.learn(unknown[n : n + CHUNK])
        with self._lock:
            self._newest = max([self._newest, *ids[-1:]])
            self._marks.append(self._newest)

    def learn(self, ids: Sequence[int]) -> None:
        """Know these leads by what their posts say now."""
        stories = stories_of(ids)
        self.add(zip(stories, sketches(list(stories.values())), strict=True))

    def near(self, told: Sequence[Sketch]) -> list[list[int]]:
        """For each sketch the leads that may tell the same."""
        with self._lock:
            return [self._index.near(sketch) for sketch in told]

    def add(self, made: Iterable[tuple[int, Sketch]]) -> None:
        with self._lock:
            for pk, sketch in made:
                self._index.add(pk, sketch)

    def forget(self, ids: Iterable[int]) -> None:
        """Drop leads that turned out to be none any more."""
        with self._lock:
            for pk in ids:
                self._index.remove(pk)

    def _since(self) -> int:
        with self._lock:
            self._n_looks += 1
            return self._marks[0] if self._marks and self._n_looks % EVERY == 0 else self._newest


def _newest(most: int, *, now: datetime) -> list[int]:
    """The newest leads of the window, for a process that has just started."""
    leads = Case.objects.filter(lead=None, state__in=[*OPEN], opened_at__gt=now - WINDOW)
    return sorted(leads.order_by("-pk").values_list("pk", flat=True)[:most])


def _committed_since(number: int) -> list[int]:
    """The leads with a higher number, by the primary key alone: any other way in reads far more rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT post_id, state FROM cases_case WHERE post_id > %s AND lead_id IS NULL", [number]
        )
        return sorted(pk for pk, state in cursor.fetchall() if state in OPEN)


def stories_of(post_ids: Collection[int]) -> dict[int, Story]:
    """The stories of posts as they stand now; a redacted post tells none."""
    fields = ("identity_id", "text", "kind", "platform", "thread_id", "gone_at")
    rows = bulk.find(Post, fields, by=("identity_id",), keys=[(pk,) for pk in post_ids])
    return {
        pk: story_of("" if gone_at else text, conversation=conversation_of(kind, platform, thread_id))
        for pk, text, kind, platform, thread_id, gone_at in sorted(rows, key=lambda row: int(row[0]))
    }


def conversation_of(kind: str, platform: str, thread_id: str) -> str:
    """The conversation that a short text belongs to; a post that answers nobody stands alone."""
    return f"{platform}/{thread_id}" if kind == Kind.REPLY else ""


def tell(posts: Sequence[tuple[int, str, str, bool]], *, now: datetime) -> list[Told]:
    """Posts (id, text, conversation, urgent) with the leads that may tell the same story."""
    known.catch_up(now=now)
    stories = [story_of(text, conversation=conversation) for _, text, conversation, _ in posts]
    made = sketches(stories)
    return [
        Told(post[0], story, sketch, post[3], near)
        for post, story, sketch, near in zip(posts, stories, made, known.near(made), strict=True)
    ]


def place(told: Sequence[Told], held: Mapping[int, Case]) -> dict[int, Found]:
    """The lead of each post that is a copy, by the rows in `held`, or of a post before it on the page.

    What speaks of danger never disappears into a case that does not.
    """
    asked = {pk for post in told for pk in post.near}
    leads = {pk: case for pk in asked if (case := held.get(pk)) and is_lead(case)}
    known.forget(asked - leads.keys())
    stories = stories_of(leads)
    urgent = {pk for pk, case in leads.items() if case.is_urgent}
    here, found = StoryIndex(), {}
    for post in told:
        near = [pk for pk in (*post.near, *here.near(post.sketch)) if pk in stories]
        best = _most_similar(post, near, stories, urgent)
        if best:
            found[post.id] = best
            continue
        stories[post.id] = post.story
        here.add(post.id, post.sketch)
        if post.is_urgent:
            urgent.add(post.id)
    opened = [(post.id, post.sketch) for post in told if post.id not in found]
    transaction.on_commit(lambda: known.add(opened))
    return found


def is_lead(case: Case) -> bool:
    """Whether a case can take copies: still open, and no copy itself."""
    return case.lead_id is None and State(case.state) in OPEN


def _most_similar(
    post: Told, near: Sequence[int], stories: Mapping[int, Story], urgent: Collection[int]
) -> Found | None:
    similar = (
        Found(pk, similarity(post.story, stories[pk])) for pk in near if pk in urgent or not post.is_urgent
    )
    return min(
        (each for each in similar if each.similarity >= SIMILAR),
        key=lambda each: (-each.similarity, each.lead_id),
        default=None,
    )


known = KnownLeads()
"""The leads this process knows: a memory only, the database is asked before it is believed."""
