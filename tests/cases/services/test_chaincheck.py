"""A test alarm goes the way of every alarm, so that a chain that stands still is seen."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from cases.models import Case, ChainBeat, Notification
from cases.pulse import LATE, pulse
from cases.services import chaincheck, notifications
from cases.services.escalation import Alarm, raise_escalation, take_due_steps
from config.health import readiness
from monitoring.fetch import Network
from tests.world import Desk

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def turn(now: datetime) -> None:
    """One turn of all sweeps, as the core worker makes them."""
    chaincheck.beat(now=now)
    take_due_steps(now=now)
    chaincheck.take_step(now=now)
    for number in notifications.due_notifications(now=now):
        notifications.deliver(number, now=now)
    chaincheck.deliver(now=now)


def test_a_test_alarm_is_written_each_minute_and_delivered(noon: datetime) -> None:
    for seconds in range(0, 180, 10):
        turn(noon + seconds * SECOND)
    assert ChainBeat.objects.filter(delivered_at__isnull=False).count() == 3
    assert pulse(now=noon + 3 * MINUTE) == pulse(now=noon + 3 * MINUTE)
    found = pulse(now=noon + 3 * MINUTE)
    assert (found.is_well, found.age_s) == (True, 60.0)


def test_before_the_first_test_alarm_nothing_is_said_against_the_chain(noon: datetime) -> None:
    found = pulse(now=noon)
    assert (found.is_well, found.since, found.age_s) == (True, None, None)


@pytest.mark.parametrize("dead", ["beat", "take_step", "deliver"])
def test_a_sweep_that_stands_still_is_seen_within_three_minutes(dead: str, noon: datetime) -> None:
    turn(noon)
    sweeps = [getattr(chaincheck, name) for name in ("beat", "take_step", "deliver") if name != dead]
    for seconds in range(10, 200, 10):
        for sweep in sweeps:
            sweep(now=noon + seconds * SECOND)
    assert pulse(now=noon + LATE - SECOND).is_well
    found = pulse(now=noon + LATE)
    assert (found.is_well, found.since) == (False, noon)


def test_a_real_step_that_nobody_takes_keeps_the_test_alarm_from_passing_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    chaincheck.beat(now=noon + SECOND)
    assert chaincheck.take_step(now=noon + SECOND) == 0
    take_due_steps(now=noon + SECOND)
    assert chaincheck.take_step(now=noon + SECOND) == 1


def test_a_real_message_that_nobody_sends_keeps_the_test_alarm_from_passing_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    take_due_steps(now=noon)
    assert Notification.objects.filter(delivered_at=None, due_at__lte=noon).exists()
    chaincheck.beat(now=noon + SECOND)
    chaincheck.take_step(now=noon + SECOND)
    assert chaincheck.deliver(now=noon + SECOND) == 0
    Notification.objects.update(due_at=None)
    assert chaincheck.deliver(now=noon + SECOND) == 1


def test_a_clock_that_was_ahead_and_is_set_back_is_measured_anew(noon: datetime) -> None:
    turn(noon + timedelta(hours=2))
    turn(noon)
    assert pulse(now=noon + 10 * SECOND).is_well
    assert ChainBeat.objects.count() == 1


def test_readiness_says_how_old_the_last_proof_is(settings: Any, noon: datetime) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    turn(noon)
    assert readiness(now=noon + 5 * SECOND)["alarms"] == {"ok": True, "age_s": 5.0}
    assert readiness(now=noon + 5 * MINUTE)["alarms"] == {"ok": False, "age_s": 300.0}


# ── the watchman outside ────────────────────────────────────────────────────
@pytest.fixture
def watchman() -> Iterator[tuple[str, list[str]]]:
    """A dead-man's switch on this machine: its address, and what it heard."""
    heard: list[str] = []

    class Switch(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_response(500 if self.path == "/broken" else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Switch)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", heard
    server.shutdown()
    thread.join()
    server.server_close()


LOCAL = Network(allow_private=True)


def test_the_watchman_hears_once_of_every_proof_and_nothing_without_one(
    watchman: tuple[str, list[str]], settings: Any, noon: datetime
) -> None:
    address, heard = watchman
    settings.DEADMAN_URL = f"{address}/ping"
    assert not chaincheck.tell_outside(now=noon, network=LOCAL)
    turn(noon)
    assert chaincheck.tell_outside(now=noon, network=LOCAL)
    assert not chaincheck.tell_outside(now=noon + 20 * SECOND, network=LOCAL)
    chaincheck.beat(now=noon + 10 * MINUTE)
    assert not chaincheck.tell_outside(now=noon + 10 * MINUTE, network=LOCAL)
    assert heard == ["/ping"]


@pytest.mark.parametrize("path", ["/broken", ""])
def test_a_watchman_that_does_not_answer_harms_nothing(
    path: str, watchman: tuple[str, list[str]], settings: Any, noon: datetime
) -> None:
    settings.DEADMAN_URL = f"{watchman[0]}{path}" if path else "http://127.0.0.1:1/"
    turn(noon)
    assert not chaincheck.tell_outside(now=noon, network=LOCAL)
    assert pulse(now=noon + MINUTE).is_well


def test_the_watchman_is_told_over_https_only(settings: Any, noon: datetime) -> None:
    settings.DEADMAN_URL = "http://watchman.example/ping"
    turn(noon)
    assert not chaincheck.tell_outside(now=noon)
