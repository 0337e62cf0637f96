"""bin/exercise as whoever prepares one meets it: real processes, a real desk copied, nothing let out."""

import http.cookiejar
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.demo_check import free_port

ROOT = Path(__file__).resolve().parents[2]
LONG_S = 90.0
PASSWORD = "a long enough passphrase"

pytestmark = pytest.mark.faults


def manage(data_dir: Path, *args: str, code: str = "") -> None:
    """A command of the real installation."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = ["manage.py", *args] if args else ["manage.py", "shell", "-v0", "-c", code]
    subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**kept, "APP_ENV": "demo", "DATA_DIR": str(data_dir)},
        check=True,
        capture_output=True,
    )


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """The data directory of a real installation, where two people work."""
    data_dir = tmp_path / "real"
    data_dir.mkdir()
    manage(data_dir, "migrate", "-v0")
    people = "from cases.models import User\n" + "".join(
        f"User.objects.create_user('{name}', '{name}@real.example', '{PASSWORD}', role='{role}')\n"
        for name, role in (("sanne", "officer"), ("bram", "lead"))
    )
    manage(data_dir, code=people)
    return data_dir


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return tmp_path / "said.txt"


@pytest.fixture
def port(real: Path, said: Path) -> Iterator[int]:
    """An exercise at sixty times the speed, stopped as by Ctrl-C."""
    at = free_port()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    arguments = ["--incident", "sluis", "--speed", "60", "--port", str(at)]
    with said.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.exercise.start", *arguments],
            cwd=ROOT,
            env={**kept, "APP_ENV": "demo", "DATA_DIR": str(real)},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _until(lambda: "Logs:" in said.read_text(encoding="utf-8") or process.poll() is not None)
        yield at
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0, said.read_text(encoding="utf-8")


class Person:
    """Somebody signed in at the space, with their own name and password."""

    def __init__(self, name: str, port: int) -> None:
        self.site = f"http://127.0.0.1:{port}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self.browser = urllib.request.build_opener(jar)
        self.send("/sign-in/", username=name, password=PASSWORD)

    def read(self, path: str) -> str:
        with self.browser.open(self.site + path, timeout=10) as answer:
            assert answer.headers["X-Weerwoord-Space"] == "exercise"
            return str(answer.read().decode())

    def send(self, path: str, at: str = "", **fields: str) -> str:
        """Send a form of the page `at`, or of the same page."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.read(at or path))
        assert token
        sent = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.browser.open(self.site + path, sent, timeout=20) as answer:
            return str(answer.read().decode())


def _until(is_so: object, *, within_s: float = LONG_S) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.2)


# Over 0.5 s: a whole installation is made, and a whole space beside it, of real processes.
def test_an_exercise_is_played_beside_the_real_installation_and_leaves_it_untouched(
    real: Path, port: int, said: Path
) -> None:
    before = (real / "weerwoord.sqlite3").read_bytes()
    (space,) = (real / "exercises").iterdir()
    bram = Person("bram", port)
    assert 'class="space-mark"' in bram.read("/inbox/")
    bram.send("/exercise/lead/", at="/exercise/", do="play")
    _until(lambda: "AMMONIAK" in bram.read("/inbox/"))
    _until(lambda: "/injects/1/" in bram.read("/exercise/"))
    bram.send("/exercise/lead/", at="/exercise/", do="end")
    score = json.loads((space / "score.json").read_text(encoding="utf-8"))
    assert score["n_posts"] > 5
    assert score["injects"]["n"] >= 1
    rows = sqlite3.connect(space / "weerwoord.sqlite3")
    emails = {email for (email,) in rows.execute("SELECT email FROM cases_user")}
    rows.close()
    assert emails == {"person-1@exercise.invalid", "person-2@exercise.invalid"}
    tried = space / "attempts.jsonl"
    ways = {json.loads(line)["way"] for line in tried.read_text().splitlines()} if tried.exists() else set()
    assert ways <= {"mail"}
    assert not (space / "desk.json").exists()
    assert (real / "weerwoord.sqlite3").read_bytes() == before
    assert {path.name for path in real.iterdir()} <= {
        *(
            "weerwoord.sqlite3",
            "weerwoord.sqlite3-wal",
            "weerwoord.sqlite3-shm",
        ),  # reading makes the last two
        "exercises",
        "secret_key",
        "credential_key",
        "push_key",
    }


def test_an_incident_that_is_not_there_is_refused_with_the_ones_that_are(real: Path) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "config.exercise.start", "--incident", "nowhere"],
        cwd=ROOT,
        env={**kept, "APP_ENV": "demo", "DATA_DIR": str(real)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "These ship: loswal, sluis" in done.stderr
    assert not (real / "exercises").exists()
