"""Nothing leaves an exercise: every way out is tried from inside, and each attempt is written down."""

import ast
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
REAL = {
    "DATABASE_URL": "postgres://weerwoord:geheim@database.example/weerwoord",
    "REDIS_URL": "redis://broker.example:6379/0",
    "EMAIL_URL": "smtp+tls://post:geheim@mail.example:587",
    "CREDENTIAL_KEYS": "qL8Xv8z1n2M3b4V5c6X7z8L9k0J1h2G3f4D5s6A7p8Q=",
    "SECRET_KEY": "zeer-geheim-en-lang-genoeg-" + "0123456789abcdefghijklmnopqrstuvwxyz",
    "DEADMAN_URL": "https://hc.example/real",
    "AUDIT_HEAD_TO": "auditor@outside.example",
}
STAYS = {"registry", "mail", "push", "chat", "webpage", "resolving", "deadman", "poll of a real source"}
"""What answers without raising: it says that it did not go, or kept what it was given."""

ASKS_NOBODY = {"registry", "connector", "reply", "resolving", "poll of a real source"}
"""What ends before anything is tried: the connector is not there."""

GOES_OUT = {
    "cases/services/channels/chat.py": ("chat",),
    "cases/services/channels/mail.py": ("mail",),
    "cases/services/mailing.py": ("mail",),
    "cases/services/publishing.py": ("mail",),
    "monitoring/connectors/bluesky/client.py": ("poll bluesky",),
    "monitoring/connectors/bluesky/connector.py": ("poll bluesky",),
    "monitoring/connectors/bluesky/sending.py": ("poll bluesky",),
    "monitoring/connectors/bluesky/traffic.py": ("poll bluesky", "httpx"),
    "monitoring/connectors/mailbox/inbox.py": ("poll email", "imap"),
    "monitoring/connectors/mailbox/way.py": ("poll email", "imap"),
    "monitoring/connectors/mastodon/client.py": ("poll mastodon",),
    "monitoring/connectors/mastodon/connector.py": ("poll mastodon",),
    "monitoring/connectors/mastodon/traffic.py": ("poll mastodon",),
    "monitoring/connectors/meta/graph.py": ("poll facebook", "poll instagram", "requests"),
    "monitoring/connectors/meta/page.py": ("poll facebook", "poll instagram"),
    "monitoring/connectors/outgoing.py": ("outgoing",),
    "monitoring/connectors/reddit/client.py": ("poll reddit",),
    "monitoring/connectors/reddit/connector.py": ("poll reddit",),
    "monitoring/connectors/reddit/traffic.py": ("poll reddit",),
    "monitoring/connectors/rss.py": ("poll rss",),
    "monitoring/connectors/x/client.py": ("poll x", "requests"),
    "monitoring/connectors/x/connector.py": ("poll x",),
    "monitoring/connectors/x/traffic.py": ("poll x",),
    "monitoring/connectors/youtube/client.py": ("poll youtube",),
    "monitoring/fetch.py": ("fetch.get", "fetch.post", "fetch private"),
    "monitoring/wire.py": ("fetch.get", "name"),
}
"""Every module of the work and the ears that can open a way out, and which attempts above try it."""

OPENERS = re.compile(
    r"^(socket|ssl|http\.client|urllib\.request|smtplib|imaplib|poplib|ftplib|telnetlib|asyncio|subprocess|"
    r"requests|httpx|httpcore|httplib2|urllib3|aiohttp|websockets?|apprise|feedparser|tweepy|praw|prawcore|"
    r"mastodon|atproto_client|googleapiclient|redis|psycopg|django\.core\.mail)(\.|$)"
)


