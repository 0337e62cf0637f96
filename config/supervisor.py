"""bin/start: broker, web, workers and beat in one command, restarted when they die, stopped in order."""

import argparse
import contextlib
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO

from config.embedded import EMBEDDED, NoBroker, NotOurs, private_folder, server_args, socket_path
from config.env import SettingsMissing, read_env_file, refuse_half_configured
from config.processes import Child, open_log

BASE_DIR = Path(__file__).resolve().parent.parent
FIRST_PAGE_S = 90.0
LOOK_EVERY_S = 0.2
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class CannotStart(Exception):
    """A sentence for the operator: what stands in the way, and what to do."""


class Supervisor:
    """Starts the children, keeps them alive, stops them in order."""

    def __init__(self, options: argparse.Namespace, environment: dict[str, str]) -> None:
        self.options = options
        self.environment = environment
        self.data_dir = Path(environment["DATA_DIR"])
        self.children: list[Child] = []  # in the order in which they are stopped
        self.stopping = False

    def run(self) -> None:
        """Start, print the address, and look after the children until a signal comes."""
        started = time.monotonic()
        broker = self._broker()
        if self.environment["APP_ENV"] == "production":
            refuse_half_configured(self.environment)
        web = self._child("web", web_args(self.options), stop_s=5.0)
        if broker:
            self._start(broker)
        self._start(web)  # loads while the database is prepared
        advice = self._prepare(own_broker=broker is not None)
        self._wait_for_page(web)
        self._say(
            f"Weerwoord is at {self.environment['SITE_URL']} (after {time.monotonic() - started:.1f} s)"
        )
        if advice:
            self._say(advice)
        workers = [
            self._child(f"worker-{queue}", worker_args(queue), stop_s=20.0) for queue in ("core", "poll")
        ]
        beat = self._child("beat", beat_args(), stop_s=5.0)
        for child in (*workers, beat):
            self._start(child)
        self.children = [beat, *workers, web, *([broker] if broker else [])]
        self._say(f"Logs: {self.data_dir / 'log'}. Ctrl-C stops everything.")
        while not self.stopping:
            time.sleep(LOOK_EVERY_S)
            self._look_after()

    def stop(self) -> None:
        """Stop beat, workers, web and broker, in that order."""
        for child in self.children:
            child.stop()

    def _broker(self) -> Child | None:
        if self.environment.get("REDIS_URL", "") not in {"", EMBEDDED}:
            return None
        path = socket_path(self.data_dir)
        private_folder(path.parent)
        self.environment["REDIS_URL"] = f"unix://{path}"
        return self._child("valkey", server_args(path), stop_s=5.0)

    def _child(self, name: str, args: list[str], *, stop_s: float) -> Child:
        child = Child(name, args, self.data_dir / "log" / f"{name}.log", stop_s=stop_s)
        self.children.insert(0, child)
        return child

    def _start(self, child: Child) -> None:
        child.start(self.environment, BASE_DIR)
        if child.process is not None:
            pids = self.data_dir / "run"
            pids.mkdir(exist_ok=True)
            (pids / f"{child.name}.pid").write_text(str(child.process.pid), encoding="utf-8")

    def _prepare(self, *, own_broker: bool) -> str:
        """Migrate (and seed, in a demo); the answer is what the operator should read."""
        options = [*(["--demo"] if self.options.demo else []), *(["--own-broker"] if own_broker else [])]
        with open_log(self.data_dir / "log" / "prepare.log") as log:
            done = subprocess.run(
                [sys.executable, "manage.py", "prepare", *options],
                cwd=BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                text=True,
            )
            log.write(done.stderr.encode())
        if self.stopping:
            raise KeyboardInterrupt
        if done.returncode:
            raise CannotStart(
                done.stderr.strip()[-3000:] or f"manage.py prepare ended with {done.returncode}"
            )
        return done.stdout.strip()

    def _wait_for_page(self, web: Child) -> None:
        deadline = time.monotonic() + FIRST_PAGE_S
        while not answers(self.options):
            if self.stopping:
                raise KeyboardInterrupt
            if not web.is_alive or time.monotonic() > deadline:
                raise CannotStart(f"The web process does not answer. Its last lines:\n{web.tail()}")
            time.sleep(0.05)

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.is_alive or self.stopping:
                continue
            if child.process is not None:
                code = child.process.returncode
                child.stop()  # what it left behind in its session
                wait_s = child.wait_after_fall(at=now)
                self._say(f"{child.name} ended ({code}); again in {wait_s:.0f} s. See {child.log}")
            elif now >= child.start_again_at:
                self._start(child)

    def _say(self, sentence: str) -> None:
        print(sentence, flush=True)


