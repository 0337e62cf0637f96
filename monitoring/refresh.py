"""Looks posts up again on an ageing schedule: counts, edits, what is gone and what came back."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F

from monitoring import ages, credentials, usage
from monitoring.connectors.base import Gone, Live, Mention, Page, Rejected, Unknown
from monitoring.connectors.errors import (
    CredentialRefused,
    Ended,
    NothingToRead,
    RateLimited,
    Refused,
    SourceError,
)
from monitoring.connectors.plain import storable
from monitoring.connectors.registry import CONNECTORS, UnknownConnector, connector
from monitoring.keeping import OnPage, keep, store_each
from monitoring.models import Post, Source
from monitoring.quarantine import set_aside, sift
from monitoring.redaction import redact, restore
from monitoring.resting import limited_until
from monitoring.sealing import HiddenFault, is_safe, without_secrets
from monitoring.store import mention_of

log = structlog.get_logger(__name__)

Answers = Mapping[str, Live | Gone | Unknown]

EVERY = timedelta(minutes=1)
WATCHED_EVERY = timedelta(minutes=5)
AFTER_TROUBLE = timedelta(minutes=15)
MOST_BATCHES = 3
"""In one round: a source that has more goes on in its next one, and polling is never crowded out."""

MOST_IN_THREAD = 100
"""What a connector gives of a conversation (`Connector.thread`), and what it may cost."""

ABSENT = "absent"
"""The reason of a `Gone` that only means "not in the answer": it counts when it is so twice."""

SUSPECT = 10
"""When so many posts are asked for and every one of them is absent, the answer is not believed."""


@dataclass(frozen=True, slots=True)
class Upstairs:
    """Who is told, in the transaction that changes the posts.

    `on_gone` returns the posts whose text the law keeps; `on_back` hears of posts that came back.
    """

    on_page: OnPage
    on_gone: Callable[..., Collection[int]]
    on_back: Callable[..., object]


@dataclass(slots=True)
class _Found:
    """What a batch of answers says, by the number of the post."""

    live: dict[int, Mention] = field(default_factory=dict)
    gone: dict[int, str] = field(default_factory=dict)
    absent: list[int] = field(default_factory=list)


def due_sources(*, now: datetime) -> list[int]:
    """Sources with posts to look up now, as far as their platform lets us."""
    able = [
        name for name, each in CONNECTORS.items() if each.capabilities.refresh or each.capabilities.thread
    ]
    found = Source.objects.filter(credentials.are_open(now=now), is_enabled=True, connector__in=able)
    stopped = (Source.Health.REFUSED, Source.Health.ENDED)
    due = found.exclude(health__in=stopped).exclude(next_refresh_at__gt=now)
    return list(due.order_by(F("next_refresh_at").asc(nulls_first=True), "pk").values_list("pk", flat=True))


def take_source(source_id: int, *, now: datetime) -> Source | None:
    """Take a source for one round by a conditional UPDATE; None when somebody else has it."""
    if not Source.objects.filter(credentials.are_open(now=now), pk=source_id).exists():
        return None
    lease = now + timedelta(seconds=settings.LEASE_S)
    due = Source.objects.filter(pk=source_id, is_enabled=True).exclude(next_refresh_at__gt=now)
    if not due.update(next_refresh_at=lease):
        return None
    return Source.objects.select_related("credential").get(pk=source_id)


def refresh(source: Source, *, watched: Sequence[int], upstairs: Upstairs, now: datetime) -> int:
    """Look up what is due of a source that was taken; returns how many posts were looked up.

    `watched`: posts in watched conversations, their first posts in front; they are looked up every
    few minutes, and their conversations read. Trouble is no trouble of the poll: it only waits here.
    """
    next_at = now + EVERY
    n_asked = 0
    try:
        n_asked = _round(source, _if_due(source, watched, now=now), upstairs, now=now)
    except (SourceError, UnknownConnector) as error:
        next_at = _after(error, source, now=now)
        log.warning("refresh_failed", source=source.pk, error=type(error).__name__)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        _release(source, now + AFTER_TROUBLE)
        if is_safe(error, source.config().secrets):
            raise
        raise HiddenFault(type(error).__name__) from None
    _release(source, next_at)
    return n_asked


def _round(source: Source, watched: Sequence[int], upstairs: Upstairs, *, now: datetime) -> int:
    platform, config = connector(source.connector), source.config()
    n_asked = 0
    if watched and platform.capabilities.thread:
        _read_threads(source, watched, upstairs, now=now)
    if platform.capabilities.refresh:
        n_batches = 0
        for batch in ages.batches(source, watched, now=now):
            if not batch.posts:  # nothing that must be looked up any more
                _remember(source, **{str(batch.age): batch.reached})
                continue
            n_batches += 1
            if n_batches > MOST_BATCHES:
                break
            price = platform.capabilities.cost_per_item * len(batch.posts)
            if not _may_cost(source, price, is_wanted=not batch.age, now=now):
                break
            answers = platform.refresh(config, [canonical_id for _, canonical_id in batch.posts], now=now)
            _keep_answers(source, batch, answers, price, upstairs, now=now)
            n_asked += len(batch.posts)
    if watched:
        _remember(source, watched_at=now.isoformat())
    return n_asked


def _if_due(source: Source, watched: Sequence[int], *, now: datetime) -> Sequence[int]:
    last = source.refreshed.get("watched_at")
    is_due = not last or datetime.fromisoformat(last) <= now - WATCHED_EVERY
    return watched if is_due else ()


def _may_cost(source: Source, price: Decimal, *, is_wanted: bool, now: datetime) -> bool:
    """Half of the day's budget is for polling. Without one, only what somebody watches may cost money."""
    try:
        left = usage.left_today(source, now=now)
    except usage.BudgetSpent:
        return False
    if left.max_units is not None and left.max_units <= (source.units_per_day or 0) // 2:
        return False
    if left.max_cost is None or source.dollars_per_day is None:
        return is_wanted or not price
    return left.max_cost - price >= source.dollars_per_day / 2


