"""A real Bluesky network on this machine, with a few people on it, for the opt-in tests."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from config.bench.engines import EngineMissing, running_postgres
from tests.engines import running_valkey

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "bluesky-network"
START_S = 90.0
PASSWORD = "een-twee-drie-vier"  # of people who live for one run


@dataclass(frozen=True)
class Person:
    """Somebody with an account on the network."""

    network: "Network"
    did: str
    handle: str
    token: str = field(repr=False)

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a question, asked without our connector."""
        return self._answer(httpx.get(self._url(method), params=params, headers=self._headers, timeout=20))

    def tell(self, method: str, content: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The answer to a change, made without our connector."""
        return self._answer(httpx.post(self._url(method), json=content, headers=self._headers, timeout=20))

    def post(self, text: str, *, at: str = "", **more: Any) -> dict[str, str]:
        """Write a post, said to be written `at` (default: now); its `uri` and `cid`."""
        stated = {"createdAt": at or written_now(), "langs": ["nl"], **more}
        record = {"$type": "app.bsky.feed.post", "text": text, **stated}
        asked = {"repo": self.did, "collection": "app.bsky.feed.post", "record": record}
        made = self.tell("com.atproto.repo.createRecord", asked)
        return {"uri": made["uri"], "cid": made["cid"]}

    def edit(self, post: Mapping[str, str], text: str) -> None:
        """Write other words in the place of a post."""
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": written_now()}
        self.tell("com.atproto.repo.putRecord", {**self._place(post), "record": record})

    def delete(self, post: Mapping[str, str]) -> None:
        """Take a post away."""
        self.tell("com.atproto.repo.deleteRecord", self._place(post))

    def _place(self, post: Mapping[str, str]) -> dict[str, str]:
        rkey = post["uri"].rpartition("/")[2]
        return {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": rkey}

    def _url(self, method: str) -> str:
        return f"{self.network.service}/xrpc/{method}"

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @staticmethod
    def _answer(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}


@dataclass(frozen=True)
class Network:
    """Where the network is. `settle` it before looking: what was written is indexed later."""

    service: str
    settle_url: str

    def settle(self) -> None:
        """Return once everything that was written can be found."""
        httpx.post(self.settle_url, timeout=30).raise_for_status()

    def join(self, name: str) -> Person:
        """A new account."""
        handle = f"{name}.test"
        asked = {"handle": handle, "email": f"{name}@example.test", "password": PASSWORD}
        made = httpx.post(
            f"{self.service}/xrpc/com.atproto.server.createAccount", json=asked, timeout=20
        ).json()
        return Person(self, made["did"], handle, made["accessJwt"])


@contextlib.contextmanager
def running_network() -> Iterator[Network]:
    """A fresh network with databases of its own. Raises EngineMissing, which says what it needs."""
    node = shutil.which("node")
    if node is None or not (PLACE / "node_modules" / "@atproto" / "dev-env").is_dir():
        raise EngineMissing("No Bluesky network: install Node.js 20 or newer, then run bin/bluesky-network.")
    port = str(_free_port())
    with (
        running_postgres() as postgres,
        running_valkey("--port", port, "--bind", "127.0.0.1"),
        tempfile.TemporaryFile() as log,
    ):
        server = subprocess.Popen(
            [node, str(Path(__file__).with_name("network.cjs"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=_environment(postgres, port),
            text=True,
        )
        try:
            yield _told(server, log)
        finally:
            server.terminate()
            server.wait()


def _environment(postgres: str, port: str) -> dict[str, str]:
    told = {
        "DB_POSTGRES_URL": postgres,
        "REDIS_HOST": f"127.0.0.1:{port}",
        "NODE_PATH": str(PLACE / "node_modules"),
        "LOG_ENABLED": "false",
    }
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | told


def _told(server: subprocess.Popen[str], log: Any) -> Network:
    """Where the network says it is. Raises EngineMissing, with its log, when it does not come."""
    deadline = time.monotonic() + START_S
    assert server.stdout is not None
    for line in server.stdout:
        if line.startswith("{"):
            told = json.loads(line)
            return Network(told["service"], told["settle"])
        if time.monotonic() > deadline:
            break
    log.seek(0)
    raise EngineMissing(f"The Bluesky network did not start: {log.read()[-1500:].decode(errors='replace')}")


def written_now() -> str:
    """This moment as Bluesky writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
