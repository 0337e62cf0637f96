"""Officers at the same cases at the same moment: exactly one wins each, on both databases."""

import pytest

from tests.faults.rig import Rig

pytestmark = pytest.mark.faults


def test_of_eight_officers_exactly_one_wins_each_case(rig: Rig) -> None:
    """320 takes and 320 moves at once; nobody meets a locked database."""
    found = rig.inside("officers_rush", folder=str(rig.folder), n_cases=40)
    assert found["errors"] == []
    assert (found["taken"], found["moved"], found["won_twice"]) == (40, 40, 0)
    assert found["refused"] == 2 * 40 * 7
    assert (found["taken_events"], found["moved_events"], found["findings"]) == (40, 40, 0)
