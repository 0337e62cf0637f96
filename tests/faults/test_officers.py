"""Officers at the same cases at the same moment: exactly one wins each, on both databases."""

import os

import pytest

from tests.faults.conftest import Rigs
from tests.faults.rig import Rig

SEED = "weerwoord"


@pytest.mark.faults
def test_of_eight_officers_exactly_one_wins_each_case(rig: Rig) -> None:
    """320 takes and 320 moves at once; nobody meets a locked database."""
    found = rig.inside("officers_rush", folder=str(rig.folder), n_cases=40)
    assert found["errors"] == []
    assert (found["taken"], found["moved"], found["won_twice"]) == (40, 40, 0)
    assert found["refused"] == 2 * 40 * 7
    assert (found["taken_events"], found["moved_events"], found["findings"]) == (40, 40, 0)


@pytest.mark.parametrize(
    ("kind", "n_cases", "n_each"),
    [
        pytest.param("sqlite", 40, 100, marks=pytest.mark.faults, id="800 operations"),
        pytest.param("postgresql", 40, 100, marks=pytest.mark.faults, id="800 on PostgreSQL"),
        pytest.param("sqlite", 150, 1_250, marks=pytest.mark.faults_slow, id="10,000 operations"),
        pytest.param("postgresql", 150, 1_250, marks=pytest.mark.faults_slow, id="10,000 on PostgreSQL"),
    ],
)
def test_whatever_eight_officers_do_at_once_the_trail_played_again_is_what_is_stored(
    rig_on: Rigs, kind: str, n_cases: int, n_each: int
) -> None:
    """Takes some two minutes in its long form: every operation is a transaction of its own, or a refusal."""
    rig = rig_on(kind)
    seed = os.environ.get("CROWD_SEED", SEED)
    found = rig.inside(
        "officers_crowd", folder=str(rig.folder), n_cases=n_cases, n_each=n_each, seed=seed, within_s=900
    )
    print({"seed": seed} | found)  # noqa: T201  # the counts are the proof
    assert found["errors"] == []
    assert found["operations"] == 8 * n_each
    assert found["done"] > found["operations"] / 3, "nearly everything was refused"
    wrong = ("faults", "unequal", "lost", "unasked", "misfits")
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, [])
    assert found["findings"] == 0
