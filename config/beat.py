"""The beat: ticks kept in memory, because the work itself is rows with a due time."""

import time
from datetime import UTC, datetime
from typing import Any

import redis
import structlog
from celery.beat import Scheduler

from config.broker import client, write_heartbeat

log = structlog.get_logger(__name__)
HEARTBEAT_EVERY_S = 10.0
SET_BACK_S = 1.0
"""A clock that goes back by more than this was set; less is a clock that is kept right."""


class Beat(Scheduler):
    """Celery's scheduler that leaves a heartbeat, and survives a broker that is away.

    There is nothing to keep in a file: every tick is short, and missing one loses nothing.
    """

    _beaten_at: datetime | None = None
    _ahead_s: float | None = None

    def tick(self, *args: Any, **options: Any) -> float:
        """Send what is due and say that the beat lives; the answer is the wait in seconds."""
        self._notice_clock()
        wait_s = float(super().tick(*args, **options))
        now = datetime.now(UTC)
        if self._beaten_at is None or (now - self._beaten_at).total_seconds() >= HEARTBEAT_EVERY_S:
            self._beaten_at = now
            try:
                write_heartbeat(client(), "beat", now=now)
            except redis.RedisError as error:
                log.warning("beat_without_broker", error=type(error).__name__)
        return wait_s

    def _notice_clock(self) -> None:
        """Begin again when the clock was set back: nothing would tick until it had caught up."""
        ahead_s = time.time() - time.monotonic()
        if self._ahead_s is not None and ahead_s < self._ahead_s - SET_BACK_S:
            log.warning("clock_set_back", by_s=round(self._ahead_s - ahead_s))
            for entry in self.schedule.values():
                entry.last_run_at = entry.default_now()
            self._heap = self._beaten_at = None
        self._ahead_s = ahead_s
