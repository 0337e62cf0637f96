"""How much each of the desk has on their plate, in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from django.db.models import Count, QuerySet
from django.utils import timezone

from cases import duty
from cases.models import Assessment, Case, Response, User
from cases.reads.people import who_may
from cases.rules.permissions import Need
from cases.rules.workflow import OPEN, State

TO_DO = OPEN - {State.WATCHING}
UNANSWERED = OPEN - {State.WATCHING, State.RESPONDED}


@dataclass(frozen=True, slots=True)
class Load:
    """One person: open cases that are theirs, cases they are at now, and what they did today."""

    person: User
    is_on_duty: bool
    n_assigned: int
    n_now: int
    n_overdue: int
    n_judged: int
    n_answered: int

    @property
    def is_idle(self) -> bool:
        """Not on duty and without anything: left out where space is short."""
        counted = (self.n_assigned, self.n_now, self.n_judged, self.n_answered)
        return not self.is_on_duty and not any(counted)


def workload(*, now: datetime) -> list[Load]:
    """Everybody who may judge or watch; who is on duty first, then who has most open cases."""
    people = {person.pk: person for person in who_may(Need.HAND_OVER)}
    counted = _counted(now=now)
    on_duty = {person.pk for person in duty.on_duty(now=now)}
    rows = [
        Load(person, pk in on_duty, *(counts.get(pk, 0) for counts in counted))
        for pk, person in people.items()
    ]
    return sorted(rows, key=lambda row: (not row.is_on_duty, -row.n_assigned, str(row.person)))


def _counted(*, now: datetime) -> list[Mapping[int, int]]:
    """Per figure the count of each person, in the order of `Load`."""
    midnight = datetime.combine(timezone.localdate(now), time.min, tzinfo=timezone.get_current_timezone())
    cases = Case.objects.filter(state__in=TO_DO)
    mine = cases.filter(assignee__isnull=False)
    late = mine.filter(state__in=UNANSWERED, due_at__lte=now, responded_at=None)
    judged = Assessment.objects.filter(completed_at__gte=midnight, by__isnull=False)
    sent = (Response.Status.SENT, Response.Status.ELSEWHERE)
    answered = Response.objects.filter(status__in=sent, sent_at__gte=midnight)
    return [
        _per(mine, "assignee"),
        _per(Case.objects.filter(taken_by__isnull=False, taken_until__gt=now), "taken_by"),
        _per(late, "assignee"),
        _per(judged, "by"),
        _per(answered, "author"),
    ]


def _per(rows: QuerySet, whose: str) -> dict[int, int]:  # type: ignore[type-arg]  # of any model
    return dict(rows.order_by().values_list(whose).annotate(n=Count("pk")))
