"""Turns what was filled in about a watch into a plan; what was left open gets the default."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cases.reads.people import officer_of, one_of, who_may
from cases.rules.permissions import Need
from cases.services.decisions import default_plan
from cases.services.watching import Plan


def plan_from(data: Mapping[str, Any], *, officer: object, now: datetime) -> Plan:
    """The plan for a watch. Somebody who may not watch is not made watcher: it stays with the officer."""
    mine = officer_of(officer)
    plan = default_plan(mine, now=now)
    chosen = one_of(who_may(Need.WATCH), data.get("watcher"))
    minutes, days = data.get("every_minutes"), data.get("days")
    return replace(
        plan,
        watcher=chosen or plan.watcher,
        rule=data.get("rule") or plan.rule,
        check_every=timedelta(minutes=minutes) if minutes else plan.check_every,
        ends_at=now + timedelta(days=days) if days else plan.ends_at,
    )
