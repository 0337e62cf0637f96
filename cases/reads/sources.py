"""What the organisation listens to: its sources with their health, and the platforms that nobody hears."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Max
from django.http import Http404

from cases.access import LARGEST_ID
from cases.reads.health import IMPORT, SEEN, UNSEEN, Standing, sentence, state_of
from monitoring.blindness import blind_minutes
from monitoring.connectors.errors import SourceError
from monitoring.connectors.passive import NEVER_POLLED
from monitoring.connectors.registry import CONNECTORS
from monitoring.models import BlindSpell, Post, Query, RejectedMention, Source, SourceDay
from monitoring.trial import price

PLATFORMS = {
    "x": "X",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "youtube": "YouTube",
    "tiktok": "TikTok",
    "reddit": "Reddit",
    "threads": "Threads",
    "linkedin": "LinkedIn",
}
"""Where the public speaks, by the name of the connector that hears it or would."""

ONE_DAY = timedelta(days=1)
N_FOR_LAG = 50
N_SPELLS = 20


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source on one line. `state`: one of the model's states of health, off, silent or receiving."""

    source: Source
    state: str
    sentence: str
    n_posts: int
    newest_at: datetime | None
    n_waiting: int


@dataclass(frozen=True, slots=True)
class Spell:
    """A stretch in which nothing was seen; `until_at` None: it lasts."""

    from_at: datetime
    until_at: datetime | None
    minutes: int
    reason: str
    is_lost: bool


@dataclass(frozen=True, slots=True)
class Today:
    """What a source asked and cost today (in UTC), with what it may; None: no limit."""

    units: int = 0
    dollars: Decimal = Decimal(0)
    n_polls: int = 0
    n_failed: int = 0
    n_read: int = 0
    n_new: int = 0
    units_per_day: int | None = None
    dollars_per_day: Decimal | None = None

    @property
    def is_spent(self) -> bool:
        spent = self.dollars_per_day is not None and self.dollars >= self.dollars_per_day
        return spent or (self.units_per_day is not None and self.units >= self.units_per_day)

    @property
    def dollars_left(self) -> Decimal | None:
        return None if self.dollars_per_day is None else max(Decimal(0), self.dollars_per_day - self.dollars)

    @property
    def units_left(self) -> int | None:
        return None if self.units_per_day is None else max(0, self.units_per_day - self.units)


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """All there is to know of one source.

    `lag_s`: how long the newest posts were there before we had them, the middle of fifty. `abilities`:
    names of what its connector can do; `price`: US dollars that a test costs at most.
    """

    source: Source
    state: str
    sentence: str
    n_posts: int
    newest_at: datetime | None
    lag_s: float | None
    blind_minutes: int
    spells: Sequence[Spell]
    today: Today
    queries: Sequence[Query]
    abilities: Sequence[str]
    problems: Sequence[str]
    n_waiting: int
    price: Decimal

    @property
    def is_polled(self) -> bool:
        return self.source.connector not in NEVER_POLLED and self.source.connector in CONNECTORS

    @property
    def quota(self) -> dict[str, Any]:
        return self.source.quota if "remaining" in self.source.quota else {}


def sources(*, now: datetime) -> list[SourceLine]:
    """Every source but the files that were imported, by name."""
    found = _listed().annotate(n_posts=Count("posts"), newest_at=Max("posts__posted_at"))
    waiting, since, today = _waiting(), _open_spells(), _days(now=now)
    lines = []
    for source in found:
        spent = _today(source, today.get(source.pk)).is_spent
        standing = Standing(source, state_of(source, now=now), _since(source, since.get(source.pk)), spent)
        lines.append(
            SourceLine(
                source,
                standing.state,
                sentence(standing),
                source.n_posts,
                source.newest_at,
                waiting.get(source.pk, 0),
            )
        )
    return lines


