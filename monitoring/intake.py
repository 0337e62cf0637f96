"""Deliveries: what a platform or another program brings itself, proved first, then stored once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from monitoring import bulk
from monitoring.connectors.base import Page, Rejected
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.connectors.registry import CONNECTORS
from monitoring.connectors.webhook import SIGNATURE
from monitoring.keeping import OnPage, keep
from monitoring.models import Delivery, Query, Source

REMEMBERED = timedelta(days=30)
"""How long a delivery is known again: platforms repeat theirs for days, our own signature for minutes."""


class NoDoor(Exception):
    """There is no source with this number that takes deliveries."""

    def __init__(self, source_id: int) -> None:
        super().__init__(source_id)
        self.source_id = source_id

    def __str__(self) -> str:
        return f"Source {self.source_id} takes no deliveries."


class SwitchedOff(Exception):
    """The delivery is real, and the source was switched off: nothing of it is kept."""

    def __str__(self) -> str:
        return "This source is switched off; nothing was stored."


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a delivery; `is_known`: it came before, and nothing was done."""

    n_posts: int = 0
    n_new: int = 0
    rejected: Sequence[Rejected] = ()
    is_known: bool = False


def receive(
    source_id: int, headers: Mapping[str, str], body: bytes, *, on_page: OnPage, now: datetime
) -> Receipt:
    """Store the posts in one delivery, with what `on_page` does for them, in one transaction.

    Header names in lower case. Raises NoDoor, SwitchedOff, and what the connector raises: Forged
    before anything of the body is read, Unreadable when nothing in it can be.
    """
    source, receiver = _door(source_id)
    queries = list(source.queries.listening(now=now).order_by("pk"))
    config = source.config(terms=tuple(query.terms for query in queries))
    page = receiver.receive(config, headers, body, now=now)
    if not source.is_enabled:
        raise SwitchedOff
    with transaction.atomic():
        if not _is_first(source, _digest(headers, body), now=now):
            return Receipt(is_known=True)
        return _store(source, page, queries, on_page=on_page, now=now)


def handshake(source_id: int, params: Mapping[str, str]) -> str | None:
    """The answer to a platform that asks whether this is our address; None when it gets none.

    Raises NoDoor.
    """
    source, receiver = _door(source_id)
    answer = getattr(receiver, "handshake", None)
    return answer(source.config(), params) if answer else None


def forget_deliveries(*, now: datetime) -> int:
    """Remove what is remembered of old deliveries; how many."""
    return Delivery.objects.filter(at__lt=now - REMEMBERED).delete()[0]


def _door(source_id: int) -> tuple[Source, Any]:
    source = Source.objects.filter(pk=source_id).first()
    receiver = CONNECTORS.get(source.connector) if source else None
    if source is None or receiver is None or not receiver.capabilities.receive:
        raise NoDoor(source_id)
    return source, receiver


def _digest(headers: Mapping[str, str], body: bytes) -> str:
    """What makes a delivery this one: its body, and the moment that was signed with it if there is one."""
    stamp = headers.get(SIGNATURE, "").partition(",v1")[0]
    return hashlib.sha256(stamp.encode("utf-8", "replace") + b"\0" + body).hexdigest()


def _is_first(source: Source, digest: str, *, now: datetime) -> bool:
    """Write the delivery down; False when it stands there already, also from another process."""
    taken = bulk.upsert(
        Delivery,
        ("source_id", "digest", "at"),
        [(source.pk, digest, now)],
        on_conflict="ON CONFLICT (source_id, digest) DO NOTHING",
        returning=("id",),
    )
    return bool(taken)


def _store(
    source: Source, page: Page, queries: Sequence[Query], *, on_page: OnPage, now: datetime
) -> Receipt:
    stored = keep(source, page, queries, on_page=on_page, now=now)
    if source.connector in NEVER_POLLED:  # how a source stands that is polled as well, its polls say
        Source.objects.filter(pk=source.pk).update(
            health=Source.Health.WORKING, last_success_at=now, error="", n_failures=0
        )
    return Receipt(len(page.mentions), len(stored.new), page.rejected)
