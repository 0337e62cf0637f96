"""The start of a shift: everything that is open, on one page, and what the last shift left."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.db.models import Model, Q, QuerySet

from cases import duty, wording
from cases.models import Case, DutyPost, Escalation, HandOver, Response, Shift, Task, User, Watch
from cases.naming import Named, named
from cases.reads.forecast import forecast
from cases.reads.inbox import MANY
from cases.reads.kept import KeptWatch, kept_watches, text_of
from cases.reads.rota import PlannedPost, duty_now
from cases.reads.sources import not_seen
from cases.reads.workload import TO_DO, UNANSWERED, Load, workload
from cases.rules.forecast import Forecast
from cases.rules.levels import Level
from cases.rules.workflow import OPEN, State

SHOWN = 5
DEFAULT_SHIFT = timedelta(hours=8)
LOOKED_BACK = timedelta(days=2)
COUNTED = (
    *("new", "urgent", "overdue", "watched", "worse", "promised", "approvals", "reviews"),
    *("alarms", "snoozed"),
)
"""What a hand-over keeps the counts of, to be set beside those of later."""


@dataclass(frozen=True, slots=True)
class Line:
    """One open thing of a section: its case or what else it is `about`, a few words, when, and who has it."""

    case_id: int | None
    text: str
    at: datetime | None = None
    who: str = ""
    level: int | None = None
    about: Named | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """What is open of one kind: how many (to at most MANY) and the first few."""

    name: str
    n: int
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Left:
    """A hand-over as it is read: the counts as they were, beside those of now.

    `watches`: those of its post that run now, worst first.
    """

    hand_over: HandOver
    counts: Sequence[tuple[str, int, int]]
    n_cases: int
    may_accept: bool
    is_mine: bool
    watches: Sequence[KeptWatch] = ()


@dataclass(frozen=True, slots=True)
class StartOfShift:
    """The whole page. `until`: the end of this person's shift, or eight hours from now.

    `own_watches`: those in this person's own name, to be left with a post at the end.
    """

    until: datetime
    is_on_duty: bool
    sections: Sequence[Section]
    counts: Mapping[str, int]
    waiting: Sequence[Left]
    last: Left | None
    posts: Sequence[PlannedPost]
    people: Sequence[Load]
    not_seen: Sequence[str]
    mine: Sequence[Line]
    forecast: Forecast
    own_watches: Sequence[KeptWatch] = ()

    @property
    def open_sections(self) -> list[Section]:
        return [section for section in self.sections if section.n]

    @property
    def empty_names(self) -> list[str]:
        return [section.name for section in self.sections if not section.n]


def start_of_shift(user: User, *, now: datetime) -> StartOfShift:
    """Everything for somebody who begins, in a fixed number of queries."""
    running = duty.shifts_now(now=now).filter(person=user).order_by("-ends_at").first()
    until = running.ends_at if running else now + DEFAULT_SHIFT
    sections = [_section(name, now=now, until=until) for name in COUNTED]
    counts = {section.name: section.n for section in sections}
    mine = _case_section("mine", _mine(user))
    kept = kept_watches(user, now=now)
    waiting = _waiting(user, counts, kept)
    return StartOfShift(
        until=until,
        is_on_duty=running is not None,
        sections=[mine, *sections],
        counts=counts,
        waiting=waiting,
        last=_last(user, counts, kept, now=now),
        posts=duty_now(now=now),
        people=workload(now=now),
        not_seen=not_seen(now=now),
        mine=_lines(_mine(user), most=MANY),
        forecast=forecast(now=now),
        own_watches=[one for one in kept if one.watch.watcher_id == user.pk],
    )


def counts(*, now: datetime) -> dict[str, int]:
    """What a hand-over writes down: how much of each kind is open now."""
    until = now + DEFAULT_SHIFT
    return {name: _rows(name, now=now, until=until)[:MANY].count() for name in COUNTED}


def own_cases(user: User) -> list[int]:
    """The numbers of the open cases that are somebody's, to hand on with their shift."""
    return list(_mine(user).order_by("pk").values_list("pk", flat=True)[:MANY])


def posts_of(user: User, *, now: datetime) -> list[DutyPost]:
    """Posts in use, those where this person has a shift now or had one today first."""
    near = Shift.objects.filter(person=user, starts_at__lte=now, ends_at__gt=now - DEFAULT_SHIFT)
    own = set(near.values_list("post", flat=True))
    found = DutyPost.objects.filter(is_active=True).order_by("name")
    return sorted(found, key=lambda post: post.pk not in own)


def _mine(user: User) -> QuerySet[Case]:
    return Case.objects.filter(assignee=user, state__in=TO_DO).order_by("-is_urgent", "due_at", "pk")


def _rows(name: str, *, now: datetime, until: datetime) -> QuerySet[Model]:
    return _ROWS[name](now, until)


def _section(name: str, *, now: datetime, until: datetime) -> Section:
    rows = _rows(name, now=now, until=until)
    if rows.model is Case:
        return _case_section(name, cast("QuerySet[Case]", rows))
    found, n = list(rows[:SHOWN]), rows.order_by()[:MANY].count()
    return Section(name, n, [_LINES[name](row) for row in found])


def _case_section(name: str, rows: QuerySet[Case]) -> Section:
    return Section(name, rows.order_by()[:MANY].count(), _lines(rows, most=SHOWN, snoozed=name == "snoozed"))


