"""Duty, shifts and the division of work in every state that their pages look different in."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.models import Case
from cases.rules.shifts import Pattern
from cases.services import assignment, rota, routing, shifts
from cases.services.rota import PostPlan, ShiftSeen
from cases.services.routing import RulePlan
from cases.services.shifts import Leaving
from tests.world import Desk

WORKDAYS = frozenset(range(5))


def every_duty(desk: Desk, now: datetime) -> list[str]:
    """The pages of a team that has planned, changed, handed over, asked, accepted and divided."""
    lead = desk.lead
    webcare, old = (rota.add_post(PostPlan(name), by=lead, now=now) for name in ("balie", "oud"))
    rota.change_post(webcare.pk, PostPlan("webcare", is_approver=True), by=lead, now=now)
    rota.change_post(webcare.pk, PostPlan("webcare"), by=lead, now=now)
    rota.change_post(old.pk, PostPlan("oud", is_active=False), by=lead, now=now)
    local = timezone.localtime(now)
    begin, end = time(local.hour), time((local.hour + 8) % 24)
    later = local.date() + timedelta(days=2)
    today = Pattern(local.date(), begin, end)
    rota.plan_shifts(webcare.pk, desk.officer, today, by=lead, now=now)
    planned = rota.plan_shifts(
        webcare.pk, desk.colleague, Pattern(later, time(8), time(17), WORKDAYS, 2), by=lead, now=now
    )
    first, second, third = (ShiftSeen(s.person_id, s.starts_at, s.ends_at) for s in planned[:3])
    times = first.starts_at, first.ends_at
    rota.change_shift(planned[0].pk, desk.lead, times, seen=first, by=lead, now=now)
    longer = second.starts_at, second.ends_at + timedelta(hours=1)
    rota.change_shift(planned[1].pk, desk.colleague, longer, seen=second, by=lead, now=now)
    rota.remove_shift(planned[2].pk, seen=third, by=lead, now=now)
    rules = [
        routing.add_rule(plan, by=lead, now=now)
        for plan in (
            RulePlan("alles", to_post=webcare, by_load=True),
            RulePlan("brand", words="brand", languages=["nl"], platforms=["x"], to_person=desk.officer),
            RulePlan("weg", categories=["insult"], to_person=desk.officer, is_active=False),
        )
    ]
    routing.raise_rule(rules[1].pk, by=lead, now=now)
    seen = type(rules[1]).objects.get(pk=rules[1].pk).edition
    changed = RulePlan("brand", words="brand OF rook", categories=["untruth"], to_person=desk.officer)
    routing.change_rule(rules[1].pk, changed, by=lead, now=now, seen=seen)
    routing.remove_rule(rules[2].pk, by=lead, now=now)
    _hand_over(desk, webcare.pk, now=now)
    return ["/shift/", "/duty/", "/division/", "/division/new/", f"/division/{rules[1].pk}/"]


def _hand_over(desk: Desk, post_id: int, *, now: datetime) -> None:
    """One that was accepted with a case, and one that waits for an answer."""
    (case, *_) = Case.objects.filter(state="new")[:1]
    assignment.assign(case, desk.officer, by=desk.lead, now=now)
    counts = {"new": 3, "overdue": 1}
    done = Leaving("Let op de Loswal", counts, to=desk.colleague, case_ids=[case.pk])
    accepted = shifts.hand_over(done, by=desk.officer, now=now)
    shifts.accept(accepted.pk, by=desk.colleague, now=now)
    waiting = shifts.hand_over(Leaving("Rustig", counts), by=desk.officer, now=now)
    shifts.ask(waiting.pk, "Wie belt?", by=desk.colleague, now=now)
    shifts.add(waiting.pk, "Bram belt.", by=desk.officer, now=now)
    shifts.remind(now=now + timedelta(hours=1))
