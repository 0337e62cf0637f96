"""The demo's casework: hours and targets, who may say what, a promise, a reply that waits, a kept view."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from cases import policy
from cases.models import Calendar, Case, Mandate, SavedView, Target, Task, User
from cases.reads.searching import Filter
from cases.rules.scheme import Action, Advice
from cases.rules.workflow import State
from cases.services import approvals, calendars, decisions, mandates, promises, views
from cases.services.calendars import FIRST_TARGETS, OFFICE, CalendarPlan, TargetPlan
from cases.services.mandates import Terms
from cases.services.responses import Draft

YEAR, FORTNIGHT = timedelta(days=365), timedelta(days=12)
REPLY = Draft(
    "Vervelend dat u zo lang moest wachten. We hebben het nagevraagd en bellen u morgen.",
    inquiry="Nagevraagd bij het loket: de balie was die dag dicht door ziekte.",
)


def seed_rules(people: Mapping[str, User], *, now: datetime) -> None:
    """Mandates, office hours and targets; once, and before anything is due by them."""
    lead, head = people["bram"], people["beheer"]
    if not Mandate.objects.exists():
        held = {
            name: mandates.grant(
                people[name], Terms(["*"], now - FORTNIGHT, now + YEAR, may_delegate=True), by=by, now=now
            )
            for name, by in (("bram", head), ("sanne", lead), ("ilse", lead))
        }
        thanks = Terms(["positive"], now, now + FORTNIGHT, highest_priority="normal")
        mandates.delegate(held["sanne"].pk, people["anouk"], thanks, by=people["sanne"], now=now)
    if not Calendar.objects.exists() and not Target.objects.exists():
        plan = CalendarPlan("Kantooruren", OFFICE, "NL", is_default=True)
        office = calendars.add_calendar(plan, by=lead, now=now)
        for kind, category, priority, minutes, in_office in FIRST_TARGETS:
            target = TargetPlan(kind, category, priority, minutes, office.pk if in_office else None)
            calendars.set_target(target, seen="", by=lead, now=now)


def seed_work(people: Mapping[str, User], *, now: datetime) -> None:
    """What the desk has in hand: a reply that waits for approval, a promise, a view that all may use."""
    if not SavedView.objects.exists():
        views.save("Te laat", Filter(is_overdue=True).kept(), by=people["bram"], now=now, is_shared=True)
    if Task.objects.exists():
        return
    judged = Case.objects.filter(state=State.ASSESSED, category="dissatisfied").order_by("pk")
    for case in judged.select_related("post", "scheme")[:1]:
        step = policy.judgement(case).step
        options = step.options if isinstance(step, Advice) else ()
        option = next((o for o in options if o.action is Action.REPLY_PUBLIC), None)
        if option is None:
            continue
        writer = people["anouk"]
        drafting = decisions.choose(case, decisions.Chosen(option.id), by=writer, now=now)
        due_at = now + timedelta(hours=2)
        promises.promise(drafting, "De bewoner bellen", due_at=due_at, by=writer, now=now)
        response = drafting.responses.latest("pk")
        approvals.submit(response, REPLY, by=writer, now=now, approver=people["sanne"])
