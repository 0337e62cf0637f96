"""Several lists of one platform, read in rounds: each has its share of a poll, and none is left out. Pure.

A poll whose budget ends before the last list says whose `turn` it is, and the next one goes on there.
The round is over after the last list; when one of them had more than its share (`behind`), the next
round begins at once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from monitoring.connectors.base import Cursor, Page
from monitoring.connectors.errors import SourceError

State = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """A page of one list: its cursor is the state of that list; `done` when it was read to its end."""

    page: Page
    done: bool


Read = Callable[[str, State, int], Iterator[Part]]


def in_rounds(
    names: Sequence[str], cursor: Cursor, read: Read, *, is_spent: Callable[[], bool]
) -> Iterator[Page]:
    """The pages of all lists in turn; `read` is told how many lists are still to come.

    An empty page that is not the last is kept back and its cost put on the next one: many quiet lists
    are no platform that turns in circles.
    """
    start = names.index(cursor["turn"]) if cursor.get("turn") in names else 0
    round_ = _Round({name: cursor[name] for name in names if cursor.get(name)})
    round_.behind = bool(start and cursor.get("behind"))
    for place in range(start, len(names)):
        if is_spent():
            break
        name, following, done = names[place], names[place + 1 : place + 2], True
        try:
            for part in read(name, round_.state.get(name) or {}, len(names) - place):
                done = part.done
                if (page := round_.page(name, part, following)) is not None:
                    yield page
        except SourceError:
            yield from round_.kept_back()
            raise
        round_.behind = round_.behind or not done
    yield from round_.kept_back()


@dataclass(slots=True)
class _Round:
    """Where a round stands: the state of each list, and an empty page that was kept back."""

    state: dict[str, Any]
    behind: bool = False
    held: Page | None = None

    def page(self, name: str, part: Part, following: Sequence[str]) -> Page | None:
        """The page to give now, with the cursor of all lists; None when it is kept back."""
        self.state[name] = part.page.cursor
        behind = self.behind or not part.done
        cursor = dict(self.state)
        if following:
            cursor |= {"turn": following[0]} | ({"behind": True} if behind else {})
        page = replace(part.page, cursor=cursor, last=not following and not behind)
        if self.held is not None:
            units, cost = self.held.units + page.units, self.held.cost + page.cost
            page = replace(page, units=units, cost=cost, quota=page.quota or self.held.quota)
        is_empty = not (page.mentions or page.rejected or page.gaps or page.last)
        self.held = page if is_empty else None
        return None if is_empty else page

    def kept_back(self) -> Iterator[Page]:
        """The empty page that was kept back, if there is one."""
        if self.held is not None:
            yield self.held
            self.held = None
