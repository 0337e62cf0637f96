"""The scale of incidents: read by everybody who sees situations, changed by a lead."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import require
from cases.api.base import Endpoint
from cases.api.fields import Shape
from cases.reads import levels as levels_read
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import levels


class LevelStepOut(Shape):
    """A level of the scale."""

    id = serializers.IntegerField(source="level.pk")
    n = serializers.IntegerField(source="level.n", help_text="Its place: the higher, the graver.")
    name = serializers.CharField(source="level.name")
    n_open = serializers.IntegerField(help_text="Situations that run and have it.")
    n_ever = serializers.IntegerField(help_text="All situations that have it.")


class ScaleOut(Shape):
    """The scale, the lowest level first."""

    levels = LevelStepOut(many=True, source="steps")
    retired = LevelStepOut(many=True)
    version = serializers.CharField(help_text="Send it back as `seen`.")


class ScaleEndpoint(Endpoint):
    """The answer is the scale as it is now."""

    gives = ScaleOut

    def answer_scale(self) -> Response:
        return self.answer(levels_read.scale())


class ReadScale(ScaleEndpoint):
    """By which levels situations are graded."""

    def get(self, request: Request) -> Response:
        require(officer_of(request.user), Need.SEE)
        return self.answer_scale()


class SeenScaleIn(Shape):
    seen = serializers.CharField(max_length=40, help_text="`version` of the scale as you last read it.")


class NamedLevelIn(SeenScaleIn):
    name = serializers.CharField(max_length=levels.NAME)


class AddLevel(ScaleEndpoint):
    """Another level, above all others."""

    takes = NamedLevelIn

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.ONE_VOICE)
        sent = self.sent(request)
        levels.add(sent["name"], seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_scale()


class RenameLevel(ScaleEndpoint):
    """Call a level otherwise; what histories say of it stays."""

    takes = NamedLevelIn

    def post(self, request: Request, level_id: int) -> Response:
        officer = officer_of(request.user)
        level = levels_read.to_change(officer, level_id)
        sent = self.sent(request)
        levels.rename(level, sent["name"], seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_scale()


class MoveLevelIn(SeenScaleIn):
    up = serializers.BooleanField(help_text="true: past the level above it; false: past the one under it.")


class MoveLevel(ScaleEndpoint):
    """Let a level change places with its neighbour."""

    takes = MoveLevelIn

    def post(self, request: Request, level_id: int) -> Response:
        officer = officer_of(request.user)
        level = levels_read.to_change(officer, level_id)
        sent = self.sent(request)
        levels.move(level, up=sent["up"], seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_scale()


class RetireLevel(ScaleEndpoint):
    """Grade no situation so any more; those that are keep it."""

    takes = SeenScaleIn

    def post(self, request: Request, level_id: int) -> Response:
        officer = officer_of(request.user)
        level = levels_read.to_change(officer, level_id)
        sent = self.sent(request)
        levels.retire(level, seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_scale()


class RestoreLevel(ScaleEndpoint):
    """Situations can be graded so again."""

    takes = SeenScaleIn

    def post(self, request: Request, level_id: int) -> Response:
        officer = officer_of(request.user)
        level = levels_read.to_change(officer, level_id)
        sent = self.sent(request)
        levels.restore(level, seen=sent["seen"], by=officer, now=timezone.now())
        return self.answer_scale()
