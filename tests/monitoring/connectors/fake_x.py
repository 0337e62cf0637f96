"""X as a requests adapter: gives the answers it is told, and keeps what it was asked."""

import io
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from requests.adapters import BaseAdapter

Answer = requests.Response | Exception | Any


def answer(body: Any, status: int = 200, **headers: str) -> requests.Response:
    """A response with this JSON, text or bytes; header names with underscores."""
    response = requests.Response()
    response.status_code = status
    content = (
        body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    )
    response.raw = io.BytesIO(content)
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def posts(*ids: int, **fields: Any) -> dict[str, Any]:
    """The body of a page with posts of these ids, newest first."""
    data = [{"id": str(n), "text": f"brand {n}", "edit_history_tweet_ids": [str(n)], **fields} for n in ids]
    return {"data": data[::-1], "meta": {"result_count": len(data)}}


class FakeX(BaseAdapter):
    """Pages per route by number, with a token to the next; or one answer by a function of the request."""

    def __init__(
        self,
        search: list[Answer] | None = None,
        mentions: list[Answer] | None = None,
        other: Callable[[requests.PreparedRequest], Answer] | None = None,
    ) -> None:
        super().__init__()
        self.lists = {"/recent": search or [], "/mentions": mentions or []}
        self.other = other
        self.asked: list[dict[str, str]] = []
        self.requests: list[requests.PreparedRequest] = []
        self.timeouts: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append({"path": parts.path} | asked)
        self.requests.append(request)
        self.timeouts.append(options.get("timeout"))
        found = self._answer(parts.path, asked, request)
        if isinstance(found, Exception):
            raise found
        response = found if isinstance(found, requests.Response) else answer(found)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        pass

    def _answer(self, path: str, asked: dict[str, str], request: requests.PreparedRequest) -> Answer:
        pages = next((pages for name, pages in self.lists.items() if path.endswith(name)), None)
        if pages is None:
            return self.other(request) if self.other else answer({}, 404)
        number = int(asked.get("next_token") or asked.get("pagination_token") or 0)
        page = pages[number] if pages else {"meta": {"result_count": 0}}
        if isinstance(page, dict) and number + 1 < len(pages):
            meta = {"next_token": str(number + 1)} | (page.get("meta") or {})
            return page | {"meta": meta}
        return page
