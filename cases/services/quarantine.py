"""Posts that could not be read: read again, or dropped by somebody who says why; each time an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import User
from cases.services import audit
from cases.services.intake import open_cases
from monitoring import keeping
from monitoring.connectors.errors import SourceError, Unreadable
from monitoring.connectors.registry import UnknownConnector
from monitoring.models import RejectedMention, Source

MOST = 200
"""So many are read again at once: a person waits for the answer."""


class DropRefused(Exception):
    """Nothing is dropped without a reason."""

    def __str__(self) -> str:
        return _("Say why this post need not be read.")


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """What became of posts that were read again; `n_left`: alike, and not tried yet."""

    n_stored: int = 0
    n_unwanted: int = 0
    n_unreadable: int = 0
    n_left: int = 0


def read_again(rejected_ids: Sequence[int], *, by: User, now: datetime) -> ReadAgain:
    """Read these posts again and store what can be; the others keep waiting."""
    outcomes = [_read_one(rejected_id, by=by, now=now) for rejected_id in rejected_ids[:MOST]]
    return ReadAgain(
        n_stored=outcomes.count("stored"),
        n_unwanted=outcomes.count("dropped"),
        n_unreadable=outcomes.count(""),
        n_left=max(0, len(rejected_ids) - MOST),
    )


def read_alike_again(rejected_id: int, *, by: User, now: datetime) -> ReadAgain:
    """Read again all posts of the same source that were set aside for the same reason."""
    chosen = RejectedMention.objects.get(pk=rejected_id)
    alike = RejectedMention.objects.filter(source=chosen.source_id, reason=chosen.reason, outcome="")
    return read_again(list(alike.order_by("pk").values_list("pk", flat=True)), by=by, now=now)


def drop(rejected_id: int, *, reason: str, by: User, now: datetime) -> bool:
    """Nobody needs this post. False when somebody was first. Raises DropRefused without a reason."""
    if not reason.strip():
        raise DropRefused
    try:
        with transaction.atomic():
            keeping.drop_rejected(rejected_id, now=now)
            _note(rejected_id, "rejected post dropped", {"reason": reason.strip()}, by=by, now=now)
    except keeping.AlreadySettled:
        return False
    return True


def _read_one(rejected_id: int, *, by: User, now: datetime) -> str:
    """The outcome of one post; "" while it cannot be read."""
    try:
        with transaction.atomic():
            outcome = keeping.settle_rejected(rejected_id, on_page=open_cases, now=now)
            _note(rejected_id, "rejected post read again", {"outcome": outcome.value}, by=by, now=now)
    except (Unreadable, SourceError, UnknownConnector):
        return ""
    except keeping.AlreadySettled:
        return "settled"
    return str(outcome.value)


def _note(rejected_id: int, action: str, facts: dict[str, str], *, by: User, now: datetime) -> None:
    source_id = RejectedMention.objects.values_list("source", flat=True).get(pk=rejected_id)
    Source.objects.select_for_update().get(pk=source_id)
    told = {"rejected": rejected_id, **facts}
    audit.append(f"source:{source_id}", action, by=by, now=now, facts=told)
