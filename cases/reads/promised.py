"""What was promised to whom we answered: everybody's list, due first, and what stands on one case."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from cases.models import Case, Task, User

PAGE = 50
MOST_SETTLED = 5


@dataclass(frozen=True, slots=True)
class Promises:
    """Some open promises, due first. `after`: what brings the next ones, "" at the end."""

    rows: list[Task]
    n_open: int
    n_late: int
    after: str


@dataclass(frozen=True, slots=True)
class OnCase:
    """The promises of one case: all that are open, and the last that were settled."""

    open: list[Task]
    settled: list[Task]


def promises(officer: User, *, now: datetime, is_mine: bool = True, after: str = "") -> Promises:
    """Open promises of one person, or of everybody; those of nobody are everybody's."""
    found = Task.objects.filter(done_at=None)
    if is_mine:
        found = found.filter(Q(assignee=officer) | Q(assignee=None))
    n_open, n_late = found.count(), found.filter(due_at__lte=now).count()
    rows = list(
        _after(found, after)
        .select_related("case__post", "assignee", "response")
        .order_by("due_at", "pk")[: PAGE + 1]
    )
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    last = f"{rows[-1].due_at.isoformat()},{rows[-1].pk}" if more else ""
    return Promises(rows, n_open, n_late, last)


def on_case(case: Case) -> OnCase:
    tasks = list(case.tasks.select_related("assignee", "done_by", "response").order_by("due_at", "pk"))
    settled = sorted((t for t in tasks if t.done_at), key=lambda t: t.done_at or t.due_at, reverse=True)
    return OnCase([task for task in tasks if task.done_at is None], settled[:MOST_SETTLED])


def _after(found: QuerySet[Task], after: str) -> QuerySet[Task]:
    """What comes after a place in the list; a place that makes no sense is the beginning."""
    moment, _comma, number = after.partition(",")
    try:
        due_at, pk = datetime.fromisoformat(moment), int(number[:18])
    except ValueError:
        return found
    if due_at.tzinfo is None:
        return found
    return found.filter(Q(due_at__gt=due_at) | Q(due_at=due_at, pk__gt=pk))
