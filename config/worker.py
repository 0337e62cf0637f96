"""What a Celery worker checks before it starts, and what it does while the database is away."""

import gc
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


class ModulesAreKept(bootsteps.StartStopStep):
    """Take what was loaded out of the garbage collector's sight before the pool forks.

    A full round over all modules takes a tenth of a second, in the middle of a transaction as likely as not;
    and each round in a child would copy the memory that it shares with its parent.
    """

    def __init__(self, worker: Any, **options: Any) -> None:
        super().__init__(worker, **options)
        gc.collect()
        gc.freeze()


BUSY, AWAY = "database_busy", "database_away"
STATES = {"40": BUSY, "55": BUSY, "08": AWAY, "53": AWAY, "57": AWAY, "58": AWAY}
"""PostgreSQL's classes of errors that pass: conflicts and locks; connection, resources, shutdown, disk."""

NAMES = {"SQLITE_BUSY": BUSY, "SQLITE_LOCKED": BUSY, "SQLITE_CANTOPEN": AWAY, "SQLITE_IOERR": AWAY}


def passing_trouble(error: Exception) -> str:
    """What the log calls an error that passes by itself; "" for one that somebody must mend."""
    cause = error.__cause__
    if state := getattr(cause, "sqlstate", None):
        return STATES.get(state[:2], "")
    if name := getattr(cause, "sqlite_errorname", None):
        return next((word for start, word in NAMES.items() if name.startswith(start)), "")
    return AWAY  # the driver never reached a server that could give the error a name


class Sweep(Task):  # type: ignore[type-arg]  # a base for tasks of every kind
    """A task that says in one line that the database is away or busy; its rows wait for the next tick."""

    abstract = True

    def __call__(self, *args: Any, **options: Any) -> Any:
        try:
            return super().__call__(*args, **options)
        except (OperationalError, InterfaceError) as error:
            if not (trouble := passing_trouble(error)):
                raise
            reason = " ".join(str(error).split())[:200]
            log.warning(trouble, task=self.name, error=type(error).__name__, reason=reason)
            return None
