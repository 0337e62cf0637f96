"""Celery sweeps due rows in the database: losing the broker loses nothing."""

import os
from typing import Any

from celery import Celery
from celery.schedules import schedule

from cases.schedule import TICKS, Tick
from config.worker import BrokerKeepsEverything, ModulesAreKept, Sweep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

VISIBILITY_TIMEOUT_S = 600  # far above the hard time limit, or a long task would be run twice
HARD_LIMIT_S = 120
SOFT_LIMIT_S = 100
HEARTBEATS = tuple(
    Tick(task="config.tasks.heartbeat", every_s=10.0, queue=queue, expires_s=30.0)
    for queue in ("core", "poll")
)


def _entry(tick: Tick) -> dict[str, Any]:
    return {
        "task": tick.task,
        "schedule": schedule(tick.every_s),
        "args": [tick.queue] if tick in HEARTBEATS else [],
        "options": {"queue": tick.queue, "expires": tick.expires_s},
    }


def defaults() -> dict[str, Any]:
    """How Celery runs here; each line has its reason in docs/architecture.md or beside it."""
    return {
        # A task of a killed worker comes back; a task is safe to run twice because it claims rows.
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "task_ignore_result": True,
        "task_time_limit": HARD_LIMIT_S,
        "task_soft_time_limit": SOFT_LIMIT_S,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_soft_shutdown_timeout": 10.0,
        "worker_max_tasks_per_child": 2000,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
        "worker_send_task_events": False,
        "task_default_queue": "core",
        "task_create_missing_queues": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "enable_utc": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 3.0,
        "broker_transport_options": {
            "visibility_timeout": VISIBILITY_TIMEOUT_S,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
            "socket_connect_timeout": 3,
            "socket_timeout": 10,
            "socket_keepalive": True,
            "health_check_interval": 25,
        },
        # A publish is only a hint: an officer's page never waits for a broker that is away.
        "task_publish_retry": False,
        "beat_scheduler": "config.beat:Beat",
        "beat_max_loop_interval": 5,
        "beat_schedule": {f"{tick.task}@{tick.queue}": _entry(tick) for tick in (*TICKS, *HEARTBEATS)},
    }


app = Celery("weerwoord", task_cls=Sweep)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.add_defaults(defaults)
app.steps["worker"].update((BrokerKeepsEverything, ModulesAreKept))
app.autodiscover_tasks()
