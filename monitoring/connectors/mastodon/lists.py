"""Which lists of a server a source reads, in which order, and how much of them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from monitoring.connectors.base import Budget, Page, SourceConfig
from monitoring.connectors.errors import NothingToRead, SourceError, Unavailable
from monitoring.connectors.mastodon.asked import asked_for
from monitoring.connectors.mastodon.client import BATCH_SIZE, MastodonClient, is_ours
from monitoring.connectors.mastodon.statuses import Parents, mentions_in, parents_among, wanted_parents
from monitoring.connectors.mastodon.stream import Stream, Stuck, ids_in
from monitoring.connectors.mastodon.traffic import MastodonTraffic
from monitoring.connectors.rounds import Part, State

# A post from another server gets an id by its own time, so it can appear below what was read already.
OVERLAP = ids_in(timedelta(minutes=10))
NOTIFICATION_OVERLAP = 50  # their ids are counted by the server; a few may be given out of order
WEEK = timedelta(days=7)
_TIMELINES = {"local": "local", "federated": "public"}


def streams_of(source: SourceConfig, client: MastodonClient, *, now: datetime) -> dict[str, Stream]:
    """Hashtags, searches, public posts, then own mentions. Raises NothingToRead when there is none."""
    asked = asked_for(source.terms)
    settings = source.settings
    streams = {f"tag:{tag}": Stream(client.tag(tag, now=now), 40, OVERLAP, WEEK) for tag in asked.tags}
    if settings.get("search") and client.has_token:
        streams |= {
            f"search:{text}": Stream(client.search(text, now=now), 40, OVERLAP, WEEK, by_offset=True)
            for text in asked.searches
        }
    if source.terms and settings.get("public") in _TIMELINES:
        timeline = _TIMELINES[str(settings["public"])]
        streams["public"] = Stream(client.public(timeline, now=now), 40, OVERLAP, timedelta(hours=1))
    if client.has_token and settings.get("own_mentions", True):
        streams["mentions"] = Stream(client.notifications(now=now), 80, NOTIFICATION_OVERLAP, WEEK)
    if not streams:
        raise NothingToRead("it has neither #tags to follow nor an account of ours to read for")
    return streams


def parents_of(entries: Sequence[Any], client: MastodonClient, *, now: datetime) -> Parents:
    """The places of what these entries answer; one that cannot be asked for now stays unknown."""
    found = parents_among(entries)
    wanted = wanted_parents(entries)
    with suppress(SourceError):  # the page itself has come; the next one says what is wrong
        for start in range(0, len(wanted), BATCH_SIZE):
            found |= parents_among(client.statuses(wanted[start : start + BATCH_SIZE], now=now))
    return found


def parts_of(
    stream: Stream, state: State, client: MastodonClient, left: "Allowance", *, now: datetime
) -> Iterator[Part]:
    """The pages of one list within its share. Raises Unavailable when the server goes round in circles."""
    try:
        for found in stream.read(state, most=left.items, now=now):
            left.take(len(found.entries))
            parents = parents_of(found.entries, client, now=now)
            others = [entry for entry in found.entries if not is_ours(client, entry, now=now)]
            mentions, rejected = mentions_in(others, parents, now=now)
            page = Page(mentions, found.state, rejected, quota=client.traffic.quota(), units=left.units())
            yield Part(page, found.done)
    except Stuck:
        mark = state.get("mark")  # the next poll reads this stretch again from its start
        yield Part(Page((), {"mark": mark} if mark else {}, units=left.units()), done=False)
        raise Unavailable("the server gives the same page again and again") from None


class Allowance:
    """What is left of a budget while a poll goes on."""

    def __init__(self, budget: Budget, traffic: MastodonTraffic) -> None:
        self._budget = budget
        self._traffic = traffic
        self._n_pages = self._n_items = self._n_told = self._stop_at = 0

    def share(self, n_left: int) -> "Allowance":
        """The same for one of `n_left` lists: a fair part of the pages, one at least."""
        self._stop_at = self._n_pages + max((self._budget.max_pages - self._n_pages) // n_left, 1)
        return self

    def is_spent(self) -> bool:
        """Whether nothing more may be asked in this poll."""
        budget = self._budget
        units_left = budget.max_units is None or self._traffic.n_requests < budget.max_units
        return self._n_pages >= budget.max_pages or self._n_items >= budget.max_items or not units_left

    def items(self) -> int:
        """How many more may be read in the next page of this list; 0 when its share is used up."""
        if self.is_spent() or self._n_pages >= self._stop_at:
            return 0
        return self._budget.max_items - self._n_items

    def take(self, n_items: int) -> None:
        self._n_pages += 1
        self._n_items += n_items

    def units(self) -> int:
        """The requests since the last time that this was asked."""
        n_new = self._traffic.n_requests - self._n_told
        self._n_told = self._traffic.n_requests
        return n_new