def run(space: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """A process of the space, with every setting of the real installation in its environment."""
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    inside = {"APP_ENV": "exercise", "DATA_DIR": str(space), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, *args],
        cwd=ROOT,
        env={**kept, **REAL, **inside},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place beside the space, with a real database in it."""
    folder = tmp_path_factory.mktemp("outside")
    with sqlite3.connect(folder / "real.sqlite3") as real:
        real.execute("CREATE TABLE post (text)")
        real.execute("INSERT INTO post VALUES ('real')")
    return folder


# Over 0.5 s: two processes of their own; the first one makes a database.
@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, outside: Path) -> dict[str, Any]:
    """What a process inside the space could say about every way out."""
    space = tmp_path_factory.mktemp("space")
    (space / "exercise.json").write_text("{}", encoding="utf-8")
    made = run(space, "manage.py", "migrate", "-v0")
    assert made.returncode == 0, made.stderr
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    begin = "import django; django.setup(); from tests.config.exercise import escapes; escapes.main()"
    done = run(space, "-c", begin, str(outside))
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    found["before"], found["after"] = before, {path.name: path.read_bytes() for path in outside.iterdir()}
    found["space"] = space
    return found


def test_no_attempt_to_leave_succeeds(told: dict[str, Any]) -> None:
    went = {name: said for name, said in told["results"].items() if said.startswith("answered")}
    assert set(went) <= STAYS, went
    assert told["escaped"] == []
    assert told["after"] == told["before"]


def test_whatever_tries_is_noticed(told: dict[str, Any]) -> None:
    unnoticed = {name for name, n_noted in told["noted"].items() if not n_noted}
    assert unnoticed <= ASKS_NOBODY


def openers() -> dict[str, set[str]]:
    """The modules of cases and monitoring that import what opens a connection, a mail or a program."""
    found: dict[str, set[str]] = {}
    for room in ("cases", "monitoring"):
        for path in sorted((ROOT / room).rglob("*.py")):
            name = str(path.relative_to(ROOT))
            if "/migrations/" in name:
                continue
            named = {
                module for node in ast.walk(ast.parse(path.read_text("utf-8"))) for module in _named(node)
            }
            if what := {module for module in named if OPENERS.match(module)}:
                found[name] = what
    return found


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_every_module_that_can_open_a_way_out_is_tried(told: dict[str, Any]) -> None:
    assert {name: what for name, what in openers().items() if name not in GOES_OUT} == {}
    tried = {way for ways in GOES_OUT.values() for way in ways}
    assert tried <= set(told["results"])
    assert set(GOES_OUT) <= set(openers()), "no module any more, or it opens nothing"


def test_the_plain_ways_of_python_are_refused_by_the_border_itself(told: dict[str, Any]) -> None:
    plain = ["socket", "loopback", "datagram", "name", "socket file", "program", "shell", "write", "append"]
    plain += ["low write", "database", "database by address", "remove", "rename", "link", "copy", "folder"]
    plain += ["smtp", "imap", "http.client"]
    assert {name: told["results"][name] for name in plain} == dict.fromkeys(plain, "StaysInside")


def test_every_attempt_is_written_down_with_its_way(told: dict[str, Any]) -> None:
    ways = {attempt["way"] for attempt in told["attempts"]}
    assert {"fetch", "push", "chat", "mail"} <= ways
    assert {"socket.connect", "socket.sendto", "socket.getaddrinfo", "sqlite3.connect", "file"} <= ways
    assert {"subprocess.Popen", "os.remove", "os.rename", "os.symlink", "os.mkdir"} <= ways
    assert not any("geheim" in attempt["to"] for attempt in told["attempts"])


def test_only_the_replay_and_what_people_type_are_there(told: dict[str, Any]) -> None:
    assert told["results"]["registry"] == "answered ['manual', 'replay']"
    assert told["results"]["connector"] == told["results"]["reply"] == "UnknownConnector"
    assert "mastodon" in told["results"]["poll of a real source"]


def test_no_setting_of_the_real_installation_is_read(told: dict[str, Any]) -> None:
    space, facts = str(told["space"]), told["facts"]
    assert facts["engine"].endswith("sqlite3")
    assert facts["database"].startswith(space)
    assert "broker.example" not in facts["broker"]
    assert facts["deadman"] == ""
    assert facts["secret"] != REAL["SECRET_KEY"]
    assert REAL["CREDENTIAL_KEYS"] not in facts["keys"]


def test_mail_stays_in_the_space_and_says_what_it_is(told: dict[str, Any]) -> None:
    (mail,) = (told["space"] / "mail").iterdir()
    text = mail.read_text(encoding="utf-8")
    assert "mayor@city.example" in text
    assert "OEFENING – EXERCISE\n" in text
    assert "EXERCISE" in text.partition("\n\n")[0]


def test_a_directory_that_is_no_exercise_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check")
    assert done.returncode != 0
    assert "is no exercise" in done.stderr
