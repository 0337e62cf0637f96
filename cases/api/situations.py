"""Situations through the API: open, run, grade, and speak with one voice."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, case_for, require, situation_for
from cases.api.base import Endpoint
from cases.api.fields import LONG, MomentField, Shape, reason_field, words_field
from cases.api.situation_outputs import SituationListOut, SituationPageOut
from cases.reads import situations as read
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.mandate import PRIORITIES
from cases.rules.permissions import Need
from cases.services import haste, situations
from cases.services.situations import EVERY, Changes, Plan

MOST_REVISIONS = 2**31 - 1


def number_field(**beside: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=LARGEST_ID, **beside)


def _revision() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=MOST_REVISIONS, help_text="`revision` as you last read it."
    )


def _every() -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=10**6, default=int(EVERY.total_seconds()), help_text="60 to 86400."
    )


class ListSituations(Endpoint):
    """The situations that run, those that are proposed, and the last that are over."""

    gives = SituationListOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        return self.answer(read.situations(now=timezone.now()))


class SituationEndpoint(Endpoint):
    """A verb on a situation; the answer is the situation as it is now."""

    gives = SituationPageOut

    def answer_situation(self, request: Request, situation_id: int, *, status: int = 200) -> Response:
        found = situation_for(officer_of(request.user), situation_id)
        shown = read.page(found, now=timezone.now())
        record = {name: getattr(shown, name) for name in shown.__dataclass_fields__}
        return self.answer(record | {"targets": read.targets_of(found)}, status=status)


class ReadSituation(SituationEndpoint):
    """One situation: its clock, unread numbers, key message, inflows, log, and what runs."""

    def get(self, request: Request, situation_id: int) -> Response:
        return self.answer_situation(request, situation_id)


class OpenSituationIn(Shape):
    """A name is enough; the owner is whoever opens it."""

    name = serializers.CharField(max_length=situations.NAME, allow_blank=True)
    about = words_field("What happens.")
    level = number_field(required=False, allow_null=True, default=None, help_text="`id` of a level.")
    key_message = words_field("What people should know.")
    began_at = MomentField(required=False, default=None, help_text="When the incident began.")
    word_every_s = _every()


def _plan(sent: dict[str, Any]) -> Plan:
    level = read.level_numbered(sent["level"])
    if sent["level"] and (level is None or not level.is_active):
        raise situations.SituationRefused("level")
    return Plan(
        name=sent["name"],
        about=sent["about"],
        began_at=sent["began_at"],
        level=level,
        word_every=timedelta(seconds=sent["word_every_s"]),
        key_message=sent["key_message"],
    )


class OpenSituation(SituationEndpoint):
    """Open a situation."""

    takes, gives_status = OpenSituationIn, 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.RUN_SITUATION)
        opened = situations.open_situation(_plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_situation(request, opened.pk, status=201)


class OpenAroundCase(SituationEndpoint):
    """Open a situation around a case: its story and its conversation come along."""

    takes, gives_status = OpenSituationIn, 201

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.RUN_SITUATION)
        opened = situations.open_from_case(case, _plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_situation(request, opened.pk, status=201)


class OpenProposal(SituationEndpoint):
    """Open what a rule proposed, with the story that grew."""

    takes = OpenSituationIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        situations.open_proposed(found, _plan(self.sent(request)), by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class DeclineIn(Shape):
    reason = reason_field()


class DeclineProposal(SituationEndpoint):
    """A proposal is no situation; it comes again only when its story has doubled."""

    takes = DeclineIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        reason = self.sent(request)["reason"]
        situations.decline(found, reason=reason, by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class ChangeSituationIn(Shape):
    """All fields together; what is left out stays, but for `profile`, where null is the usual one."""

    revision = _revision()
    name = serializers.CharField(max_length=situations.NAME, required=False)
    about = serializers.CharField(max_length=LONG, required=False, allow_blank=True)
    owner = serializers.CharField(max_length=150, required=False, help_text="Username.")
    profile = number_field(required=False, allow_null=True, help_text="`id` of a watch profile.")
    word_every_s = serializers.IntegerField(min_value=0, max_value=10**6, required=False)
    began_at = MomentField(required=False)


class ChangeSituation(SituationEndpoint):
    """Change name, text, owner, watch profile, when it began, and how often people hear from us."""

    takes = ChangeSituationIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        owner = person_named(sent["owner"], Need.RUN_SITUATION) if "owner" in sent else found.owner
        profile = read.profile_numbered(sent["profile"]) if "profile" in sent else found.profile
        if profile is None and sent.get("profile"):
            raise ValidationError({"profile": ["There is no such profile."]})
        changes = Changes(
            name=sent.get("name", found.name),
            about=sent.get("about", found.about),
            owner=owner or officer,
            profile=profile,
            word_every=timedelta(seconds=sent.get("word_every_s", found.word_every_s)),
            began_at=sent.get("began_at", found.began_at),
        )
        situations.change(found, changes, by=officer, now=timezone.now(), revision=sent["revision"])
        return self.answer_situation(request, situation_id)


class SetSituationLevelIn(Shape):
    revision = _revision()
    level = number_field(allow_null=True, help_text="`id` of a level; null: none.")
    reason = reason_field()


class SetSituationLevel(SituationEndpoint):
    """Grade the situation, up or down, with a reason."""

    takes = SetSituationLevelIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.ONE_VOICE)
        sent = self.sent(request)
        level = read.level_numbered(sent["level"])
        if sent["level"] and level is None:
            raise situations.SituationRefused("level")
        beside = {"reason": sent["reason"], "revision": sent["revision"]}
        situations.set_level(found, level, by=officer, now=timezone.now(), **beside)
        return self.answer_situation(request, situation_id)


class LockVoice(SituationEndpoint):
    """One voice: from now on only unaltered vetted answers leave without a lead."""

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.ONE_VOICE)
        situations.lock_voice(found, by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class UnlockVoiceIn(Shape):
    reason = reason_field()


class UnlockVoice(SituationEndpoint):
    """Everybody speaks within their own mandate again."""

    takes = UnlockVoiceIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.ONE_VOICE)
        reason = self.sent(request)["reason"]
        situations.unlock_voice(found, reason=reason, by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class KeyMessageIn(Shape):
    text = words_field("What people should know.")
    after = serializers.IntegerField(
        min_value=0, max_value=MOST_REVISIONS, help_text="`n` of the version you read; 0: there was none."
    )


class SayKeyMessage(SituationEndpoint):
    """The next version of the key message."""

    takes = KeyMessageIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        situations.say_key_message(found, sent["text"], after=sent["after"], by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)


class SetSituationTargetIn(Shape):
    minutes = serializers.IntegerField(
        allow_null=True, min_value=0, max_value=10**6, help_text="1 to 1440; null: as everywhere else."
    )
    priority = serializers.ChoiceField(choices=["", *PRIORITIES], default="")


class SetSituationTarget(SituationEndpoint):
    """How soon its posts are answered; what waits already gets its new time."""

    takes = SetSituationTargetIn

    def post(self, request: Request, situation_id: int) -> Response:
        officer = officer_of(request.user)
        found = situation_for(officer, situation_id, Need.RUN_SITUATION)
        sent = self.sent(request)
        haste.set_target(found, sent["minutes"], priority=sent["priority"], by=officer, now=timezone.now())
        return self.answer_situation(request, situation_id)
