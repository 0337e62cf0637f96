"""Reading one stream of X page by page, so that an interruption leaves no hole. Pure.

State of a stream: `since_id`, all up to there has been read; and while a run is not finished `token`,
where it goes on, and `newest`, the mark to set once its last page has been read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from monitoring.connectors.base import Budget, Mention, Refused, Rejected
from monitoring.connectors.x.posts import first_id_at, mentions_in, time_of

PAGE_SIZE = 100
MAX_EMPTY_PAGES = 3
OVERLAP = timedelta(minutes=1)  # posts are found late; storing one twice changes nothing
CLOCK_SKEW = timedelta(minutes=5)  # an id from further ahead is no mark

State = Mapping[str, Any]
Read = tuple[tuple[Mention, ...], tuple[Rejected, ...], State, bool]


class Fetch(Protocol):
    """Asks X for one page."""

    def __call__(self, params: Mapping[str, Any], *, now: datetime) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Stream:
    """One list of posts, newest first; `window` is how far back X gives it (None: no such limit)."""

    fetch: Fetch
    window: timedelta | None

    def read(self, state: State, budget: Budget, *, now: datetime) -> Iterator[Read]:
        """Pages with the state to store with each, and whether the stream has been read to its end."""
        since_id, token, newest = _number(state, "since_id"), str(state.get("token") or ""), _newest(state)
        gap: tuple[Rejected, ...] = ()
        if not token:  # a run that is under way must ask the same question to its end
            since_id, gap = self._within_window(since_id, now=now)
        tokens, n_empty = {token}, 0
        for _ in range(min(budget.max_pages, budget.max_items // PAGE_SIZE)):
            body = self._page(since_id, token, now=now)
            mentions, rejected = mentions_in(body)
            newest = max([newest, *(_mark(mention, now=now) for mention in mentions)])
            token = str(body["meta"].get("next_token") or "")
            rejected, gap = (*gap, *rejected), ()
            if token in tokens and token:
                # The high-water mark stays: the next poll reads this stretch again from its start.
                repeated = Rejected(
                    raw=token, reason="X gave the same page token twice; reading stopped there"
                )
                yield tuple(mentions), (*rejected, repeated), {"since_id": str(since_id)}, True
                return
            tokens.add(token)
            n_empty = 0 if mentions else n_empty + 1
            if not token:
                yield tuple(mentions), rejected, {"since_id": str(max(newest, since_id))}, True
                return
            yield tuple(mentions), rejected, _unfinished(since_id, token, newest), False
            if n_empty >= MAX_EMPTY_PAGES:
                return

    def _page(self, since_id: int, token: str, *, now: datetime) -> Mapping[str, Any]:
        """One page; a resume token that X no longer takes is dropped, and the run starts again."""
        params: dict[str, Any] = {"max_results": PAGE_SIZE}
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

    def _within_window(self, since_id: int, *, now: datetime) -> tuple[int, tuple[Rejected, ...]]:
        """The mark, moved up to the window of X when it lies before it; then the gap is reported."""
        if not since_id or self.window is None:
            return since_id, ()
        oldest = now - self.window + 2 * OVERLAP
        if time_of(since_id) >= oldest:
            return since_id, ()
        gap = f"Posts from {time_of(since_id):%Y-%m-%d %H:%M} to {oldest:%Y-%m-%d %H:%M} UTC are out of reach"
        return first_id_at(oldest), (Rejected(raw=str(since_id), reason=gap),)


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
