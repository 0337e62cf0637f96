"""The demo's team: two duty posts with shifts around now, a rule that divides, a hand-over that waits."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.utils import timezone

from cases import duty
from cases.models import AssignmentRule, DutyPost, HandOver, User
from cases.reads import shift as shift_read
from cases.rules.shifts import Pattern
from cases.services import rota, routing, shifts
from cases.services.rota import PostPlan
from cases.services.routing import RulePlan
from cases.services.shifts import Leaving

WEBCARE, LEAD = "Webcare", "Dienstleiding"
WORKDAYS = frozenset(range(5))
NOTE = (
    "Rustige dag. Een bewoner van de Kadestraat wacht nog op antwoord over de sirene; "
    "de wijkagent zoekt het uit. "
    "De krant belde over de loods: verwijs naar de voorlichter van dienst."
)


def seed_team(people: Mapping[str, User], *, now: datetime) -> None:
    """Plan who is there; once: a demo that is started again fills in who is there now, if nobody is."""
    lead = people["bram"]
    webcare = _post(PostPlan(WEBCARE), lead, now=now)
    at_helm = _post(PostPlan(LEAD, is_approver=True), lead, now=now)
    if not duty.on_duty(now=now):
        _plan(webcare, at_helm, people, now=now)
    if not AssignmentRule.objects.exists():
        rule = RulePlan("Geruchten naar webcare", categories=["untruth"], to_post=webcare, by_load=True)
        routing.add_rule(rule, by=lead, now=now)
    if not HandOver.objects.exists():
        left = Leaving(NOTE, shift_read.counts(now=now), post=webcare)
        shifts.hand_over(left, by=people["ilse"], now=now)


def _post(plan: PostPlan, by: User, *, now: datetime) -> DutyPost:
    return DutyPost.objects.filter(name=plan.name).first() or rota.add_post(plan, by=by, now=now)


def _plan(webcare: DutyPost, at_helm: DutyPost, people: Mapping[str, User], *, now: datetime) -> None:
    """Eight hours from this hour on, the next eight, and the working days after tomorrow."""
    local = timezone.localtime(now)
    hour, later = local.replace(minute=0), local.replace(minute=0) + timedelta(hours=8)
    last, beyond = later + timedelta(hours=8), local.date() + timedelta(days=2)
    lead = people["bram"]
    for post, who, pattern in (
        (webcare, "sanne", Pattern(hour.date(), _at(hour), _at(later))),
        (webcare, "ilse", Pattern(later.date(), _at(later), _at(last))),
        (at_helm, "bram", Pattern(hour.date(), _at(hour), _at(last))),
        (webcare, "sanne", Pattern(beyond, time(8), time(16), WORKDAYS, 2)),
        (webcare, "ilse", Pattern(beyond, time(16), time(22), WORKDAYS, 2)),
    ):
        rota.plan_shifts(post.pk, people[who], pattern, by=lead, now=now)


def _at(moment: datetime) -> time:
    return time(moment.hour, 0)
