"""A desk with work on it: cases in every state that a page looks different in."""

from dataclasses import replace
from datetime import datetime, timedelta

from cases.models import Case, Response
from cases.rules.permissions import Role
from cases.services import (
    approvals,
    assignment,
    decisions,
    escalation,
    listening,
    outbox,
    responses,
    triage,
    undo,
    warnings,
    watching,
)
from cases.services.decisions import Chosen
from cases.services.listening import QueryPlan, Verdict
from cases.services.responses import Draft
from monitoring.models import Query
from tests.cases.steps import THANKS, choose, drafting, judge, queued, watched
from tests.world import Desk, mention, person


def every_state(desk: Desk, now: datetime) -> list[Case]:
    """One case in every state that a page looks different in."""
    cases = desk.hear(*(mention(n, f"De brandweer bij de Loswal, bericht {n}", at=now) for n in range(12)))
    officer = desk.officer
    judge(cases[1], "insult", by=officer, now=now)
    judge(cases[2], "good joke", by=officer, now=now)
    drafting(cases[3], by=officer, now=now, kind="untruth", option="reply_public")
    proposal = drafting(cases[4], by=desk.employee, now=now)
    approvals.submit(proposal, Draft("Dank u wel."), by=desk.employee, now=now)
    queued(cases[5], by=officer, now=now)
    judge(cases[6], "complaint", by=officer, now=now)
    responses.record_elsewhere(cases[6], medium="phone", note="Gebeld.", by=officer, now=now)
    decisions.choose(judge(cases[7], "insult", by=officer, now=now), Chosen("watch"), by=officer, now=now)
    watching.say_worse(watched(desk, cases[8], now=now), by=officer, now=now, note="De krant belt")
    decisions.report_danger(cases[9], by=officer, now=now)
    decisions.take_exit(cases[10], "neutral", by=officer, now=now)
    judge(cases[11], "thanks", by=officer, now=now)
    escalation.take_due_steps(now=now)
    return cases


def every_event(desk: Desk, now: datetime) -> list[Case]:
    """Cases to whose timelines nearly everything has happened that can."""
    cases = desk.hear(*(mention(f"e{n}", f"Brandweer, voorval {n}", at=now) for n in range(6)))
    officer, lead = desk.officer, desk.lead
    _sent_at_the_second_try(cases[0], desk, now=now)
    _proposed_and_approved(cases[1], desk, now=now)
    watch = watched(desk, cases[2], now=now)
    watching.log_check(watch, by=officer, now=now, note="Rustig")
    watching.pause(watch, until=now + timedelta(hours=1), by=officer, now=now)
    watching.end(watch, by=officer, now=now, reason="Stil geworden")
    decisions.take_exit(cases[2], "later", by=officer, now=now)
    decisions.report_danger(cases[3], by=officer, now=now)
    decisions.hand_over_danger(cases[3], to="meldkamer", by=officer, now=now)
    escalation.take_due_steps(now=now)
    escalation.acknowledge(cases[3].escalations.get(), by=lead, now=now)
    decisions.decide(cases[3], "judge again", reason="Vals alarm", by=lead, now=now)
    assignment.assign(cases[3], lead, by=lead, now=now)
    assignment.take(cases[3], by=lead, now=now)
    assignment.take(cases[3], by=officer, now=now, over=True)
    assignment.release(cases[3], by=officer, now=now)
    judge(cases[4], "rude complaint", by=officer, now=now)
    choose(cases[4], "to_comms", by=officer, now=now)
    undo.undo(officer, now=now)
    triage.judge_again(cases[4], by=officer, now=now)
    decisions.take_exit(cases[4], "not_relevant", by=officer, now=now)
    triage.judge_again(cases[4], by=officer, now=now)
    triage.answer(cases[4], "Q1", "negative", by=officer, now=now)
    triage.step_back(cases[4], by=officer, now=now)
    judge(cases[5], "thanks", by=officer, now=now)
    triage.toggle(cases[5], "P+", on=True, by=officer, now=now)
    choose(cases[5], "deviate_watch", by=officer, now=now, reason="Eerst even kijken")
    decisions.close(cases[5], by=officer, now=now)
    return cases


def _sent_at_the_second_try(case: Case, desk: Desk, *, now: datetime) -> None:
    response = queued(case, by=desk.officer, now=now)
    responses.take_back(response, by=desk.officer, now=now)
    response.refresh_from_db()
    responses.queue(response, THANKS, by=desk.officer, now=now)
    later = now + timedelta(seconds=11)
    for response_id in outbox.due_responses(now=later):
        outbox.deliver(response_id, now=later)
    decisions.close(case, by=desk.officer, now=later)


def _proposed_and_approved(case: Case, desk: Desk, *, now: datetime) -> None:
    response = drafting(case, by=desk.employee, now=now)
    approvals.submit(response, Draft("Dank!"), by=desk.employee, now=now)
    approvals.give_back(response, comment="Rustiger graag", by=desk.officer, now=now)
    again = Response.objects.get(pk=response.pk)
    approvals.submit(again, Draft("Dank u."), by=desk.employee, now=now)
    approvals.approve(again, by=desk.officer, now=now, text="Dank u wel.")


def every_query(desk: Desk, now: datetime) -> list[str]:
    """The pages of a query in every state there is, with all that can have happened to one."""
    privacy = person("petra", Role.PRIVACY)
    plan = QueryPlan(
        name="",
        terms='from:jan_83 OR "jan de bakker" NEAR/5 dreig*',
        purpose="weten of hij iemand bedreigt",
        legal_basis="public task",
        starts_at=now,
        ends_at=now + timedelta(days=20),
        source_ids=[desk.source.pk],
        is_on_person=True,
    )
    found = {}
    for name in ("wacht", "akkoord", "geweigerd", "gewijzigd", "voorbij"):
        wanted = replace(plan, name=name)
        found[name] = listening.start_query(wanted, owner=desk.officer, by=desk.officer, now=now)
    for name, is_approved in (("akkoord", True), ("geweigerd", False), ("gewijzigd", True)):
        verdict = Verdict(is_approved, "Zo is het goed afgewogen.", found[name].edition)
        listening.decide_query(found[name].pk, verdict, by=privacy, now=now)
    changed = Query.objects.get(name="gewijzigd")
    wanted = replace(plan, name="gewijzigd", terms="from:jan_83", purpose="weten of het erger wordt")
    listening.change_query(changed.pk, wanted, owner=desk.lead, by=desk.lead, now=now, seen=changed.edition)
    listening.end_query(found["voorbij"].pk, by=desk.lead, now=now + timedelta(seconds=1))
    warnings.warn(now=now + timedelta(days=7))
    pages = [f"/queries/{query.pk}/" for query in (*found.values(), desk.query)]
    return ["/queries/", *pages, "/notifications/"]
