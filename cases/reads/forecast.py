"""The forecast of late answers, for the inbox, the start of a shift, the dashboard and the API."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from cases import targets
from cases.models import Case, Watch
from cases.rules import forecast as rule
from cases.rules.forecast import MOST, WINDOW, Forecast
from cases.rules.workflow import State

RECENT = timedelta(days=14)
"""The pace is that of cases not older: an index finds those, and old ones are seldom finished."""


def forecast(*, now: datetime) -> Forecast:
    """What is late and what becomes so at the pace of the last hours; method in docs/clocks.md."""
    first, *others = (_waiting(state, now=now) for state in sorted(targets.UNANSWERED))
    rows = first.union(*others, all=True).values_list("is_urgent", "due_at")
    queue = sorted((not is_urgent, due_at) for is_urgent, due_at in rows)
    if not queue:
        return rule.forecast([], n_done=0, now=now)
    dues = [due for _calm, due in queue[:MOST]]
    return rule.forecast(dues, n_done=_n_done(now=now), now=now, is_cut=len(queue) > MOST)


def _waiting(state: str, *, now: datetime) -> QuerySet[Case]:
    """The first of one state as the inbox orders them; each state for itself, for so the index has them."""
    awake = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    cases = Case.objects.filter(awake, state=state, responded_at=None)
    return Case.objects.filter(pk__in=cases.order_by("-is_urgent", "due_at", "post").values("pk")[: MOST + 1])


def _n_done(*, now: datetime) -> int:
    """Cases that ask nothing more since WINDOW: answered, ended without an answer, or under a watch."""
    since = now - WINDOW
    answered = Q(responded_at__gt=since)
    ended = Q(closed_at__gt=since, responded_at=None)
    over = [State.RESPONDED, State.CLOSED, State.DISMISSED]
    recent = Case.objects.filter(answered | ended, state__in=over, opened_at__gt=now - RECENT)
    watched = Watch.objects.filter(
        ended_at=None, started_at__gt=since, case__state=State.WATCHING, case__responded_at=None
    )
    return recent.count() + watched.count()
