"""Incident mode through the API: topics, acts on many cases, closing a situation, its log and timeline."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, batch_for, situation_for
from cases.api.base import Endpoint
from cases.api.fields import Shape, reason_field, words_field
from cases.api.situation_outputs import (
    BatchPageOut,
    OpenGroupsOut,
    SituationTimelineOut,
    TopicsOut,
)
from cases.api.situations import SituationEndpoint
from cases.reads import situations as read
from cases.reads import topics
from cases.reads.people import officer_of
from cases.reads.topics import Section, Sieve
from cases.rules.closing import CLOSABLE, Group, Way
from cases.rules.permissions import Need
from cases.services import closing, logging, situations

WAYS = [way.value for way in Way]


class TopicsIn(Shape):
    """Which topics: of one section from a place on, or the first of all."""

    section = serializers.ChoiceField(choices=[each.value for each in Section], required=False, default=None)
    after = serializers.CharField(
        max_length=40, required=False, default="", allow_blank=True, help_text="`after` of that section."
    )
    only_new = serializers.BooleanField(
        required=False, default=False, help_text="Only what came after `since` and carries no decided claim."
    )
    since = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, required=False, default=0, help_text="`newest` of the last look."
    )


class ListTopics(Endpoint):
    """What nobody has read of a situation, as topics: danger, questions, what grows, the rest."""

    takes, gives = TopicsIn, TopicsOut

    def get(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        situation = situation_for(officer, situation_id)
        sent = self.sent(request)
        section = Section(sent.pop("section")) if sent["section"] else sent.pop("section")
        sieve = Sieve(section=section, **sent)
        return self.answer(topics.topics(officer, situation, now=timezone.now(), sieve=sieve))


class BatchEndpoint(Endpoint):
    """A verb on an act on many cases; the answer is how far it is."""

    gives = BatchPageOut

    def answer_batch(self, request: Request, batch_id: int, *, status: int = 200) -> Response:
        found = batch_for(officer_of(request.user), batch_id)
        shown = read.batch_page(found)
        left = [{"case": case, "why": why} for case, why in shown.left]
        record = {"batch": found, "percent": shown.percent, "n_to_do": shown.n_to_do, "left": left}
        return self.answer(record, status=status)


class CloseUnreadIn(Shape):
    reason = reason_field()
    up_to = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID, help_text="The newest case you saw the number of."
    )


class CloseUnread(BatchEndpoint):
    """Close what nobody read, bit by bit; what is urgent, watched, promised or rings is left."""

    takes, gives_status = CloseUnreadIn, 201

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        begun = closing.close_unread(found, **self.sent(request), by=officer, now=timezone.now())
        return self.answer_batch(request, begun.pk, status=201)


class ReadBatch(BatchEndpoint):
    """How far an act on many cases is, and what was left and why."""

    def get(self, request: Request, batch_id: int) -> Response:
        return self.answer_batch(request, batch_id)


class StopBatch(BatchEndpoint):
    """Stop an act on many cases; what was done stays."""

    def post(self, request: Request, batch_id: int) -> Response:
        officer = officer_of(request.user)
        closing.stop(batch_for(officer, batch_id, Need.RUN_SITUATION), by=officer, now=timezone.now())
        return self.answer_batch(request, batch_id)


class ReadOpenGroups(Endpoint):
    """The open cases of a situation by what they wait for: what is asked before it closes."""

    gives = OpenGroupsOut

    def get(self, request: Request, situation_id: int) -> Response:
        found = closing.sort(situation_for(officer_of(request.user), situation_id, Need.RUN_SITUATION))
        groups = [
            {
                "group": group.value,
                "n_topics": len(found.groups[group]),
                "n_posts": found.n_posts[group],
                "is_closable": group in CLOSABLE,
            }
            for group in Group
            if group in found.groups
        ]
        newest = max((max(seen) for seen in found.groups.values()), default=0)
        return self.answer({"up_to": newest, "groups": groups})


class CloseSituationIn(CloseUnreadIn):
    """Where each group of open cases goes; the others go back to the inbox as they are."""

    unread = serializers.ChoiceField(choices=WAYS, required=False)
    judged = serializers.ChoiceField(choices=WAYS, required=False)
    answered = serializers.ChoiceField(choices=WAYS, required=False)


class CloseSituation(SituationEndpoint):
    """Close a situation; its cases follow bit by bit, as its `batches` say."""

    takes = CloseSituationIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        ways = {group: Way(sent.pop(group)) for group in CLOSABLE if group in sent}
        closing.close(found, ways, **sent, by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class TimelineIn(Shape):
    limit = serializers.IntegerField(min_value=1, max_value=1000, required=False, default=200)


class ReadTimeline(Endpoint):
    """Who did what to a situation, its claims, messages and pictures, the newest first."""

    takes, gives = TimelineIn, SituationTimelineOut

    def get(self, request: Request, situation_id: int) -> Response:
        found = situation_for(officer_of(request.user), situation_id)
        return self.answer({"results": read.timeline(found, most=self.sent(request)["limit"])})


class LogLineIn(Shape):
    text = serializers.CharField(max_length=logging.LONGEST, allow_blank=True)
    is_decision = serializers.BooleanField(default=False)
    is_told = serializers.BooleanField(
        default=False, help_text="People heard it: the one clock starts again."
    )


class WriteLogLine(SituationEndpoint):
    """A line in the log: what was seen, asked or decided."""

    takes, gives_status = LogLineIn, 201

    def post(self, request: Request, situation_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        found = situation_for(officer, situation_id, Need.JUDGE)
        sent = self.sent(request)
        logging.note(found, sent["text"], by=officer, now=now, is_decision=sent["is_decision"])
        if sent["is_told"]:
            situations.heard(found, by=officer, now=now)
        return self.answer_situation(request, situation_id, status=201)


class TakeOverIn(Shape):
    said = words_field("What is to be said about it.", most=situations.REASON)


class TakeOverSituation(SituationEndpoint):
    """Take a situation over from the shift before, by name."""

    takes = TakeOverIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.JUDGE)
        logging.take_over(found, self.sent(request)["said"], by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)
