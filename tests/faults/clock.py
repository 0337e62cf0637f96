"""A clock that every process of a rig believes, set by the test: by libfaketime, on real processes."""

import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
MISSING = "NO LIBFAKETIME: clocks were NOT set forward and back. Install faketime; .ci/run does."


class Clock:
    """The clock of a rig: it runs as ours does, so far ahead or behind. All its processes read one file."""

    def __init__(self, folder: Path) -> None:
        if not LIBRARIES or not shutil.which("faketime"):
            pytest.skip(MISSING)
        self._file = folder / "clock"
        self.ahead = timedelta()
        self.settings = {
            "LD_PRELOAD": str(LIBRARIES[0]),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "PYTHONPATH": str(Path(__file__).with_name("awake")),
        }
        self.is_ahead(timedelta())

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def set(self, at: datetime) -> None:
        """From this moment on it is `at`."""
        self.is_ahead(at - datetime.now(UTC))

    def is_ahead(self, by: timedelta) -> None:
        self.ahead = by
        beside = self._file.with_suffix(".new")
        beside.write_text(f"{by.total_seconds():+.3f}\n", encoding="ascii")
        beside.replace(self._file)  # nobody reads half a line

    def jump(self, by: timedelta) -> None:
        """Somebody sets the clock: forward, or back."""
        self.is_ahead(self.ahead + by)


def wait_s(seconds: float) -> None:
    """Give a machine the time to do what it may not do: nothing happens that could be waited for."""
    time.sleep(seconds)
