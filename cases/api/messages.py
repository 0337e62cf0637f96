"""Messages to many through the API: written, let go or registered, the cases chosen, answered, stopped."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, message_for, require
from cases.api.base import Endpoint
from cases.api.fields import MomentField, PersonOut, Shape
from cases.reads import messages as messages_read
from cases.reads.division import categories
from cases.reads.messages import Choice
from cases.reads.people import officer_of
from cases.reads.searching import filter_from
from cases.rules.permissions import Need
from cases.services import answering, messages
from cases.services.messages import Words

RULES = ["nobody", "askers", "all"]
LONGEST = 5000


class PublicMessageOut(Shape):
    """A message of ours; `revision` is sent back as `seen` with a change."""

    id = serializers.IntegerField(source="pk")
    text = serializers.CharField()
    language = serializers.CharField()
    category = serializers.CharField(help_text="What cases that nobody judged are judged as.")
    source = serializers.IntegerField(source="source_id", allow_null=True)  # type: ignore[assignment]
    situation = serializers.IntegerField(source="situation_id", allow_null=True)
    claim = serializers.IntegerField(source="claim_id", allow_null=True)
    status = serializers.CharField()
    url = serializers.CharField()
    replies_to = serializers.CharField()
    reply_text = serializers.CharField()
    by = PersonOut()
    send_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    error = serializers.CharField()
    revision = serializers.IntegerField()


class AnsweringOut(Shape):
    """How far an act on the cases is; stopped and read by `batches/{id}/` too."""

    id = serializers.IntegerField(source="pk")
    status = serializers.CharField()
    n_cases = serializers.IntegerField()
    n_done = serializers.IntegerField()
    n_left = serializers.IntegerField()


class AnswerLeftOut(Shape):
    case = serializers.IntegerField(source="case_id")
    why = serializers.CharField()


class PaceOut(Shape):
    """How fast replies of their own leave on a platform."""

    platform = serializers.CharField()
    per_minute = serializers.IntegerField()
    n_waiting = serializers.IntegerField()
    ready_at = serializers.DateTimeField()


class OwnRepliesOut(Shape):
    n_sent = serializers.IntegerField()
    n_waiting = serializers.IntegerField()
    n_withdrawn = serializers.IntegerField()
    ready_at = serializers.DateTimeField(allow_null=True)
    paces = PaceOut(many=True)


class MessagePageOut(Shape):
    message = PublicMessageOut()
    batches = AnsweringOut(many=True)
    left = AnswerLeftOut(many=True, help_text="The first cases that were left as they are.")
    replies = OwnRepliesOut()


class PublicMessagesOut(Shape):
    rows = PublicMessageOut(many=True)


class ListPublicMessages(Endpoint):
    """Our newest messages to many."""

    gives = PublicMessagesOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        return self.answer({"rows": messages_read.messages()})


class MessageEndpoint(Endpoint):
    """A verb on a message; the answer is the message as it is now."""

    gives = MessagePageOut

    def answer_message(self, request: Request, message_id: int, *, status: int = 200) -> Response:
        found = message_for(officer_of(request.user), message_id)
        return self.answer(messages_read.message_page(found, now=timezone.now()), status=status)


class ReadPublicMessage(MessageEndpoint):
    """One message with what it did: cases answered and left, replies sent and to go."""

    def get(self, request: Request, message_id: int) -> Response:
        return self.answer_message(request, message_id)


class WordsIn(Shape):
    text = serializers.CharField(max_length=LONGEST)
    category = serializers.CharField(max_length=20, required=False, default="")
    language = serializers.CharField(max_length=10, required=False, default="nl")
    source = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)  # type: ignore[assignment]
    situation = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    claim = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    replies_to = serializers.ChoiceField(choices=RULES, required=False, default="nobody")
    reply_text = serializers.CharField(max_length=LONGEST, required=False, default="")


class SeenMessageIn(Shape):
    seen = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ChangeWordsIn(WordsIn, SeenMessageIn):
    pass


class RegisterIn(SeenMessageIn):
    url = serializers.CharField(max_length=2000)


def _words(sent: dict[str, Any]) -> Words:
    asked = {name: sent.pop(name) for name in ("situation", "claim", "source")}
    situation, claim, source = messages_read.named(**asked)
    sent["category"] = sent["category"] if sent["category"] in categories() else ""
    return Words(**sent, source=source, situation=situation, claim=claim)


class WriteMessage(MessageEndpoint):
    """Begin a message; nothing leaves yet."""

    takes = WordsIn
    gives_status = 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.PUBLISH)
        made = messages.write(_words(dict(self.sent(request))), by=officer, now=timezone.now())
        return self.answer_message(request, made.pk, status=201)


class ChangeMessage(MessageEndpoint):
    """Say it otherwise, while it is a draft."""

    takes = ChangeWordsIn

    def post(self, request: Request, message_id: int) -> Response:
        officer = officer_of(request.user)
        found, sent = message_for(officer, message_id, Need.PUBLISH), dict(self.sent(request))
        seen = sent.pop("seen")
        messages.change(found, _words(sent), by=officer, now=timezone.now(), seen=seen)
        return self.answer_message(request, message_id)


class PublishMessage(MessageEndpoint):
    """Let it go from its account after the undo window."""

    takes = SeenMessageIn

    def post(self, request: Request, message_id: int) -> Response:
        officer = officer_of(request.user)
        found = message_for(officer, message_id, Need.PUBLISH)
        messages.publish(found, by=officer, now=timezone.now(), seen=self.sent(request)["seen"])
        return self.answer_message(request, message_id)


class RegisterMessage(MessageEndpoint):
    """It stands somewhere already, at this address."""

    takes = RegisterIn

    def post(self, request: Request, message_id: int) -> Response:
        officer = officer_of(request.user)
        found, sent = message_for(officer, message_id, Need.PUBLISH), self.sent(request)
        messages.register(found, sent["url"], by=officer, now=timezone.now(), seen=sent["seen"])
        return self.answer_message(request, message_id)


class TakeBackMessage(MessageEndpoint):
    """Stop it within the undo window; afterwards its `status` says that it is on its way."""

    def post(self, request: Request, message_id: int) -> Response:
        officer = officer_of(request.user)
        found = message_for(officer, message_id, Need.PUBLISH)
        messages.take_back(found, by=officer, now=timezone.now())
        return self.answer_message(request, message_id)


class ChoiceIn(Shape):
    """Which cases: those that carry a claim, of a situation, one topic, or with these words."""

    claim = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    situation = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    case = serializers.IntegerField(min_value=1, max_value=LARGEST_ID, required=False, default=None)
    text = serializers.CharField(max_length=500, required=False, default="")


class AnswerCasesIn(ChoiceIn):
    as_of = MomentField(help_text="`as_of` of the list: what came later is not answered yet.")


class ProposalOut(Shape):
    """What would happen: `cases` are answered, `left_out` counts the others by what keeps them out."""

    as_of = serializers.DateTimeField()
    n_posts = serializers.IntegerField()
    cases = serializers.ListField(child=serializers.IntegerField())
    left_out = serializers.DictField(child=serializers.IntegerField())


def _choice(sent: dict[str, Any]) -> Choice:
    return Choice(sent["claim"], sent["situation"], sent["case"], filter_from({"text": sent["text"]}))


class ProposeAnswers(Endpoint):
    """The list and the count before anything happens; what was answered already is not in it."""

    takes = ChoiceIn
    gives = ProposalOut

    def post(self, request: Request, message_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        message = message_for(officer, message_id, Need.PUBLISH)
        ids = messages_read.chosen(officer, _choice(self.sent(request)), now=now)
        found = answering.propose(ids, now=now, silenced=messages.silenced(message, by=officer, now=now))
        told = {"cases": sorted(found.seen), "left_out": dict(found.n_left)}
        return self.answer({"as_of": now, "n_posts": found.n_posts, **told})


class AnswerCases(MessageEndpoint):
    """Let it answer the cases of a choice; again later for those that came since."""

    takes = AnswerCasesIn

    def post(self, request: Request, message_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        found, sent = message_for(officer, message_id, Need.PUBLISH), self.sent(request)
        choice = _choice(sent)
        ids = messages_read.chosen(officer, choice, now=now, as_of=sent["as_of"])
        seen = answering.propose(ids, now=now, silenced=messages.silenced(found, by=officer, now=now)).seen
        answering.answer(found, seen, by=officer, now=now, chosen=choice.kept())
        return self.answer_message(request, message_id)


class StopMessage(MessageEndpoint):
    """No further case is answered and no further reply leaves."""

    def post(self, request: Request, message_id: int) -> Response:
        officer = officer_of(request.user)
        answering.stop(message_for(officer, message_id, Need.PUBLISH), by=officer, now=timezone.now())
        return self.answer_message(request, message_id)
