"""Situations whose worker dies: the alarm of a night rings once, nothing that flows in is lost or doubled."""

import pytest

from tests.faults.rig import Rig


@pytest.mark.parametrize(
    "every",
    [
        pytest.param(15, marks=pytest.mark.faults, id="some points"),
        pytest.param(1, marks=pytest.mark.faults_slow, id="all points"),
    ],
)
def test_an_alarm_that_a_situation_takes_upon_itself_rings_once_wherever_its_worker_is_killed(
    rig: Rig, every: int
) -> None:
    found = rig.inside("absorbed_alarm_dying", folder=str(rig.folder), every=every, within_s=600)
    print(found)  # noqa: T201  # the counts are the proof: bin/test --faults -s shows them
    assert found.pop("deaths") > 5
    assert set(found.values()) == {0}, found


@pytest.mark.parametrize(
    "every",
    [
        pytest.param(9, marks=pytest.mark.faults, id="some points"),
        pytest.param(1, marks=pytest.mark.faults_slow, id="all points"),
    ],
)
def test_an_inflow_that_is_killed_brings_every_case_of_before_once(rig: Rig, every: int) -> None:
    found = rig.inside("inflow_dying", folder=str(rig.folder), every=every, within_s=300)
    print(found)  # noqa: T201  # the counts are the proof
    assert found.pop("deaths") > 5
    assert set(found.values()) == {0}, found
