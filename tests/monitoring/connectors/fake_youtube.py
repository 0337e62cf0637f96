"""YouTube as what the library sends requests through: lists with page tokens, look-ups, refusals."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httplib2

Reply = tuple[int, Any]


def refusal(status: int, reason: str, message: str = "No.") -> Reply:
    """An error as YouTube words it."""
    return status, {"error": {"code": status, "message": message, "errors": [{"reason": reason}]}}


def snippet(text: str, at: str, *, by: str = "UCanna", name: str = "@anna", **fields: Any) -> dict[str, Any]:
    """What a comment says of itself."""
    return {
        "textOriginal": text,
        "textDisplay": text,
        "authorDisplayName": name,
        "authorChannelId": {"value": by},
        "likeCount": 2,
        "publishedAt": at,
        "updatedAt": at,
        **fields,
    }


def thread(number: int, at: str, *, n_answers: int = 0, answers: tuple[Any, ...] = (), **fields: Any) -> Any:
    """A comment with its answers, under video vvvvvvvvvvv."""
    comment_id, video_id = f"Ug{number:012d}", fields.pop("videoId", "v" * 11)
    top = {"id": comment_id, "snippet": snippet(f"Wat een brand {number}", at, videoId=video_id, **fields)}
    found = {"videoId": video_id, "topLevelComment": top, "totalReplyCount": n_answers}
    return {"id": comment_id, "snippet": found, "replies": {"comments": list(answers)}}


def answer_to(number: int, nth: int, at: str, **fields: Any) -> Any:
    """An answer in the thread of a comment."""
    parent_id = f"Ug{number:012d}"
    told = snippet(f"Ja hoor {nth}", at, parentId=parent_id, **fields)
    return {"id": f"{parent_id}.{nth:012d}", "snippet": told}


class FakeYoutube:
    """`lists` by what is asked ("channel", a video, a parent comment, "search"); `nodes` by id."""

    def __init__(
        self,
        lists: Mapping[str, list[Any]] | None = None,
        nodes: Mapping[str, Any] | None = None,
        instead: Callable[[str, dict[str, str]], Reply | Exception | None] | None = None,
        *,
        page_size: int = 100,
    ) -> None:
        self.lists, self.nodes = dict(lists or {}), dict(nodes or {})
        self.instead, self.page_size = instead, page_size
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.sent: list[tuple[Any, Mapping[str, str]]] = []
        self.headers: list[Mapping[str, str]] = []

    def request(
        self, uri: str, method: str = "GET", body: Any = None, headers: Any = None, **options: Any
    ) -> tuple[httplib2.Response, bytes]:
        parts = urlsplit(uri)
        resource = parts.path.rpartition("/")[2]
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append((resource, params))
        self.headers.append(dict(headers or {}))
        found = self.instead(resource, params) if self.instead else None
        if isinstance(found, Exception):
            raise found
        status, told = found or (200, self._usual(resource, params, method, body, headers))
        content = told if isinstance(told, bytes) else json.dumps(told).encode()
        return httplib2.Response({"status": str(status)}), content

    def close(self) -> None:
        pass

    def _usual(self, resource: str, params: dict[str, str], method: str, body: Any, headers: Any) -> Any:
        if resource == "token":
            return {"access_token": "an-hour", "expires_in": 3599}
        if method == "POST":
            self.sent.append((json.loads(body), dict(headers)))
            return {"id": "Ug000000000001.000000000099"}
        if "id" in params:
            return {"items": [self.nodes[i] for i in params["id"].split(",") if i in self.nodes]}
        name = params.get("videoId") or params.get("parentId")
        if resource == "search":
            name = "search"
        elif "allThreadsRelatedToChannelId" in params:
            name = "channel"
        start = int(params.get("pageToken", "0"))
        listed = self.lists.get(str(name), [])
        page: dict[str, Any] = {"items": listed[start : start + self.page_size]}
        if start + self.page_size < len(listed):
            page["nextPageToken"] = str(start + self.page_size)
        return page
