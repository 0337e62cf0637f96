"""Where a picture looked: sources that were seen, stretches that were not, and platforms nobody hears."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from cases.reads.health import IMPORT, SEEN, state_of
from cases.reads.picture_topics import Looked
from cases.reads.sources import not_seen
from monitoring.blindness import blind_minutes
from monitoring.models import BlindSpell, Source

MOST_SPELLS = 3
LONGEST = 200


def sources(span: Looked, *, platforms: set[str]) -> dict[str, Any]:
    """Every source of ours with its state and blind stretches since `span.since`, and what no one sees.

    `elsewhere`: platforms of posts that no source of ours read: somebody reported them, or a file held them.
    """
    found = list(Source.objects.exclude(connector=IMPORT).select_related("credential").order_by("name"))
    spells = _spells([source.pk for source in found], span)
    rows = [_row(source, spells.get(source.pk, []), span) for source in found if source.is_enabled]
    return {
        "rows": rows,
        "not_seen": not_seen(now=span.until),
        "elsewhere": sorted(platforms - {source.connector for source in found if source.is_enabled}),
    }


def _row(source: Source, spells: list[BlindSpell], span: Looked) -> dict[str, Any]:
    state = state_of(source, now=span.until)
    minutes = blind_minutes(source.pk, since=span.since, until=span.until) if spells else 0
    return {
        "name": source.name[:LONGEST],
        "platform": source.connector,
        "state": state,
        "is_seen": state in SEEN or state == "receiving",
        "heard_at": _iso(source.last_success_at),
        "blind_minutes": minutes,
        "spells": [
            {"from": _iso(each.from_at), "until": _iso(each.until_at), "is_lost": each.is_lost}
            for each in spells[:MOST_SPELLS]
        ],
    }


def _spells(ids: list[int], span: Looked) -> dict[int, list[BlindSpell]]:
    """Stretches in which a source was not seen, longer than a minute, that touch the span."""
    touching = BlindSpell.objects.filter(source__in=ids, from_at__lt=span.until)
    lasting = touching.filter(Q(until_at=None) | Q(until_at__gt=span.since)).order_by("from_at")
    by_source: dict[int, list[BlindSpell]] = {}
    for each in lasting[:1000]:
        if (each.until_at or span.until) - each.from_at >= timedelta(minutes=1):
            by_source.setdefault(each.source_id, []).append(each)
    return by_source


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
