"""What is done with sources: asked at once, switched on and off; each time an event."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from cases.models import User
from cases.services import audit
from monitoring import blindness, trial
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Source
from monitoring.trial import Trial

IMPORT = "import"

AFRESH: dict[str, Any] = {"health": Source.Health.WAITING, "error": "", "n_failures": 0}
"""How a source stands that has been mended: what went wrong before says nothing any more."""


class CannotTest(Exception):
    """A source that cannot be tested as asked: why, in one sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


def try_out(source_id: int, *, agreed: bool, by: User, now: datetime) -> Trial:
    """Read one page of a source and store nothing of it. Raises CannotTest.

    `agreed`: the person knows that it costs money, where it does. The network is asked before the
    event is written, so no transaction waits for a platform.
    """
    source = Source.objects.select_related("credential").get(pk=source_id)
    if source.connector in NEVER_POLLED or source.connector == IMPORT or source.connector not in CONNECTORS:
        raise CannotTest(_("This source is not read by us, so there is nothing to test."))
    if trial.price(source) and not agreed:
        raise CannotTest(_("This test costs money. Say that you agree, then test again."))
    result = trial.try_out(source, now=now)
    with transaction.atomic():
        Source.objects.select_for_update().get(pk=source_id)
        facts = {"said": result.said, "n_read": result.n_read, "dollars": str(result.dollars)}
        audit.append(f"source:{source_id}", "source tested", by=by, now=now, facts=facts)
    return result


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
    with transaction.atomic():
        blindness.end_spells(source_ids, now=now)  # nobody wants to see them any more
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
