"""The topics of a situation for a picture of it: what is largest, what grows, and what is new."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from cases.models import Case
from cases.rules.masking import masked, plain, shortened

LARGEST, GROWING, NEW = 12, 6, 6
LONGEST = 220
COLUMNS = ("pk", "n_copies", "category", "is_urgent", "opened_at", "post__text", "post__platform")


class Looked(Protocol):
    """The stretch that a picture is about."""

    @property
    def since(self) -> datetime: ...
    @property
    def until(self) -> datetime: ...
    @property
    def with_names(self) -> bool: ...


def topics(cases: QuerySet[Case], span: Looked) -> dict[str, Any]:
    """The largest topics, those that grew most after `since`, and the largest of those that are new."""
    leads = cases.filter(lead=None)
    grew = _grew(cases, span)
    largest = [row["pk"] for row in leads.order_by("-n_copies", "pk").values("pk")[:LARGEST]]
    fresh = leads.filter(opened_at__gt=span.since, n_copies__gt=0).order_by("-n_copies", "pk")
    chosen = [*largest, *grew, *fresh.values_list("pk", flat=True)[:NEW]]
    counted = leads.aggregate(n=Count("pk"), n_repeated=Count("pk", filter=Q(n_copies__gt=0)))
    rows = [_row(each, grew, span) for each in shown(chosen)]
    rows.sort(key=lambda row: (-row["is_urgent"], -row["n"], row["case"]))
    return {**counted, "rows": rows}


def shown(numbers: Iterable[int]) -> list[dict[str, Any]]:
    """These cases with their texts, without what a platform has taken away."""
    found = Case.objects.filter(pk__in=set(numbers), post__gone_at=None).order_by()
    return list(found.values(*COLUMNS, "post__author__handle"))


def example(row: Mapping[str, Any], *, with_names: bool) -> dict[str, Any]:
    """One post as an example: what was said, where, how often, and by whom only when that was asked."""
    text = plain(row["post__text"]) if with_names else masked(row["post__text"])
    return {
        "case": row["pk"],
        "text": shortened(text, LONGEST),
        "platform": row["post__platform"],
        "n": row["n_copies"] + 1,
        "by": (row["post__author__handle"] or "") if with_names else "",
    }


def _row(row: Mapping[str, Any], grew: Mapping[int, int], span: Looked) -> dict[str, Any]:
    return {
        **example(row, with_names=span.with_names),
        "category": row["category"],
        "is_urgent": row["is_urgent"],
        "is_new": row["opened_at"] > span.since,
        "n_fresh": grew.get(row["pk"], 0),
    }


def _grew(cases: QuerySet[Case], span: Looked) -> dict[int, int]:
    """The topics that got most posts after `since`, at least two, with how many."""
    fresh = cases.filter(opened_at__gt=span.since)
    counted = fresh.values_list(Coalesce("lead_id", "pk")).annotate(n=Count("pk")).filter(n__gte=2)
    return dict(counted.order_by("-n")[: GROWING + LARGEST])
