"""What could not be read or stored is set aside alone, with its reason, and can be read again."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.db import DataError, IntegrityError

from monitoring import bulk
from monitoring.connectors.base import Kind, Mention, Reactions, Rejected
from monitoring.connectors.plain import clean
from monitoring.language import spoken
from monitoring.models import RejectedMention, Source

POISON = (
    DataError,
    IntegrityError,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)
"""What one unusable mention can make of a whole page. The database being away is none of these."""

LONGEST = {"platform": 30, "canonical_id": 500, "parent_id": 500, "thread_id": 500, "text": 100_000}
"""In characters. Of a longer text PostgreSQL makes no index of words."""

MOST = 2**63 - 1
_TEXTS = ("platform", "canonical_id", "parent_id", "thread_id", "url", "text", "language", "version")
_texts_of = attrgetter(*_TEXTS)
_counts_of = attrgetter("replies", "shares", "likes")


def sift(mentions: Sequence[Mention]) -> tuple[list[Mention], list[Rejected]]:
    """The mentions that can be stored, with their language, and the others with what is wrong with each."""
    good, bad = [], []
    for mention in mentions:
        fault = fault_of(mention)
        if fault:
            bad.append(rejected(mention, fault))
        else:
            good.append(spoken(mention))
    return good, bad


def fault_of(mention: Mention) -> str:
    """What makes a mention unusable, in words; "" when nothing does."""
    return _fault_of_texts(mention) or _fault_of_values(mention) or _fault_of_author(mention.author)


def rejected(mention: Mention, reason: str) -> Rejected:
    """A mention as it is set aside: what the platform sent, to be read again, or else what it is known by."""
    try:
        raw = bulk.encoded(mention.raw or {"canonical_id": mention.canonical_id, "url": mention.url})
    except (ValueError, TypeError, RecursionError):
        raw = ""
    return Rejected(raw, reason)


def set_aside(source: Source, unusable: Iterable[Rejected], *, now: datetime) -> None:
    """Keep what could not be used; the same object once, as a poll that overlaps brings it again and again.

    What is no object (null, a number) says nothing of which entry it was: each is kept.
    """
    rows = [(clean(each.raw), clean(each.reason)[:500]) for each in unusable]
    if not rows:
        return
    objects = {raw: reason for raw, reason in rows if raw.startswith("{")}
    known = RejectedMention.objects.filter(source=source, raw__in=objects).values_list("raw", flat=True)
    seen = set(known)
    fresh = [(raw, reason) for raw, reason in objects.items() if raw not in seen]
    fresh += [(raw, reason) for raw, reason in rows if raw not in objects]
    RejectedMention.objects.bulk_create(
        RejectedMention(source=source, raw=raw, reason=reason, at=now) for raw, reason in fresh
    )


def _fault_of_texts(mention: Mention) -> str:
    for name, value in zip(_TEXTS, _texts_of(mention), strict=True):
        if not isinstance(value, str):
            return f"its {name} is no text"
        if len(value) > LONGEST.get(name, MOST):
            return f"its {name} is longer than {LONGEST[name]} characters"
    return "" if mention.canonical_id and mention.platform else "it has no id"


def _fault_of_values(mention: Any) -> str:  # what its type promises is what is in doubt
    if not isinstance(mention.posted_at, datetime) or mention.posted_at.utcoffset() is None:
        return "its time is no time with a time zone"
    if not isinstance(mention.kind, Kind):
        return "its kind is unknown"
    if not isinstance(mention.reactions, Reactions):
        return "its counts are no counts"
    counts = _counts_of(mention.reactions)
    views = mention.reactions.views
    if not all(map(_is_count, counts)) or not (views is None or _is_count(views)):
        return "a count of it is no whole number"
    return ""


def _fault_of_author(author: Any) -> str:
    if author is None:
        return ""
    if not isinstance(author.external_id, str) or not 0 < len(author.external_id) <= 300:
        return "its author has no usable id"
    if not isinstance(author.handle, str) or not isinstance(author.name, str):
        return "its author's name is no text"
    return (
        ""
        if author.followers is None or _is_count(author.followers)
        else "its author's followers are no number"
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= MOST
