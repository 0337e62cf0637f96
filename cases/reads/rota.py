"""The duty plan: who is there now, who is next, a week at a time, and when nobody is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Prefetch, Q
from django.utils import timezone

from cases import duty, targets
from cases.duty import NowAndNext
from cases.models import AuditEvent, Calendar, DutyPost, RotaPattern, Shift, Turn, User
from cases.reads.people import who_may
from cases.rules.ladders import Function
from cases.rules.permissions import Need
from cases.rules.shifts import DAYS_IN_WEEK, Span, gaps, moment, parts

DAYS = 14
MOST_EVENTS = 20
FUNCTIONS = [function.value for function in Function]
FIRST_DAY, LAST_DAY = date(2000, 1, 3), date(2199, 12, 30)
"""Weeks outside these are nobody's plan."""

Bounds = tuple[date, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Day:
    """One day here: the shifts that start on it (or run into the first day), and when nobody is there."""

    day: date
    shifts: Sequence[Shift]
    gaps: Sequence[Span]
    away: frozenset[int] = frozenset()

    @property
    def entries(self) -> list[tuple[Shift, bool]]:
        """Its shifts, each with whether its person is away for some of it."""
        return [(shift, shift.pk in self.away) for shift in self.shifts]


@dataclass(frozen=True, slots=True)
class PlannedPost:
    """One post. `next_at`: when the next shift begins, of `next_people`. Out of use: no days."""

    post: DutyPost
    on_now: NowAndNext
    here: Sequence[Shift]
    days: Sequence[Day]
    patterns: Sequence[RotaPattern] = ()

    @property
    def next_at(self) -> datetime | None:
        return self.on_now.next_at

    @property
    def next_people(self) -> list[User]:
        return [turn.person for turn in self.on_now.next]

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

    @property
    def needs_people(self) -> bool:
        """Whether a gap matters: it takes alarms, or somebody plans it."""
        return bool(self.post.function) or self.is_planned


@dataclass(frozen=True, slots=True)
class Week:
    """One week of every post. `free`: the holidays in it by day."""

    monday: date
    posts: Sequence[PlannedPost]
    free: frozenset[date]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=DAYS_IN_WEEK)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=DAYS_IN_WEEK)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=DAYS_IN_WEEK - 1)


def plan(*, now: datetime) -> list[PlannedPost]:
    """Every post with its coming two weeks, those in use first, in a fixed number of queries."""
    return _plan(timezone.localdate(now), DAYS, now=now, since=now)


def week(day: date, *, now: datetime) -> Week:
    """The week that a day is in, for every post: also what has been, and is not to be mended."""
    day = min(max(day, FIRST_DAY), LAST_DAY)
    monday = day - timedelta(days=day.weekday())
    start = moment(monday, time.min, timezone.get_default_timezone())
    posts = _plan(monday, DAYS_IN_WEEK, now=now, since=start)
    is_free = targets.free_days(None)
    days = (monday + timedelta(days=n) for n in range(DAYS_IN_WEEK))
    return Week(monday, posts, frozenset(one for one in days if is_free(one)))


def duty_now(*, now: datetime) -> list[PlannedPost]:
    """Who is there now and next at every post in use, without the days, in a fixed number of queries."""
    posts = list(DutyPost.objects.filter(is_active=True).order_by("name"))
    on_now = duty.now_and_next_of(posts, now=now)
    return [PlannedPost(post, on_now[post.pk], [], []) for post in posts]


def plannable() -> list[User]:
    """Who can be given a shift."""
    return who_may(Need.HAND_OVER)


def calendars() -> list[tuple[int, str]]:
    """The calendars whose holidays a pattern can go by."""
    return list(Calendar.objects.order_by("-is_default", "name").values_list("pk", "name"))


def history(post_ids: Iterable[int]) -> list[AuditEvent]:
    """What was planned and changed last, newest first."""
    about = Q(subject__in=[f"duty:{pk}" for pk in post_ids]) | Q(subject__startswith="away:")
    return list(AuditEvent.objects.filter(about).order_by("-at", "-pk")[:MOST_EVENTS])


def patterns() -> dict[int, list[RotaPattern]]:
    """The patterns of every post with their turns."""
    found: dict[int, list[RotaPattern]] = defaultdict(list)
    turns = Prefetch("turns", Turn.objects.select_related("person"))
    for pattern in RotaPattern.objects.prefetch_related(turns).order_by("pk"):
        found[pattern.post_id].append(pattern)
    return found


def _plan(first: date, n_days: int, *, now: datetime, since: datetime) -> list[PlannedPost]:
    zone = timezone.get_default_timezone()
    days = _days(first, n_days, zone)
    until = days[-1][2]
    per_post: dict[int, list[Shift]] = defaultdict(list)
    rows = Shift.objects.filter(ends_at__gt=since, starts_at__lt=until, person__is_active=True)
    for shift in rows.select_related("person").order_by("starts_at", "pk"):
        per_post[shift.post_id].append(shift)
    posts = list(DutyPost.objects.order_by("-is_active", "name"))
    on_now = duty.now_and_next_of(posts, now=now)
    away = duty.absences(since=min(since, now), until=until)
    by_post = patterns()
    return [
        PlannedPost(
            post,
            on_now[post.pk],
            _here(per_post[post.pk], away, now=now),
            _planned(per_post[post.pk], away, days if post.is_active else [], since=max(since, now)),
            by_post.get(post.pk, ()),
        )
        for post in posts
    ]


def _here(shifts: Sequence[Shift], away: Mapping[int, Sequence[Span]], *, now: datetime) -> list[Shift]:
    return [
        shift
        for shift in shifts
        if shift.starts_at <= now < shift.ends_at
        and not any(start <= now < end for start, end in away.get(shift.person_id, ()))
    ]


def _days(first: date, n_days: int, zone: ZoneInfo) -> list[Bounds]:
    """Days here with their bounds; one in spring has 23 hours, one in autumn 25."""
    days = [first + timedelta(days=n) for n in range(n_days + 1)]
    starts = [moment(day, time.min, zone) for day in days]
    return list(zip(days[:-1], starts[:-1], starts[1:], strict=True))


def _planned(
    shifts: Sequence[Shift], away: Mapping[int, Sequence[Span]], days: Sequence[Bounds], *, since: datetime
) -> list[Day]:
    left = {
        shift.pk: parts((shift.starts_at, shift.ends_at), away.get(shift.person_id, ())) for shift in shifts
    }
    covered = [part for there in left.values() for part in there]
    missing = frozenset(shift.pk for shift in shifts if left[shift.pk] != [(shift.starts_at, shift.ends_at)])
    found = []
    for number, (day, start, end) in enumerate(days):
        first = datetime.min.replace(tzinfo=UTC) if number == 0 else start
        on_day = [shift for shift in shifts if first <= shift.starts_at < end]
        # What has been is not to be mended: gaps are those to come.
        open_ = gaps(covered, since=max(start, since), until=end) if end > since else []
        found.append(Day(day, on_day, open_, missing))
    return found