def _lines(rows: QuerySet[Case], *, most: int, snoozed: bool = False) -> list[Line]:
    found = rows.select_related("post", "assignee")[:most]
    return [
        Line(
            case.pk,
            case.post.text,
            case.snoozed_until if snoozed else case.due_at,
            str(case.assignee or ""),
        )
        for case in found
    ]


def _awake(now: datetime) -> Q:
    return Q(snoozed_until=None) | Q(snoozed_until__lte=now)


def _new(now: datetime, until: datetime) -> QuerySet[Case]:
    return Case.objects.filter(_awake(now), state=State.NEW).order_by("-is_urgent", "due_at", "pk")


def _urgent(now: datetime, until: datetime) -> QuerySet[Case]:
    return Case.objects.filter(is_urgent=True, state__in=UNANSWERED).order_by("due_at", "pk")


def _overdue(now: datetime, until: datetime) -> QuerySet[Case]:
    late = Case.objects.filter(due_at__lte=now, state__in=UNANSWERED, responded_at=None)
    return late.order_by("due_at", "pk")


def _watched(now: datetime, until: datetime) -> QuerySet[Watch]:
    watches = Watch.objects.filter(ended_at=None).select_related(
        "case__post", "situation", "query", "watcher", "post"
    )
    return watches.order_by("-level", "next_check_at", "pk")


def _worse(now: datetime, until: datetime) -> QuerySet[Watch]:
    return _watched(now, until).filter(level__gte=Level.WORSENING)


def _promised(now: datetime, until: datetime) -> QuerySet[Task]:
    tasks = Task.objects.filter(done_at=None, due_at__lte=until).select_related("assignee")
    return tasks.order_by("due_at", "pk")


def _approvals(now: datetime, until: datetime) -> QuerySet[Response]:
    waiting = Response.objects.filter(status=Response.Status.SUBMITTED).select_related("author")
    return waiting.order_by("approval_due_at", "submitted_at", "pk")


def _reviews(now: datetime, until: datetime) -> QuerySet[Response]:
    alone = Response.objects.filter(review_due_at__isnull=False, reviewed_at=None).select_related("author")
    return alone.order_by("review_due_at", "pk")


def _alarms(now: datetime, until: datetime) -> QuerySet[Escalation]:
    alarms = Escalation.objects.filter(resolved_at=None).select_related(
        "acknowledged_by", "watch", "situation", "query"
    )
    return alarms.order_by("-level", "raised_at", "pk")


def _snoozed(now: datetime, until: datetime) -> QuerySet[Case]:
    back = Case.objects.filter(snoozed_until__gt=now, snoozed_until__lte=until, state__in=OPEN)
    return back.order_by("snoozed_until", "pk")


_ROWS: Mapping[str, Callable[[datetime, datetime], QuerySet]] = {  # type: ignore[type-arg]  # of any model
    "new": _new,
    "urgent": _urgent,
    "overdue": _overdue,
    "watched": _watched,
    "worse": _worse,
    "promised": _promised,
    "approvals": _approvals,
    "reviews": _reviews,
    "alarms": _alarms,
    "snoozed": _snoozed,
}


def _watch_line(watch: Watch) -> Line:
    who = str(watch.watcher or watch.post or "")
    return Line(watch.case_id, text_of(watch), watch.next_check_at, who, watch.level, named(watch))


def _task_line(task: Task) -> Line:
    return Line(task.case_id, task.what, task.due_at, str(task.assignee or ""))


def _approval_line(response: Response) -> Line:
    return Line(response.case_id, response.text, response.approval_due_at, str(response.author))


def _review_line(response: Response) -> Line:
    return Line(response.case_id, response.text, response.review_due_at, str(response.author))


def _alarm_line(alarm: Escalation) -> Line:
    who = str(alarm.acknowledged_by or "")
    return Line(alarm.case_id, wording.alarm(alarm), alarm.raised_at, who, alarm.level, named(alarm))


_LINES: Mapping[str, Callable[..., Line]] = {
    "watched": _watch_line,
    "worse": _watch_line,
    "promised": _task_line,
    "approvals": _approval_line,
    "reviews": _review_line,
    "alarms": _alarm_line,
}


def _waiting(user: User, counts_now: Mapping[str, int], kept: Sequence[KeptWatch]) -> list[Left]:
    """What nobody has accepted yet, what is for this person first."""
    found = HandOver.objects.filter(accepted_at=None).select_related("by", "to", "post").order_by("-at")
    lefts = [_left(left, user, counts_now, kept) for left in found[:20]]
    return sorted(lefts, key=lambda left: (left.hand_over.to_id != user.pk, left.is_mine))


def _last(
    user: User, counts_now: Mapping[str, int], kept: Sequence[KeptWatch], *, now: datetime
) -> Left | None:
    done = HandOver.objects.filter(accepted_at__gt=now - LOOKED_BACK)
    found = done.select_related("by", "to", "post", "accepted_by").order_by("-accepted_at").first()
    return _left(found, user, counts_now, kept) if found else None


def _left(left: HandOver, user: User, counts_now: Mapping[str, int], kept: Sequence[KeptWatch]) -> Left:
    then = left.facts.get("counts", {})
    beside = [(name, int(then[name]), counts_now[name]) for name in COUNTED if name in then]
    may_accept = duty.may_accept(left, user)
    of_post = [one for one in kept if left.post_id is not None and one.watch.post_id == left.post_id]
    n_cases = len(left.facts.get("cases", []))
    return Left(left, beside, n_cases, may_accept, left.by_id == user.pk, of_post)
