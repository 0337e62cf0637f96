"""How background work is set up: nothing that is due can be lost with the broker."""

import subprocess
import sys

from cases.schedule import TICKS
from config import celery_app
from config.celery import HARD_LIMIT_S, HEARTBEATS, VISIBILITY_TIMEOUT_S


def test_every_tick_names_a_task_that_exists() -> None:
    celery_app.loader.import_default_modules()
    for tick in (*TICKS, *HEARTBEATS):
        assert tick.task in celery_app.tasks, tick.task


def test_every_tick_expires_and_goes_to_a_queue_that_a_worker_takes() -> None:
    entries = celery_app.conf.beat_schedule
    assert len(entries) == len(TICKS) + len(HEARTBEATS)
    for entry in entries.values():
        assert entry["options"]["expires"] > 0
        assert entry["options"]["queue"] in {"core", "poll"}


def test_a_killed_workers_task_comes_back_long_after_its_time_limit() -> None:
    conf = celery_app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.broker_transport_options["visibility_timeout"] == VISIBILITY_TIMEOUT_S
    assert conf.broker_transport_options["unacked_restore_throttle"] == 1
    assert conf.task_soft_time_limit < conf.task_time_limit == HARD_LIMIT_S
    assert HARD_LIMIT_S * 4 < VISIBILITY_TIMEOUT_S


def test_no_result_is_kept_and_the_clock_is_the_desks() -> None:
    assert celery_app.conf.task_ignore_result
    assert celery_app.conf.result_backend is None
    assert celery_app.conf.timezone == "Europe/Amsterdam"


def test_the_web_and_the_workers_keep_what_they_loaded_out_of_the_garbage_collectors_rounds() -> None:
    asks = """
import gc, config.wsgi
print(gc.get_freeze_count())
gc.unfreeze()
config.celery_app.Worker(pool="prefork", concurrency=1)
print(gc.get_freeze_count())
"""
    said = subprocess.run(
        [sys.executable, "-c", asks], capture_output=True, text=True, check=True, timeout=60
    )
    assert all(int(n) > 100_000 for n in said.stdout.split()), said.stdout
    assert len(said.stdout.split()) == 2
