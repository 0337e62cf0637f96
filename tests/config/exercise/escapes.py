"""Runs inside the space of an exercise, in a process of its own after `django.setup()`: every way out.

Prints one JSON object: for each way what came of it, and which connections the system was asked for.
Below our own border stands a guard: a connection that gets that far is written down as an escape.
"""

import http.client
import imaplib
import json
import os
import shutil
import smtplib
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import requests
from django.conf import settings
from django.core.mail import send_mail
from django.utils import timezone

from cases.services import chaincheck, intake
from cases.services.channels import Letter, chat, push
from monitoring import border, fetch, polling, replies, resolving, webpage
from monitoring.connectors.base import Budget, SourceConfig
from monitoring.connectors.outgoing import GuardedAdapter
from monitoring.connectors.registry import CONNECTORS, EVERY, connector
from monitoring.models import Source

ESCAPED: list[str] = []


class Guarded(socket.socket):
    """A socket that reaches nobody: what comes here would have left."""

    def connect(self, address: Any) -> None:
        super().connect(address)  # asks our border, which refuses
        ESCAPED.append(str(address))

    def sendto(self, *args: Any) -> int:
        sent = super().sendto(*args)
        ESCAPED.append(str(args[-1]))
        return sent


def tried_all(acts: dict[str, Callable[[], Any]], space: Path) -> tuple[dict[str, str], dict[str, int]]:
    """What came of each, and how many attempts the border wrote down for it."""
    results, noted = {}, {}
    for name, act in acts.items():
        before = len(border.attempts(space))
        results[name] = tried(act)
        noted[name] = len(border.attempts(space)) - before
    return results, noted


def tried(act: Callable[[], Any]) -> str:
    """What came of it: the name of what was raised, or what was answered."""
    try:
        return f"answered {act()!r}"[:200]
    except BaseException as error:
        return type(error).__name__


def ways(outside: Path) -> dict[str, Callable[[], Any]]:
    """Every way out of the space that the code has, and the plain ones of Python below them."""
    now = timezone.now()
    letter = Letter("Alarm", "Iets", "http://127.0.0.1/", "k" * 40)
    subscription = json.dumps({"endpoint": "https://push.example/x", "p256dh": "x", "auth": "x"})
    source = Source.objects.create(
        name="real", connector="mastodon", settings={"instance": "https://social.example"}, next_poll_at=now
    )
    guarded = requests.Session()
    guarded.mount("https://", GuardedAdapter())

    def polled(name: str) -> Callable[[], Any]:
        secrets = dict.fromkeys(EVERY[name].secret_names, "reading-and-writing")
        real = SourceConfig(1, name, SETTINGS.get(name, {}), ("#brand",), secrets)
        return lambda: list(EVERY[name].poll(real, {}, Budget(), now=now))

    return {
        "fetch.get": lambda: fetch.get("https://elsewhere.example/"),
        "fetch.post": lambda: fetch.post("https://elsewhere.example/", b"x", headers={}),
        "fetch private": lambda: fetch.get("http://127.0.0.1/", network=fetch.Network(allow_private=True)),
        "outgoing": lambda: guarded.get("https://elsewhere.example/"),
        "webpage": lambda: webpage.describe("https://elsewhere.example/"),
        "resolving": lambda: resolving.resolve("https://social.example/@a/1", now=now),
        "push": lambda: push.send(letter, subscription, now=now),
        "chat": lambda: chat.send(letter, "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"),
        "mail": lambda: send_mail("Alarm", "Iets", None, ["mayor@city.example"]),
        "deadman": lambda: chaincheck._ping("https://hc.example/1", fetch.INTERNET),
        "registry": lambda: sorted(CONNECTORS),
        "connector": lambda: connector("mastodon"),
        "poll of a real source": lambda: _polled(source, now),
        "reply": lambda: replies.connector("x"),
        **{f"poll {name}": polled(name) for name in EVERY if name not in ASK_NOBODY},
        "requests": lambda: requests.get("https://elsewhere.example/", timeout=2),
        "httpx": lambda: httpx.Client(timeout=2).get("https://elsewhere.example/"),
        "urllib": lambda: urllib.request.urlopen("http://192.0.2.1/", timeout=2),
        "http.client": lambda: http.client.HTTPConnection("192.0.2.1", timeout=2).connect(),
        "smtp": lambda: smtplib.SMTP("192.0.2.1", timeout=2),
        "imap": lambda: imaplib.IMAP4("192.0.2.1", timeout=2),
        "socket": lambda: Guarded().connect(("192.0.2.1", 80)),
        "loopback": lambda: Guarded().connect(("127.0.0.1", 6379)),
        "datagram": lambda: Guarded(type=socket.SOCK_DGRAM).sendto(b"x", ("192.0.2.1", 53)),
        "name": lambda: socket.getaddrinfo("elsewhere.example", 443),
        "socket file": lambda: Guarded(socket.AF_UNIX).connect(str(outside / "docker.sock")),
        "program": lambda: subprocess.run(["curl", "https://elsewhere.example/"], check=False),
        "shell": lambda: os.system("curl https://elsewhere.example/"),
        "write": lambda: (outside / "note.txt").write_text("x"),
        "append": lambda: (outside / "real.sqlite3").open("ab"),
        "low write": lambda: os.open(outside / "low.txt", os.O_CREAT | os.O_WRONLY),
        "database": lambda: sqlite3.connect(outside / "real.sqlite3"),
        "database by address": lambda: sqlite3.connect(f"file:{outside}/real.sqlite3?mode=rw", uri=True),
        "remove": lambda: (outside / "real.sqlite3").unlink(),
        "rename": lambda: (outside / "real.sqlite3").rename(outside / "gone"),
        "link": lambda: Path(outside / "other").symlink_to(outside / "real.sqlite3"),
        "copy": lambda: shutil.copyfile(__file__, outside / "copy.py"),
        "folder": lambda: (outside / "folder").mkdir(),
    }


ASK_NOBODY = {"manual", "replay", "webhook", "import"}
SETTINGS: dict[str, dict[str, Any]] = {
    "mastodon": {"server": "https://social.example", "own_mentions": False},
    "rss": {"url": "https://feed.example/rss"},
    "email": {"host": "mail.example"},
    "facebook": {"page_id": "1000"},
    "instagram": {"ig_user_id": "2000", "username": "vr"},
    "reddit": {"subreddits": ["loswal"]},
    "youtube": {"channel_id": "UCours"},
}


def _polled(source: Any, now: Any) -> str:
    taken = polling.take_source(source.pk, now=now + timedelta(seconds=1))
    polling.poll(taken, on_page=intake.open_cases, now=now)
    source.refresh_from_db()
    return str(source.error)


def main() -> None:
    """Try everything once."""
    outside = Path(sys.argv[1])
    results, noted = tried_all(ways(outside), Path(settings.DATA_DIR))
    facts = {
        "database": settings.DATABASES["default"]["NAME"],
        "engine": settings.DATABASES["default"]["ENGINE"],
        "broker": settings.REDIS_URL,
        "keys": settings.CREDENTIAL_KEYS,
        "deadman": settings.DEADMAN_URL,
        "secret": settings.SECRET_KEY,
    }
    kept = border.attempts(Path(settings.DATA_DIR))
    sys.stdout.write(
        json.dumps({"results": results, "noted": noted, "escaped": ESCAPED, "facts": facts, "attempts": kept})
    )
