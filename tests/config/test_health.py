"""The probes say what is well and what is not, without addresses or secrets."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.test import Client

from config.broker import BrokerEvicts, refuse_eviction, write_heartbeat
from config.health import PULSES, readiness
from config.probe import has_pulse
from config.tasks import heartbeat

NOBODY = "redis://:geheim@127.0.0.1:1/0"


def beat_all(broker: Any, *, now: datetime) -> None:
    """Let every part say that it lives."""
    for name in PULSES:
        write_heartbeat(broker, name, now=now)


@pytest.mark.broker
@pytest.mark.django_db
def test_all_is_well_with_a_database_a_broker_and_fresh_pulses(broker: Any, noon: datetime) -> None:
    beat_all(broker, now=noon - timedelta(seconds=5))
    checks = readiness(now=noon)
    assert all(check["ok"] for check in checks.values()), checks
    assert checks["beat"]["age_s"] == 5.0


@pytest.mark.broker
@pytest.mark.django_db
def test_a_worker_that_has_been_silent_for_too_long_is_not_ready(broker: Any, noon: datetime) -> None:
    beat_all(broker, now=noon)
    write_heartbeat(broker, "poll", now=noon - timedelta(seconds=61))
    checks = readiness(now=noon)
    assert [name for name, check in checks.items() if not check["ok"]] == ["poll"]
    assert has_pulse("core", now=noon)
    assert not has_pulse("poll", now=noon)


@pytest.mark.django_db
def test_a_broker_that_is_away_makes_unready_and_gives_nothing_away(client: Client, settings: Any) -> None:
    settings.REDIS_URL = NOBODY
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == {"ok": False, "reason": "ConnectionError"}
    assert answer.json()["checks"]["database"] == {"ok": True}
    assert "geheim" not in answer.content.decode()
    assert "127.0.0.1" not in answer.content.decode()


@pytest.mark.django_db
def test_the_web_process_is_healthy_while_the_broker_is_away(client: Client, settings: Any) -> None:
    settings.REDIS_URL = NOBODY
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.fixture
def forgetful(broker: Any) -> Iterator[Any]:
    """A real broker that throws keys away when it is full."""
    broker.config_set("maxmemory-policy", "allkeys-lru")
    yield broker
    broker.config_set("maxmemory-policy", "noeviction")


@pytest.mark.broker
@pytest.mark.django_db
def test_a_broker_that_throws_work_away_is_refused_by_name(forgetful: redis.Redis, noon: datetime) -> None:
    with pytest.raises(BrokerEvicts, match="'allkeys-lru'.*Set it to 'noeviction'"):
        refuse_eviction(forgetful)
    checks = readiness(now=noon)
    assert not checks["broker"]["ok"]
    assert "noeviction" in str(checks["broker"]["reason"])


@pytest.mark.broker
def test_the_heartbeat_task_writes_when_its_queue_last_did_something(broker: Any) -> None:
    heartbeat("core")
    assert has_pulse("core", now=datetime.now(UTC))
    assert not has_pulse("poll", now=datetime.now(UTC))
