"""A small platform of our own that goes wrong on purpose, spoken to by the real client library.

It answers as a Mastodon server does (timelines of tags, search, notifications), over real sockets,
and misbehaves as its `Weather` says: limits, outages, broken bodies, entries that cannot be read.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

FIRST_ID = 110_000_000_000_000_000
PAGE = 40
SERVER = "https://social.example"
WHO_WE_ARE = "/api/v1/accounts/verify_credentials"  # answered in any weather, and not counted


def statuses(n_statuses: int, *, until: datetime) -> list[Any]:
    """So many different posts of the hour before `until`, oldest first."""
    return [status(n, at=until - timedelta(hours=1) * (1 - n / n_statuses)) for n in range(n_statuses)]


def status(n: int, *, at: datetime, text: str = "") -> dict[str, Any]:
    """The nth post of the platform; ids lie above 2^53, as real ones do."""
    number, server = str(FIRST_ID + n), SERVER
    author = f"author{n % 97}"
    return {
        "id": number,
        "uri": f"{server}/users/{author}/statuses/{number}",
        "url": f"{server}/@{author}/{number}",
        "created_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "edited_at": None,
        "in_reply_to_id": None,
        "in_reply_to_account_id": None,
        "language": "nl",
        "visibility": "public",
        "content": text or f"<p>Rook bij <a href='#'>#loswal</a>, melding {n}</p>",
        "reblog": None,
        "replies_count": n % 3,
        "reblogs_count": n % 5,
        "favourites_count": n % 7,
        "tags": [{"name": "loswal", "url": f"{server}/tags/loswal"}],
        "mentions": [],
        "media_attachments": [],
        "emojis": [],
        "account": {
            "id": str(FIRST_ID + n % 97),
            "username": author,
            "acct": author,
            "display_name": f"Author {n % 97}",
            "url": f"{server}/@{author}",
            "uri": f"{server}/users/{author}",
            "created_at": "2020-01-01T00:00:00.000Z",
            "followers_count": n % 1000,
            "following_count": 1,
            "statuses_count": 1,
            "note": "",
            "bot": False,
            "locked": False,
            "fields": [],
            "emojis": [],
        },
    }


@dataclass
class Weather:
    """How the platform is: `answer` may take a request over; what it returns is sent as it is."""

    answer: Callable[[str], "Raw | None"] = lambda path: None
    asked: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Raw:
    """An answer in bytes: what a proxy, a broken server or a limit makes of it."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def as_json(content: Any, status: int = 200, **headers: str) -> Raw:
    """An answer in JSON; header names with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Raw(status, json.dumps(content).encode(), {"Content-Type": "application/json"} | named)


def html() -> Raw:
    """A page for people where data was asked for."""
    return Raw(200, b"<!doctype html><title>Maintenance</title>", {"Content-Type": "text/html"})


def broken_gzip(page: Sequence[Any]) -> Raw:
    """Compressed, and cut off halfway."""
    packed = gzip.compress(json.dumps(page).encode())
    return Raw(200, packed[: len(packed) // 2], {"Content-Encoding": "gzip"})


@contextmanager
def platform(posts: Sequence[Any], weather: Weather) -> Iterator[str]:
    """The address of a platform with these posts, oldest first; it ends with the block."""

    class Requests(_Requests):
        pass

    Requests.posts, Requests.weather = posts, weather
    server = ThreadingHTTPServer(("127.0.0.1", 0), Requests)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Requests(BaseHTTPRequestHandler):
    """One request: written down, handed to the weather, answered."""

    posts: Sequence[Any] = ()
    weather = Weather()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith(WHO_WE_ARE):
            answer: Raw | None = as_json({"id": "1", "acct": "loswal"})
        else:
            self.weather.asked.append((datetime.now(UTC), self.path))
            answer = self.weather.answer(self.path)
        if answer is None:
            found = self._content()
            answer = found if isinstance(found, Raw) else as_json(found)
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: what was asked is in the weather."""

    def _content(self) -> Any:
        parts = urlsplit(self.path)
        asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/api/v1/timelines/"):
            return self._page(asked)
        if parts.path.startswith("/api/v1/statuses"):
            return self._looked_up(parts.path, parse_qs(parts.query).get("id[]", []))
        if parts.path.startswith("/api/v2/search"):
            return {"accounts": [], "statuses": [], "hashtags": []}
        return []

    def _looked_up(self, path: str, wanted: Sequence[str]) -> Any:
        """Several statuses, one, or the conversation around one."""
        known = {post["id"]: post for post in self.posts if isinstance(post, dict) and "id" in post}
        if path.endswith("/statuses"):
            return [known[each] for each in wanted if each in known]
        if path.endswith("/context"):
            return {"ancestors": [], "descendants": []}
        return known.get(path.rpartition("/")[2]) or as_json({"error": "Record not found"}, 404)

    def _page(self, asked: dict[str, str]) -> list[Any]:
        """As the real one: right after `min_id`, or the newest; in both cases newest first."""
        limit = min(int(asked.get("limit", PAGE // 2)), PAGE)
        if "min_id" in asked:
            start = max(int(asked["min_id"]) - FIRST_ID + 1, 0)
            return list(reversed(self.posts[start : start + limit]))
        end = int(asked["max_id"]) - FIRST_ID if "max_id" in asked else len(self.posts)
        return list(reversed(self.posts[max(0, end - limit) : max(0, end)]))
