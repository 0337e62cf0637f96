"""Real workers, a real broker and a real database, killed while two thousand mentions come in."""

import signal
from collections.abc import Iterator

import pytest

from config.bench.engines import Postgres
from tests.faults.conftest import Rigs
from tests.faults.rig import Rig, locked

N_POSTS = "SELECT count(*) FROM monitoring_post"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.faults_slow)])
def running(request: pytest.FixtureRequest, rig_on: Rigs) -> Iterator[Rig]:
    """A rig with a broker, on each database."""
    rig = rig_on(request.param)
    rig.broker.start()
    yield rig


def seeded(rig: Rig, *, n_sources: int, n_each: int, over_s: float = 0) -> int:
    """How many mentions will come in."""
    found = rig.inside("seed", folder=str(rig.folder), n_sources=n_sources, n_each=n_each, over_s=over_s)
    return int(found["mentions"])


def assert_all_once(rig: Rig, n_mentions: int, **shown: object) -> None:
    """Every mention is one post and one case with one first event, and the audit trail holds."""
    found = rig.inside("tally")
    print(found | shown | {"restarts": rig.n_restarts})  # noqa: T201  # the counts are the proof: bin/test --faults -s shows them
    assert found == {
        "posts": n_mentions,
        "doubled": 0,
        "identities": n_mentions,
        "cases": n_mentions,
        "opened": n_mentions,
        "opened_twice": 0,
        "findings": [],
    }


@pytest.mark.faults
def test_workers_killed_five_times_lose_and_double_nothing(running: Rig) -> None:
    """Takes some 25 s: six times a worker starts, and each death leaves a lease to run out."""
    n_mentions = seeded(running, n_sources=20, n_each=100)
    running.start_beat()
    running.start_worker("core")
    deaths = []
    for nth in range(1, 6):
        running.start_worker("poll")
        deaths.append(running.wait_for(N_POSTS, nth * n_mentions // 6))
        running.kill("worker-poll")
    assert deaths[-1] < n_mentions, f"the worker was never killed halfway: {deaths}"
    running.start_worker("poll")
    running.wait_for(N_POSTS, n_mentions)
    assert_all_once(running, n_mentions, killed_at=deaths)


@pytest.mark.faults_slow
def test_a_broker_that_forgets_and_dies_loses_nothing_and_two_beats_double_nothing(running: Rig) -> None:
    n_mentions = seeded(running, n_sources=6, n_each=50, over_s=8)
    running.start_beat("one beat")
    running.start_beat("another beat")
    running.start_worker("core")
    running.start_worker("poll")
    forgot_at = running.wait_for(N_POSTS, n_mentions // 6)
    running.broker.forget()
    died_at = running.wait_for(N_POSTS, n_mentions // 3)
    running.broker.kill()
    running.broker.start()
    running.wait_for(N_POSTS, n_mentions)
    assert_all_once(running, n_mentions, forgot_at=forgot_at, died_at=died_at)


@pytest.mark.faults_slow
def test_polls_wait_while_somebody_else_holds_the_sqlite_file(rig_on: Rigs) -> None:
    rig = rig_on("sqlite")
    rig.broker.start()
    n_mentions = seeded(rig, n_sources=10, n_each=60)
    rig.start_beat()
    with locked(rig.database_url):
        rig.start_worker("poll")
        rig.broker.wait_for_unfinished(4)
        assert rig.value(N_POSTS) == 0
    rig.wait_for(N_POSTS, n_mentions)
    assert rig.n_restarts == 0
    assert "database is locked" not in rig.log_of("worker-poll")
    assert_all_once(rig, n_mentions)


@pytest.mark.faults_slow
def test_a_postgresql_away_at_start_and_pulled_halfway_loses_nothing(
    rig_on: Rigs, postgres: Postgres
) -> None:
    rig = rig_on("postgresql")
    rig.broker.start()
    n_mentions = seeded(rig, n_sources=6, n_each=50, over_s=8)
    postgres.stop()
    rig.start_beat()
    rig.start_worker("poll")
    rig.wait_until_said("worker-poll", "database_away")
    postgres.start()
    pulled_at = rig.wait_for(N_POSTS, n_mentions // 4)
    postgres.stop(signal.SIGQUIT)
    postgres.start()
    rig.wait_for(N_POSTS, n_mentions)
    assert rig.n_restarts == 0
    assert_all_once(rig, n_mentions, pulled_at=pulled_at)
