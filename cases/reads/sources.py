"""What the organisation listens to: its sources with their health, and the platforms that nobody hears."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max

from monitoring.models import Source

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

UNSEEN = ("limited", "failing", "refused", "ended", "silent")
"""States in which posts may be missing, and nobody chose that."""

OVERDUE = 3
"""A source that missed so many polls in a row is not seen, whatever its last word was."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One source on one line. `state`: one of the model's states of health, off or silent."""

    source: Source
    state: str
    n_posts: int
    newest_at: datetime | None


def sources(*, now: datetime) -> list[SourceLine]:
    found = Source.objects.annotate(n_posts=Count("posts"), newest_at=Max("posts__posted_at"))
    return [
        SourceLine(source, _source_state(source, now=now), source.n_posts, source.newest_at)
        for source in found.order_by("name")
    ]


def down(*, now: datetime) -> list[Source]:
    """Sources that cannot be seen now, for the amber line."""
    return [s for s in Source.objects.order_by("name") if _source_state(s, now=now) in UNSEEN]


def not_seen(*, now: datetime) -> list[str]:
    """The platforms that no source of ours can see now, by name."""
    seen = {s.connector for s in Source.objects.all() if _source_state(s, now=now) in ("working", "behind")}
    return [name for connector, name in PLATFORMS.items() if connector not in seen]


def _source_state(source: Source, *, now: datetime) -> str:
    """How a source stands. One that ended by itself is no choice of ours: it is not merely off."""
    if not source.is_enabled:
        return "ended" if source.health == Source.Health.ENDED else "off"
    silent_after = timedelta(seconds=max(OVERDUE * source.interval_s, 60))
    if source.health == Source.Health.WAITING:
        return "waiting" if now - source.next_poll_at <= silent_after else "silent"
    if source.health in (Source.Health.WORKING, Source.Health.BEHIND) and source.last_success_at:
        return str(source.health) if now - source.last_success_at <= silent_after else "silent"
    return str(source.health)
