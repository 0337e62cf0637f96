"""Keeps what is wanted of a page: matched with the queries, stored, and handed to the work upstairs."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from monitoring import ages
from monitoring.connectors.base import Mention, Page, Rejected
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.registry import connector
from monitoring.matched import hits_of
from monitoring.models import Query, RejectedMention, Source
from monitoring.quarantine import POISON, fault_of, rejected, set_aside, sift
from monitoring.store import Key, Stored, known_keys, upsert_posts

Outcome = RejectedMention.Outcome
Matched = Mapping[Key, Collection[int]]

FEW = 3
"""A page of more than these of which nothing at all can be stored is a mistake of ours, not of its posts."""


class OnPage(Protocol):
    def __call__(self, stored: Stored, *, now: datetime) -> object: ...


class AlreadySettled(Exception):
    """Somebody decided about this rejected mention before."""

    def __init__(self, rejected_id: int) -> None:
        super().__init__(rejected_id)
        self.rejected_id = rejected_id

    def __str__(self) -> str:
        return f"What became of rejected mention {self.rejected_id} was decided already."


def keep(source: Source, page: Page, queries: Sequence[Query], *, on_page: OnPage, now: datetime) -> Stored:
    """Store what is wanted of a page and set aside what cannot be used, in the caller's transaction.

    A mention that cannot be stored is set aside alone, whatever it is that goes wrong.
    """
    readable, unreadable = sift(page.mentions)
    wanted, matched = _matching(readable, queries)
    refused: list[Rejected] = []
    stored = store_each(source, wanted, matched, refused, on_page=on_page, now=now)
    if len(wanted) > FEW and len(refused) == len(wanted):
        raise NothingStored(source.pk, len(wanted), refused[0].reason)
    set_aside(source, (*page.rejected, *unreadable, *refused), now=now)
    if stored.gone:
        ages.ask_again(source.pk, stored.gone, now=now)
    return stored


class NothingStored(Exception):
    """Every post of a page failed in the same way: the fault is ours."""

    def __init__(self, source_id: int, n: int, reason: str) -> None:
        super().__init__(source_id, n, reason)
        self.source_id, self.n, self.reason = source_id, n, reason

    def __str__(self) -> str:
        return f"None of the {self.n} posts of a page of source {self.source_id} was stored: {self.reason}."


def settle_rejected(rejected_id: int, *, on_page: OnPage, now: datetime) -> Outcome:
    """Read a rejected mention again and store it by the same way as a poll.

    DROPPED when it can be read and no query wants it. Raises Unreadable while it still cannot be
    used, AlreadySettled when somebody was first.
    """
    kept = RejectedMention.objects.select_related("source__credential").get(pk=rejected_id)
    if kept.outcome:
        raise AlreadySettled(rejected_id)
    source = kept.source
    mention = connector(source.connector).normalise(source.config(), kept.raw, now=now)
    if fault := fault_of(mention):
        raise Unreadable(fault)
    queries = list(source.queries.listening(now=now).order_by("pk"))
    wanted, matched = _matching([mention], queries)
    with transaction.atomic():
        refused: list[Rejected] = []
        stored = store_each(source, wanted, matched, refused, on_page=on_page, now=now)
        if refused:
            raise Unreadable(refused[0].reason)
        outcome = Outcome.STORED if stored.n_seen else Outcome.DROPPED
        _settle(rejected_id, outcome, now=now)
        if outcome is Outcome.STORED:  # from here on its words stand with the post, and go with it
            RejectedMention.objects.filter(pk=rejected_id).update(raw="")
    return outcome


def drop_rejected(rejected_id: int, *, now: datetime) -> None:
    """Nobody needs this rejected mention. Raises AlreadySettled."""
    _settle(rejected_id, Outcome.DROPPED, now=now)


def _settle(rejected_id: int, outcome: Outcome, *, now: datetime) -> None:
    waiting = RejectedMention.objects.filter(pk=rejected_id, outcome="")
    if not waiting.update(outcome=outcome, settled_at=now):
        raise AlreadySettled(rejected_id)


def store_each(
    source: Source,
    mentions: Sequence[Mention],
    matched: Matched,
    refused: list[Rejected],
    *,
    on_page: OnPage,
    now: datetime,
) -> Stored:
    """Store mentions; what stops them is looked for by halves, and added to `refused`."""
    try:
        with transaction.atomic():
            stored = upsert_posts(mentions, now=now, source_id=source.pk, queries=matched)
            on_page(stored, now=now)
            return stored
    except POISON as error:
        if len(mentions) == 1:
            refused.append(rejected(mentions[0], f"it cannot be stored ({type(error).__name__})"))
            return Stored((), (), 0)
        if not mentions:
            raise
    middle = len(mentions) // 2
    halves = [
        store_each(source, half, matched, refused, on_page=on_page, now=now)
        for half in (mentions[:middle], mentions[middle:])
    ]
    return Stored(
        new=tuple(post for half in halves for post in half.new),
        edited=tuple(post_id for half in halves for post_id in half.edited),
        n_seen=sum(half.n_seen for half in halves),
        gone=tuple(post_id for half in halves for post_id in half.gone),
    )


def _matching(
    mentions: Sequence[Mention], queries: Sequence[Query]
) -> tuple[list[Mention], dict[Key, Collection[int]]]:
    """The mentions to keep, and which queries each matched.

    Kept is what matches a query, what is addressed to us, every reply in a conversation that we
    keep already (people who join in seldom repeat its words), and a post that we have, whatever an
    edit made of it; no other mention is.
    """
    matched: dict[Key, Collection[int]] = {}
    joining: dict[Key, Key] = {}
    for mention, hits in zip(mentions, hits_of(mentions, queries), strict=True):
        key = (mention.platform, mention.canonical_id)
        if hits or mention.is_addressed:
            matched[key] = hits
        else:
            joining[key] = (mention.platform, mention.thread_id or mention.canonical_id)
    known = known_keys({*joining, *joining.values()}) | matched.keys() if joining else set()
    matched |= {key: () for key, thread in joining.items() if key in known or thread in known}
    return [m for m in mentions if (m.platform, m.canonical_id) in matched], matched
