"""Capture by hand: a pasted address opens the case of the post itself where its platform gives it."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from cases.models import Case, User
from cases.services import audit, intake
from monitoring import resolving, webpage
from monitoring.connectors.base import Kind, Mention
from monitoring.connectors.plain import storable
from monitoring.language import spoken
from monitoring.resolving import NotResolved, Resolved
from monitoring.store import upsert_posts


def ask(url: str, *, now: datetime) -> Resolved | NotResolved:
    """Ask the platform of an address for its post; takes seconds, and never more than a few."""
    return resolving.resolve(url, now=now)


def proposal(url: str) -> webpage.Described | None:
    """What a page of no platform says of itself, for a person to look at."""
    return webpage.describe(url)


def capture(typed: Mention, *, by: User, now: datetime) -> tuple[int, bool]:
    """Open a case for what a person typed: its number, and whether it is new."""
    case, is_new = intake.capture(typed, by=by, now=now)
    return case.pk, is_new


def capture_resolved(found: Resolved, typed: Mention, *, by: User, now: datetime) -> tuple[int, bool]:
    """Open a case for a post as its platform gave it: its number, and whether it is new.

    Under its own identity, so that a poll that brings it later finds it known. Where the same address
    was captured by hand before, that case is the answer. `typed` is the capture as it would be by hand.
    """
    mention = spoken(storable(found.mention))
    if mention.kind is Kind.BOOST:  # somebody reports it: then it is more than reach
        mention = replace(mention, kind=Kind.POST)
    with transaction.atomic():
        known = _case_of(mention) or _case_of(typed)
        if known is not None:
            return known, False
        stored = upsert_posts([mention], now=now, source_id=found.source_id)
        if not stored.new:
            known = _case_of(mention)  # a poll may have brought it a moment ago
            # Heard before as bare reach, which has no case: what was typed gets one.
            return (known, False) if known is not None else capture(typed, by=by, now=now)
        intake.open_cases(stored, now=now)
        case_id = stored.new[0].id
        facts = {"url": mention.url, "platform": mention.platform}
        audit.append(audit.subject_of(case_id), "captured", by=by, now=now, facts=facts)
    return case_id, True


def _case_of(mention: Mention) -> int | None:
    held = Case.objects.filter(
        post__platform=mention.platform, post__canonical_id=mention.canonical_id
    ).values_list("pk", flat=True)
    return held.first()
