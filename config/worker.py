"""What a Celery worker checks before it starts, and what it does while the database is away."""

from typing import Any

import redis
import structlog
from celery import Task, bootsteps
from django.db import InterfaceError, OperationalError

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


class Sweep(Task):  # type: ignore[type-arg]  # a base for tasks of every kind
    """A task that says in one line that the database is away, and leaves its rows to the next tick."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        try:
            return super().__call__(*args, **options)
        except (OperationalError, InterfaceError) as error:
            reason = " ".join(str(error).split())[:200]
            log.warning("database_away", task=self.name, error=type(error).__name__, reason=reason)
            return None
