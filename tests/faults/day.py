"""One officer at work in a crowd: with pages that are some time old half of the time, as people have."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cases.models import Case, User

LATER = timedelta(minutes=1)


@dataclass
class Day:
    """One officer at work: an own chance, and pages as they were when they were opened."""

    officer: User
    case_ids: list[int]
    chance: random.Random
    now: datetime
    pages: dict[int, Case] = field(default_factory=dict)

    def case(self) -> Case:
        """A case, as an older page of one's own showed it or as it is."""
        case_id = self.chance.choice(self.case_ids)
        if case_id not in self.pages or self.chance.random() < 0.5:
            self.pages[case_id] = Case.objects.select_related("post__source", "scheme").get(pk=case_id)
        return self.pages[case_id]


Verb = Callable[[Day, Case], str | list[tuple[str, int]]]
"""Does something; returns the event that must be in the trail of the case for it, or all of them with their
cases. "" when it has none of its own, or did nothing."""
