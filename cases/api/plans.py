"""How a watch is kept, as input: by whom, what would be worse, how often to look, for how long."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from cases.api.fields import Shape, words_field
from cases.reads.pages import person_named
from cases.reads.people import officer_of
from cases.rules.permissions import Need
from cases.services.decisions import DAYS_WATCHED, default_plan
from cases.services.watching import Plan

ONE_WEEK_MINUTES = 7 * 24 * 60


class PlanIn(Shape):
    """A plan for a watch; what is left out is you, every hour, for a week."""

    watcher = words_field("Username of who keeps watch; you by default.", most=150)
    rule = words_field("What would be worse, in your own words.", most=500)
    every_minutes = serializers.IntegerField(
        min_value=5, max_value=ONE_WEEK_MINUTES, required=False, default=60
    )
    days = serializers.IntegerField(min_value=1, max_value=90, required=False, default=DAYS_WATCHED)


def plan_from(sent: dict[str, Any], request: Request, *, now: datetime) -> Plan:
    """The plan that was asked for. Raises UnknownPerson for a watcher who may not watch."""
    usual = default_plan(officer_of(request.user), now=now)
    return replace(
        usual,
        watcher=person_named(sent["watcher"], Need.WATCH) if sent["watcher"] else usual.watcher,
        rule=sent["rule"] or usual.rule,
        check_every=timedelta(minutes=sent["every_minutes"]),
        ends_at=now + timedelta(days=sent["days"]),
    )