def source_record(source_id: int, *, now: datetime) -> SourceRecord:
    """One source, with what it costs to know. Raises Http404."""
    source = Source.objects.select_related("credential").filter(pk=min(source_id, LARGEST_ID)).first()
    if source is None:
        raise Http404
    spells = [_spell(row, now=now) for row in source.blind_spells.order_by("-from_at")[:N_SPELLS]]
    today = _today(source, _days(now=now).get(source.pk))
    open_since = next((spell.from_at for spell in spells if spell.until_at is None), None)
    standing = Standing(source, state_of(source, now=now), _since(source, open_since), today.is_spent)
    counted = source.posts.aggregate(n=Count("pk"), newest_at=Max("posted_at"))
    queries = list(source.queries.order_by("name"))
    is_known = source.connector in CONNECTORS
    return SourceRecord(
        source=source,
        state=standing.state,
        sentence=sentence(standing),
        n_posts=counted["n"],
        newest_at=counted["newest_at"],
        lag_s=_lag(source),
        blind_minutes=blind_minutes(source.pk, since=now - ONE_DAY, until=now),
        spells=spells,
        today=today,
        queries=queries,
        abilities=_abilities(source) if is_known else (),
        problems=_problems(source, queries) if is_known else (),
        n_waiting=_waiting().get(source.pk, 0),
        price=price(source) if is_known else Decimal(0),
    )


def down(*, now: datetime) -> list[Source]:
    """Sources that cannot be seen now, for the amber line. A file that was read is no ear."""
    return [source for source in _listed() if state_of(source, now=now) in UNSEEN]


def not_seen(*, now: datetime) -> list[str]:
    """The platforms that no source of ours can see now, by name."""
    seen = {source.connector for source in _listed() if state_of(source, now=now) in SEEN}
    return [name for connector, name in PLATFORMS.items() if connector not in seen]


def _listed() -> Any:
    return Source.objects.exclude(connector=IMPORT).select_related("credential").order_by("name")


def _waiting() -> dict[int, int]:
    """How many mentions that could not be read wait for somebody, by source."""
    waiting = RejectedMention.objects.filter(outcome="").values_list("source")
    return dict(waiting.annotate(n=Count("pk")))


def _open_spells() -> dict[int, datetime]:
    return dict(BlindSpell.objects.filter(until_at=None).values_list("source", "from_at"))


def _days(*, now: datetime) -> dict[int, SourceDay]:
    return {day.source_id: day for day in SourceDay.objects.filter(day=now.astimezone(UTC).date())}


def _today(source: Source, day: SourceDay | None) -> Today:
    day = day or SourceDay()
    return Today(
        day.units,
        Decimal(day.dollars),
        day.n_polls,
        day.n_failed,
        day.n_read,
        day.n_new,
        units_per_day=source.units_per_day,
        dollars_per_day=source.dollars_per_day,
    )


def _since(source: Source, open_since: datetime | None) -> datetime | None:
    """Since when something is wrong: the blind spell knows best, else the last time it went well."""
    return open_since or source.last_success_at or source.error_at


def _lag(source: Source) -> float | None:
    newest = Post.objects.filter(source=source).order_by("-pk").values_list("fetched_at", "posted_at")
    lags = [(fetched - posted).total_seconds() for fetched, posted in newest[:N_FOR_LAG]]
    return max(0.0, median(lags)) if lags else None


def _spell(row: BlindSpell, *, now: datetime) -> Spell:
    lasted = (row.until_at or now) - row.from_at
    return Spell(
        row.from_at, row.until_at, max(0, int(lasted.total_seconds() // 60)), row.reason, row.is_lost
    )


def _abilities(source: Source) -> list[str]:
    able = CONNECTORS[source.connector].capabilities
    names = ("search", "own_mentions", "backfill", "thread", "refresh", "reply", "direct", "receive")
    return [name for name in names if getattr(able, name)]


def _problems(source: Source, queries: Sequence[Query]) -> list[str]:
    """What the connector says of the settings; it asks no network for that."""
    config = source.config(terms=tuple(query.terms for query in queries))
    try:
        return [problem.message for problem in CONNECTORS[source.connector].check(config)]
    except SourceError as error:  # its keys cannot be opened
        return [str(error)]
