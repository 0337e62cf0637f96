"""Duty, shifts and the division of work in every state that their pages look different in."""

from dataclasses import replace
from datetime import datetime, time, timedelta

from django.utils import timezone

from cases.models import Case
from cases.rules.patterns import OnHolidays, Slot, Weeks
from cases.rules.shifts import Pattern
from cases.services import absences, assignment, patterns, rota, routing, shifts, shortfalls, swaps
from cases.services.patterns import PatternPlan
from cases.services.rota import PostPlan, ShiftSeen, seen_as
from cases.services.routing import RulePlan
from cases.services.shifts import Leaving
from cases.services.swaps import SwapPlan
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
    pages = ["/shift/", "/duty/", "/division/", "/division/new/", f"/division/{rules[1].pk}/"]
    return pages + _patterns_and_swaps(desk, now=now)


def _patterns_and_swaps(desk: Desk, *, now: datetime) -> list[str]:
    """A post in day and night turns, somebody away, and swaps in every state."""
    lead, officer, colleague = desk.lead, desk.officer, desk.colleague
    piket = rota.add_post(PostPlan("nachtpiket", function="officer"), by=lead, now=now)
    today = timezone.localdate(now)
    days = [Slot(0, 0, day, time(8), time(18), officer.pk) for day in range(7)]
    nights = [Slot(0, 1, day, time(18), time(8), colleague.pk, is_on_call=True) for day in range(7)]
    feast = Slot(0, 0, None, time(10), time(16), lead.pk)
    weeks = Weeks(today, (*days, *nights, feast), 2, on_holidays=OnHolidays.OTHER_TURNS)
    made, _done = patterns.add_pattern(piket.pk, PatternPlan(weeks), by=lead, now=now)
    changed = replace(weeks, on_holidays=OnHolidays.NOBODY, slots=(*days, *nights))
    patterns.change_pattern(made.pk, PatternPlan(changed), seen=1, by=lead, now=now)
    patterns.end_pattern(made.pk, today + timedelta(days=300), seen=2, by=lead, now=now)
    later = now + timedelta(days=21)
    mine = list(piket.shifts.filter(person=officer, starts_at__gt=later).order_by("starts_at")[:5])
    theirs = piket.shifts.filter(person=colleague, starts_at__gt=now).latest("starts_at")
    away = absences.add_absence(officer, (mine[4].starts_at, mine[4].ends_at), "sick", by=lead, now=now)
    absences.add_absence(colleague, (theirs.starts_at, theirs.ends_at), "leave", by=lead, now=now)
    absences.remove_absence(away.pk, by=lead, now=now)
    plans = [SwapPlan(shift.pk, seen_as(shift), to=lead, note="Kun jij?") for shift in mine[:3]]
    first, second, third = (swaps.ask(plan, by=officer, now=now) for plan in plans)
    swaps.take(first.pk, by=lead, now=now)
    swaps.refuse(second.pk, by=lead, now=now)
    swaps.withdraw(third.pk, by=officer, now=now)
    swaps.ask(SwapPlan(mine[3].pk, seen_as(mine[3])), by=officer, now=now)
    swaps.ask(
        replace(plans[2], to=colleague, against_id=theirs.pk, seen=seen_as(mine[2])), by=officer, now=now
    )
    shortfalls.tell(piket.pk, now=now)
    week = today + timedelta(days=7)
    return [
        "/duty/mine/",
        f"/duty/?week={week:%Y-%m-%d}",
        f"/duty/posts/{piket.pk}/pattern/",
        f"/duty/patterns/{made.pk}/",
    ]


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
