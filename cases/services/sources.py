"""What is done with sources: asked at once, switched on and off; each time an event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from cases.models import User
from cases.services import audit
from monitoring.models import Source

AFRESH: dict[str, Any] = {"health": Source.Health.WAITING, "error": "", "n_failures": 0}
"""How a source stands that has been mended: what went wrong before says nothing any more."""


def poll_now(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Make sources due at once; how many were. One that is switched off stays so."""
    return _change_sources(Q(pk__in=source_ids, is_enabled=True), "poll asked", by=by, now=now)


def switch_on(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Poll these sources from now on, as if nothing had gone wrong before; how many were off."""
    off = Q(pk__in=source_ids, is_enabled=False)
    return _change_sources(off, "source switched on", by=by, now=now, is_enabled=True, **AFRESH)


def switch_off(source_ids: Sequence[int], *, by: User, now: datetime) -> int:
    """Poll these sources no more; what they brought stays. How many were on, or had ended unasked."""
    on = Q(pk__in=source_ids) & (Q(is_enabled=True) | Q(health=Source.Health.ENDED))
    changes = {"is_enabled": False, "health": Source.Health.WAITING}
    return _change_sources(on, "source switched off", by=by, now=now, **changes)


def _change_sources(which: Q, action: str, *, by: User, now: datetime, **changes: Any) -> int:
    with transaction.atomic():
        ids = list(
            Source.objects.select_for_update().filter(which).order_by("pk").values_list("pk", flat=True)
        )
        Source.objects.filter(pk__in=ids).update(next_poll_at=now, **changes)
        for pk in ids:
            audit.append(f"source:{pk}", action, by=by, now=now)
    return len(ids)
