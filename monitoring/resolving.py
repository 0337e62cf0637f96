"""The post behind a pasted address, through a source of the platform that knows such addresses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial

import structlog
from django.db.models import Q

from monitoring.asking import Sessions, TooLate, ask_all
from monitoring.connectors.base import Mention
from monitoring.connectors.errors import Ended, NothingToRead, RateLimited, Refused, SourceError
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Source

log = structlog.get_logger(__name__)

LIMIT_S = 8.0
MOST_SOURCES = 3


class WhyNot(StrEnum):
    """Why an address gave no post."""

    NO_PLATFORM = "no platform"  # nobody here knows such addresses
    NO_SOURCE = "no source"  # the platform is known, and no source of it works here
    NOT_FOUND = "not found"
    NOT_ALLOWED = "not allowed"
    LIMITED = "limited"
    TOO_LATE = "too late"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Resolved:
    """The post as its platform gives it, and the source that it came through."""

    mention: Mention
    source_id: int


@dataclass(frozen=True, slots=True)
class NotResolved:
    """No post; `platform` is the name of the connector that knows the address ("" = none does)."""

    why: WhyNot
    platform: str = ""


def resolve(url: str, *, now: datetime, limit_s: float = LIMIT_S) -> Resolved | NotResolved:
    """Ask the platform of `url` for its post; never longer than `limit_s`, and nothing is stored.

    Every working source of the platform is asked (at most three): one may be allowed to see what
    another is not.
    """
    names = [name for name, connector in CONNECTORS.items() if connector.claims(url)]
    if not names:
        return NotResolved(WhyNot.NO_PLATFORM)
    sources = _working(names, now=now)
    if not sources:
        return NotResolved(WhyNot.NO_SOURCE, names[0])
    sessions = Sessions()
    calls = [
        partial(CONNECTORS[source.connector].resolve, sessions.apart(source.config()), url, now=now)
        for source in sources
    ]
    answers = ask_all(calls, limit_s=limit_s)
    sessions.write()
    for source, answer in zip(sources, answers, strict=True):
        if isinstance(answer, Mention):
            return Resolved(answer, source.pk)
    return NotResolved(min((_why(answer) for answer in answers), key=_PLAINEST.index), sources[0].connector)


def _working(names: list[str], *, now: datetime) -> list[Source]:
    """Sources that can be asked now, those that were heard last first."""
    free = Q(credential=None) | Q(credential__refused_at=None) & (
        Q(credential__limited_until=None) | Q(credential__limited_until__lte=now)
    )
    health = Source.Health
    found = Source.objects.filter(free, connector__in=names, is_enabled=True).exclude(
        health__in=(health.REFUSED, health.ENDED)
    )
    return list(found.select_related("credential").order_by("-last_success_at", "pk")[:MOST_SOURCES])


_PLAINEST = [
    WhyNot.NOT_FOUND,
    WhyNot.NOT_ALLOWED,
    WhyNot.LIMITED,
    WhyNot.UNAVAILABLE,
    WhyNot.TOO_LATE,
]
"""Of several reasons, the first of these says most."""


def _why(answer: Mention | None | Exception) -> WhyNot:
    if answer is None:
        return WhyNot.NOT_FOUND
    for error, why in (
        (TooLate, WhyNot.TOO_LATE),
        (RateLimited, WhyNot.LIMITED),
        (Refused, WhyNot.NOT_ALLOWED),
        (Ended, WhyNot.NOT_FOUND),
        (NothingToRead, WhyNot.NOT_FOUND),
        (SourceError, WhyNot.UNAVAILABLE),
    ):
        if isinstance(answer, error):
            return why
    # Ours to mend, and still an address that gives nothing.
    log.error("resolve_failed", error=type(answer).__name__)
    return WhyNot.UNAVAILABLE
