"""A whole Weerwoord of real processes in a folder, to be killed: workers, beats, a broker, a database."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from config.bench.engines import wait_until
from config.broker import client
from config.embedded import server_args
from config.supervisor import beat_args, worker_args

ROOT = Path(__file__).resolve().parents[2]
LEASE_S = 2
PATIENCE_S = 60.0


class Broker:
    """A real Valkey that keeps nothing on disk, and can be killed."""

    def __init__(self, folder: Path) -> None:
        self.socket = folder / "valkey.sock"
        self.log = folder / "valkey.log"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.socket.unlink(missing_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                server_args(self.socket), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait_until(self.socket.exists, self.process, self.log)

    def forget(self) -> None:
        """Lose everything it holds."""
        client(self.url).flushall()

    def wait_for_unfinished(self, n: int) -> None:
        """Wait until workers hold so many tasks that they have not finished."""
        wait_for(lambda: client(self.url).hlen("unacked"), n, what=f"{n} tasks in work")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@dataclass
class Rig:
    """One database, one broker and the processes that work on them; `stop` leaves nothing behind."""

    folder: Path
    database_url: str
    broker: Broker
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    n_restarts: int = 0
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        ours = {
            "APP_ENV": "demo",
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.broker.url,
            "LEASE_S": str(LEASE_S),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PYTHONUNBUFFERED": "1",
        }
        return os.environ | ours | self.settings

    def inside(self, scenario: str, *, within_s: float = PATIENCE_S, **arguments: Any) -> dict[str, Any]:
        """Run a scenario of tests/faults/inside.py in a process of its own; the answer is what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.inside", scenario, json.dumps(arguments)],
            cwd=ROOT,
            env=self.environment | {"APP_ENV": "test"},
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def start_worker(self, queue: str) -> None:
        self._start(f"worker-{queue}", [*worker_args(queue), "--include", "tests.faults.nearby_worker"])

    def start_beat(self, name: str = "beat") -> None:
        self._start(name, beat_args())

    def _start(self, name: str, args: list[str]) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                args,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str) -> None:
        """Kill a process and its children the hard way, as the kernel or a power cut would."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def look_after(self) -> None:
        """Start again what ended by itself, as the supervisor does."""
        for name, process in list(self.running.items()):
            if process.poll() is not None:
                self.n_restarts += 1
                self._start(name, [str(arg) for arg in process.args])  # type: ignore[union-attr]

    def log_of(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def wait_until_said(self, name: str, words: str) -> None:
        """Wait until a process has written these words in its log."""
        wait_for(lambda: int(words in self.log_of(name)), 1, what=f'"{words}" in the log of {name}')

    def value(self, sql: str) -> int:
        """One number from the database, without Django in between."""
        if self.database_url.startswith("sqlite"):
            with _sqlite(self.database_url) as connection:
                return int(connection.execute(sql).fetchone()[0])
        with psycopg.connect(self.database_url) as pg:
            row = pg.execute(sql.encode()).fetchone()
            return int(row[0]) if row else 0

    def wait_for(self, sql: str, at_least: int, *, within_s: float = PATIENCE_S) -> int:
        """Wait until a number in the database is high enough; the answer is the number then."""

        def look() -> int:
            self.look_after()
            return self.value(sql)

        return wait_for(look, at_least, what=f"{sql} ≥ {at_least}", within_s=within_s)

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        self.broker.kill()


def wait_for(look: Callable[[], int], at_least: int, *, what: str, within_s: float = PATIENCE_S) -> int:
    """Look again and again until the number is there; fails with `what` when patience is over."""
    deadline = time.monotonic() + within_s
    while (found := look()) < at_least:
        assert time.monotonic() < deadline, f"waited {within_s:.0f} s for {what}, found {found}"
        time.sleep(0.01)
    return found


@contextmanager
def locked(database_url: str) -> Iterator[None]:
    """Hold an SQLite database so that nobody else can write."""
    with _sqlite(database_url) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.rollback()


@contextmanager
def _sqlite(database_url: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(database_url.removeprefix("sqlite:///"), timeout=20, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()