def web_args(options: argparse.Namespace) -> list[str]:
    """Granian: WSGI with threads."""
    return [
        *(sys.executable, "-m", "granian", "config.wsgi:application", "--interface", "wsgi"),
        *("--host", options.host, "--port", str(options.port)),
        *("--workers", os.environ.get("WEB_WORKERS", "1"), "--blocking-threads", "8"),
        *("--respawn-failed-workers", "--no-ws", "--log-level", "warning"),
    ]


def worker_args(queue: str) -> list[str]:
    """One Celery worker: polling waits for networks in threads, the core works in processes."""
    pool = ("-P", "threads", "-c", "4") if queue == "poll" else ("-P", "prefork", "-c", "1")
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "INFO")
    return [*_celery(), "worker", "-Q", queue, "-n", f"{queue}@%h", *pool, *quiet]


def beat_args() -> list[str]:
    """The beat; its ticks are kept in memory (config/beat.py)."""
    return [*_celery(), "beat", "--pidfile", "", "--loglevel", "INFO"]


def _celery() -> list[str]:
    return [sys.executable, "-m", "celery", "-A", "config"]


def reachable_host(options: argparse.Namespace) -> str:
    """The host by which this machine itself reaches the web process."""
    return "127.0.0.1" if options.host in {"0.0.0.0", "localhost"} else str(options.host)  # nosec B104


def address(options: argparse.Namespace) -> str:
    """What to open in a browser on this machine."""
    host = reachable_host(options)
    return f"http://{f'[{host}]' if ':' in host else host}:{options.port}"


def answers(options: argparse.Namespace) -> bool:
    """Whether the web process answers anything at all on its port."""
    host = reachable_host(options)
    connection = http.client.HTTPConnection(host, options.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status > 0
    except OSError:
        return False
    finally:
        connection.close()


def refuse_busy_port(options: argparse.Namespace) -> None:
    """Raise CannotStart when something else listens on the port."""
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as error:
            raise CannotStart(
                f"Port {options.port} on {options.host} cannot be used ({error.strerror}). "
                f"Something else may listen there; choose another: --port {options.port + 1}"
            ) from error


@contextlib.contextmanager
def alone_in(data_dir: Path) -> Iterator[IO[str]]:
    """Hold the data directory: two supervisors on one would fight over the broker and the files."""
    lock = (data_dir / "supervisor.lock").open("a+", encoding="utf-8")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(
                f"Weerwoord already runs on {data_dir}. Stop it, or choose another place: --data DIR"
            ) from error
        yield lock


def options_from(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="bin/start", description="Start Weerwoord on this machine.")
    parser.add_argument("--port", type=int, default=8000, help="default: 8000")
    parser.add_argument("--host", default="127.0.0.1", help="default: 127.0.0.1, this machine only")
    parser.add_argument("--data", help="where the database, logs and mail are kept; default: var")
    parser.add_argument("--demo", action="store_true", help="seed and play the demo incident")
    return parser.parse_args(arguments)


def environment_for(options: argparse.Namespace) -> dict[str, str]:
    """The children's environment: ours, `.env`, and what the command line says."""
    read_env_file(BASE_DIR / ".env")
    environment = dict(os.environ)
    asked = options.data or environment.get("DATA_DIR") or str(BASE_DIR / "var")
    data_dir = (Path(environment.get("WEERWOORD_CWD", ".")) / asked).resolve()
    data_dir.mkdir(parents=True, exist_ok=True)
    environment |= {
        "DATA_DIR": str(data_dir),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
    }
    if environment.setdefault("APP_ENV", "demo") != "production":
        environment.setdefault("SITE_URL", address(options))
        if options.host not in LOOPBACK:
            names = ["localhost", "127.0.0.1", options.host, socket.gethostname()]
            environment.setdefault("ALLOWED_HOSTS", ",".join(names))
    return environment


def main(arguments: list[str]) -> int:
    """Run until told to stop; 1 with a sentence when it cannot start."""
    options = options_from(arguments)
    environment = environment_for(options)
    supervisor = Supervisor(options, environment)

    def on_signal(signum: int, frame: FrameType | None) -> None:
        if supervisor.stopping:
            return
        supervisor.stopping = True
        print("\nStopping …", flush=True)

    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, on_signal)
    try:
        refuse_busy_port(options)
        with alone_in(supervisor.data_dir):
            try:
                supervisor.run()
            finally:
                supervisor.stop()
    except KeyboardInterrupt:
        return 0
    except (CannotStart, NoBroker, NotOurs) as error:
        print(f"Weerwoord cannot start. {error}", file=sys.stderr)
        return 1
    except SettingsMissing as error:
        print(error, file=sys.stderr)
        return 1
    print("Stopped.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
