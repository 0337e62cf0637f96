"""One message for many cases whose worker dies: every case exactly once, and nobody reads a reply twice."""

import pytest

from tests.faults.rig import Rig

pytestmark = pytest.mark.faults


def test_a_message_whose_worker_is_killed_answers_every_case_exactly_once(rig: Rig) -> None:
    """Killed at every ninth statement or commit, in the first bit, between bits and at the end."""
    found = rig.inside("message_dying", folder=str(rig.folder), every=9, within_s=120)
    print(found)  # noqa: T201  # the counts are the proof: bin/test --faults -s shows them
    assert found.pop("deaths") > 5
    assert set(found.values()) == {0}, found


def test_a_reply_that_goes_with_a_message_and_is_killed_is_sent_once(rig: Rig) -> None:
    found = rig.inside("personal_reply_dying", folder=str(rig.folder), every=3, within_s=120)
    print(found)  # noqa: T201  # the counts are the proof
    assert found["deaths"] > 5
    assert found["sent"] == found["deaths"]
    assert (found["lost"], found["doubled"], found["findings"]) == (0, 0, 0)
