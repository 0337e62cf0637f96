"""A Mastodon server as a requests adapter: keeps statuses, pages as the real one does, takes replies."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import requests
from requests.adapters import BaseAdapter

from tests.monitoring.connectors.fake_x import answer

SERVER = "https://social.example"
Answer = requests.Response | Exception | Any


def id_at(moment: datetime, n: int = 0) -> str:
    """The id that a status of this moment gets."""
    return str((int(moment.timestamp() * 1000) << 16) + n)


def status(status_id: str, text: str = "brand", *, server: str = SERVER, **fields: Any) -> dict[str, Any]:
    """A status as the API gives it, made at the time in its id."""
    made = datetime.fromtimestamp((int(status_id) >> 16) / 1000, UTC)
    host = urlsplit(server).netloc
    acct = f"kade@{host}"  # an author of our own server makes the connector ask who we are
    return {
        "id": status_id,
        "uri": f"{server}/users/kade/statuses/{status_id}",
        "url": f"{server}/@kade/{status_id}",
        "created_at": made.isoformat().replace("+00:00", "Z"),
        "content": f"<p>{text}</p>",
        "visibility": "public",
        "account": {"id": "7", "username": "kade", "acct": acct, "url": f"{server}/@kade"},
        **fields,
    }


def mention(number: int, of: dict[str, Any]) -> dict[str, Any]:
    """A notification of this status."""
    return {"id": str(number), "type": "mention", "created_at": of["created_at"], "status": of}


class FakeMastodon(BaseAdapter):
    """Statuses by hashtag, notifications, and what a search finds; `trouble` may answer first."""

    def __init__(
        self,
        tagged: list[dict[str, Any]] | None = None,
        notifications: list[dict[str, Any]] | None = None,
        found: list[dict[str, Any]] | None = None,
        trouble: Callable[[requests.PreparedRequest], Answer] | None = None,
    ) -> None:
        super().__init__()
        self.tagged, self.notifications, self.found = tagged or [], notifications or [], found or []
        self.known = {
            s["id"]: s for s in self.tagged + self.found + [n["status"] for n in self.notifications]
        }
        self.context: dict[str, Any] = {"ancestors": [], "descendants": []}
        self.posted: list[dict[str, Any]] = []
        self.trouble = trouble
        self.requests: list[requests.PreparedRequest] = []

    @property
    def asked(self) -> list[tuple[str, dict[str, str]]]:
        """The path and the question of every request."""
        parts = [urlsplit(str(request.url)) for request in self.requests]
        return [(unquote(p.path), {k: v[0] for k, v in parse_qs(p.query).items()}) for p in parts]

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        self.requests.append(request)
        found = self.trouble(request) if self.trouble else None
        if found is None:
            found = self._answer(request)
        if isinstance(found, Exception):
            raise found
        response = found if isinstance(found, requests.Response) else answer(found)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        pass

    def _answer(self, request: requests.PreparedRequest) -> Answer:
        path, asked = self.asked[-1]
        if request.method == "POST":
            return self._posted(request)
        if "/timelines/" in path:
            return self._page(self.tagged, asked)
        fixed: dict[str, Callable[[], Answer]] = {
            "/api/v1/notifications": lambda: self._page(self.notifications, asked),
            "/api/v2/search": lambda: {"statuses": self._search(asked)},
            "/api/v1/statuses": lambda: self._some(request),
            "/api/v1/accounts/verify_credentials": lambda: {"id": "1", "acct": "loswal"},
            "/api/v1/accounts/1/statuses": lambda: self.posted[::-1],
            "/api/v2/instance/": lambda: {"configuration": {"statuses": {"max_characters": 600}}},
        }
        if path in fixed:
            return fixed[path]()
        if path.endswith("/context"):
            return self.context
        return self.known.get(path.rpartition("/")[2]) or answer({"error": "Record not found"}, 404)

    def _some(self, request: requests.PreparedRequest) -> list[dict[str, Any]]:
        wanted = parse_qs(urlsplit(str(request.url)).query).get("id[]", [])
        return [self.known[i] for i in wanted if i in self.known]

    def _search(self, asked: dict[str, str]) -> list[dict[str, Any]]:
        if asked.get("resolve"):
            return [s for s in self.known.values() if asked["q"] in (s["uri"], s["url"])]
        start = int(asked.get("offset", 0))
        return sorted(self.found, key=_age)[::-1][start : start + int(asked["limit"])]

    def _page(self, entries: list[dict[str, Any]], asked: dict[str, str]) -> list[dict[str, Any]]:
        """Newest first: with `min_id` those directly above it, else those below `max_id`."""
        limit = int(asked["limit"])
        if low := asked.get("min_id"):
            return sorted((e for e in entries if int(e["id"]) > int(low)), key=_age)[:limit][::-1]
        high = int(asked.get("max_id", 10**30))
        return sorted((e for e in entries if int(e["id"]) < high), key=_age)[::-1][:limit]

    def _posted(self, request: requests.PreparedRequest) -> Answer:
        """What was sent, once for each key."""
        form = {k: v[0] for k, v in parse_qs(str(request.body)).items()}
        key = str(request.headers.get("Idempotency-Key"))
        made = next((s for s in self.posted if s["key"] == key), None)
        if made is None:
            fields = {
                "in_reply_to_id": form.get("in_reply_to_id"),
                "visibility": form["visibility"],
                "key": key,
            }
            made = status(str(len(self.posted) + 1), form["status"], **fields)
            self.posted.append(made)
        return json.loads(json.dumps(made))


def _age(entry: dict[str, Any]) -> int:
    return int(entry["id"])
