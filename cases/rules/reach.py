"""How far an account reaches, in steps: the exact number is nobody's business beside a case."""

from enum import StrEnum

THOUSAND = 1000


class Reach(StrEnum):
    UNKNOWN = ""
    SMALL = "under 1k"
    MEDIUM = "1k to 10k"
    LARGE = "10k to 100k"
    HUGE = "over 100k"


def reach_of(followers: int | None) -> Reach:
    """The step that a number of followers is on; platforms do not always tell it."""
    if followers is None:
        return Reach.UNKNOWN
    steps = ((THOUSAND, Reach.SMALL), (10 * THOUSAND, Reach.MEDIUM), (100 * THOUSAND + 1, Reach.LARGE))
    return next((reach for most, reach in steps if followers < most), Reach.HUGE)
