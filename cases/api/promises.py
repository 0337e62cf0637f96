"""Promises: the list, and making, keeping, moving or dropping one."""

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, require, task_for
from cases.api.base import Endpoint
from cases.api.fields import LONG, MomentField, PersonOut, Shape, words_field
from cases.reads import promised
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services import promises


class TaskOut(Shape):
    """Something promised; open while `done_at` is null."""

    id = serializers.IntegerField(source="pk")
    case = serializers.IntegerField(source="case_id")
    response = serializers.IntegerField(source="response_id", allow_null=True)
    what = serializers.CharField()
    due_at = serializers.DateTimeField()
    assignee = PersonOut(allow_null=True)
    created_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    is_dropped = serializers.BooleanField(help_text="It is not done, and `note` says why.")
    note = serializers.CharField()


class PromisesIn(Shape):
    mine = serializers.BooleanField(
        required=False, default=False, help_text="Only yours, and those that are nobody's."
    )
    after = serializers.CharField(max_length=60, required=False, default="", help_text="`after` of the last.")


class PromisesOut(Shape):
    """Open promises, the soonest first."""

    n_open = serializers.IntegerField()
    n_late = serializers.IntegerField()
    after = serializers.CharField(help_text="What brings the next ones; empty at the end.")
    results = TaskOut(source="rows", many=True)


class ListPromises(Endpoint):
    """Open promises, the soonest first."""

    takes = PromisesIn
    gives = PromisesOut

    def get(self, request: Request) -> Response:
        officer = officer_of(request.user)
        require(officer, Need.PROMISE)
        sent = self.sent(request)
        return self.answer(
            promised.promises(officer, now=timezone.now(), is_mine=sent["mine"], after=sent["after"])
        )


class MakePromiseIn(Shape):
    what = serializers.CharField(max_length=500, help_text="What is promised.")
    due_at = MomentField()
    assignee = serializers.CharField(
        max_length=150, required=False, allow_blank=True, default="", help_text="A username; default: you."
    )


class MakePromise(Endpoint):
    """Promise something on a case; it does not close before that is kept or dropped."""

    takes = MakePromiseIn
    gives = TaskOut
    gives_status = 201

    def post(self, request: Request, case_id: int) -> Response:
        officer = officer_of(request.user)
        case = case_for(officer, case_id, Need.PROMISE)
        sent = self.sent(request)
        who = person_named(sent["assignee"], Need.PROMISE) if sent["assignee"] else None
        task = promises.promise(
            case, sent["what"], due_at=sent["due_at"], by=officer, now=timezone.now(), assignee=who
        )
        return self.answer(task, status=201)


class KeepPromiseIn(Shape):
    note = words_field("What was done.", most=500)


class KeepPromise(Endpoint):
    """The promise was kept."""

    takes = KeepPromiseIn
    gives = TaskOut

    def post(self, request: Request, task_id: int) -> Response:
        officer = officer_of(request.user)
        task = task_for(officer, task_id)
        promises.keep(task, by=officer, now=timezone.now(), note=self.sent(request)["note"])
        return self.answer(task)


class DropPromiseIn(Shape):
    reason = serializers.CharField(max_length=min(500, LONG), help_text="Why it is not done.")


class DropPromise(Endpoint):
    """The promise will not be kept, and why."""

    takes = DropPromiseIn
    gives = TaskOut

    def post(self, request: Request, task_id: int) -> Response:
        officer = officer_of(request.user)
        task = task_for(officer, task_id)
        promises.drop(task, reason=self.sent(request)["reason"], by=officer, now=timezone.now())
        return self.answer(task)


class MovePromiseIn(Shape):
    due_at = MomentField(help_text="The new time.")
    seen_due = MomentField(help_text="`due_at` as you last read it.")


class MovePromise(Endpoint):
    """Another time for a promise."""

    takes = MovePromiseIn
    gives = TaskOut

    def post(self, request: Request, task_id: int) -> Response:
        officer = officer_of(request.user)
        task = task_for(officer, task_id)
        sent = self.sent(request)
        promises.change_due(
            task, due_at=sent["due_at"], by=officer, now=timezone.now(), seen_due=sent["seen_due"]
        )
        return self.answer(task)
