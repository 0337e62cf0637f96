"""The broker: the settings' Redis or Valkey, asked whether it is there and whether it keeps everything."""

from datetime import UTC, datetime

import redis
from django.conf import settings

HEARTBEAT_KEY = "weerwoord:heartbeat:"
KEEPS_EVERYTHING = "noeviction"


class BrokerEvicts(Exception):
    """The broker throws work away when its memory is full."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        super().__init__(policy)

    def __str__(self) -> str:
        return (
            f"The broker's maxmemory-policy is '{self.policy}': it would throw work away when it is full. "
            f"Set it to '{KEEPS_EVERYTHING}' and start again."
        )


def client(url: str = "", *, timeout_s: float = 2.0) -> redis.Redis:
    """A connection to the broker that gives up soon: a probe must answer while the broker is away."""
    return redis.Redis.from_url(
        url or settings.REDIS_URL,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        decode_responses=True,
    )


def refuse_eviction(broker: redis.Redis) -> None:
    """Raise BrokerEvicts unless the broker keeps all keys; a host that hides its settings passes."""
    try:
        policy = str(broker.config_get("maxmemory-policy").get("maxmemory-policy", KEEPS_EVERYTHING))
    except redis.ResponseError:  # managed Redis: CONFIG is not allowed
        return
    if policy != KEEPS_EVERYTHING:
        raise BrokerEvicts(policy)


def write_heartbeat(broker: redis.Redis, name: str, *, now: datetime) -> None:
    """Say that `name` (beat, core, poll) was alive at `now`."""
    broker.set(HEARTBEAT_KEY + name, now.timestamp())


def heartbeat_age_s(broker: redis.Redis, name: str, *, now: datetime) -> float | None:
    """Seconds since `name` last said it was alive; None when it never did."""
    written = broker.get(HEARTBEAT_KEY + name)
    if written is None:
        return None
    return max(0.0, (now - datetime.fromtimestamp(float(str(written)), UTC)).total_seconds())
