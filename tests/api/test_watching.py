"""A watch through the API: paused and resumed, handed over, kept from falling; and looked back at."""

from datetime import datetime, timedelta

import pytest

from cases.models import AuditEvent, Case, DutyPost, Escalation, Watch
from cases.services import escalation
from cases.services.escalation import Alarm
from tests.api.client import Api
from tests.cases.steps import watched
from tests.world import Desk


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    return watched(desk, case, now=noon)


def test_a_pause_is_ended_before_its_time_and_not_twice(officer: Api, watch: Watch, noon: datetime) -> None:
    assert officer.done("pause", watch.pk, minutes=30, reason="drill")["paused_until"]
    officer.done("resume-watch", watch.pk)
    watch.refresh_from_db()
    assert watch.paused_until is not None and watch.paused_until < noon + timedelta(minutes=1)
    n_events = AuditEvent.objects.count()
    officer.post("resume-watch", watch.pk)
    assert AuditEvent.objects.count() == n_events
    officer.done("end-watch", watch.pk, reason="over")
    status, body = officer.refused("resume-watch", watch.pk)
    assert (status, body["code"]) == (422, "watch_refused")


def test_a_watch_is_handed_to_a_colleague_and_to_a_post(officer: Api, watch: Watch) -> None:
    post = DutyPost.objects.create(name="desk")
    officer.done("hand-watch", watch.pk, watcher="ilse", post=post.pk, note="The paper calls back")
    watch.refresh_from_db()
    assert (str(watch.watcher), watch.post_id) == ("Ilse", post.pk)
    officer.done("hand-watch", watch.pk, post=post.pk)
    watch.refresh_from_db()
    assert (watch.watcher, watch.post_id) == (None, post.pk)


def test_a_watch_is_not_handed_to_nobody_nor_to_who_may_not_watch(officer: Api, watch: Watch) -> None:
    status, body = officer.refused("hand-watch", watch.pk)
    assert (status, body["code"]) == (422, "watch_refused")
    assert officer.refused("hand-watch", watch.pk, watcher="somebody")[1]["code"] == "unknown_person"
    assert officer.refused("hand-watch", watch.pk, post=8_999_999)[0] in (404, 422)
    watch.refresh_from_db()
    assert str(watch.watcher) == "Sanne"


def test_a_level_that_a_person_sets_is_an_alarm_from_two_on(officer: Api, watch: Watch) -> None:
    assert officer.done("set-floor", watch.pk, level=1, reason="the mayor asks")["id"] == watch.pk
    assert not Escalation.objects.exists()
    officer.done("set-floor", watch.pk, level=3, reason="a knife is mentioned")
    watch.refresh_from_db()
    assert (watch.floor, Escalation.objects.get().level) == (3, 3)
    assert officer.refused("set-floor", watch.pk, level=2, reason="")[0] == 400
    assert officer.refused("set-floor", watch.pk, level=5, reason="x")[0] == 400


def test_an_alarm_is_looked_back_at_once_per_reader(
    officer: Api, lead: Api, case: Case, noon: datetime
) -> None:
    alarm = escalation.raise_escalation(
        case, Alarm(2, "worsened", {"note": "x"}), by=None, now=noon - timedelta(hours=1)
    )
    escalation.resolve(case, by=None, now=noon, resolution="over")
    total = lead.read("look-back", days=1)["total"]
    assert total["n_false"] == 0
    said = lead.done("say-of-alarm", alarm.pk, is_false=True, reason="a drill", seen="")
    assert said["said"] == "false"
    status, body = officer.refused("say-of-alarm", alarm.pk, is_false=False, seen="")
    assert (status, body["code"]) == (422, "look_back_refused") or status == 403
    assert lead.refused("say-of-alarm", alarm.pk, is_false=True, reason="")[1]["code"] == "look_back_refused"
    assert lead.read("look-back", days=1)["total"]["n_false"] == 1
    assert lead.get("look-back", days=0).status_code == 400
    assert lead.refused("say-of-alarm", 8_999_999, is_false=True, reason="x")[0] == 404


@pytest.mark.parametrize("verb", ["resume-watch", "hand-watch", "set-floor"])
def test_who_may_not_watch_does_none_of_it(verb: str, lead: Api, watch: Watch) -> None:
    lead.user.role = "analyst"
    lead.user.save()
    assert lead.refused(verb, watch.pk, level=1, reason="x", watcher="ilse")[0] == 403
