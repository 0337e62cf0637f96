"""Lists of a platform as `run` reads them: what they are, what an answer is, what can go wrong."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from monitoring.connectors.base import Mention, Quota
from monitoring.connectors.plain import clean, clean_json
from monitoring.connectors.shape import WRONG_SHAPE

CLOCK_SKEW = timedelta(minutes=5)
UNREADABLE = WRONG_SHAPE

Step = dict[str, Any]
Entry = Mapping[str, Any]


class Absent(Exception):
    """The platform says that what was asked for is not there."""


class Closed(Exception):
    """One list cannot be read, and nothing is wrong with the others."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of a list. `going_on`: the parameters that ask for the next; {} at the end."""

    entries: list[Any]
    going_on: Mapping[str, str]
    quota: Quota | None = None
    units: int = 1


class Fetcher(Protocol):
    """Asks the platform for one page. What it puts in `kept` (JSON) it finds there at the next poll."""

    kept: dict[str, Any]

    def fetch(self, path: str, params: Mapping[str, str], *, now: datetime) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Watched:
    """A post whose comments we read: `look` changes when there may be new ones."""

    post_id: str
    look: str
    url: str
    n_comments: int


@dataclass(frozen=True, slots=True)
class Edge:
    """One list of the platform. `{of}` in `path` is the post that a step is about.

    `mentions` gives what is in one entry, nothing for what is ours. `watched` makes it a list of posts
    of which what stands under them (the edge `leads_to`) is read after it. `more` gives a step for what
    did not fit in an entry. `deep`: this many pages are read before a page with only old entries ends
    it. `reach`: the platform gives no more entries than this, so an end before the mark is a gap.
    """

    path: str
    params: Mapping[str, str]
    mentions: Callable[[Entry, Step], list[Mention]]
    time: Callable[[Entry], datetime]
    watched: Callable[[Entry], Watched | None] | None = None
    leads_to: str = "comments"
    more: Callable[[Entry, Step], Step | None] | None = None
    since: Callable[[int], Mapping[str, str]] = field(default=lambda floor: {})
    deep: int = 0
    reach: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """How far back the first run reads, and how old a post may be to have its comments read."""

    first: timedelta
    comments: timedelta


def envelope(step: Step, entry: Any) -> str:
    """An entry with what is needed to read it again, as JSON."""
    kept = {name: step[name] for name in ("edge", "of", "post", "url") if name in step}
    return clean(json.dumps(kept | {"entry": clean_json(entry)}, ensure_ascii=False))


def arrived(mention: Mention, *, now: datetime) -> Mention:
    """The mention as it counts here; one stamped well ahead of our clock counts at arrival."""
    return mention if mention.posted_at <= now + CLOCK_SKEW else replace(mention, posted_at=now)
