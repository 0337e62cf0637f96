"""Which answers come too late at the pace of the last hours, before they do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WINDOW = timedelta(hours=3)
"""So far back the pace is measured: long enough to be one, short enough to be of this shift."""

MOST = 500
"""So far into the queue is looked."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is late, and what becomes so at this pace.

    `n_late`: overdue already. `n_soon`: due later, but reached after that; `first_at`: when the first of
    those is due. `n_done`: cases finished in WINDOW. `is_cut`: more wait than were looked at.
    """

    n_waiting: int
    n_late: int
    n_soon: int
    first_at: datetime | None
    n_done: int
    is_cut: bool = False

    @property
    def per_hour(self) -> float:
        return self.n_done / (WINDOW / timedelta(hours=1))


def forecast(dues: Sequence[datetime], *, n_done: int, now: datetime, is_cut: bool = False) -> Forecast:
    """What becomes late when the queue is worked through in its order as fast as in the last hours.

    `dues`: when each waiting case is due, in the order in which they are taken up. Case number n is reached
    after n times the time that one took. When nothing was finished, what is due within WINDOW is late:
    nobody knows any better.
    """
    late = [due for due in dues if due <= now]
    each = WINDOW / n_done if n_done else None
    soon = [
        due
        for place, due in enumerate(dues, start=1)
        if now < due < (now + place * each if each else now + WINDOW)
    ]
    return Forecast(len(dues), len(late), len(soon), min(soon, default=None), n_done, is_cut)
