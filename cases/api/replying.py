"""Replying: save, hand in, send, approve, return, take back, or write down what was said elsewhere."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, response_for, response_to_return
from cases.api.base import Endpoint
from cases.api.fields import LONG, MomentField, SeenIn, Shape, seen_in, words_field
from cases.api.outputs import ResponseOut
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import approvals, responses

LONGEST = 20_000
MEDIUMS = ["public reply", "direct message", "phone", "own channel", "press", "in person"]


class SeenReplyIn(Shape):
    """What you saw of the reply: an older page is refused with `reply_changed`."""

    seen_revision = serializers.IntegerField(
        min_value=0, required=False, default=None, help_text="`revision` of the reply as you last read it."
    )
    seen_version = serializers.CharField(
        max_length=200,
        required=False,
        allow_blank=True,
        allow_null=True,
        default=None,
        help_text="`version` of the post as you last read it.",
    )
    seen_claims = serializers.IntegerField(
        max_value=2**31 - 1,
        min_value=0,
        required=False,
        allow_null=True,
        default=None,
        help_text="`standing` of the claims of the case as you last read them.",
    )


class DraftIn(SeenReplyIn):
    """A reply as typed; a field that is left out stays as it was saved."""

    text = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, trim_whitespace=False)
    claim = serializers.CharField(
        max_length=LONG, required=False, allow_blank=True, help_text="What the post says that is not so."
    )
    fact_source = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    inquiry = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    what_we_do = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    audience = serializers.CharField(max_length=200, required=False, allow_blank=True)
    holding_until = MomentField(
        required=False,
        allow_null=True,
        help_text="This only says that we are finding out; the full answer is promised by then.",
    )
    promise = serializers.CharField(
        max_length=500,
        required=False,
        allow_blank=True,
        help_text="What is promised beside the words: becomes a promise of the case at once.",
    )
    promise_due_at = MomentField(required=False, allow_null=True)
    elements = serializers.DictField(
        child=serializers.CharField(max_length=200),
        required=False,
        help_text="Core element → your answer; what is left out counts as skipped.",
    )


class SendIn(DraftIn):
    seen_thread = serializers.IntegerField(
        min_value=0, required=False, default=None, help_text="`n_thread` of the case as you last read it."
    )


class ResponseEndpoint(Endpoint):
    """A verb on a reply; the answer is the reply as it is now."""

    gives = ResponseOut

    def answer_response(self, request: Request, response_id: int) -> Response:
        return self.answer(response_for(officer_of(request.user), response_id, Need.SEE))


class DraftEndpoint(ResponseEndpoint):
    """A verb on a reply that is being written: what was typed comes along, and what the author saw."""

    takes = DraftIn
    need = Need.DRAFT
    verb: ClassVar[Callable[..., object]]

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, self.need)
        sent = self.sent(request)
        now, seen = timezone.now(), seen_reply(sent)
        type(self).verb(response, draft_of(sent, response), by=officer, now=now, seen=seen)
        return self.answer_response(request, response_id)


class SaveDraft(DraftEndpoint):
    """Keep what was typed; nothing is checked yet."""

    verb = responses.save_draft


class SubmitResponse(DraftEndpoint):
    """Hand a reply in for approval by a colleague."""

    verb = approvals.submit


class ChangeOption(DraftEndpoint):
    """Back to the advice, to choose another option; what was typed is kept for the next reply."""

    need = Need.JUDGE
    verb = responses.change_option


class SendResponse(DraftEndpoint):
    """Send a reply under your own mandate, after the undo window."""

    takes = SendIn
    verb = responses.queue


class ApproveIn(SeenReplyIn):
    seen_thread = serializers.IntegerField(
        min_value=0, required=False, default=None, help_text="`n_thread` of the case as you last read it."
    )
    text = serializers.CharField(
        max_length=LONGEST,
        required=False,
        allow_blank=True,
        default="",
        help_text="An edited text; the author's own is kept in the history.",
    )


class ApproveResponse(ResponseEndpoint):
    """Let a colleague's reply go, as it is or edited."""

    takes = ApproveIn

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.APPROVE)
        sent = self.sent(request)
        approvals.approve(response, by=officer, now=timezone.now(), text=sent["text"], seen=seen_reply(sent))
        return self.answer_response(request, response_id)


class GiveBackIn(Shape):
    comment = words_field("What should be different.", most=500)


class GiveBackResponse(ResponseEndpoint):
    """Return a reply to its author with a comment, or withdraw your own from approval."""

    takes = GiveBackIn

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_to_return(officer, response_id)
        comment = self.sent(request)["comment"]
        approvals.give_back(response, comment=comment, by=officer, now=timezone.now())
        return self.answer_response(request, response_id)


class TakeBackResponse(ResponseEndpoint):
    """Stop a reply within the undo window; afterwards it is on its way and stays so."""

    def post(self, request: Request, response_id: int) -> Response:
        officer = officer_of(request.user)
        response = response_for(officer, response_id, Need.DRAFT)
        responses.take_back(response, by=officer, now=timezone.now())
        return self.answer_response(request, response_id)


class FollowUp(Endpoint):
    """Begin the answer that a holding reply promised."""

    takes = SeenIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.DRAFT)
        seen = seen_in(self.sent(request))
        responses.follow_up(case, by=officer, now=timezone.now(), seen=seen)
        return self.answer_case(request, case_id)


class ElsewhereIn(SeenIn):
    medium = serializers.ChoiceField(choices=MEDIUMS)
    note = words_field("Where or how it was answered, or the link.")


class RecordElsewhere(Endpoint):
    """Write down that the answer was given by hand, outside this program."""

    takes = ElsewhereIn

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.DRAFT)
        sent = self.sent(request)
        responses.record_elsewhere(
            case,
            medium=sent["medium"],
            note=sent["note"],
            by=officer,
            now=timezone.now(),
            seen=seen_in(sent),
        )
        return self.answer_case(request, case_id)


def seen_reply(sent: dict[str, Any]) -> responses.Seen:
    thread, version = sent.get("seen_thread"), sent["seen_version"]
    return responses.Seen(sent["seen_revision"], thread, version, sent["seen_claims"])


def draft_of(sent: dict[str, Any], saved: Any) -> responses.Draft:
    """What was typed, with what was saved before for every field that was not sent."""
    names = (*responses.TYPED, "elements")
    also = {name: sent[name] for name in ("promise", "promise_due_at") if name in sent}
    return responses.Draft(**{name: sent.get(name, getattr(saved, name)) for name in names}, **also)
