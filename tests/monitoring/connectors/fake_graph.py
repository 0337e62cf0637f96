"""The Graph API as a requests adapter, from its documented shapes: lists with cursors, objects, batches.

No traffic of the real one was at hand: what is proved against this is proved against its documents.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import requests
from requests.adapters import BaseAdapter

from tests.monitoring.connectors.fake_x import answer

ABSENT = {
    "message": "Unsupported get request. Object with ID does not exist, cannot be loaded due to missing "
    "permissions, or does not support this operation.",
    "type": "GraphMethodException",
    "code": 100,
    "error_subcode": 33,
    "fbtrace_id": "A1",
}


def fault(code: int, status: int = 400, *, message: str = "No.", subcode: int = 0, **headers: str) -> Any:
    """An error of the Graph API."""
    error = {"message": message, "type": "OAuthException", "code": code, "error_subcode": subcode}
    return answer({"error": error}, status, **headers)


class FakeGraph(BaseAdapter):
    """`lists` by path ("1/feed"), newest first; `nodes` by id; `sent` is what was posted to it.

    `instead` may give another answer to a request (path, params), None for the usual one.
    """

    def __init__(
        self,
        lists: Mapping[str, list[Any]] | None = None,
        nodes: Mapping[str, Mapping[str, Any]] | None = None,
        instead: Callable[[str, dict[str, str]], Any] | None = None,
        *,
        page_size: int = 100,
    ) -> None:
        super().__init__()
        self.lists, self.nodes = dict(lists or {}), dict(nodes or {})
        self.instead, self.page_size = instead, page_size
        self.headers: dict[str, str] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: list[tuple[str, dict[str, str]]] = []
        self.requests: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        path = parts.path.strip("/").partition("/")[2]
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        form = dict(parse_qsl(str(request.body or "")))
        self.requests.append(request)
        self.timeouts.append(options.get("timeout"))
        self.asked.append((path, params))
        found = self.instead(path, params | form) if self.instead else None
        if found is None:
            found = self._post(path, form) if request.method == "POST" else self._get(path, params)
        if isinstance(found, Exception):
            raise found
        response = found if isinstance(found, requests.Response) else answer(found, 200, **self.headers)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        pass

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _ in self.asked]

    def _get(self, path: str, params: Mapping[str, str]) -> Any:
        if path in self.lists:
            return self._page(path, params)
        if path.rpartition("/")[2] in ("feed", "tagged", "ratings", "tags", "media", "comments", "replies"):
            return {"data": []}
        return self.nodes.get(path) or answer({"error": ABSENT}, 400)

    def _page(self, path: str, params: Mapping[str, str]) -> Any:
        start = int(params.get("after", "0"))
        size = min(int(params.get("limit", "25")), self.page_size)
        found: dict[str, Any] = {"data": self.lists[path][start : start + size]}
        if start + size < len(self.lists[path]):
            after = str(start + size)
            asked = urlencode({**params, "after": after, "access_token": "secret-page-token"})
            found["paging"] = {
                "cursors": {"before": str(start), "after": after},
                "next": f"https://graph.facebook.com/v25.0/{path}?{asked}",
            }
        return found

    def _post(self, path: str, form: dict[str, str]) -> Any:
        if "batch" in form:
            return [self._part(part["relative_url"]) for part in json.loads(form["batch"])]
        self.sent.append((path, form))
        return {"id": f"900_{len(self.sent)}", "message_id": f"m_{len(self.sent)}"}

    def _part(self, relative_url: str) -> Any:
        parts = urlsplit(relative_url)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = self.instead(parts.path, params) if self.instead else None
        if found is None:
            found = self._get(parts.path, params)
        if not isinstance(found, requests.Response):
            found = answer(found)
        return {"code": found.status_code, "body": found.content.decode()}
