"""When a post that is put aside now can come back."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from cases import targets
from cases.rules import later
from cases.rules.later import Later


def moments(*, now: datetime) -> Mapping[Later, datetime]:
    """The moments that are offered, in the time of the desk and by its working days."""
    working_day = timezone.localtime(targets.next_working_day(now))
    return later.moments(timezone.localtime(now), working_day=working_day)
