"""The processes of bin/start beside a bench: broker, worker, beat, and the pages where they are looked at."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.error import URLError

from django.conf import settings
from django.db import connection

from config.bench.measure import CannotMeasure
from config.embedded import server_args
from config.supervisor import beat_args, worker_args

START_S = 15.0
"""A worker that loads is no figure of a worker that works."""

PAGE_S = 60.0


@contextmanager
def living(
    folder: Path, *, with_web: bool = False, environment: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Run the processes on the scratch database until the block ends; the value is the address of the pages.

    Without `with_web` only what an alarm needs runs, and there is no address.
    """
    broker = folder / "valkey.sock"
    port = _free_port()
    address = f"http://127.0.0.1:{port}" if with_web else ""
    env = {
        **os.environ,
        **(environment or {}),
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url(),
        "REDIS_URL": f"unix://{broker}",
        "PYTHONUNBUFFERED": "1",
    }
    commands = {"valkey": server_args(broker), "worker": worker_args("core"), "beat": beat_args()}
    if with_web:
        commands |= {"poll": worker_args("poll"), "web": _web_args(port)}
        env["SECRET_KEY"] = settings.SECRET_KEY  # the cookie of the bench was signed with ours
    running: list[subprocess.Popen[bytes]] = []
    try:
        for name, command in commands.items():
            running.append(_started(command, env, folder / f"{name}.log"))
        time.sleep(START_S)
        for name, one in zip(commands, running, strict=True):
            if one.poll() is not None:
                log = (folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                raise CannotMeasure(f"{name} ended: {log[-1500:]}")
        if with_web:
            _wait_for_pages(address)
        yield address
    finally:
        for one in reversed(running):
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()


def database_url() -> str:
    """The scratch database that this process is connected to, for others."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    url = os.environ["DATABASE_URL"]
    return url.replace("/postgres?", f"/{name}?") if "/postgres?" in url else _with_name(url, name)


def _with_name(url: str, name: str) -> str:
    address, mark, options = url.partition("?")
    return f"{address.rpartition('/')[0]}/{name}{mark}{options}"


def _web_args(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--host", "127.0.0.1", "--port", str(port), "--workers", "1", "--blocking-threads", "8"),
        *("--no-ws", "--log-level", "warning"),
    ]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for_pages(address: str) -> None:
    deadline = time.monotonic() + PAGE_S
    while time.monotonic() < deadline:
        with suppress(URLError, ConnectionError), urllib.request.urlopen(f"{address}/healthz", timeout=5):  # nosec B310
            return
        time.sleep(0.1)
    raise CannotMeasure("The web process does not answer.")


def _started(command: Sequence[str], env: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    with log.open("wb") as output:
        return subprocess.Popen(
            list(command),
            cwd=settings.BASE_DIR,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
