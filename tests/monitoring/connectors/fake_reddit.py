"""Reddit as a requests adapter, from its documented shapes: a sign-in, listings, look-ups, answers.

No traffic of the real one was at hand; the real praw asks it.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter

from tests.monitoring.connectors.fake_x import answer


def comment(name: str, at: float, *, post: str = "t3_aa", **fields: Any) -> dict[str, Any]:
    """A comment as a listing gives it."""
    data = {
        "name": f"t1_{name}",
        "body": f"Wat een brand {name}",
        "author": "anna_bos",
        "author_fullname": "t2_anna",
        "created_utc": at,
        "edited": False,
        "link_id": post,
        "parent_id": post,
        "permalink": f"/r/loswal/comments/{post[3:]}/brand/{name}/",
        "score": 4,
    }
    return {"kind": "t1", "data": data | fields}


def post(name: str, at: float, **fields: Any) -> dict[str, Any]:
    """A post as a listing gives it."""
    data = {
        "name": f"t3_{name}",
        "title": f"Brand {name}",
        "selftext": "Weet iemand meer?",
        "is_self": True,
        "author": "bram_vos",
        "created_utc": at,
        "edited": False,
        "permalink": f"/r/loswal/comments/{name}/brand/",
        "num_comments": 3,
        "score": -2,
    }
    return {"kind": "t3", "data": data | fields}


class FakeReddit(BaseAdapter):
    """`lists` by path ("r/loswal/new"), newest first; `nodes` by full name; `sent` is what was posted."""

    def __init__(
        self,
        lists: Mapping[str, list[Any]] | None = None,
        nodes: Mapping[str, Any] | None = None,
        instead: Callable[[str, dict[str, str]], Any] | None = None,
        *,
        page_size: int = 100,
    ) -> None:
        super().__init__()
        self.lists, self.nodes = dict(lists or {}), dict(nodes or {})
        self.instead, self.page_size = instead, page_size
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: list[dict[str, str]] = []
        self.timeouts: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        path = parts.path.strip("/")
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = dict(parse_qsl(str(request.body or "")))
        self.asked.append((path, params))
        self.timeouts.append(options.get("timeout"))
        found = self.instead(path, params | form) if self.instead else None
        if isinstance(found, Exception):
            raise found
        if found is None:
            found = self._usual(path, params, form)
        response = found if isinstance(found, requests.Response) else answer(found, 200, **self.headers)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        pass

    def paths(self) -> list[str]:
        """What was asked for, in order, without the sign-ins."""
        return [path for path, _ in self.asked if path != "api/v1/access_token"]

    def _usual(self, path: str, params: dict[str, str], form: dict[str, str]) -> Any:
        if path == "api/v1/access_token":
            return {"access_token": "a-day", "token_type": "bearer", "expires_in": 86400, "scope": "*"}
        if path == "api/v1/me":
            return {"name": "vr_loswal"}
        if path == "api/info":
            found = [self.nodes[name] for name in params["id"].split(",") if name in self.nodes]
            return {"kind": "Listing", "data": {"children": found, "after": None}}
        if path == "api/comment":
            self.sent.append(form)
            sent = comment("zz", 0.0, parent_id=form["thing_id"])
            return {"json": {"errors": [], "data": {"things": [sent]}}}
        if path == "api/compose":
            self.sent.append(form)
            return {"json": {"errors": []}}
        listed = self.lists.get(path, [])
        names = [str((entry or {}).get("data", {}).get("name")) for entry in listed]
        start = names.index(params["after"]) + 1 if "after" in params else 0
        shown = listed[start : start + self.page_size]
        after = names[start + self.page_size - 1] if start + self.page_size < len(listed) else None
        return {"kind": "Listing", "data": {"children": shown, "after": after, "before": None}}
