"""The demo's team: two duty posts with shifts around now, a rule that divides, a hand-over that waits."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils import timezone

from cases import duty
from cases.models import AssignmentRule, DutyPost, HandOver, User
from cases.reads import shift as shift_read
from cases.rules.ladders import Function
from cases.rules.patterns import OnHolidays, Slot, Weeks
from cases.rules.shifts import Pattern
from cases.services import patterns, rota, routing, shifts
from cases.services.patterns import PatternPlan
from cases.services.rota import PostPlan
from cases.services.routing import RulePlan
from cases.services.shifts import Leaving

WEBCARE, LEAD, SPOKES = "Webcare", "Dienstleiding", "Woordvoering"
WORKDAYS = frozenset(range(5))
NOTE = (
    "Rustige dag. Een bewoner van de Kadestraat wacht nog op antwoord over de sirene; "
    "de wijkagent zoekt het uit. "
    "De krant belde over de loods: verwijs naar de voorlichter van dienst."
)


def seed_posts(people: Mapping[str, User], *, now: datetime) -> DutyPost:
    """Plan who is there; once: a demo that is started again fills in who is there now, if nobody is.

    The answer is the post that keeps the watches.
    """
    lead = people["bram"]
    webcare = _post(PostPlan(WEBCARE, function=Function.OFFICER.value), lead, now=now)
    at_helm = _post(PostPlan(LEAD, is_approver=True, function=Function.HEAD.value), lead, now=now)
    spokes = _post(PostPlan(SPOKES, function=Function.COMMUNICATIONS.value), lead, now=now)
    if not duty.on_duty(now=now):
        _plan(webcare, at_helm, people, now=now)
        _call(spokes, people["ilse"], by=lead, now=now)
        _repeat(webcare, people, now=now)
    return webcare


def seed_team(people: Mapping[str, User], webcare: DutyPost, *, now: datetime) -> None:
    """A rule that divides, a hand-over that waits, a shift that somebody would like to swap."""
    lead = people["bram"]
    if not AssignmentRule.objects.exists():
        rule = RulePlan("Geruchten naar webcare", categories=["untruth"], to_post=webcare, by_load=True)
        routing.add_rule(rule, by=lead, now=now)
    if not HandOver.objects.exists():
        left = Leaving(NOTE, shift_read.counts(now=now), post=webcare)
        shifts.hand_over(left, by=people["ilse"], now=now)


def _post(plan: PostPlan, by: User, *, now: datetime) -> DutyPost:
    return DutyPost.objects.filter(name=plan.name).first() or rota.add_post(plan, by=by, now=now)


def _plan(webcare: DutyPost, at_helm: DutyPost, people: Mapping[str, User], *, now: datetime) -> None:
    """Eight hours from this hour on, and the next eight."""
    local = timezone.localtime(now)
    hour, later = local.replace(minute=0), local.replace(minute=0) + timedelta(hours=8)
    last = later + timedelta(hours=8)
    lead = people["bram"]
    for post, who, pattern in (
        (webcare, "sanne", Pattern(hour.date(), _at(hour), _at(later))),
        (webcare, "ilse", Pattern(later.date(), _at(later), _at(last))),
        (at_helm, "bram", Pattern(hour.date(), _at(hour), _at(last))),
    ):
        rota.plan_shifts(post.pk, people[who], pattern, by=lead, now=now)


def _call(post: DutyPost, person: User, *, by: User, now: datetime) -> None:
    """On call around the clock, for a week: asleep at night, woken by what is serious."""
    today = timezone.localtime(now).date()
    nights = Pattern(today, time(0), time(0), frozenset(range(7)), 1)
    rota.plan_shifts(post.pk, person, nights, by=by, now=now, is_on_call=True)


def _repeat(webcare: DutyPost, people: Mapping[str, User], *, now: datetime) -> None:
    """From the day after tomorrow on: early and late, and in the other week the other way round."""
    early, late = people["sanne"].pk, people["ilse"].pk
    slots = tuple(
        Slot(0, week, weekday, begin, end, person)
        for week, (first, second) in enumerate(((early, late), (late, early)))
        for weekday in sorted(WORKDAYS)
        for begin, end, person in ((time(8), time(16), first), (time(16), time(22), second))
    )
    begins = timezone.localtime(now).date() + timedelta(days=2)
    weeks = Weeks(begins, slots, n_weeks=2, on_holidays=OnHolidays.NOBODY)
    patterns.add_pattern(webcare.pk, PatternPlan(weeks), by=people["bram"], now=now)


def _at(moment: datetime) -> time:
    return time(moment.hour, 0)
