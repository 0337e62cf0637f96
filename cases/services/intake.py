"""Every post that was heard becomes a case, in the transaction that stores the post."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from cases import policy
from cases.models import Case, User
from cases.rules.clocks import due_at
from cases.rules.cues import has_hard_trigger
from cases.rules.workflow import State
from cases.services import audit, counting
from monitoring import bulk
from monitoring.connectors.base import Kind, Mention
from monitoring.models import PostVersion
from monitoring.store import Stored, StoredPost, upsert_posts

CASE_FIELDS = (
    "post_id",
    "state",
    "scheme_id",
    "scheme_node",
    "category",
    "outcome",
    "is_urgent",
    "posted_at",
    "opened_at",
    "due_at",
)


def open_cases(stored: Stored, *, now: datetime) -> int:
    """Open a case for every new post, write its first event and add it to the watches' counts.

    A bare boost is reach: it is counted and opens nothing. Edits are written down with the case
    of their post. Returns the number of cases opened.
    """
    heard = [post for post in stored.new if post.mention.kind is not Kind.BOOST]
    if heard:
        version = policy.current_version()
        start = policy.scheme_from(version).start
        bulk.insert(Case, CASE_FIELDS, (_row(post, version.pk, start, now) for post in heard))
        audit.append_first(((audit.subject_of(post.id), _facts(post)) for post in heard), "opened", now=now)
    if stored.edited:
        _note_edits(stored.edited, now=now)
    counting.count(stored.new, now=now)
    return len(heard)


def capture(mention: Mention, *, by: User, now: datetime) -> tuple[Case, bool]:
    """Open a case for a post that somebody pasted or was told; (case, False) when it was known."""
    with transaction.atomic():
        stored = upsert_posts([mention], now=now)
        open_cases(stored, now=now)
        case = Case.objects.get(post__platform=mention.platform, post__canonical_id=mention.canonical_id)
        if stored.new:
            audit.append(audit.subject_of(case.pk), "captured", by=by, now=now, facts={"url": mention.url})
    return case, bool(stored.new)


def _note_edits(post_ids: Collection[int], *, now: datetime) -> None:
    """Say on their cases that posts were edited; one that speaks of danger by now becomes urgent.

    Cases are held in the order of their numbers, and before any watch, as everywhere.
    """
    keys = [(pk,) for pk in post_ids]
    kept = bulk.find(PostVersion, ("id", "post_id", "version"), by=("post_id",), keys=keys)
    before = {post_id: version for _, post_id, version in sorted(kept, key=lambda row: int(row[0]))}
    held = Case.objects.select_for_update(of=("self",)).select_related("post")
    wanted = held.filter(pk__in=post_ids).order_by("pk").only("is_urgent", "post__text", "post__version")
    noted: dict[str, dict[str, Any]] = {}
    for case in wanted:
        becomes_urgent = not case.is_urgent and has_hard_trigger(case.post.text)
        if becomes_urgent:
            Case.objects.filter(pk=case.pk).update(is_urgent=True)
        facts = {"before": before[case.pk], "after": case.post.version, "becomes urgent": becomes_urgent}
        noted[audit.subject_of(case.pk)] = facts
    audit.append_next(noted, "post edited", now=now)


def _row(post: StoredPost, scheme_id: int, start: str, now: datetime) -> tuple[Any, ...]:
    mention = post.mention
    urgent = has_hard_trigger(mention.text)
    return (post.id, State.NEW.value, scheme_id, start, "", "", urgent, mention.posted_at, now, due_at(now))


def _facts(post: StoredPost) -> dict[str, Any]:
    return {
        "platform": post.mention.platform,
        "post": post.mention.canonical_id,
        "queries": list(post.query_ids),
    }
