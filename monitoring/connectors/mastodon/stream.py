"""Reading one list of a Mastodon server page by page, so that an interruption leaves no hole. Pure.

A timeline is read upwards with `min_id`, from what was read last: each page makes the mark true by
itself. (`since_id` would give the newest page and leave a hole below it.) What is read for the first
time, and a search, is read downwards; its mark moves only with the last page.

State: `mark`, all up to there has been read; `at`, where an upward run goes on; `below` and `newest`,
where a downward run goes on and the mark to set when it ends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

CLOCK_SKEW = timedelta(minutes=5)  # an id from further ahead is no mark
_MS_SHIFT = 16  # ids of statuses hold milliseconds since 1970 above these bits
OLDEST_TIMED_ID = 10**15
_SEARCH_OVERLAP = 5  # results that are asked again, for those that went away meanwhile

State = Mapping[str, Any]
Fetch = Callable[[Mapping[str, Any]], Sequence[Any]]


class Stuck(Exception):
    """The server gives the same page again and again."""


@dataclass(frozen=True, slots=True)
class Read:
    """One page: its entries, the state to store with them, whether the stream was read to its end."""

    entries: Sequence[Any]
    state: State
    done: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """One list, newest first within a page. `overlap` in ids is read again on every poll.

    `first` is how far back the first poll reads. `by_offset`: a search, which knows no `min_id`.
    """

    fetch: Fetch
    page_size: int
    overlap: int
    first: timedelta
    by_offset: bool = False

    def read(self, state: State, *, most: Callable[[], int], now: datetime) -> Iterator[Read]:
        """Pages until the end, or until `most` entries are allowed no more. Raises Stuck."""
        if state.get("mark") and not self.by_offset and not state.get("below"):
            return self._upwards(state, most=most, now=now)
        return self._downwards(state, most=most, now=now)

    def _upwards(self, state: State, *, most: Callable[[], int], now: datetime) -> Iterator[Read]:
        start = mark = str(state["mark"])
        at = str(state.get("at") or shifted(mark, self.overlap))
        while size := min(most(), self.page_size):
            entries = self.fetch({"min_id": at, "limit": size})
            top = highest(ids_of(entries), at)
            if entries and rank(top) <= rank(at):
                raise Stuck
            mark = highest([i for i in ids_of(entries) if not is_ahead(i, now=now)], mark)
            # A short page is the end for now: what comes later has higher ids than the mark. But a server
            # also hides posts from a page: an almost full one that stays below the mark is no end.
            is_beyond = rank(top) > rank(start) or len(entries) <= size // 2
            done = not entries or (len(entries) < size and is_beyond)
            yield Read(entries, {"mark": mark} | ({} if done else {"at": top}), done)
            if done:
                return
            at = top

    def _downwards(self, state: State, *, most: Callable[[], int], now: datetime) -> Iterator[Read]:
        mark, newest = str(state.get("mark") or ""), str(state.get("newest") or state.get("mark") or "")
        below = state.get("below")
        before: list[str] = []
        while size := min(most(), self.page_size):
            entries = self.fetch(self._position(below) | {"limit": size})
            ids = ids_of(entries)
            if ids and ids == before:
                raise Stuck
            newest = highest([i for i in ids if not is_ahead(i, now=now)], newest)
            if not entries or self._is_far_enough(entries, ids, mark, now=now):
                yield Read(entries, {"mark": newest} if newest else {}, True)
                return
            before, below = ids, self._next(below, entries, size)
            kept = {"mark": mark} if mark else {}
            yield Read(entries, kept | {"below": below, "newest": newest}, False)

    def _position(self, below: Any) -> dict[str, Any]:
        if below is None:
            return {}
        return {"offset": int(below)} if self.by_offset else {"max_id": str(below)}

    def _next(self, below: Any, entries: Sequence[Any], size: int) -> Any:
        if self.by_offset:
            again = _SEARCH_OVERLAP if len(entries) >= size > _SEARCH_OVERLAP else 0
            return int(below or 0) + len(entries) - again
        return min(ids_of(entries), key=rank, default=below)

    def _is_far_enough(self, entries: Sequence[Any], ids: Sequence[str], mark: str, *, now: datetime) -> bool:
        """Whether a downward run has come to what was read before, or to the end of the first stretch."""
        if mark:
            return bool(ids) and rank(min(ids, key=rank)) <= rank(shifted(mark, self.overlap))
        lowest = min(filter(has_id, entries), key=lambda entry: rank(str(entry["id"])), default=None)
        return (_stamp(lowest) or now) < now - self.first


def rank(status_id: str) -> tuple[int, str]:
    """A key that sorts ids by age: numbers by their size, and the texts of other servers as well."""
    return len(status_id), status_id


def highest(ids: Sequence[str], otherwise: str) -> str:
    return max([*ids, otherwise], key=rank)


def ids_of(entries: Sequence[Any]) -> list[str]:
    """The ids of statuses or notifications; what has none moves nothing."""
    found = (entry.get("id") for entry in entries if isinstance(entry, Mapping))
    return [str(i) for i in found if isinstance(i, str | int) and str(i).isascii() and str(i).isalnum()]


def has_id(entry: Any) -> bool:
    """Whether an entry has an id."""
    return bool(ids_of([entry]))


def shifted(mark: str, by: int) -> str:
    """The mark that much lower; ids that are no numbers stay as they are."""
    return str(max(int(mark) - by, 1)) if mark.isdigit() else mark


def is_ahead(status_id: str, *, now: datetime) -> bool:
    """Whether the time in an id lies in the future: then it would hide what follows."""
    if not status_id.isdigit() or int(status_id) < OLDEST_TIMED_ID:
        return False
    return int(status_id) >> _MS_SHIFT > (now + CLOCK_SKEW).timestamp() * 1000


def ids_in(span: timedelta) -> int:
    return int(span / timedelta(milliseconds=1)) << _MS_SHIFT


def _stamp(entry: Any) -> datetime | None:
    try:
        stated = datetime.fromisoformat(str(entry["created_at"]))
    except (ValueError, TypeError, KeyError):
        return None
    return stated.replace(tzinfo=stated.tzinfo or UTC)
