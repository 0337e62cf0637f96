"""What somebody decides about a judged case: the steps that must happen together."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from cases import policy
from cases.models import Case, CommsDecision, Response, User
from cases.rules.levels import Level
from cases.rules.scheme import (
    REPLIES,
    Action,
    Advice,
    Exit,
    Extension,
    Option,
    extension_advice,
    open_extensions,
    public_reply,
)
from cases.rules.workflow import MOVES, State
from cases.services import actions, audit, clocks, counting, escalation, responses, triage, watching
from cases.services.choosing import Chosen as Chosen
from cases.services.choosing import NotOffered as NotOffered
from cases.services.choosing import option_of, record_choice, record_exit, require_reasons
from cases.services.escalation import Alarm, raise_escalation
from cases.services.transitions import CaseChanged, MoveRefused, lock, move
from cases.services.triage import ReasonMissing
from cases.services.watching import Plan

DAYS_WATCHED = 7
SNOOZED = timedelta(hours=1)
CLOSED_BY_HAND = frozenset({State.RESPONDED, State.WATCHING})


def choose(case: Case, chosen: Chosen, *, by: User, now: datetime) -> Case:
    """Follow the advice, or deviate from it with a reason: one transaction for all that follows.

    Let stand or used in own communication closes the case; a reply opens a draft; watching
    starts a watch with its watcher, rule, next check and end; communications gets an
    escalation. Raises NotOffered, ReasonMissing, MoveRefused or CaseChanged.
    """
    with audit.step():
        held = lock(case, seen=chosen.seen)
        step = policy.judgement(held).step
        if not isinstance(step, Advice) or held.state != State.ASSESSED:
            raise CaseChanged(case.pk, State.ASSESSED, held.state)
        before = actions.snapshot(held)
        option, follows = option_of(held, step, chosen.option)
        require_reasons(option, chosen, follows=follows)
        assessment = held.assessments.latest("n")
        record_choice(assessment, option, chosen, follows=follows, by=by, now=now)
        _carry_out(held, option, step, chosen, by=by, now=now)
        actions.remember(by, held, "chose", before, now=now)
    return held


def take_exit(
    case: Case,
    extension_id: str,
    *,
    by: User,
    now: datetime,
    reason: str = "",
    seen: State | None = None,
    until: datetime | None = None,
) -> Case:
    """Leave the scheme by one of its exits: not relevant, neutral, a question, a rumour, later, escalate.

    Danger to life works in every open state; the others only before the case was judged. `until`: when
    a post that is put aside for later comes back; an hour from now unless it is said.
    """
    found = {e.id: e for e in open_extensions(policy.scheme_of(case))}.get(extension_id)
    if found is None:
        raise NotOffered(extension_id, [e.id for e in open_extensions(policy.scheme_of(case))])
    if found.action is Exit.DANGER:
        report_danger(case, by=by, now=now, note=reason)
    elif found.action is Exit.DISMISS:
        triage.dismiss(case, reason=reason or _("not about us"), by=by, now=now, seen=seen)
    elif found.action is Exit.LATER:
        triage.snooze(case, until=until or now + SNOOZED, by=by, now=now, seen=seen)
    else:
        _leave_scheme(case, found, by=by, now=now, reason=reason, seen=seen)
    return case


def report_danger(case: Case, *, by: User, now: datetime, note: str = "") -> None:
    """Danger to life: an L3 alarm at once, and the case goes to communications from any open state."""
    with transaction.atomic():
        held = lock(case)
        before = actions.snapshot(held)
        held.is_urgent, held.category = True, held.category or "danger"
        Case.objects.filter(pk=case.pk).update(is_urgent=True, category=held.category)
        clocks.set_due(held)
        counting.rejudged([held.pk], now=now)
        counting.press(held, "danger", now=now)
        raise_escalation(held, Alarm(Level.SERIOUS, "danger", {"note": note}), by=by, now=now)
        if held.state in (State.NEW, State.ASSESSED, State.DRAFTING, State.APPROVAL, State.RESPONDED):
            move(held, State.COMMS, by=by, now=now, reason="danger to life")
        actions.remember(by, held, "danger", before, now=now)
    case.state, case.is_urgent = held.state, True


def hand_over_danger(case: Case, *, to: str, by: User, now: datetime) -> None:
    """Write down that the control room has it: who was told, by whom, when."""
    if not to.strip():
        raise ReasonMissing(_("whom you told"))
    with transaction.atomic():
        lock(case)
        audit.append(audit.subject_of(case.pk), "handed over", by=by, now=now, facts={"to": to})


def decide(
    case: Case,
    approach: str,
    *,
    reason: str,
    by: User,
    now: datetime,
    plan: Plan | None = None,
    seen: State | None = None,
) -> CommsDecision:
    """Communications decides about a case that came to them; the alarm is over by it.

    `approach`: "reply", "watch", "no reply", "handed over", "used in own communication" or
    "judge again". Always with a reason.
    """
    if not reason.strip():
        raise ReasonMissing(_("why communications decides this"))
    if approach not in APPROACHES:
        raise NotOffered(approach, list(APPROACHES))
    with transaction.atomic():
        held = lock(case, seen=seen)
        if held.state != State.COMMS:
            raise CaseChanged(case.pk, State.COMMS, held.state)
        to = APPROACHES[approach]
        decision = CommsDecision.objects.create(case=held, approach=approach, reason=reason, by=by, at=now)
        escalation.resolve(held, by=by, now=now, resolution=approach)
        if to is State.DRAFTING:
            _reopen_draft(held, by=by, now=now)
        elif to is State.WATCHING and not held.watches.filter(ended_at=None).exists():
            watching.start(held, plan or default_plan(by, now=now), by=by, now=now)
        elif to is State.CLOSED:
            Case.objects.filter(pk=held.pk).update(outcome=approach)
        move(held, to, by=by, now=now, reason=reason, seen=State.COMMS, facts={"approach": approach})
        if to is State.NEW:
            triage.forget_judgement(held, now=now)
    case.state = held.state
    return decision


APPROACHES = {
    "reply": State.DRAFTING,
    "watch": State.WATCHING,
    "no reply": State.CLOSED,
    "handed over": State.CLOSED,
    "used in own communication": State.CLOSED,
    "judge again": State.NEW,
}


def close(case: Case, *, by: User, now: datetime, reason: str = "", seen: State | None = None) -> None:
    """Close an answered or watched case; its watch and its alarm end with it.

    Raises MoveRefused in other states: those are closed by what was judged or decided.
    """
    with transaction.atomic():
        held = lock(case, seen=seen)
        state = State(held.state)
        if state not in CLOSED_BY_HAND:
            raise MoveRefused(case.pk, state, State.CLOSED, allowed=MOVES[state] - {State.CLOSED})
        for watch in held.watches.filter(ended_at=None):
            watching.end(watch, by=by, now=now, reason=reason or "case closed")
        held.refresh_from_db(fields=["state"])
        if held.state != State.CLOSED:
            move(held, State.CLOSED, by=by, now=now, reason=reason)
        escalation.resolve(held, by=by, now=now, resolution=reason or "case closed")
    case.state = held.state


def refer(case: Case, *, reason: str, by: User, now: datetime, seen: State | None = None) -> None:
    """Hand a case to communications: an L2 alarm, and whatever was drafted is kept."""
    with transaction.atomic():
        held = lock(case, seen=seen)
        before = actions.snapshot(held)
        raise_escalation(held, Alarm(Level.WORSENING, "referred", {"note": reason}), by=by, now=now)
        if held.state != State.COMMS:
            move(held, State.COMMS, by=by, now=now, reason=reason)
        actions.remember(by, held, "referred", before, now=now)
    case.state = held.state


def default_plan(watcher: User, *, now: datetime) -> Plan:
    return Plan(
        watcher=watcher,
        rule=_("More, angrier or more widely shared posts than now"),
        check_every=timedelta(hours=1),
        ends_at=now + timedelta(days=DAYS_WATCHED),
    )


def _carry_out(
    case: Case, option: Option, advice: Advice, chosen: Chosen, *, by: User, now: datetime
) -> None:
    if option.action in REPLIES:
        response = responses.start_draft(case, option, by=by, now=now)
        if chosen.what_we_do:
            Response.objects.filter(pk=response.pk).update(what_we_do=chosen.what_we_do)
        Case.objects.filter(pk=case.pk).update(assignee=by)
        move(case, State.DRAFTING, by=by, now=now)
    elif option.action is Action.WATCH:
        if not case.watches.filter(ended_at=None).exists():
            watching.start(case, chosen.plan or default_plan(by, now=now), by=by, now=now)
        Case.objects.filter(pk=case.pk).update(outcome="watched")
        move(case, State.WATCHING, by=by, now=now)
    elif option.action is Action.TO_COMMS:
        evidence = {"note": chosen.reason or ", ".join(advice.categories)}
        raise_escalation(case, Alarm(Level.WORSENING, "referred", evidence), by=by, now=now)
        move(case, State.COMMS, by=by, now=now, reason=chosen.reason)
    else:
        Case.objects.filter(pk=case.pk).update(outcome=option.action.value)
        move(case, State.CLOSED, by=by, now=now, reason=chosen.reason)


def _leave_scheme(
    case: Case, extension: Extension, *, by: User, now: datetime, reason: str, seen: State | None
) -> None:
    """Exits that need no answers of the scheme: the case counts as judged, in a category of its own."""
    with transaction.atomic():
        held = lock(case, seen=seen)
        before = actions.snapshot(held)
        if extension.action is Exit.ESCALATE:
            refer(held, reason=reason or _("handed over from the inbox"), by=by, now=now)
        else:
            Case.objects.filter(pk=held.pk).update(category=extension.id)
            held.category = extension.id
            clocks.set_due(held)
            counting.rejudged([held.pk], now=now)
            move(held, State.ASSESSED, by=by, now=now, seen=State.NEW, facts={"exit": extension.id})
            _after_exit(held, extension, by=by, now=now, reason=reason)
            actions.remember(by, held, extension.id, before, now=now)
    case.state = held.state


def _after_exit(case: Case, extension: Extension, *, by: User, now: datetime, reason: str) -> None:
    """Information is counted and closed; a question or a passed-on rumour is answered."""
    advice = extension_advice(policy.scheme_of(case), extension.id)
    if extension.action is Exit.CLOSE or advice is None:
        Case.objects.filter(pk=case.pk).update(outcome="information")
        move(case, State.CLOSED, by=by, now=now, reason=reason or "information only")
        return
    option = next(o for o in advice.options if o.action in REPLIES)
    record_exit(case, option, advice, by=by, now=now)
    responses.start_draft(case, option, by=by, now=now)
    Case.objects.filter(pk=case.pk).update(assignee=by)
    move(case, State.DRAFTING, by=by, now=now)


def _reopen_draft(case: Case, *, by: User, now: datetime) -> None:
    """A draft that was in hand is kept; without one a public reply, with all that was flagged asks of it."""
    waiting = Response.objects.filter(case=case, status__in=["draft", "submitted"])
    if waiting.update(status=Response.Status.DRAFT, revision=F("revision") + 1):
        return
    newest = case.assessments.order_by("-n").first()
    reached = list(newest.advice_nodes) if newest and newest.completed_at else []
    responses.start_draft(case, public_reply(policy.scheme_of(case), reached), by=by, now=now)