def _keep_answers(
    source: Source, batch: ages.Batch, answers: Answers, price: Decimal, upstairs: Upstairs, *, now: datetime
) -> None:
    """Store what a platform said of a batch, and then how far that brings us.

    In three steps, each whole: upstairs holds rows for each of them in an order of its own. A crash between
    them asks for the batch again, and what is stored already is no news then.
    """
    found = _sorted_out(source, batch, answers)
    with transaction.atomic():
        was_gone = _gone(found.gone)
        _bury({pk: why for pk, why in found.gone.items() if pk not in was_gone}, upstairs, now=now)
    with transaction.atomic():
        was_gone = _gone(found.live)
        if back := {pk: mention for pk, mention in found.live.items() if pk in was_gone}:
            restore(back)
            upstairs.on_back(list(back), now=now)
    with transaction.atomic():
        refused: list[Rejected] = []
        store_each(source, list(found.live.values()), {}, refused, on_page=upstairs.on_page, now=now)
        set_aside(source, refused, now=now)
        usage.count(source, {"units": 1, "dollars": price}, now=now)
        held = Source.objects.select_for_update().get(pk=source.pk)
        source.refreshed = ages.after(held.refreshed, batch, found.absent, now=now)
        Source.objects.filter(pk=source.pk).update(refreshed=source.refreshed)


def _gone(post_ids: Collection[int]) -> set[int]:
    """Which of these posts are gone as we know; all of them are held."""
    held = Post.objects.select_for_update().filter(pk__in=post_ids).order_by("pk")
    return {pk for pk, gone_at in held.values_list("pk", "gone_at") if gone_at}


def _bury(reasons: Mapping[int, str], upstairs: Upstairs, *, now: datetime) -> None:
    if reasons:
        kept = upstairs.on_gone(reasons, now=now)
        redact(reasons, kept=kept, now=now)


def _sorted_out(source: Source, batch: ages.Batch, answers: Answers) -> _Found:
    """The answers by post. What could not be read, or was not asked, says nothing."""
    found = _Found()
    absent_before = source.refreshed.get("absent", {})
    for post_id, canonical_id in batch.posts:
        answer = answers.get(canonical_id, Unknown("no answer"))
        if isinstance(answer, Gone):
            if answer.reason != ABSENT or str(post_id) in absent_before:
                found.gone[post_id] = answer.reason
            else:
                found.absent.append(post_id)
        elif isinstance(answer, Live) and answer.mention.canonical_id == canonical_id:
            usable, _ = sift([answer.mention])
            if usable:
                found.live[post_id] = storable(answer.mention)
    if len(found.absent) == len(batch.posts) >= SUSPECT:
        found.absent.clear()
    return found


def _read_threads(source: Source, watched: Sequence[int], upstairs: Upstairs, *, now: datetime) -> None:
    """Read the conversations that are watched, and keep what is new in them as a poll does.

    One that the platform keeps from us holds up no other, and no look-up.
    """
    platform, config = connector(source.connector), source.config()
    most = platform.capabilities.cost_per_item * MOST_IN_THREAD
    queries = list(source.queries.listening(now=now).order_by("pk"))
    for post in _first_posts(source, watched):
        if not _may_cost(source, most, is_wanted=True, now=now):
            return
        try:
            mentions = platform.thread(config, mention_of(post), now=now)
        except CredentialRefused:
            raise
        except (Refused, NothingToRead, Ended) as error:
            log.warning("thread_not_read", source=source.pk, post=post.pk, error=type(error).__name__)
            continue
        price = platform.capabilities.cost_per_item * len(mentions)
        with transaction.atomic():
            stored = keep(source, Page(mentions, {}), queries, on_page=upstairs.on_page, now=now)
            usage.count(source, {"n_read": len(mentions), "n_new": len(stored.new)}, now=now)
            usage.count(source, {"units": 1, "dollars": price}, now=now)


def _first_posts(source: Source, watched: Sequence[int]) -> list[Post]:
    """The oldest post that stands of each conversation."""
    found = Post.objects.filter(pk__in=watched, source=source, gone_at=None).select_related("author")
    return list({(post.platform, post.thread_id): post for post in found.order_by("-pk")}.values())


def _after(error: Exception, source: Source, *, now: datetime) -> datetime:
    """When to go on; what is said of the keys holds for polling too."""
    if isinstance(error, CredentialRefused):
        credentials.note_refusal(source, without_secrets(str(error), source.config().secrets), now=now)
    if isinstance(error, RateLimited):
        until = limited_until(error, now=now)
        credentials.note_limit(source, until)
        return until
    return now + AFTER_TROUBLE


def _remember(source: Source, **words: Any) -> None:
    with transaction.atomic():
        held = Source.objects.select_for_update().get(pk=source.pk)
        Source.objects.filter(pk=source.pk).update(refreshed={**held.refreshed, **words})


def _release(source: Source, next_at: datetime) -> None:
    """The next round; sooner when somebody asked for one meanwhile."""
    Source.objects.filter(pk=source.pk, next_refresh_at=source.next_refresh_at).update(
        next_refresh_at=next_at
    )
