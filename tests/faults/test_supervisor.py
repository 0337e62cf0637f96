"""bin/start as an operator meets it: it starts, mends what dies, stops clean, and says why it does not."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.engines import running_valkey

ROOT = Path(__file__).resolve().parents[2]
PARTS = {"valkey", "web", "worker-core", "worker-poll", "beat"}
LONG_S = 60.0

pytestmark = pytest.mark.faults


class Started:
    """A running bin/start without its set-up."""

    def __init__(self, data_dir: Path, *, port: int, settings: dict[str, str] | None = None) -> None:
        self.data_dir, self.port = data_dir, port
        self.output = data_dir.parent / f"{data_dir.name}-{port}.out"
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.supervisor", "--port", str(port), "--data", str(data_dir)],
                cwd=ROOT,
                env={**kept, "APP_ENV": "demo", **(settings or {})},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def pid(self, name: str) -> int:
        return int((self.data_dir / "run" / f"{name}.pid").read_text(encoding="utf-8"))

    def checks(self) -> dict[str, dict[str, object]]:
        """What /readyz says; empty while there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/readyz")
            found: dict[str, dict[str, object]] = json.loads(connection.getresponse().read())["checks"]
            return found
        except (OSError, http.client.HTTPException, ValueError):
            return {}
        finally:
            connection.close()

    def is_ready(self) -> bool:
        checks = self.checks()
        return bool(checks) and all(check["ok"] for check in checks.values())

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait for something the supervisor does by itself."""
        deadline = time.monotonic() + LONG_S
        while not is_so():
            assert time.monotonic() < deadline, f"{self.said}\n{self.checks()}"
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(LONG_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_running(pid: int) -> bool:
    """Whether a process lives; one that waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    running = Started(tmp_path / "data", port=free_port())
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.stop()


def test_what_dies_is_started_again_and_ctrl_c_leaves_nothing_behind(started: Started) -> None:
    started.until(started.is_ready)
    before = {name: started.pid(name) for name in PARTS}
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    started.until(lambda: all(started.pid(name) != before[name] for name in PARTS))
    after = {name: started.pid(name) for name in PARTS}
    started.until(started.is_ready)
    for name in PARTS:
        assert f"{name} ended (-9)" in started.said
    assert started.stop() == 0
    assert [name for name in PARTS if is_running(after[name]) or is_running(before[name])] == []
    stopped = [line for line in started.said.splitlines() if line]
    assert stopped[-1] == "Stopped."


def test_a_supervisor_that_is_killed_takes_its_children_with_it(started: Started) -> None:
    started.until(started.is_ready)
    pids = [started.pid(name) for name in PARTS]
    started.process.kill()
    started.process.wait()
    started.until(lambda: not any(is_running(pid) for pid in pids))


def test_a_second_start_on_the_same_place_is_refused(started: Started) -> None:
    started.until(lambda: "Weerwoord is at" in started.said)
    second = Started(started.data_dir, port=free_port())
    assert second.process.wait(LONG_S) == 1
    assert "already runs on" in second.said
    assert "--data DIR" in second.said


def test_a_busy_port_is_named_and_another_is_proposed(tmp_path: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = int(busy.getsockname()[1])
        refused = Started(tmp_path / "data", port=port)
        assert refused.process.wait(LONG_S) == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in refused.said
    assert f"--port {port + 1}" in refused.said
    assert "Traceback" not in refused.said


def test_production_without_its_settings_does_not_start(tmp_path: Path) -> None:
    refused = Started(tmp_path / "data", port=free_port(), settings={"APP_ENV": "production"})
    assert refused.process.wait(LONG_S) == 1
    for name in ("SECRET_KEY", "CREDENTIAL_KEYS", "ALLOWED_HOSTS", "DATABASE_URL", "EMAIL_URL"):
        assert f"{name} is missing" in refused.said
    assert "REDIS_URL is missing" not in refused.said  # bin/start brings a broker
    assert "Traceback" not in refused.said


def test_a_database_that_is_away_is_said_in_a_sentence(tmp_path: Path) -> None:
    address = f"postgres://weerwoord:geheim@127.0.0.1:{free_port()}/weerwoord"
    refused = Started(tmp_path / "data", port=free_port(), settings={"DATABASE_URL": address})
    assert refused.process.wait(LONG_S) == 1
    assert "The database does not answer" in refused.said
    assert "Traceback" not in refused.said
    assert "geheim" not in refused.said


def test_a_broker_that_throws_work_away_is_refused(tmp_path: Path) -> None:
    with running_valkey("--maxmemory-policy", "allkeys-lru") as url:
        refused = Started(tmp_path / "data", port=free_port(), settings={"REDIS_URL": url})
        refused.until(lambda: "noeviction" in refused.said or refused.process.poll() is not None)
        assert refused.process.wait(LONG_S) == 1
    assert "'allkeys-lru'" in refused.said


def test_a_broker_that_is_away_is_said_and_waited_for(tmp_path: Path) -> None:
    settings = {"REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    waiting = Started(tmp_path / "data", port=free_port(), settings=settings)
    try:
        waiting.until(lambda: "The broker does not answer" in waiting.said)
        waiting.until(lambda: "Logs:" in waiting.said)
        checks = waiting.checks()
        assert checks["database"]["ok"]
        assert checks["broker"] == {"ok": False, "reason": "ConnectionError"}
    finally:
        assert waiting.stop() == 0
