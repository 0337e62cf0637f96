"""How soon watches rise: watch profiles, and the cue words with their coverage."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import LARGEST_ID, profile_for, require, watch_for
from cases.api.base import Endpoint
from cases.api.fields import Shape
from cases.reads import cues as cues_read
from cases.reads import profiles as profiles_read
from cases.reads.people import officer_of
from cases.rules.cues import CueKind
from cases.rules.permissions import Need, may
from cases.services import cues, profiles
from cases.services.cues import CuePlan
from cases.services.profiles import ProfilePlan

KINDS = [kind.value for kind in CueKind]
LANGUAGES = ["", "nl", "en"]


class ProfileOut(Shape):
    """A watch profile: thresholds by row, one number a level (docs/watching.md)."""

    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    thresholds = serializers.DictField(child=serializers.ListField(child=serializers.IntegerField()))
    is_default = serializers.BooleanField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class ListedProfileOut(Shape):
    profile = ProfileOut()
    n_watches = serializers.IntegerField(help_text="Open watches that are judged by it.")


class ProfilesOut(Shape):
    results = ListedProfileOut(many=True)


class ListProfiles(Endpoint):
    """Watch profiles; the default one first."""

    gives = ProfilesOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_WATCHING)
        return self.answer({"results": profiles_read.profiles()})


class ProfileIn(Shape):
    name = serializers.CharField(max_length=60)
    thresholds = serializers.DictField(
        child=serializers.ListField(child=serializers.IntegerField(), max_length=3),
        help_text="Rows by name; a row that is left out is as in the normal profile.",
    )


class AddProfile(Endpoint):
    """Add a watch profile."""

    takes = ProfileIn
    gives = ProfileOut
    gives_status = 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SET_WATCHING)
        sent = self.sent(request)
        plan = ProfilePlan(sent["name"], sent["thresholds"])
        return self.answer(profiles.add(plan, by=officer, now=timezone.now()), status=201)


class SeenVersionIn(Shape):
    seen = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID - 1, help_text="`version` as you last read it."
    )


class ChangeProfileIn(ProfileIn, SeenVersionIn):
    pass


class ChangeProfile(Endpoint):
    """Change the thresholds of a profile; its watches are judged by them from now on."""

    takes = ChangeProfileIn
    gives = ProfileOut

    def post(self, request: Request, profile_id: int) -> Response:
        officer = officer_of(request.user)
        found, sent = profile_for(officer, profile_id), self.sent(request)
        plan = ProfilePlan(sent["name"], sent["thresholds"])
        return self.answer(profiles.change(found, plan, by=officer, now=timezone.now(), seen=sent["seen"]))


class DefaultProfile(Endpoint):
    """Let a profile count for every watch for which nobody chose another one."""

    takes = SeenVersionIn
    gives = ProfileOut

    def post(self, request: Request, profile_id: int) -> Response:
        officer = officer_of(request.user)
        found, seen = profile_for(officer, profile_id), self.sent(request)["seen"]
        return self.answer(profiles.make_default(found, by=officer, now=timezone.now(), seen=seen))


class RetireProfile(Endpoint):
    """Take a profile out of use; watches that have it keep it."""

    takes = SeenVersionIn
    gives = ProfileOut

    def post(self, request: Request, profile_id: int) -> Response:
        officer = officer_of(request.user)
        found, seen = profile_for(officer, profile_id), self.sent(request)["seen"]
        return self.answer(profiles.retire(found, by=officer, now=timezone.now(), seen=seen))


class RestoreProfile(Endpoint):
    """Take a profile into use again."""

    takes = SeenVersionIn
    gives = ProfileOut

    def post(self, request: Request, profile_id: int) -> Response:
        officer = officer_of(request.user)
        found, seen = profile_for(officer, profile_id), self.sent(request)["seen"]
        return self.answer(profiles.restore(found, by=officer, now=timezone.now(), seen=seen))


class ChooseProfileIn(Shape):
    profile = serializers.IntegerField(
        min_value=1, max_value=LARGEST_ID, allow_null=True, help_text="null: the default one."
    )


class ChosenOut(Shape):
    watch = serializers.IntegerField()
    profile = serializers.IntegerField(allow_null=True)


class ChooseProfile(Endpoint):
    """Judge a watch by another profile from now on."""

    takes = ChooseProfileIn
    gives = ChosenOut

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch, number = watch_for(officer, watch_id), self.sent(request)["profile"]
        chosen = profile_for(officer, number, Need.WATCH) if number else None
        profiles.choose(watch, chosen, by=officer, now=timezone.now())
        return self.answer({"watch": watch.pk, "profile": number})


class TallyOut(Shape):
    n = serializers.IntegerField(help_text="Of the newest posts, those in which it was found.")
    n_judged = serializers.IntegerField()
    n_right = serializers.IntegerField(help_text="Judged as this kind.")


class CueLineOut(Shape):
    phrase = serializers.CharField()
    language = serializers.CharField()
    is_shipped = serializers.BooleanField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField(help_text="0: a shipped phrase that nobody touched.")
    tally = TallyOut()


class CueKindOut(Shape):
    kind = serializers.ChoiceField(choices=KINDS)
    tally = TallyOut()
    lines = CueLineOut(many=True)


class CuesOut(Shape):
    """The cue list and what it makes of the newest posts."""

    n_posts = serializers.IntegerField()
    n_judged = serializers.IntegerField()
    n_cued = serializers.IntegerField()
    n_known = serializers.IntegerField(help_text="Judged, or with a cue word.")
    n_negative = serializers.IntegerField(help_text="Judged negative or dangerous.")
    n_missed = serializers.IntegerField(help_text="Of these, without any cue word.")
    kinds = CueKindOut(many=True)


class ListCues(Endpoint):
    """Cue words with their coverage."""

    gives = CuesOut

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE_WATCHING)
        return self.answer(cues_read.coverage())


class CueIn(Shape):
    kind = serializers.ChoiceField(choices=KINDS)
    words = serializers.CharField(max_length=200)
    language = serializers.ChoiceField(choices=LANGUAGES, required=False, allow_blank=True, default="")


class CueOut(Shape):
    kind = serializers.CharField()
    phrase = serializers.CharField()
    language = serializers.CharField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()


class AddCue(Endpoint):
    """Add a phrase; it is looked for in every post from now on."""

    takes = CueIn
    gives = CueOut
    gives_status = 201

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SET_WATCHING)
        return self.answer(cues.add(_plan(self.sent(request)), by=officer, now=timezone.now()), status=201)


class FoundOut(Shape):
    case_id = serializers.IntegerField()
    text = serializers.CharField()


class TrialOut(Shape):
    n_posts = serializers.IntegerField()
    n_hits = serializers.IntegerField()
    hits = FoundOut(many=True, help_text="The newest of them, for who may see cases.")


class TryCue(Endpoint):
    """What a phrase would find in the newest posts; nothing is saved."""

    takes = CueIn
    gives = TrialOut

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SET_WATCHING)
        plan = _plan(self.sent(request))
        found = cues_read.trial(plan.kind, cues.check(plan))
        hits = found.hits if may(officer.role, Need.SEE) else []
        return self.answer({"n_posts": found.n_posts, "n_hits": found.n_hits, "hits": hits})


class SwitchCueIn(Shape):
    kind = serializers.ChoiceField(choices=KINDS)
    phrase = serializers.CharField(max_length=200)
    is_active = serializers.BooleanField()
    seen = serializers.IntegerField(
        min_value=0, max_value=LARGEST_ID - 1, help_text="`version` as you last read it."
    )


class SwitchCue(Endpoint):
    """Look for a phrase, or not any more."""

    takes = SwitchCueIn
    gives = CueOut

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.SET_WATCHING)
        sent = self.sent(request)
        row = cues.switch(
            CueKind(sent["kind"]),
            sent["phrase"],
            on=sent["is_active"],
            by=officer,
            now=timezone.now(),
            seen=sent["seen"],
        )
        return self.answer(row)


def _plan(sent: dict[str, Any]) -> CuePlan:
    return CuePlan(CueKind(sent["kind"]), sent["words"], sent["language"])
