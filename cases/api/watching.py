"""Watching: start, look, say it got worse, pause, end; and take an alarm."""

from datetime import timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from cases.access import case_for, query_for, watch_for
from cases.api.base import Endpoint
from cases.api.fields import MomentField, Shape, words_field
from cases.api.outputs import WatchRecordOut
from cases.api.plans import PlanIn, plan_from
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.reads.records import watch_record
from cases.reads.watches import duty_post_of
from cases.rules.permissions import Need
from cases.services import watching

LONGEST_PAUSE_H = 72


class WatchEndpoint(Endpoint):
    """A verb on a watch; the answer is the watch as it is now."""

    gives = WatchRecordOut

    def answer_watch(self, request: Request, watch_id: int, *, status: int = 200) -> Response:
        found = watch_for(officer_of(request.user), watch_id, Need.SEE)
        return self.answer(watch_record(found, now=timezone.now()), status=status)


class StartWatch(WatchEndpoint):
    """Start a watch on a case, in whatever state it is."""

    takes, gives_status = PlanIn, 201

    def post(self, request: Request, case_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        case = case_for(officer, case_id, Need.WATCH)
        plan = plan_from(self.sent(request), request, now=now)
        watch = watching.start(case, plan, by=officer, now=now)
        return self.answer_watch(request, watch.pk, status=201)


class StartQueryWatch(WatchEndpoint):
    """Start a watch on all that a query finds from now on."""

    takes, gives_status = PlanIn, 201

    def post(self, request: Request, query_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        query = query_for(officer, query_id, Need.WATCH)
        plan = plan_from(self.sent(request), request, now=now)
        watch = watching.start_on_query(query, plan, by=officer, now=now)
        return self.answer_watch(request, watch.pk, status=201)


class CheckIn(Shape):
    note = words_field("What you saw.", most=500)


class LogCheck(WatchEndpoint):
    """You looked, and it is no worse: the next check is due one interval from now."""

    takes = CheckIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch = watch_for(officer, watch_id, Need.WATCH)
        watching.log_check(watch, by=officer, now=timezone.now(), note=self.sent(request)["note"])
        return self.answer_watch(request, watch_id)


class SayWorse(WatchEndpoint):
    """You say that it got worse: communications is alarmed at once."""

    takes = CheckIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch = watch_for(officer, watch_id, Need.WATCH)
        watching.say_worse(watch, by=officer, now=timezone.now(), note=self.sent(request)["note"])
        return self.answer_watch(request, watch_id)


class PauseIn(Shape):
    hours = serializers.IntegerField(min_value=1, max_value=LONGEST_PAUSE_H, required=False)
    minutes = serializers.IntegerField(min_value=5, max_value=60 * LONGEST_PAUSE_H, required=False)
    until = MomentField(required=False)
    reason = words_field("Why it need not ring.", most=500)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not {"hours", "minutes", "until"} & attrs.keys():
            raise serializers.ValidationError("Say until when: hours, minutes or until.")
        return attrs


class PauseWatch(WatchEndpoint):
    """No alarms from this watch for a while: hours, minutes or until a moment; what rises rings after it."""

    takes = PauseIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer, now = officer_of(request.user), timezone.now()
        watch = watch_for(officer, watch_id, Need.WATCH)
        sent = self.sent(request)
        length = timedelta(hours=sent.get("hours", 0), minutes=sent.get("minutes", 0))
        until = sent.get("until") or now + length
        watching.pause(watch, until=until, by=officer, now=now, reason=sent["reason"])
        return self.answer_watch(request, watch_id)


class ResumeWatch(WatchEndpoint):
    """End a pause before its time; what rose in it rings now."""

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch = watch_for(officer, watch_id, Need.WATCH)
        watching.resume(watch, by=officer, now=timezone.now())
        return self.answer_watch(request, watch_id)


class HandIn(Shape):
    watcher = words_field("Username of who keeps watch; empty: nobody by name.", most=150)
    post = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)
    note = words_field("What the next one must know.", most=500)


class HandWatch(WatchEndpoint):
    """Give a watch to another person, another duty post, or both."""

    takes = HandIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch, sent = watch_for(officer, watch_id, Need.WATCH), self.sent(request)
        person = person_named(sent["watcher"], Need.WATCH) if sent["watcher"] else None
        post = duty_post_of(sent["post"])
        watching.hand(watch, by=officer, now=timezone.now(), watcher=person, post=post, note=sent["note"])
        return self.answer_watch(request, watch_id)


class FloorIn(Shape):
    level = serializers.IntegerField(min_value=0, max_value=4)
    reason = serializers.CharField(max_length=500)


class SetFloor(WatchEndpoint):
    """Set the level below which a watch does not fall by itself; from 2 on it is an alarm."""

    takes = FloorIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch, sent = watch_for(officer, watch_id, Need.WATCH), self.sent(request)
        watching.set_floor(watch, sent["level"], by=officer, now=timezone.now(), reason=sent["reason"])
        return self.answer_watch(request, watch_id)


class EndIn(Shape):
    reason = words_field("Why it need not be watched any more.", most=500)


class EndWatch(WatchEndpoint):
    """End a watch; a case that rested in it closes."""

    takes = EndIn

    def post(self, request: Request, watch_id: int) -> Response:
        officer = officer_of(request.user)
        watch = watch_for(officer, watch_id, Need.WATCH)
        watching.end(watch, by=officer, now=timezone.now(), reason=self.sent(request)["reason"])
        return self.answer_watch(request, watch_id)
