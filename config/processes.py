"""A child of the supervisor: in a session of its own, restarted with patience, stopped for good."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

LOG_LIMIT_BYTES = 10_000_000
CALM_S = 60.0  # alive this long: the next fall is a new story
LONGEST_WAIT_S = 30.0
PR_SET_PDEATHSIG = 1


@dataclass
class Child:
    """One process with a name, its log, and how often it fell."""

    name: str
    args: list[str]
    log: Path
    stop_s: float = 10.0  # how long it may take to stop by itself
    process: subprocess.Popen[bytes] | None = None
    n_falls: int = 0
    started_at: float = field(default=0.0)
    start_again_at: float = field(default=0.0)

    @property
    def is_alive(self) -> bool:
        """Whether the process runs now."""
        return self.process is not None and self.process.poll() is None

    def start(self, environment: dict[str, str], folder: Path) -> None:
        """Start in a session of its own, or Ctrl-C would reach it before we can stop in order."""
        self.started_at = time.monotonic()
        with open_log(self.log) as log:
            self.process = subprocess.Popen(
                self.args,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,
            )

    def wait_after_fall(self, *, at: float) -> float:
        """Count a fall and say how many seconds to wait: 1, 2, 4 … 30, and 1 again after a calm minute."""
        self.n_falls = 1 if at - self.started_at >= CALM_S else self.n_falls + 1
        wait_s = min(LONGEST_WAIT_S, 2.0 ** (self.n_falls - 1))
        self.start_again_at = at + wait_s
        return wait_s

    def stop(self) -> None:
        """Ask to stop, wait, then kill what is left of the session (workers of workers too)."""
        if self.process is None:
            return
        if self.is_alive:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.stop_s)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def tail(self, n_lines: int = 12) -> str:
        """The last lines of its log."""
        if not self.log.is_file():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-n_lines:])


def open_log(path: Path) -> BinaryIO:
    """Append to a log; a big one is set aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_file() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")


def _die_with_parent() -> None:
    """On Linux a child gets SIGTERM when the supervisor is killed hard: nothing is orphaned."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
