"""Days go by after an alarm was taken: time alone calls nobody; a promise to act that is not kept does."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from cases.models import Case, Escalation, Notification
from cases.services import escalation, watching
from tests.cases.steps import watched
from tests.ticks import sweep
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db

TICK, DAY = timedelta(minutes=20), timedelta(days=1)


@pytest.fixture
def alarm(case: Case, desk: Desk, noon: datetime) -> Escalation:
    """A watch that rose by posts in its thread; the first people were told, and one of them takes it."""
    watched(desk, case, now=noon)
    desk.store([mention(f"r{n}", at=noon, thread="m1") for n in range(30)], now=noon)
    minute = timedelta(minutes=1)
    for at in (noon, noon + minute, noon + 2 * minute):
        sweep(now=at)
    raised = Escalation.objects.get(case=case)
    assert raised.notifications.filter(channel="email").exclude(delivered_at=None).exists()
    assert escalation.acknowledge(raised, by=desk.officer, now=noon + 3 * minute)
    return raised


def ticks(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        since += TICK
        yield since


def notices() -> int:
    return Notification.objects.filter(kind="alarm").count()


def test_nobody_is_told_again_while_an_alarm_is_somebodys(alarm: Escalation, noon: datetime) -> None:
    alarm.refresh_from_db()
    assert alarm.taken_until is not None
    before = notices()
    for now in ticks(noon, alarm.taken_until - TICK):
        sweep(now=now)
    assert notices() == before


def test_when_something_was_done_about_it_days_of_time_alone_tell_nobody_of_that_level(
    alarm: Escalation, desk: Desk, noon: datetime
) -> None:
    """Three days, at every tick; some two seconds, for every tick is a real one."""
    watch = alarm.case.watches.get()
    watching.log_check(watch, by=desk.officer, now=noon + timedelta(minutes=20), note="we called them")
    before = notices()
    for now in ticks(noon + timedelta(minutes=20), noon + 3 * DAY):
        sweep(now=now)
    assert notices() == before
    alarm.refresh_from_db()
    assert (alarm.status, alarm.round) == ("acknowledged", 1)


def test_when_nothing_was_done_the_alarm_rings_again_once_its_time_is_over(
    alarm: Escalation, noon: datetime
) -> None:
    alarm.refresh_from_db()
    until = alarm.taken_until
    assert until is not None
    before = notices()
    sweep(now=until + TICK)
    alarm.refresh_from_db()
    assert (alarm.status, alarm.round) == ("running", 2)
    assert notices() > before
