"""Posts that could not be read and wait for somebody, newest first, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from cases.access import LARGEST_ID
from monitoring.models import RejectedMention, Source

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One post that waits; `n_alike`: how many of its source wait for the same reason."""

    rejected: RejectedMention
    n_alike: int


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One page. `before`: the number below which the next page starts; None = this is the last."""

    rows: Sequence[Waiting]
    before: int | None
    sources: Sequence[tuple[Source, int]]
    n_waiting: int


def quarantine(
    *, source_id: int | None = None, before: int | None = None, limit: int = PER_PAGE
) -> Quarantine:
    """What waits, of one source or of all."""
    waiting = RejectedMention.objects.filter(outcome="")
    counts = dict(waiting.values_list("source").annotate(n=Count("pk")))
    sources = [(s, counts[s.pk]) for s in Source.objects.filter(pk__in=counts).order_by("name")]
    if source_id is not None:
        waiting = waiting.filter(source=source_id)
    shown = waiting.filter(pk__lt=before) if before is not None else waiting
    rows = list(shown.select_related("source").order_by("-pk")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    alike = _alike(rows)
    return Quarantine(
        rows=[Waiting(row, alike.get((row.source_id, row.reason), 1)) for row in rows],
        before=rows[-1].pk if more else None,
        sources=sources,
        n_waiting=counts.get(source_id, 0) if source_id is not None else sum(counts.values()),
    )


def _alike(rows: Sequence[RejectedMention]) -> dict[tuple[int, str], int]:
    reasons, sources = {row.reason for row in rows}, {row.source_id for row in rows}
    same = RejectedMention.objects.filter(outcome="", reason__in=reasons, source__in=sources)
    counted = same.values_list("source", "reason").annotate(n=Count("pk"))
    return {(source_id, reason): n for source_id, reason, n in counted}


def waits(rejected_id: int) -> bool:
    """Whether there is a post with this number; what was decided about it is kept as well."""
    return RejectedMention.objects.filter(pk=min(rejected_id, LARGEST_ID)).exists()
