"""Work that dies at every point it can die at: the next sweep finishes it, and nothing happens twice."""

import pytest

from tests.faults.rig import Rig

pytestmark = pytest.mark.faults


def test_a_poll_killed_at_any_point_stores_each_mention_once(rig: Rig) -> None:
    found = rig.inside("poll_dying", folder=str(rig.folder), n_each=20)
    assert found["points"] > 10
    assert (found["wrong"], found["findings"]) == (0, 0)


def test_a_reply_killed_at_any_point_is_sent_once(rig: Rig) -> None:
    found = rig.inside("send_dying", folder=str(rig.folder))
    assert found["points"] > 10
    assert found["sent"] == found["points"]
    assert (found["lost"], found["doubled"], found["findings"]) == (0, 0, 0)


@pytest.mark.parametrize("is_mute", [False, True], ids=["answered", "not answered"])
@pytest.mark.parametrize("way", ["direct", "approved"])
@pytest.mark.parametrize(
    "every",
    [pytest.param(23, id="some points"), pytest.param(1, marks=pytest.mark.faults_slow, id="all points")],
)
def test_a_reply_killed_anywhere_between_choice_and_arrival_arrives_once(
    rig: Rig, every: int, way: str, is_mute: bool
) -> None:
    """Choose, draft, hand in, approve, queue, take, send, settle; takes a minute for all points."""
    found = rig.inside(
        "reply_dying", folder=str(rig.folder), way=way, is_mute=is_mute, every=every, within_s=300
    )
    print({"way": way, "is_mute": is_mute} | found)  # noqa: T201  # the counts are the proof
    assert found["points"] > 60
    assert found["answered"] == found["tries"]
    assert (found["lost"], found["doubled"], found["strangers"], found["findings"]) == (0, 0, 0, 0)


def test_an_alarm_killed_at_any_point_reaches_everybody_under_one_message_id(rig: Rig) -> None:
    """A mail may come twice (a crash after sending), never under another Message-ID."""
    found = rig.inside("alert_dying", folder=str(rig.folder))
    assert found["step_points"] > 10 and found["mail_points"] > 3
    assert (found["told_twice"], found["undelivered"]) == (0, 0)
    assert found["message_ids"] == found["messages"]
    assert found["mails"] > found["messages"], "the crash between mail and settling was not met"
    assert found["findings"] == 0
