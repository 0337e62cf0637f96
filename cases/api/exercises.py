"""The exercise of this space: how it stands, who leads it, what happens to people, and its score."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import exercise_for, inject_for, require
from cases.api.base import Endpoint
from cases.api.fields import Shape, words_field
from cases.reads import exercises as read
from cases.reads.people import officer_of
from cases.reads.score import score_of
from cases.reads.score_words import figures
from cases.rules.permissions import Need
from cases.services import exercises
from cases.services.exercises import FASTEST, LONGEST, InjectPlan


class InjectOut(Shape):
    """Something that happened to people; `done_at` empty: nobody has dealt with it."""

    id = serializers.IntegerField(source="inject.pk")
    kind = serializers.CharField(source="inject.kind")
    sender = serializers.CharField(source="inject.sender")
    text = serializers.CharField(source="inject.text")
    told_at = serializers.DateTimeField(source="inject.told_at")
    done_at = serializers.DateTimeField(source="inject.done_at", allow_null=True)
    note = serializers.CharField(source="inject.note")
    is_mine = serializers.BooleanField()


class ExerciseOut(Shape):
    """How the exercise stands. `speed` 0: the story stands still at second `place_s`."""

    title = serializers.CharField(source="exercise.title")
    began_at = serializers.DateTimeField(source="exercise.began_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="exercise.ended_at", allow_null=True)
    place_s = serializers.FloatField()
    duration_s = serializers.FloatField()
    speed = serializers.FloatField()
    injects = InjectOut(many=True)


class FigureOut(Shape):
    id = serializers.CharField()
    name = serializers.CharField(source="label")
    value = serializers.CharField()
    sentence = serializers.CharField()
    is_bad = serializers.BooleanField()


class ScoreOut(Shape):
    """Each figure with its sentence, and all that they were counted from (docs/exercise.md)."""

    figures = FigureOut(many=True)
    counts = serializers.DictField()


class SeenSpeedIn(Shape):
    seen = serializers.FloatField(
        required=False, default=None, help_text="`speed` as you last read it; another one by now is refused."
    )


class SpeedIn(SeenSpeedIn):
    speed = serializers.FloatField(min_value=0.1, max_value=FASTEST)


class InjectIn(Shape):
    text = words_field("What happens.", most=LONGEST)
    kind = serializers.ChoiceField(choices=read.KINDS, default="other")
    to_role = serializers.ChoiceField(choices=["", *read.ROLES], default="")
    to_function = serializers.ChoiceField(choices=["", *read.FUNCTIONS], default="")
    sender = serializers.CharField(max_length=200, default="", allow_blank=True)


class SettleIn(Shape):
    note = words_field("How it was dealt with.", most=LONGEST)


class ExerciseEndpoint(Endpoint):
    """Answers with the exercise as it stands."""

    gives = ExerciseOut

    def stands(self, request: Request) -> Response:
        viewer, now = officer_of(request.user), timezone.now()
        found, space = exercise_for(viewer), Path(settings.DATA_DIR)
        return self.answer(read.running(found, viewer=viewer, space=space, now=now))


class ReadExercise(ExerciseEndpoint):
    """The exercise of this space, and what happened to you in it; 404 in a real installation."""

    def get(self, request: Request) -> Response:
        return self.stands(request)


class ReadScore(Endpoint):
    """The score of the exercise as its rows stand, for who leads it and, when it is over, for everybody."""

    gives = ScoreOut

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        found = exercise_for(officer)
        if found.ended_at is None:
            require(officer, Need.EXERCISE)
        score = score_of(found)
        return self.answer({"figures": figures(score), "counts": score.kept()})


class PlayExercise(ExerciseEndpoint):
    """Set the story going, or on from where it stood."""

    takes = SeenSpeedIn

    def post(self, request: Request) -> Response:
        officer, sent = officer_of(request.user), self.sent(request)
        found = exercise_for(officer, Need.EXERCISE)
        exercises.play(found, by=officer, now=timezone.now(), seen=sent["seen"])
        return self.stands(request)


class PauseExercise(ExerciseEndpoint):
    """Hold the story where it is."""

    takes = SeenSpeedIn

    def post(self, request: Request) -> Response:
        officer, sent = officer_of(request.user), self.sent(request)
        found = exercise_for(officer, Need.EXERCISE)
        exercises.pause(found, by=officer, now=timezone.now(), seen=sent["seen"])
        return self.stands(request)


class SetExerciseSpeed(ExerciseEndpoint):
    """Let the story go on at another speed, from where it is."""

    takes = SpeedIn

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        found = exercise_for(officer, Need.EXERCISE)
        sent = self.sent(request)
        exercises.set_speed(found, sent["speed"], by=officer, now=timezone.now(), seen=sent["seen"])
        return self.stands(request)


class EndExercise(ExerciseEndpoint):
    """End the exercise for good; its score is kept."""

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        found = exercise_for(officer, Need.EXERCISE)
        exercises.end(found, by=officer, now=timezone.now())
        exercises.keep_score(score_of(found).kept())
        return self.stands(request)


class AddInject(ExerciseEndpoint):
    """Let something happen now, to a role, to who is on duty with a function, or to everybody."""

    takes = InjectIn

    def post(self, request: Request) -> Response:
        officer = officer_of(request.user)
        found = exercise_for(officer, Need.EXERCISE)
        sent: dict[str, Any] = self.sent(request)
        exercises.add_inject(found, InjectPlan(**sent), by=officer, now=timezone.now())
        return self.stands(request)


class SettleInject(ExerciseEndpoint):
    """Say that something was dealt with, and how."""

    takes = SettleIn

    def post(self, request: Request, inject_id: int) -> Response:
        officer = officer_of(request.user)
        inject = inject_for(officer, inject_id)
        exercises.settle(inject, note=self.sent(request)["note"], by=officer, now=timezone.now())
        return self.stands(request)
