"""When a source could not be seen: a spell opens with the first trouble and ends when all was read up."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from monitoring.connectors.base import Gap
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.models import BlindSpell, Source

MISSED_POLLS = 3
"""A source that missed so many polls in a row is not seen, whatever its last word was."""

SHORTEST = timedelta(minutes=1)
NOT_POLLED = "It was not polled in time."
KEYS_WAIT = "Its keys may not be used now."


def open_spell(source: Source, reason: str, *, now: datetime) -> None:
    """Say that the source is not seen since its last success, unless that was said already."""
    since = min(source.last_success_at or now, now)
    spell = BlindSpell(source=source, from_at=since, reason=reason[:500])
    BlindSpell.objects.bulk_create([spell], ignore_conflicts=True)


def end_spells(source_ids: Collection[int], *, now: datetime) -> int:
    """These sources are seen again, or nobody wants to see them any more."""
    return BlindSpell.objects.filter(source__in=source_ids, until_at=None, from_at__lte=now).update(
        until_at=now
    )


def note_gaps(source: Source, gaps: Sequence[Gap], *, now: datetime) -> None:
    """Keep what can never be read any more: once, however often a platform says it."""
    for gap in gaps:
        if gap.from_at <= gap.until_at:
            BlindSpell.objects.get_or_create(
                source=source,
                from_at=gap.from_at,
                until_at=gap.until_at,
                is_lost=True,
                defaults={"reason": gap.reason[:500]},
            )


def note_overdue(*, now: datetime) -> int:
    """Open a spell for every source that nobody polled in time; how many are overdue."""
    due = Source.objects.filter(is_enabled=True, next_poll_at__lt=now - SHORTEST)
    late = [
        s for s in due.exclude(connector__in=NEVER_POLLED).select_related("credential") if is_late(s, now=now)
    ]
    for source in late:
        open_spell(source, NOT_POLLED if source.credential is None else _why(source, now=now), now=now)
    return len(late)


def is_late(source: Source, *, now: datetime) -> bool:
    """Whether a source that was due has missed several polls."""
    return now - source.next_poll_at > max(MISSED_POLLS * timedelta(seconds=source.interval_s), SHORTEST)


def blind_minutes(source_id: int, *, since: datetime, until: datetime) -> int:
    """Minutes between two moments in which the source was not seen; overlapping spells count once."""
    touching = BlindSpell.objects.filter(source=source_id, from_at__lt=until)
    spells = touching.filter(Q(until_at=None) | Q(until_at__gt=since)).order_by("from_at")
    seconds, seen_to = 0.0, since
    for from_at, until_at in spells.values_list("from_at", "until_at"):
        start, end = max(from_at, seen_to), min(until_at or until, until)
        if end > start:
            seconds += (end - start).total_seconds()
            seen_to = end
    return round(seconds / 60)


def _why(source: Source, *, now: datetime) -> str:
    keys = source.credential
    waits = keys and (keys.refused_at or (keys.limited_until and keys.limited_until > now))
    return KEYS_WAIT if waits else NOT_POLLED
