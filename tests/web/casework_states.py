"""Casework in every state that its pages look different in: mandates, approval, promises, clocks, copies."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.models import Case, Mandate, Response
from cases.rules.permissions import Role
from cases.rules.shifts import Pattern
from cases.services import (
    approvals,
    calendars,
    copies,
    decisions,
    mandates,
    outbox,
    promises,
    rota,
    templates,
    views,
)
from cases.services.calendars import CalendarPlan, TargetPlan
from cases.services.decisions import Chosen
from cases.services.mandates import Terms
from cases.services.responses import Draft
from cases.services.rota import PostPlan
from cases.services.templates import TemplatePlan
from tests.cases.steps import drafting, fresh, judge, queued
from tests.world import Desk, mention, person

WEEK = ("9-12:30, 13-17",) * 5 + ("", "")


def every_casework(desk: Desk, now: datetime) -> list[str]:
    """The pages of a desk that plans, mandates, promises, approves and keeps up with its conversations."""
    _policy(desk, now=now)
    cases = desk.hear(*(mention(f"w{n}", f"De brandweer, zaak {n}", at=now) for n in range(9)))
    talk = desk.hear(*(mention(f"t{n}", f"Loswal, reactie {n}", at=now, thread="loswal") for n in range(5)))
    lead = desk.lead
    drafting(cases[0], by=lead, now=now, kind="untruth", option="reply_public")
    _promised(cases[1], desk, now=now)
    for case, writer in ((cases[2], desk.employee), (cases[3], lead)):
        approvals.submit(drafting(case, by=writer, now=now), Draft("Dank u."), by=writer, now=now)
    alone = drafting(cases[4], by=desk.officer, now=now)
    approvals.submit(alone, Draft("Dank u wel."), by=desk.officer, now=now)
    _let_go_alone(alone, desk, now=now)
    _answered(cases[5], desk, now=now)
    _only_watched(cases[6], desk, now=now)
    copies.merge(cases[7], cases[8], by=desk.officer, now=now)
    drafting(talk[0], by=lead, now=now)
    shown = [f"/cases/{case.pk}/" for case in (*cases, *talk[:2])]
    return [
        *shown,
        "/approvals/",
        "/mandates/",
        "/clocks/",
        "/promises/",
        "/templates/",
        f"/inbox/?case={talk[1].pk}",
        f"/cases/many/?like={talk[1].pk}",
        f"/cases/{cases[5].pk}/file/",
    ]


def _policy(desk: Desk, *, now: datetime) -> None:
    lead = desk.lead
    terms = Terms(["positive"], now, now + timedelta(days=20), may_delegate=True)
    held = mandates.grant(desk.employee, terms, by=lead, now=now)
    mandates.end(held.pk, by=lead, now=now, reason="Andere functie")
    narrow = Terms(
        ["untruth"], now, now + timedelta(days=9), options=["reply_public"], highest_priority="normal"
    )
    mandates.grant(desk.colleague, narrow, by=lead, now=now)
    Mandate.objects.filter(holder=lead).update(may_delegate=True)
    calendar = calendars.begin(country="NL", by=lead, now=now)
    other = calendars.add_calendar(CalendarPlan("Kantoor", WEEK), by=lead, now=now)
    calendars.set_day(other.pk, now.date() + timedelta(days=3), name="Open dag", hours="", by=lead, now=now)
    target = TargetPlan("response", "dissatisfied", "urgent", 45, calendar.pk)
    calendars.set_target(target, seen="", by=lead, now=now)
    for name, category in (("Dank", "positive"), ("Feiten", "untruth")):
        text = "Dag {author}, dank voor uw bericht. {officer}"
        templates.write(TemplatePlan(name, text, category), by=lead, now=now)
    views.save("Loswal", {"q": "loswal"}, by=lead, now=now, is_shared=True)
    views.save("Nieuw", {"state": ["new"]}, by=desk.officer, now=now)
    person("wacht", Role.WATCHER)


def _let_go_alone(response: Response, desk: Desk, *, now: datetime) -> None:
    post = rota.add_post(PostPlan("piket", is_approver=True), by=desk.lead, now=now)
    local = timezone.localtime(now)
    tonight = Pattern(local.date(), time(local.hour), time((local.hour + 1) % 24))
    rota.plan_shifts(post.pk, desk.officer, tonight, by=desk.lead, now=now)
    approvals.release_alone(response, reason="De krant drukt zo.", by=desk.officer, now=now)


def _promised(case: Case, desk: Desk, *, now: datetime) -> None:
    drafting(case, by=desk.lead, now=now, kind="complaint", option="reply_public")
    for what, hours in (("Pomp nakijken", 2), ("Terugbellen", 30)):
        due_at = now + timedelta(hours=hours)
        promises.promise(fresh(case), what, due_at=due_at, by=desk.lead, now=now)


def _answered(case: Case, desk: Desk, *, now: datetime) -> None:
    queued(case, by=desk.officer, now=now)
    later = now + timedelta(seconds=11)
    for response_id in outbox.due_responses(now=later):
        outbox.deliver(response_id, now=later)
    promises.promise(fresh(case), "Bellen", due_at=now + timedelta(hours=3), by=desk.officer, now=later)


def _only_watched(case: Case, desk: Desk, *, now: datetime) -> None:
    judge(case, "insult", by=desk.officer, now=now)
    decisions.choose(fresh(case), Chosen("watch"), by=desk.officer, now=now)
