"""One case: its page, who is at it, its reply, and what communications decides."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from math import ceil

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cases import policy
from cases.access import case_for, require, response_for, response_to_return
from cases.reads.board import alarm_sentence, watched
from cases.reads.case import CasePage, case_page, copies_of, element_hints
from cases.reads.conversations import talk
from cases.reads.people import officer_of, one_of, who_may
from cases.reasons import ROLES
from cases.rules.permissions import Need, may
from cases.rules.scheme import Advice
from cases.services import approvals, assignment, decisions, responses, triage
from cases.web.composing import around_claims, around_reply, put_in, use_answer
from cases.web.events import told as told_of
from cases.web.forms import (
    ApproveForm,
    AssignForm,
    DecideForm,
    DraftForm,
    ElsewhereForm,
    NoteForm,
    SeenForm,
    TakeForm,
)
from cases.web.mandate_lines import approval_context
from cases.web.plans import plan_from
from cases.web.views.base import back, leave, page, posted, told, valid, whole_number
from cases.web.views.inbox import judging, undoable
from cases.web.words import APPROACHES, MEDIUMS


@require_GET
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    return _shown(request, case_id)


def _shown(request: HttpRequest, case_id: int, *, typed: str = "", refusal: str = "") -> HttpResponse:
    """The page of a case; with a `refusal` of what was `typed`, which is given back to copy from."""
    officer, now = officer_of(request.user), timezone.now()
    opened = case_page(case_for(officer, case_id))
    scheme = policy.scheme_of(opened.case)
    context = judging(request, opened) | {
        "next": reverse("cases:case", args=[case_id]),
        "history": [(event, told_of(event, scheme)) for event in opened.history],
        "watched": watched(opened.watch, now=now) if opened.watch else None,
        "alarm_sentence": alarm_sentence(opened.escalation.pk) if opened.escalation else "",
        "elements": scheme.elements,
        "hints": element_hints(opened, now=now),
        "footnotes": [note for note in scheme.footnotes if note.beside == "comms"],
        "colleagues": who_may(Need.JUDGE),
        "standings": ROLES.items(),
        "approaches": APPROACHES,
        "mediums": MEDIUMS,
        "may_draft": may(officer.role, Need.DRAFT),
        "may_approve": may(officer.role, Need.APPROVE),
        "may_decide": may(officer.role, Need.DECIDE),
        "may_assign": may(officer.role, Need.ASSIGN),
        "may_watch": may(officer.role, Need.WATCH),
        "undoable": undoable(request, case_id),
        **approval_context(officer, opened, now=now),
        "talk": talk(opened.case),
        "copies": copies_of(opened.case, after=whole_number(request.GET.get("copies", "")) or 0),
        **around_reply(request, opened),
        **around_claims(opened, now=now),
        "sending_left_s": _seconds_left(opened, now=now),
        "may_change_option": isinstance(policy.judgement(opened.case).step, Advice),
        "wrote_reply": officer.pk in opened.response.writers if opened.response else False,
        "refusal": refusal,
        "typed": typed,
    }
    status = 409 if refusal else 200
    return page(request, "cases/case.html", context, here="cases", status=status)


def _seconds_left(opened: CasePage, *, now: datetime) -> int:
    """Whole seconds until a queued reply goes out; 0 when nothing waits."""
    send_at = opened.response.send_at if opened.response else None
    return max(0, ceil((send_at - now).total_seconds())) if send_at else 0


@posted
@told
def take(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a case, also over from a colleague when the button says so."""
    officer = officer_of(request.user)
    held = case_for(officer, case_id, Need.JUDGE)
    data = valid(TakeForm(request.POST)).cleaned_data
    assignment.take(held, by=officer, now=timezone.now(), over=data["over"], seen_holder=data["holder"])
    return back(request, "cases:case", case_id)


