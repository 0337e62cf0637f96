"""Reading lists of Bluesky page by page, in turn, so that an interruption leaves no hole. Pure.

State of a stream: `mark`, all that came before it has been read; and while a run is not finished `token`,
where it goes on, `newest`, the mark to set once its last page has been read, and `n_empty`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitoring.connectors.base import Mention, Rejected
from monitoring.connectors.bluesky.posts import indexed_at, mentions_in, moment
from monitoring.connectors.errors import Refused

MAX_EMPTY_PAGES = 3
OVERLAP = timedelta(minutes=10)  # posts are found late; storing one twice changes nothing
FIRST_LOOK = timedelta(days=7)  # how far back a search that is new goes

State = Mapping[str, Any]
Listing = tuple[Sequence[Any], Sequence[Any], str]  # what is dated, what are posts, the next token


@dataclass(frozen=True, slots=True)
class Turn:
    """One page of a stream, the state to store with it, and whether the run is over."""

    mentions: tuple[Mention, ...]
    rejected: tuple[Rejected, ...]
    state: State
    done: bool


@dataclass(slots=True)
class Stream:
    """One list of posts, roughly newest first; `fetch` brings the page behind a token.

    Lists are sorted by what authors claim, so a run stops only at a page of which every entry came to
    Bluesky before the mark, less an overlap: a post that is dated back by less than a page is found.
    """

    fetch: Callable[[str], Listing]
    _tokens: set[str] = field(default_factory=set)

    def turn(self, state: State, *, now: datetime) -> Turn:
        """The next page of the run that is under way, or the first of a new one."""
        token = str(state.get("token") or "")
        dated, entries, token = self._page(token)
        mentions, rejected = mentions_in(entries, now=now)
        arrivals = [at for at in (indexed_at(entry, now=now) for entry in dated) if at]
        mark, newest = moment(state.get("mark")), moment(state.get("newest"))
        newest = max([at for at in (newest, mark) if at] + arrivals, default=None)
        n_empty = 0 if dated else _number(state, "n_empty") + 1
        fault = self._fault(token, n_empty)
        if fault:  # the mark stays: the next poll reads this stretch again from its start
            raw = json.dumps({"cursor": token})
            return Turn(mentions, (*rejected, Rejected(raw, fault)), _marked(mark), True)
        stop_at = (mark or now - FIRST_LOOK) - OVERLAP
        if not token or (arrivals and max(arrivals) < stop_at):
            return Turn(mentions, rejected, _marked(newest), True)
        under_way = {**_marked(mark), "token": token, "n_empty": n_empty}
        return Turn(mentions, rejected, under_way | ({"newest": newest.isoformat()} if newest else {}), False)

    def _page(self, token: str) -> Listing:
        """The page behind a token; one that Bluesky no longer takes is dropped, and the run starts again."""
        self._tokens.add(token)
        try:
            return self.fetch(token)
        except Refused as refused:
            if not token or "cursor" not in refused.reason.lower():
                raise
            return self.fetch("")

    def _fault(self, token: str, n_empty: int) -> str:
        """Why reading on would never end; "" when it would."""
        if token and token in self._tokens:
            return "Bluesky gave the same page twice; reading stopped there"
        if token and n_empty >= MAX_EMPTY_PAGES:
            return f"Bluesky gave {n_empty} empty pages in a row; reading stopped there"
        return ""


def _marked(mark: datetime | None) -> dict[str, Any]:
    return {"mark": mark.isoformat()} if mark else {}


def _number(state: State, name: str) -> int:
    value = state.get(name)
    return value if isinstance(value, int) and value >= 0 else 0
