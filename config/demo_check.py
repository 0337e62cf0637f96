"""bin/demo --check: the whole story without a screen, in a fresh place, as one JSON object."""

import contextlib
import http.cookiejar
import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from cases.models import Case, Escalation, Notification
from config.demo.seed import DESK, PASSWORD
from monitoring.models import Post

BASE_DIR = Path(__file__).resolve().parent.parent
LIMIT_S = 60.0
LOOK_EVERY_S = 0.5
STOP_S = 40.0
WANTED = ("posts", "cases", "escalations", "notifications")


class CheckFailed(Exception):
    """Why the demo did not tell its story."""


@dataclass
class Demo:
    """One running demo and what is seen of it from outside."""

    port: int
    process: subprocess.Popen[str]
    log: Path
    started_at: float

    @property
    def seconds(self) -> float:
        """Seconds since it was started."""
        return time.monotonic() - self.started_at

    def wait_for_first_page(self) -> float:
        """Seconds until a person who signs in sees the inbox. Raises CheckFailed."""
        while self.seconds < LIMIT_S:
            if self.process.poll() is not None:
                raise CheckFailed(f"bin/demo ended by itself ({self.process.returncode})")
            site = f"http://127.0.0.1:{self.port}"
            with contextlib.suppress(OSError, ValueError):
                if site in self.log.read_text(encoding="utf-8") and signs_in(site):
                    return self.seconds
            time.sleep(0.1)
        raise CheckFailed(f"no first page within {LIMIT_S:.0f} s")

    def wait_for_story(self) -> dict[str, int]:
        """The counts, as soon as there is one of everything. Raises CheckFailed."""
        counts = dict.fromkeys(WANTED, 0)
        while self.seconds < LIMIT_S:
            with contextlib.suppress(DatabaseError):
                counts = counted()
            if all(counts.values()):
                return counts
            time.sleep(LOOK_EVERY_S)
        missing = ", ".join(name for name in WANTED if not counts[name])
        raise CheckFailed(f"none of these after {LIMIT_S:.0f} s: {missing} ({json.dumps(counts)})")


def counted() -> dict[str, int]:
    """What the demo has stored: posts, cases, alarms that ring now and notifications of them delivered."""
    connection.close()  # a new look, also after a database that was not there yet
    rings = Escalation.objects.filter(cause="worsened", resolved_at=None)  # not what was told of earlier days
    return {
        "posts": Post.objects.count(),
        "cases": Case.objects.count(),
        "escalations": rings.count(),
        "notifications": Notification.objects.filter(escalation__in=rings).exclude(delivered_at=None).count(),
    }


def signs_in(site: str) -> bool:
    """Sign in as the first of the desk, by the form, and see the inbox."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(site + "/", timeout=5) as answer:  # nosec B310 - our own address
        form, where = answer.read().decode(), answer.url
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    if not token:
        return False
    fields = {"csrfmiddlewaretoken": token[1], "username": DESK[0].username, "password": PASSWORD}
    with browser.open(where, urllib.parse.urlencode(fields).encode(), timeout=5) as answer:  # nosec B310
        return bool(answer.status == 200 and 'type="password"' not in answer.read().decode())


@contextlib.contextmanager
def running_demo(data_dir: Path, log: Path) -> Iterator[Demo]:
    """A demo on a free port, stopped as by Ctrl-C."""
    port = free_port()
    arguments = ["--demo", "--port", str(port), "--data", str(data_dir)]
    with log.open("a", encoding="utf-8") as output:
        started_at = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor", *arguments],
            cwd=BASE_DIR,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    try:
        yield Demo(port, process, log, started_at)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def told(data_dir: Path, log: Path) -> dict[str, object]:
    """Start twice: the whole story on a fresh place, then only the first page again."""
    with running_demo(data_dir, log) as demo:
        first_page = demo.wait_for_first_page()
        counts = demo.wait_for_story()
        total = demo.seconds
    with running_demo(data_dir, log) as again:
        page_again = again.wait_for_first_page()
    return {
        "seconds_to_first_page": round(first_page, 1),
        "seconds_to_first_page_again": round(page_again, 1),
        "seconds_total": round(total, 1),
        **counts,
    }


def last_lines(data_dir: Path, log: Path) -> str:
    """The end of every log, for who has to find out why."""
    paths = [log, *sorted((data_dir / "log").glob("*.log"))]
    return "\n".join(
        f"== {path.name}\n" + "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-8:])
        for path in paths
        if path.is_file()
    )


def check() -> int:
    """Print one JSON object; 0 when the story was told, 1 with the reason."""
    data_dir = Path(settings.DATA_DIR)
    log = data_dir / "demo.log"
    try:
        result = told(data_dir, log)
    except CheckFailed as failed:
        print(json.dumps({"reason": str(failed)}))
        print(last_lines(data_dir, log), file=sys.stderr)
        return 1
    print(json.dumps(result))
    return 0