@posted
def release(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    assignment.release(case_for(officer, case_id, Need.JUDGE), by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)


@posted
def assign(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    assigned = case_for(officer, case_id, Need.ASSIGN)
    form = AssignForm(request.POST)
    if form.is_valid():
        to = one_of(who_may(Need.JUDGE), form.cleaned_data["officer"])
        assignment.assign(assigned, to, by=officer, now=timezone.now())
    return back(request, "cases:case", case_id)


@posted
@told
def judge_again(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    judged = case_for(officer, case_id, Need.JUDGE)
    form = NoteForm(request.POST)
    reason = form.cleaned_data["note"] if form.is_valid() else ""
    seen = form.seen_state if form.is_valid() else None
    triage.judge_again(judged, by=officer, now=timezone.now(), reason=reason, seen=seen)
    return redirect("cases:case", case_id)


@posted
@told
def reply(request: HttpRequest, response_id: int) -> HttpResponse:
    """Keep, send or hand in a reply, by the button that was pressed. The text is kept in every case."""
    officer, now = officer_of(request.user), timezone.now()
    response = response_for(officer, response_id, Need.DRAFT)
    form = DraftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("One of the fields is too long; shorten it and try again."))
        return back(request, "cases:case", response.case_id)
    data = form.cleaned_data
    ids = [element.id for element in policy.scheme_of(response.case).elements]
    words = {name: data[name] for name in (*responses.TYPED, "promise", "promise_due_at")}
    draft = responses.Draft(**words, elements=form.elements(ids))
    do = request.POST.get("do", "save")
    acts = {"send": responses.queue, "submit": _submit(request), "change": responses.change_option}
    acts["template"] = put_in(whole_number(request.POST.get("template", "")))
    acts["answer"] = use_answer(whole_number(request.POST.get("answer", "")), now=now)
    act = acts.get(do, responses.save_draft)
    if do == "change":
        require(officer, Need.JUDGE)
    try:
        act(response, draft, by=officer, now=now, seen=form.seen)
    except responses.ReplyChanged as changed:
        return _shown(request, response.case_id, typed=draft.text, refusal=str(changed))
    if act is responses.save_draft:
        messages.success(request, _("The draft is kept."))
    return redirect("cases:case", response.case_id)


def _submit(request: HttpRequest) -> Callable[..., None]:
    """Hand a reply in to whom was chosen, or to whom is at hand."""
    chosen = whole_number(request.POST.get("approver", ""))
    return partial(approvals.submit, approver=one_of(who_may(Need.APPROVE), chosen))


@posted
@told
def approve(request: HttpRequest, response_id: int) -> HttpResponse:
    """Let a colleague's reply go, or give it back with a comment."""
    officer, now = officer_of(request.user), timezone.now()
    form = ApproveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("One of the fields is too long; shorten it and try again."))
        return back(request)
    data = form.cleaned_data
    if request.POST.get("do") == "return":
        response = response_to_return(officer, response_id)
        approvals.give_back(response, comment=data["note"], by=officer, now=now, seen=form.seen)
        return redirect("cases:case", response.case_id)
    response = response_for(officer, response_id, Need.APPROVE)
    try:
        approvals.approve(response, by=officer, now=now, text=data["text"], seen=form.seen)
    except responses.ReplyChanged as changed:
        return _shown(request, response.case_id, typed=data["text"], refusal=str(changed))
    return redirect("cases:case", response.case_id)


@posted
def stop_sending(request: HttpRequest, response_id: int) -> HttpResponse:
    """Call a reply back within the undo window."""
    officer = officer_of(request.user)
    response = response_for(officer, response_id, Need.DRAFT)
    if responses.take_back(response, by=officer, now=timezone.now()):
        messages.success(request, _("Not sent. Your text is still here."))
    else:
        messages.error(request, _("Too late: the reply is already on its way."))
    return redirect("cases:case", response.case_id)


@posted
@told
def follow_up(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write the answer that a holding reply promised."""
    officer = officer_of(request.user)
    promised = case_for(officer, case_id, Need.DRAFT)
    form = SeenForm(request.POST)
    seen = form.seen_state if form.is_valid() else None
    responses.follow_up(promised, by=officer, now=timezone.now(), seen=seen)
    return redirect("cases:case", case_id)


@posted
@told
def elsewhere(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write down that the answer was given by hand."""
    officer = officer_of(request.user)
    answered = case_for(officer, case_id, Need.DRAFT)
    form = ElsewhereForm(request.POST)
    if form.is_valid():
        medium, note, seen = form.cleaned_data["medium"], form.cleaned_data["note"], form.seen_state
        now = timezone.now()
        responses.record_elsewhere(answered, medium=medium, note=note, by=officer, now=now, seen=seen)
    return redirect("cases:case", case_id)


@posted
@told
def close(request: HttpRequest, case_id: int) -> HttpResponse:
    officer = officer_of(request.user)
    closed = case_for(officer, case_id, Need.JUDGE)
    form = NoteForm(request.POST)
    reason = form.cleaned_data["note"] if form.is_valid() else ""
    seen = form.seen_state if form.is_valid() else None
    decisions.close(closed, by=officer, now=timezone.now(), reason=reason, seen=seen)
    return redirect("cases:case", case_id)


@posted
@told
def refer(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand a case to communications, from any state."""
    officer = officer_of(request.user)
    referred = case_for(officer, case_id, Need.JUDGE)
    form = NoteForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    seen = form.seen_state if form.is_valid() else None
    decisions.refer(referred, reason=note, by=officer, now=timezone.now(), seen=seen)
    return redirect("cases:case", case_id)


@posted
@told
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """Communications decides, with a reason."""
    officer, now = officer_of(request.user), timezone.now()
    decided = case_for(officer, case_id, Need.DECIDE)
    form = DecideForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        plan = plan_from(data, officer=officer, now=now)
        approach, reason, seen = data["approach"], data["reason"], form.seen_state
        decisions.decide(decided, approach, reason=reason, by=officer, now=now, plan=plan, seen=seen)
    return redirect("cases:case", case_id)


@posted
def danger(request: HttpRequest, case_id: int) -> HttpResponse:
    """Danger to life: an alarm at once, from every open state; the next page shows whom to call."""
    officer = officer_of(request.user)
    endangered = case_for(officer, case_id, Need.DANGER)
    decisions.report_danger(endangered, by=officer, now=timezone.now(), note=request.POST.get("note", ""))
    return leave(request, "cases:case", case_id)


@posted
@told
def hand_over(request: HttpRequest, case_id: int) -> HttpResponse:
    """Danger to life: write down who was told."""
    officer = officer_of(request.user)
    handed = case_for(officer, case_id, Need.DANGER)
    decisions.hand_over_danger(handed, to=request.POST.get("to", ""), by=officer, now=timezone.now())
    messages.success(request, _("Written down. Stay with it until somebody confirms."))
    return redirect(reverse("cases:case", args=[case_id]))
