"""Platforms that go wrong while real workers poll them through the real client library."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from tests.faults.conftest import Rigs
from tests.faults.platform import PAGE, Raw, Weather, broken_gzip, html, platform, statuses
from tests.faults.rig import Rig
from tests.faults.test_workers import N_POSTS, assert_all_once

WINDOW_S = 60.0
N_OTHERS = 6
RETRY_AFTER_S = 90
ALLOWED = 0.95
"""The share of their rate that the other sources keep while one of them storms."""

TOO_MANY = Raw(429, b'{"error": "Too many requests"}', {"Retry-After": str(RETRY_AFTER_S)})
AWAY = Raw(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})


@pytest.fixture
def rig(rig_on: Rigs) -> Iterator[Rig]:
    made = rig_on("sqlite")
    made.broker.start()
    yield made


def polls_in_window(calm: Weather) -> int:
    """How often the other sources were asked in one window of time."""
    before = len(calm.asked)
    threading.Event().wait(WINDOW_S)  # a rate is counted over time: there is nothing to wait for but time
    return len(calm.asked) - before


@pytest.mark.faults_slow
def test_a_source_in_a_storm_is_left_alone_and_holds_up_no_other(rig: Rig) -> None:
    """Three windows of a minute: calm, one source limited, another one broken. A rate needs time."""
    calm, limited, broken = Weather(), Weather(), Weather()
    posts = statuses(PAGE // 2, until=datetime.now(UTC))
    with ExitStack() as platforms:
        others = [platforms.enter_context(platform(posts, calm)) for _ in range(N_OTHERS)]
        stormy = [platforms.enter_context(platform(posts, weather)) for weather in (limited, broken)]
        rig.inside("seed_platforms", folder=str(rig.folder), urls=[*others, *stormy])
        rig.start_beat()
        rig.start_worker("poll")
        rig.wait_for(N_POSTS, len(posts))
        normal = polls_in_window(calm)
        n_limited = len(limited.asked)
        limited.answer = lambda path: TOO_MANY
        while_limited = polls_in_window(calm)
        n_broken = len(broken.asked)
        broken.answer = lambda path: AWAY
        while_broken = polls_in_window(calm)
    shares = {"429": while_limited / normal, "503": while_broken / normal}
    # In two minutes a source that was told to wait 90 s is asked at the start and at most once more.
    asked = {"429": len(limited.asked) - n_limited, "503": len(broken.asked) - n_broken}
    print(shares, asked)  # noqa: T201  # the shares are the proof
    assert min(shares.values()) >= ALLOWED
    assert asked["429"] <= 2
    assert asked["503"] <= 4
    assert times_between(limited)[-1] >= RETRY_AFTER_S


def times_between(weather: Weather) -> list[float]:
    """Seconds between one request and the next."""
    times = [at for at, _ in weather.asked]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]


@pytest.mark.faults_slow
def test_twenty_hard_kills_between_and_inside_pages_lose_and_double_nothing(rig: Rig) -> None:
    """Two beats, every task delivered three times more, and a broker that forgets and is gone for 60 s.

    Takes some three minutes: every death leaves a lease to run out, and a minute passes without broker.
    """
    weather, n_posts, n_sources = Weather(), 4000, 2
    requests = threading.Semaphore(0)

    def count(path: str) -> None:
        requests.release()

    weather.answer = count
    with platform(statuses(n_posts, until=datetime.now(UTC)), weather) as url:
        rig.inside("seed_platforms", folder=str(rig.folder), urls=[url], n_each=n_sources)
        rig.start_beat("one beat")
        rig.start_beat("another beat")
        deaths = []
        for nth in range(20):
            rig.start_worker("poll")
            rig.inside("deliver_again", times=3)
            if nth % 2:  # between pages: the next one is asked for, the last one is stored
                _asked(requests, 4 + nth)
                deaths.append(rig.value(N_POSTS))
            else:  # inside a page: posts are coming in right now
                deaths.append(rig.wait_for(N_POSTS, min(rig.value(N_POSTS) + 1, n_posts)))
            rig.kill("worker-poll")
            if nth == 10:
                rig.broker.forget()
                _broker_away(rig, for_s=60)
        rig.start_worker("poll")
        rig.wait_for(N_POSTS, n_posts, within_s=180)
    assert sum(death < n_posts for death in deaths) >= 15, f"it was done before it was killed: {deaths}"
    assert_all_once(rig, n_posts, killed_at=deaths)


def _asked(requests: threading.Semaphore, n: int) -> None:
    """Wait for so many requests to the platform."""
    for _ in range(n):
        assert requests.acquire(timeout=60), "the platform was not asked"


def _broker_away(rig: Rig, *, for_s: float) -> None:
    """No broker for that long, with a worker that tries: what ends by itself is started again."""
    rig.start_worker("poll")
    rig.broker.kill()
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        rig.look_after()
        threading.Event().wait(0.1)
    rig.broker.start()
    rig.kill("worker-poll")


POISONS: dict[str, Callable[[dict[str, object]], object]] = {
    "no id": lambda post: {k: v for k, v in post.items() if k not in ("id", "uri")},
    "no author": lambda post: post | {"account": None},
    "a date that is none": lambda post: post | {"created_at": "yesterday"},
    "a date without an end": lambda post: post | {"created_at": "9" * 40},
    "not a post at all": lambda post: ["a", "list"],
    "nothing": lambda post: None,
    "a number": lambda post: 10**400,
    "content of another kind": lambda post: post | {"content": {"html": []}},
}


def poisoned(n_posts: int, n_poison: int) -> list[object]:
    """Posts of which some, evenly spread, cannot be read, each in one of these ways."""
    posts: list[object] = list(statuses(n_posts, until=datetime.now(UTC) - timedelta(minutes=1)))
    ways = list(POISONS.values())
    for nth in range(n_poison):
        place = nth * (n_posts // n_poison) + n_posts // n_poison // 2
        posts[place] = ways[nth % len(ways)](posts[place])  # type: ignore[arg-type]
    return posts


@pytest.mark.parametrize(
    ("n_posts", "n_poison"),
    [
        pytest.param(2_000, 40, marks=pytest.mark.faults),
        pytest.param(100_000, 1_000, marks=pytest.mark.faults_slow),
    ],
)
def test_poison_is_set_apart_one_by_one_and_every_other_post_is_kept(
    rig: Rig, n_posts: int, n_poison: int
) -> None:
    with platform(poisoned(n_posts, n_poison), Weather()) as url:
        rig.inside("seed_platforms", folder=str(rig.folder), urls=[url])
        found = rig.inside("read_everything", most_polls=n_posts // PAGE, within_s=600)
    print(found)  # noqa: T201  # the counts are the proof
    assert found["health"] == ["working"]
    assert found["rejected"] == n_poison
    assert all(found["reasons"]), "one was set apart without a reason"
    assert not [reason for reason in found["reasons"] if "Error" in reason], "a reason shows code"
    assert_all_once(rig, n_posts - n_poison)


RUBBISH = {"cut": Raw(200, b"[{"), "empty": Raw(200), "packed and cut": broken_gzip([{}] * 40), "503": AWAY}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(html(), id="html", marks=pytest.mark.faults),
        *(pytest.param(raw, id=name, marks=pytest.mark.faults_slow) for name, raw in RUBBISH.items()),
    ],
)
def test_a_platform_that_answers_rubbish_halfway_is_read_on_where_it_stopped(rig: Rig, answer: Raw) -> None:
    asked = iter(range(10_000))
    weather = Weather(answer=lambda path: answer if next(asked) == 3 else None)
    with platform(statuses(10 * PAGE, until=datetime.now(UTC)), weather) as url:
        rig.inside("seed_platforms", folder=str(rig.folder), urls=[url])
        first = rig.inside("read_everything", most_polls=1)
        assert first["health"] == ["failing"]
        assert 0 < rig.value(N_POSTS) < 10 * PAGE
        assert rig.inside("read_everything", most_polls=5)["health"] == ["working"]
    assert_all_once(rig, 10 * PAGE)
