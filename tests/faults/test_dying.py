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


def test_an_alarm_killed_at_any_point_reaches_everybody_under_one_message_id(rig: Rig) -> None:
    """A mail may come twice (a crash after sending), never under another Message-ID."""
    found = rig.inside("alert_dying", folder=str(rig.folder))
    assert found["step_points"] > 10 and found["mail_points"] > 3
    assert (found["told_twice"], found["undelivered"]) == (0, 0)
    assert found["message_ids"] == found["messages"]
    assert found["mails"] > found["messages"], "the crash between mail and settling was not met"
    assert found["findings"] == 0
