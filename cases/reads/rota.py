"""The duty plan of the coming two weeks: who is there now, who is next, and when nobody is."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from cases.models import AuditEvent, DutyPost, Shift, User
from cases.reads.people import who_may
from cases.rules.permissions import Need
from cases.rules.shifts import Span, gaps, moment

DAYS = 14
MOST_EVENTS = 20


@dataclass(frozen=True, slots=True)
class Day:
    """One day here: the shifts that start on it (or run into the first day), and when nobody is there."""

    day: date
    shifts: Sequence[Shift]
    gaps: Sequence[Span]


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """One post. `next_at`: when the next shift begins, of `next_people`. Out of use: no days."""

    post: DutyPost
    here: Sequence[Shift]
    next_people: Sequence[User]
    next_at: datetime | None
    days: Sequence[Day]

    @property
    def has_gaps(self) -> bool:
        return any(day.gaps for day in self.days)

    @property
    def shifts(self) -> list[Shift]:
        return [shift for day in self.days for shift in day.shifts]

    @property
    def gaps(self) -> list[dict[str, datetime]]:
        """When nobody is there, day by day."""
        return [{"starts_at": start, "ends_at": end} for day in self.days for start, end in day.gaps]

    @property
    def is_planned(self) -> bool:
        return any(day.shifts for day in self.days)


def plan(*, now: datetime) -> list[PlannedPost]:
    """Every post with its coming two weeks, those in use first; two queries."""
    zone = timezone.get_default_timezone()
    days = _days(now, zone)
    return [_planned(post, shifts, days, now=now) for post, shifts in _shifts(days[-1][2], now=now)]


def duty_now(*, now: datetime) -> list[PlannedPost]:
    """Who is there now and next at every post in use, without the days; two queries."""
    until = now + timedelta(days=DAYS)
    found = _shifts(until, now=now)
    return [_planned(post, shifts, [], now=now) for post, shifts in found if post.is_active]


def plannable() -> list[User]:
    """Who can be given a shift."""
    return who_may(Need.HAND_OVER)


def history(post_ids: Iterable[int]) -> list[AuditEvent]:
    """What was planned and changed last, newest first."""
    subjects = [f"duty:{pk}" for pk in post_ids]
    return list(AuditEvent.objects.filter(subject__in=subjects).order_by("-at", "-pk")[:MOST_EVENTS])


def _shifts(until: datetime, *, now: datetime) -> list[tuple[DutyPost, list[Shift]]]:
    per_post: dict[int, list[Shift]] = defaultdict(list)
    coming = Shift.objects.filter(ends_at__gt=now, starts_at__lt=until, person__is_active=True)
    for shift in coming.select_related("person").order_by("starts_at", "pk"):
        per_post[shift.post_id].append(shift)
    return [(post, per_post[post.pk]) for post in DutyPost.objects.order_by("-is_active", "name")]


def _days(now: datetime, zone: ZoneInfo) -> list[tuple[date, datetime, datetime]]:
    """The coming days here with their bounds; one in spring has 23 hours, one in autumn 25."""
    today = timezone.localtime(now, zone).date()
    days = [today + timedelta(days=n) for n in range(DAYS + 1)]
    starts = [moment(day, time.min, zone) for day in days]
    return list(zip(days[:-1], starts[:-1], starts[1:], strict=True))


def _planned(
    post: DutyPost,
    shifts: Sequence[Shift],
    days: Sequence[tuple[date, datetime, datetime]],
    *,
    now: datetime,
) -> PlannedPost:
    here = [shift for shift in shifts if shift.starts_at <= now]
    next_at = next((shift.starts_at for shift in shifts if shift.starts_at > now), None)
    covered = [(shift.starts_at, shift.ends_at) for shift in shifts]
    found = []
    for number, (day, start, end) in enumerate(days if post.is_active else ()):
        first = datetime.min.replace(tzinfo=now.tzinfo) if number == 0 else start
        on_day = [shift for shift in shifts if first <= shift.starts_at < end]
        found.append(Day(day, on_day, gaps(covered, since=max(start, now), until=end)))
    return PlannedPost(
        post, here, [shift.person for shift in shifts if shift.starts_at == next_at], next_at, found
    )
