"""Reading one stream of X page by page, so that an interruption leaves no hole. Pure.

State of a stream: `since_id`, all up to there has been read; and while a run is not finished `token`,
where it goes on, and `newest`, the mark to set once its last page has been read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from monitoring.connectors.base import Gap, Mention, Rejected
from monitoring.connectors.errors import Refused, Unavailable
from monitoring.connectors.x.posts import first_id_at, mentions_in, time_of

PAGE_SIZE = 100
MAX_EMPTY_PAGES = 3
OVERLAP = timedelta(minutes=1)  # posts are found late; storing one twice changes nothing
CLOCK_SKEW = timedelta(minutes=5)  # an id from further ahead is no mark

State = Mapping[str, Any]


class Fetch(Protocol):
    """Asks X for one page."""

    def __call__(self, params: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Read:
    """One page: what was in it, the state to store with it, whether the stream was read to its end."""

    mentions: tuple[Mention, ...]
    rejected: tuple[Rejected, ...]
    state: State
    done: bool
    n_posts: int = 0
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of posts, newest first, at `price` dollars a post.

    `window` is how far back X gives it (None: no such limit), `fewest` the smallest page it takes.
    """

    fetch: Fetch
    window: timedelta | None
    price: Decimal
    fewest: int

    def read(self, state: State, *, n_pages: int, n_posts: int, now: datetime) -> Iterator[Read]:
        """At most so many pages and posts. Raises Unavailable when X goes round in circles."""
        since_id, token, newest = _number(state, "since_id"), str(state.get("token") or ""), _newest(state)
        gaps: tuple[Gap, ...] = ()
        if not token:  # a run that is under way must ask the same question to its end
            since_id, gaps = self._within_window(since_id, now=now)
        tokens, n_empty = set[str](), 0
        for _ in range(n_pages):
            if n_posts < self.fewest:
                return
            body = self._page(since_id, token, min(n_posts, PAGE_SIZE), now=now)
            n_posts -= len(body["data"])
            found, rejected = mentions_in(body)
            newest = max([newest, *(_mark(mention, now=now) for mention in found)])
            token = str(body["meta"].get("next_token") or "")
            is_circle = bool(token) and token in tokens
            state = (
                _unfinished(since_id, token, newest) if token else {"since_id": str(max(newest, since_id))}
            )
            if is_circle:  # the mark stays: the next poll reads this stretch again from its start
                state = {"since_id": str(since_id)} if since_id else {}
            yield Read(tuple(found), rejected, state, not token, len(body["data"]), gaps)
            if is_circle:
                raise Unavailable("X gave the same page token twice")
            tokens |= {token} - {""}
            gaps = ()
            n_empty = 0 if found else n_empty + 1
            if not token or n_empty >= MAX_EMPTY_PAGES:
                return

    def _page(self, since_id: int, token: str, size: int, *, now: datetime) -> Mapping[str, Any]:
        """One page; a resume token that X no longer takes is dropped, and the run starts again."""
        params: dict[str, Any] = {"max_results": size}
        if since_id:
            params["since_id"] = str(since_id - _ids_in(OVERLAP))
        if not token:
            return self.fetch(params, now=now)
        try:
            return self.fetch(params | {"pagination_token": token}, now=now)
        except Refused as refused:
            if "token" not in refused.reason:
                raise
            return self.fetch(params, now=now)

    def _within_window(self, since_id: int, *, now: datetime) -> tuple[int, tuple[Gap, ...]]:
        """The mark, moved up to the window of X when it lies before it; then there is a gap."""
        if not since_id or self.window is None:
            return since_id, ()
        oldest = now - self.window + 2 * OVERLAP
        if time_of(since_id) >= oldest:
            return since_id, ()
        reason = f"X gives posts of the last {self.window.days} days only"
        return first_id_at(oldest), (Gap(time_of(since_id), oldest, reason),)


def _number(state: State, name: str) -> int:
    value = str(state.get(name) or "")
    return int(value) if value.isascii() and value.isdigit() else 0


def _newest(state: State) -> int:
    return max(_number(state, "newest"), _number(state, "since_id"))


def _mark(mention: Mention, *, now: datetime) -> int:
    """The id of a mention as a mark; nothing for one from the future, which would hide what follows."""
    post_id = int(mention.canonical_id)
    return post_id if time_of(post_id) <= now + CLOCK_SKEW else 0


def _ids_in(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1)) << 22


def _unfinished(since_id: int, token: str, newest: int) -> State:
    return {"since_id": str(since_id or ""), "token": token, "newest": str(newest)}
