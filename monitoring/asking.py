"""Ask several platforms at once, and wait no longer than somebody at a page will."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from monitoring.connectors.base import SourceConfig

T = TypeVar("T")


class TooLate(Exception):
    """No answer within the time there was."""

    def __init__(self, limit_s: float) -> None:
        super().__init__(limit_s)
        self.limit_s = limit_s

    def __str__(self) -> str:
        return f"There was no answer within {self.limit_s:g} seconds."


def ask_all(calls: Sequence[Callable[[], T]], *, limit_s: float) -> list[T | Exception]:
    """The result of every call, in order: what it returned, what it raised, or TooLate.

    Each runs in a thread of its own, which must not touch the database. One that is too late is left
    alone, and ends by the time-outs of its own network.
    """
    answers: list[T | Exception] = [TooLate(limit_s)] * len(calls)

    def ask(place: int, call: Callable[[], T]) -> None:
        try:
            answers[place] = call()
        except Exception as error:
            answers[place] = error

    threads = [
        threading.Thread(target=ask, args=(place, call), daemon=True) for place, call in enumerate(calls)
    ]
    until = time.monotonic() + limit_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return list(answers)


class Sessions:
    """Sign-ins that connectors want kept, held back until their threads are done with."""

    def __init__(self) -> None:
        self._kept: list[tuple[Callable[[str], None], str]] = []

    def apart(self, config: SourceConfig) -> SourceConfig:
        """The same source for a thread, which has no database to write a sign-in to."""
        keep = config.keep

        def keep_later(session: str) -> None:
            self._kept.append((keep, session))

        return replace(config, keep=keep_later)

    def write(self) -> None:
        """Keep what came in so far."""
        kept, self._kept = self._kept, []
        for keep, session in kept:
            keep(session)
