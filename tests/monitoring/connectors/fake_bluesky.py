"""A Bluesky made of given answers, and posts to give."""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import httpx

from tests.monitoring.networks import PAYLOADS

WRITER = "did:plc:bewoneraaaaaaaaaaaaaaaaa"
US = "did:plc:regioaaaaaaaaaaaaaaaaaaa"
Answer = httpx.Response | Mapping[str, Any] | Exception
Answers = Answer | Sequence[Answer] | Callable[[Mapping[str, Any]], Answer]


def token(expires: int = 4_102_444_800) -> str:
    """A token that atproto can look into; it is good until 2100 unless said otherwise."""
    parts = ({"alg": "HS256"}, {"exp": expires, "scope": "com.atproto.access"})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode() for p in parts), "sig"])


def session(expires: int = 4_102_444_800) -> dict[str, Any]:
    """What a sign-in brings."""
    jwt = token(expires)
    return {"accessJwt": jwt, "refreshJwt": jwt, "did": US, "handle": "vr-loswal.test", "active": True}


class FakeBluesky(httpx.BaseTransport):
    """Gives per method its answers in turn, the last again and again; keeps what was asked."""

    def __init__(self, **answers: Answers) -> None:
        self.answers: dict[str, Any] = {"createSession": session(), **answers}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        method = request.url.path.rpartition(".")[2]
        body = request.read()
        asked = json.loads(body) if body else _flat(parse_qs(request.url.query.decode()))
        self.asked.append((method, asked))
        self.requests.append(request)
        given = self.answers[method]
        if callable(given):
            given = given(asked)
        elif isinstance(given, list):
            given = given.pop(0) if len(given) > 1 else given[0]
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, httpx.Response) else httpx.Response(200, json=given)

    def n_asked(self, method: str) -> int:
        """How often a method was asked."""
        return [name for name, _ in self.asked].count(method)


def failed(status: int, error: str = "", message: str = "", **headers: str) -> httpx.Response:
    """An answer that is a refusal; header names with underscores."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"error": error, "message": message}, headers=fields)


def uri(n: int, did: str = WRITER) -> str:
    """The address of the n-th post."""
    return f"at://{did}/app.bsky.feed.post/3n2w2jr{n:06d}"


def view(n: int, *, at: datetime, **more: Any) -> dict[str, Any]:
    """The n-th post, which came `at`; `more` goes over the fields, `record` into the record."""
    record = {"$type": "app.bsky.feed.post", "text": f"Brand {n}", "createdAt": at.isoformat()}
    return {
        "uri": uri(n),
        "cid": f"bafyrei{n:052d}",
        "author": {"did": WRITER, "handle": "kadebewoner.test", "displayName": "Kade"},
        "indexedAt": at.isoformat(),
        **more,
        "record": record | dict(more.get("record", {})),
    }


def found(views: Sequence[Mapping[str, Any]], cursor: str = "") -> dict[str, Any]:
    """A page of a search."""
    return {"posts": list(views)} | ({"cursor": cursor} if cursor else {})


def recorded(scene: str) -> FakeBluesky:
    """A Bluesky that answers as a real network did in one scene."""
    lines = (PAYLOADS / "bluesky" / "recorded.jsonl").read_text("utf-8").splitlines()
    answers: dict[str, Any] = {}
    for call in map(json.loads, lines):
        if call["scene"] == scene:
            body = call["body"].replace("eyJ.token.x", token())
            answer = httpx.Response(call["status"], headers=call["headers"], content=body.encode())
            answers.setdefault(call["method"].rpartition(".")[2], []).append(answer)
    return FakeBluesky(**answers)


def _flat(asked: Mapping[str, list[str]]) -> dict[str, Any]:
    """Parameters by name; several values as a list."""
    return {
        name: values if name in {"uris", "actors", "reasons"} else values[0] for name, values in asked.items()
    }
