"""Judging: take a case, walk the scheme, choose, leave it by an exit, take it back."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, require
from cases.api.base import Endpoint
from cases.api.fields import MomentField, SeenIn, Shape, reason_field, seen_in, words_field
from cases.api.plans import PlanIn, plan_from
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import assignment, decisions, triage, undo


class TakeIn(Shape):
    over = serializers.BooleanField(
        required=False, default=False, help_text="Also when a colleague has it; that is written down."
    )
    holder = words_field("Over from this colleague only (username): whom you saw at it.", most=150)


class TakeCase(Endpoint):
    """Take a case for 15 minutes, or keep it."""

    takes = TakeIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        holder = person_named(sent["holder"], Need.JUDGE).pk if sent["holder"] else None
        assignment.take(case, by=officer, now=timezone.now(), over=sent["over"], seen_holder=holder)
        return self.answer_case(request, case_id)


class ReleaseCase(Endpoint):
    """Let go of a case that you have taken."""

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        assignment.release(case, by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class AssignIn(Shape):
    to = serializers.CharField(
        max_length=150, allow_null=True, help_text="Username of who should do it; null: nobody in particular."
    )


class AssignCase(Endpoint):
    """Say who should do a case."""

    takes = AssignIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.ASSIGN)
        name = self.sent(request)["to"]
        to = person_named(name, Need.JUDGE) if name else None
        assignment.assign(case, to, by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class AnswerIn(SeenIn):
    question = serializers.CharField(max_length=40, help_text="The question that is open.")
    choice = serializers.CharField(max_length=200, help_text='Several are joined by "+".')


class AnswerQuestion(Endpoint):
    """Answer the open question of the scheme; the last answer gives the advice."""

    takes = AnswerIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        triage.answer(
            case, sent["question"], sent["choice"], by=officer, now=timezone.now(), seen=seen_in(sent)
        )
        return self.answer_case(request, case_id)


class StepBack(Endpoint):
    """Take the last answer back; a judged case is judged again."""

    takes = SeenIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        triage.step_back(case, by=officer, now=timezone.now(), seen=seen_in(self.sent(request)))
        return self.answer_case(request, case_id)


class ToggleIn(Shape):
    toggle = serializers.CharField(max_length=40)
    on = serializers.BooleanField()


class ToggleFact(Endpoint):
    """Switch a fact beside the advice on or off (the post holds a suggestion)."""

    takes = ToggleIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        triage.toggle(case, sent["toggle"], on=sent["on"], by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class ChooseIn(PlanIn, SeenIn):
    option = serializers.CharField(max_length=40, help_text="An option of the advice, or a deviation.")
    reason = reason_field("Why; a deviation from the advice needs it.")
    what_we_do = words_field("What will be done with the suggestion.")
    medium = words_field("Through which medium, when it is not the option's own.", most=20)


class ChooseOption(Endpoint):
    """Follow the advice, or deviate from it with a reason."""

    takes = ChooseIn

    def post(self, request: Request, case_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        chosen = decisions.Chosen(
            option=sent["option"],
            reason=sent["reason"],
            what_we_do=sent["what_we_do"],
            medium=sent["medium"],
            plan=plan_from(sent, request, now=now),
            seen=seen_in(sent),
        )
        decisions.choose(case, chosen, by=officer, now=now)
        return self.answer_case(request, case_id)


class ExitIn(SeenIn):
    exit = serializers.CharField(max_length=40, help_text="One of the `exits` of the judgement.")
    reason = reason_field()
    until = MomentField(
        required=False, default=None, allow_null=True, help_text="With `later`: when it comes back."
    )


class TakeExit(Endpoint):
    """Leave the scheme by one of its exits: not relevant, information, a question, a rumour, later."""

    takes = ExitIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        decisions.take_exit(
            case,
            sent["exit"],
            by=officer,
            now=timezone.now(),
            reason=sent["reason"],
            seen=seen_in(sent),
            until=sent["until"],
        )
        return self.answer_case(request, case_id)


class DangerIn(Shape):
    note = words_field("What you see.")


class ReportDanger(Endpoint):
    """Danger to life: alarms at once, from any open state; call the control room yourself as well."""

    takes = DangerIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.DANGER)
        decisions.report_danger(case, by=officer, now=timezone.now(), note=self.sent(request)["note"])
        return self.answer_case(request, case_id)


class HandOverIn(Shape):
    to = serializers.CharField(max_length=200, help_text="Whom you told.")


class HandOverDanger(Endpoint):
    """Write down that the control room has it."""

    takes = HandOverIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.DANGER)
        decisions.hand_over_danger(case, to=self.sent(request)["to"], by=officer, now=timezone.now())
        return self.answer_case(request, case_id)


class ReferIn(SeenIn):
    reason = reason_field("Why communications must see this.", required=True)


class ReferCase(Endpoint):
    """Hand a case to communications; what was drafted is kept."""

    takes = ReferIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        decisions.refer(case, reason=sent["reason"], by=officer, now=timezone.now(), seen=seen_in(sent))
        return self.answer_case(request, case_id)


class DecideIn(PlanIn, SeenIn):
    approach = serializers.ChoiceField(choices=list(decisions.APPROACHES))
    reason = reason_field("Why communications decides this.")


class DecideCase(Endpoint):
    """Communications decides about a case that came to them; the alarm is over by it."""

    takes = DecideIn

    def post(self, request: Request, case_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        case = case_for(officer, case_id, Need.DECIDE)
        sent = self.sent(request)
        decisions.decide(
            case,
            sent["approach"],
            reason=sent["reason"],
            by=officer,
            now=now,
            plan=plan_from(sent, request, now=now),
            seen=seen_in(sent),
        )
        return self.answer_case(request, case_id)


class CloseIn(SeenIn):
    reason = reason_field()


class CloseCase(Endpoint):
    """Close an answered or watched case; its watch ends with it."""

    takes = CloseIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        decisions.close(case, by=officer, now=timezone.now(), reason=sent["reason"], seen=seen_in(sent))
        return self.answer_case(request, case_id)


class JudgeAgain(Endpoint):
    """Start the judgement over; the earlier one is kept, and a closed case is reopened."""

    takes = CloseIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.JUDGE)
        sent = self.sent(request)
        triage.judge_again(case, by=officer, now=timezone.now(), reason=sent["reason"], seen=seen_in(sent))
        return self.answer_case(request, case_id)


class UndoLast(Endpoint):
    """Take back your own last action; what was done stays in the history."""

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.JUDGE)
        return self.answer_case(request, undo.undo(officer, now=timezone.now()).case.pk)
