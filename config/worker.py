"""What a Celery worker checks before it starts."""

from typing import Any

import redis
import structlog
from celery import bootsteps

from config.broker import BrokerEvicts, client, refuse_eviction

log = structlog.get_logger(__name__)


class BrokerKeepsEverything(bootsteps.StartStopStep):
    """Stop a worker at its start if its broker would throw work away; one that is away is waited for."""

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        try:
            refuse_eviction(client())
        except redis.RedisError as error:
            log.warning("broker_away_at_start", error=type(error).__name__)
        except BrokerEvicts as error:
            raise SystemExit(str(error)) from error
