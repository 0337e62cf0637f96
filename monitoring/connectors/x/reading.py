"""What a source reads from X, in which order, and for how much money."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from monitoring.connectors.base import Budget, Cursor, Mention, Page, SourceConfig
from monitoring.connectors.errors import NothingToRead, Refused
from monitoring.connectors.rounds import Part, State, in_rounds
from monitoring.connectors.x.client import XClient
from monitoring.connectors.x.looking import without_ours
from monitoring.connectors.x.searching import search_query
from monitoring.connectors.x.stream import CLOCK_SKEW, Stream

WEEK = timedelta(days=7)
SEARCHED, OWN = Decimal("0.005"), Decimal("0.001")  # dollars a post, November 2026
_FEWEST_SEARCHED, _FEWEST_MENTIONS = 10, 5
_TO_US = ("mentions", "quotes")  # streams of what is addressed to us


def read(
    source: SourceConfig, client: XClient, cursor: Cursor, budget: Budget, *, now: datetime
) -> Iterator[Page]:
    """Searches, quotes of us and mentions of us in rounds, each from its own high-water mark.

    The cursor holds a state per stream, and which names of fields X took.
    """
    streams = _streams(source, client)
    left = _Left(budget)

    def read_one(name: str, state: State, n_left: int) -> Iterator[Part]:
        stream = streams[name]
        n_pages, n_posts = left.share(stream, n_left)
        for found in stream.read(state, n_pages=n_pages, n_posts=n_posts, now=now):
            others = without_ours(found.mentions, client)
            mentions = tuple(arrived(mention, ours=name in _TO_US, now=now) for mention in others)
            cost, quota = left.take(stream, found.n_posts), client.traffic.quota()
            page = Page(mentions, found.state, found.rejected, gaps=found.gaps, quota=quota, cost=cost)
            yield Part(page, found.done)

    for page in in_rounds(list(streams), cursor, read_one, is_spent=left.is_spent):
        yield replace(page, cursor={**page.cursor, "new_names": client.traffic.new_names})


def searches(texts: Sequence[str]) -> tuple[str, ...]:
    """As few searches of X as hold the texts of all queries. Raises Refused for one that X cannot take."""
    packed: list[list[str]] = []
    for text in texts:
        search_query([text])
        if packed and _fits([*packed[-1], text]):
            packed[-1].append(text)
        else:
            packed.append([text])
    return tuple(dict.fromkeys(filter(None, map(search_query, packed))))


def _fits(texts: Sequence[str]) -> bool:
    try:
        search_query(texts)
    except Refused:
        return False
    return True


def arrived(mention: Mention, *, ours: bool, now: datetime) -> Mention:
    """The mention as it counts here; one stamped well ahead of our clock counts at arrival."""
    posted_at = mention.posted_at if mention.posted_at <= now + CLOCK_SKEW else now
    return replace(mention, posted_at=posted_at, is_addressed=ours)


def _streams(source: SourceConfig, client: XClient) -> Mapping[str, Stream]:
    """What this source reads. Raises NothingToRead when that is nothing."""
    settings = source.settings
    streams = {}
    for number, query in enumerate(searches(source.terms), start=1):
        name = "search" if number == 1 else f"search {number}"
        streams[name] = Stream(client.search(query), WEEK, SEARCHED, _FEWEST_SEARCHED)
    handle = str(settings.get("handle") or "").lstrip("@")
    if handle.isascii() and handle.replace("_", "").isalnum() and settings.get("own_quotes", True):
        streams["quotes"] = Stream(client.search(_quotes_of(handle)), WEEK, SEARCHED, _FEWEST_SEARCHED)
    if client.user_id and settings.get("own_mentions", True):
        streams["mentions"] = Stream(client.mentions, None, OWN, _FEWEST_MENTIONS)
    if not streams:
        raise NothingToRead("it has neither terms nor an account of ours to read for")
    return streams


def _quotes_of(handle: str) -> str:
    """The search for posts that quote ours: they hold the address of what they quote."""
    return f'is:quote (url:"x.com/{handle}/status" OR url:"twitter.com/{handle}/status") -from:{handle}'


@dataclass(slots=True)
class _Left:
    """What is left of a budget while a poll goes on."""

    budget: Budget

    def is_spent(self) -> bool:
        """Whether nothing more may be asked in this poll."""
        return self.budget.max_pages <= 0 or self.budget.max_items <= 0 or self.budget.max_units == 0

    def share(self, stream: Stream, n_left: int) -> tuple[int, int]:
        """The pages and posts for one of `n_left` streams that still come, in a fair part of all.

        With fewer pages than streams each page may be as large as the whole budget, one after the other.
        """
        budget = self.budget
        parts = n_left if budget.max_pages >= n_left else 1
        n_posts = max(budget.max_items // parts, min(budget.max_items, stream.fewest))
        if budget.max_cost is not None:
            affordable = int(budget.max_cost / stream.price)
            n_posts = min(n_posts, max(affordable // parts, min(affordable, stream.fewest)))
        n_pages = max(budget.max_pages // parts, min(budget.max_pages, 1))
        if parts < n_left:
            n_pages = min(n_pages, 1)
        return (n_pages if budget.max_units is None else min(n_pages, budget.max_units)), n_posts

    def take(self, stream: Stream, n_posts: int) -> Decimal:
        """Note a page with so many posts; returns what it cost."""
        cost = stream.price * n_posts
        budget = self.budget
        self.budget = Budget(
            budget.max_pages - 1,
            max(budget.max_items - n_posts, 0),
            None if budget.max_cost is None else max(budget.max_cost - cost, Decimal(0)),
            None if budget.max_units is None else max(budget.max_units - 1, 0),
        )
        return cost
