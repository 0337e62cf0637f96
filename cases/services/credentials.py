"""What is done with the keys of our accounts, each time an event: which secrets, and never what they are."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from cases.models import User
from cases.services import audit
from monitoring import credentials
from monitoring.models import Credential


def enter(
    name: str, *, platform: str, secrets: Mapping[str, str], by: User | None, now: datetime
) -> Credential:
    """Enter a credential or replace what it holds. Raises as `monitoring.credentials.change`."""
    with transaction.atomic():
        is_new = not Credential.objects.filter(name=name).exists()
        kept = credentials.change(name, platform=platform, secrets=secrets, now=now)
        facts = {"name": name, "connector": platform, "secrets": sorted(kept.open_secrets())}
        _note(kept.pk, "credential added" if is_new else "credential changed", facts, by=by, now=now)
    return kept


def try_again(credential_id: int, *, by: User | None, now: datetime) -> bool:
    """Poll the sources of a refused credential again; False when it was not refused."""
    with transaction.atomic():
        was_refused = credentials.try_again(credential_id, now=now)
        if was_refused:
            _note(credential_id, "credential tried again", {}, by=by, now=now)
    return was_refused


def rotate(*, by: User | None, now: datetime) -> list[str]:
    """Seal every credential with the newest key; their names. Raises CannotOpen."""
    with transaction.atomic():
        names = credentials.rotate()
        for kept in Credential.objects.filter(name__in=names).order_by("pk"):
            _note(kept.pk, "credential resealed", {"name": kept.name}, by=by, now=now)
    return names


def remove(credential_id: int, *, by: User | None, now: datetime) -> None:
    """Forget a credential. Raises InUse while a source has it."""
    with transaction.atomic():
        name = Credential.objects.values_list("name", flat=True).get(pk=credential_id)
        credentials.remove(credential_id)
        _note(credential_id, "credential removed", {"name": name}, by=by, now=now)


def _note(
    credential_id: int, action: str, facts: Mapping[str, object], *, by: User | None, now: datetime
) -> None:
    audit.append(f"credential:{credential_id}", action, by=by, now=now, facts=facts)
