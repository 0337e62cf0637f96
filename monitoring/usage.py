"""What a source asked, brought and cost today, and what is left of its budget."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from monitoring import bulk
from monitoring.connectors.base import Budget, Page
from monitoring.connectors.errors import SourceError
from monitoring.models import Source, SourceDay

COUNTED = ("n_polls", "n_failed", "n_read", "n_new", "units", "dollars")
_ADD = "ON CONFLICT (source_id, day) DO UPDATE SET " + ", ".join(
    f"{name} = monitoring_sourceday.{name} + excluded.{name}" for name in COUNTED
)


class BudgetSpent(SourceError):
    """What the source may cost on one day is spent; nothing is wrong with it."""

    def __init__(self, what: str, until: datetime) -> None:
        super().__init__(what, until)
        self.what, self.until = what, until

    def __str__(self) -> str:
        return f"The budget for today is spent ({self.what}). Polling resumes by itself at 00:00 UTC."


def left_today(source: Source, *, now: datetime) -> Budget:
    """What one poll may still take. Raises BudgetSpent."""
    if source.dollars_per_day is None and source.units_per_day is None:
        return Budget()
    spent = SourceDay.objects.filter(source=source, day=_day(now)).first()
    dollars, units = (spent.dollars, spent.units) if spent else (Decimal(0), 0)
    budget = Budget()
    if source.dollars_per_day is not None:
        budget = replace(budget, max_cost=source.dollars_per_day - dollars)
    if source.units_per_day is not None:
        budget = replace(budget, max_units=source.units_per_day - units)
    refuse_spent(source, budget, now=now)
    return budget


def less(budget: Budget, page: Page) -> Budget:
    """What is left of a budget after a page."""
    max_cost = None if budget.max_cost is None else budget.max_cost - page.cost
    max_units = None if budget.max_units is None else budget.max_units - page.units
    return replace(budget, max_cost=max_cost, max_units=max_units)


def refuse_spent(source: Source, budget: Budget, *, now: datetime) -> None:
    """Raises BudgetSpent when nothing is left of the budget."""
    if budget.max_cost is not None and budget.max_cost <= 0:
        raise BudgetSpent(f"${source.dollars_per_day}", _midnight(now))
    if budget.max_units is not None and budget.max_units <= 0:
        raise BudgetSpent(f"{source.units_per_day} units", _midnight(now))


def count(source: Source, counted: Mapping[str, int | Decimal], *, now: datetime) -> None:
    """Add to what stands for today, in the caller's transaction."""
    row = (source.pk, _day(now), *(counted.get(name, 0) for name in COUNTED))
    bulk.upsert(SourceDay, ("source_id", "day", *COUNTED), [row], on_conflict=_ADD)


def _day(now: datetime) -> str:
    return now.astimezone(UTC).date().isoformat()


def _midnight(now: datetime) -> datetime:
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time.min, tzinfo=UTC)
