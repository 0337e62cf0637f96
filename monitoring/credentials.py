"""The keys of our accounts: entered, replaced, resealed; and how a platform takes them now."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from monitoring.connectors.registry import connector
from monitoring.models import Credential, Source

AFRESH: dict[str, Any] = {"health": Source.Health.WAITING, "error": "", "n_failures": 0}
"""How a source stands whose credential was mended."""


class BadSecrets(ValueError):
    """What was entered is not what the platform asks; never says what was entered."""

    def __init__(self, platform: str, fault: str) -> None:
        super().__init__(platform, fault)
        self.platform, self.fault = platform, fault

    def __str__(self) -> str:
        names = connector(self.platform).secret_names
        taken = f"takes: {', '.join(names)}" if names else "takes no secrets"
        return f'{self.fault} The connector "{self.platform}" {taken}.'


class InUse(Exception):
    """Sources still use the credential."""

    def __init__(self, name: str, sources: list[str]) -> None:
        super().__init__(name, sources)
        self.name, self.sources = name, sources

    def __str__(self) -> str:
        return f'The credential "{self.name}" is used by: {", ".join(self.sources)}. Give them another first.'


def change(name: str, *, platform: str, secrets: Mapping[str, str], now: datetime) -> Credential:
    """Enter a credential, or replace what it holds; its sources are polled at once.

    What the platform said of the old keys (a limit, a refusal) says nothing of the new ones.
    Raises UnknownConnector, or BadSecrets, also when the name is in use for another platform.
    """
    given = _checked(platform, secrets)
    with transaction.atomic():
        kept = Credential.objects.select_for_update().filter(name=name).first()
        if kept and kept.connector != platform:
            raise BadSecrets(platform, f'"{name}" is a credential for {kept.connector}; choose another name.')
        # Sealed for its number, which it has only once it is stored.
        kept = kept or Credential.objects.create(
            name=name, connector=platform, sealed="not yet", changed_at=now
        )
        kept.sealed = kept.seal_secrets(given)
        kept.sealed_session = ""
        kept.changed_at = now
        _open_again(kept, now=now)
    return kept


def try_again(credential_id: int, *, now: datetime) -> bool:
    """Poll the sources of a credential that was refused again; False when it was not refused."""
    with transaction.atomic():
        kept = Credential.objects.select_for_update().get(pk=credential_id)
        if kept.refused_at is None:
            return False
        _open_again(kept, now=now)
    return True


def rotate() -> list[str]:
    """Seal everything anew with the first key; the names. Raises CannotOpen and changes nothing then."""
    names = []
    with transaction.atomic():
        for kept in Credential.objects.select_for_update().order_by("pk"):
            kept.sealed = kept.seal_secrets(kept.open_secrets())
            kept.sealed_session = kept.seal_session(kept.session())
            kept.save(update_fields=["sealed", "sealed_session"])
            names.append(kept.name)
    return names


def remove(credential_id: int) -> None:
    """Forget a credential. Raises InUse."""
    with transaction.atomic():
        kept = Credential.objects.select_for_update().get(pk=credential_id)
        if used := list(kept.sources.order_by("name").values_list("name", flat=True)):
            raise InUse(kept.name, used)
        kept.delete()


def note_limit(source: Source, until: datetime) -> None:
    """The platform asked these keys to wait: all their sources do."""
    _held_as(source).filter(Q(limited_until=None) | Q(limited_until__lt=until)).update(limited_until=until)


def note_refusal(source: Source, reason: str, *, now: datetime) -> None:
    """The platform takes these keys no more: all their sources stop until somebody mends them.

    The first word counts: polls that were under way say the same a moment later.
    """
    _held_as(source).filter(refused_at=None).update(refused_at=now, refusal=reason[:500])


def are_open(*, now: datetime) -> Q:
    """Which sources may be asked, as far as it is up to their keys."""
    rested = Q(credential__limited_until=None) | Q(credential__limited_until__lte=now)
    return Q(credential=None) | Q(credential__refused_at=None) & rested


def _held_as(source: Source) -> QuerySet[Credential]:
    """The credential as the source used it: what was said of earlier keys is not said of new ones."""
    kept = source.credential
    if kept is None:
        return Credential.objects.none()
    return Credential.objects.filter(pk=kept.pk, changed_at=kept.changed_at)


def _open_again(kept: Credential, *, now: datetime) -> None:
    kept.limited_until = kept.refused_at = None
    kept.refusal = ""
    kept.save()
    kept.sources.filter(is_enabled=True).update(next_poll_at=now, **AFRESH)


def _checked(platform: str, secrets: Mapping[str, Any]) -> dict[str, str]:
    """The secrets as they are kept. Raises BadSecrets."""
    allowed = connector(platform).secret_names
    unknown = sorted(secrets.keys() - set(allowed))
    if unknown:
        raise BadSecrets(platform, f"There is no secret called {', '.join(map(json.dumps, unknown))}.")
    given = {
        name: value.strip() for name, value in secrets.items() if isinstance(value, str) and value.strip()
    }
    if len(given) < max(1, len(secrets)):
        raise BadSecrets(platform, "Every secret is a text, and at least one is needed.")
    return given
