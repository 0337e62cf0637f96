"""The Graph API for one source: a time limit on every request, no secret in any address."""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from monitoring.connectors.base import Quota, SourceConfig
from monitoring.connectors.errors import PublishFailed, PublishUnknown, Refused, SourceError, Unavailable
from monitoring.connectors.lists import Absent, Answer
from monitoring.connectors.meta.answers import GraphError, graph_error, quota, source_error
from monitoring.connectors.plain import clean

HOST = "https://graph.facebook.com"
DEFAULT_VERSION = "v25.0"
TIME_OUT_S = (5.0, 20.0)  # to connect, between two bytes
MAX_BATCH = 50
FEWER = "10"
MAX_BODY_BYTES = 10_000_000
_GO_ON = frozenset({"after", "until", "__paging_token", "offset"})
_VERSION = re.compile(r"v\d{1,3}\.\d")


class Graph:
    """The calls that the connectors make. It remembers nothing between two polls."""

    def __init__(self, source: SourceConfig, transport: BaseAdapter | None) -> None:
        self._token = str(source.secrets.get("page_token") or "")
        if not self._token:
            raise Refused("its page token is not set")
        version = str(source.settings.get("graph_version") or DEFAULT_VERSION)
        if not _VERSION.fullmatch(version):
            raise Refused("its Graph version is not of the form v25.0")
        self._base = f"{HOST}/{version}"
        self._proof = _proof(self._token, str(source.secrets.get("app_secret") or ""))
        self._session = requests.Session()
        self._session.trust_env = False  # no .netrc: it would replace our token
        self._session.mount("https://", transport or HTTPAdapter())
        self.kept: dict[str, Any] = {}
        self._quota: Quota | None = None

    def fetch(self, path: str, params: Mapping[str, str], *, now: datetime) -> Answer:
        """A page of a list; a shorter one when Meta finds the page too much to answer."""
        try:
            body = self.get(path, params, now=now)
        except Unavailable as unavailable:
            if "reduce the amount of data" not in unavailable.reason:
                raise
            body = self.get(path, {**params, "limit": FEWER}, now=now)
        entries = body.get("data")
        if not isinstance(entries, list):
            raise Unavailable("Meta answers without a list")
        return Answer(entries, _going_on(body.get("paging")), self._quota)

    def get(self, path: str, params: Mapping[str, str], *, now: datetime | None) -> Mapping[str, Any]:
        """One answer. Raises Absent for an object that is not there, and the source errors."""
        try:
            answer = self._send("GET", path, params=params)
        except requests.RequestException:
            raise Unavailable("Meta could not be reached in time") from None
        return self._read(answer, now=now)

    def batch(
        self, asked: Sequence[tuple[str, str]], *, now: datetime
    ) -> list[Mapping[str, Any] | GraphError | None]:
        """At most 50 (path, fields) in one request, each with its own answer; None = no answer.

        One absent object does not spoil the others, as it does in a request by `ids`.
        """
        wanted = [{"method": "GET", "relative_url": f"{path}?fields={fields}"} for path, fields in asked]
        form = {"batch": json.dumps(wanted), "include_headers": "false"}
        try:
            answer = self._send("POST", "", data=form)
        except requests.RequestException:
            raise Unavailable("Meta could not be reached in time") from None
        body = self._body(answer)
        if answer.status_code != 200 or not isinstance(body, list):
            raise self._failure(answer, body, now=now)
        answers = [self._single(part) for part in body[: len(asked)]]
        for part in answers:
            if isinstance(part, GraphError) and not part.is_absent and part.code not in (0, 10, 100):
                raise source_error(part, _headers(answer), now=now)
        return [*answers, *[None] * (len(asked) - len(answers))]

    def post(self, path: str, data: Mapping[str, str]) -> Mapping[str, Any]:
        """Send something once.

        Raises PublishFailed when Meta refused it, PublishUnknown when it may have arrived, and the
        source error for a limit or a token that no longer works.
        """
        try:
            answer = self._send("POST", path, data=data)
        except requests.exceptions.ConnectTimeout:
            raise Unavailable("Meta could not be reached in time") from None
        except requests.RequestException:
            raise PublishUnknown("no answer in time") from None
        body = self._body(answer)
        if answer.status_code == 200 and isinstance(body, Mapping) and "error" not in body:
            return body
        error = graph_error(answer.status_code, body, secret=self._token)
        failure = source_error(error, _headers(answer), now=None)
        if isinstance(failure, Unavailable):
            raise PublishUnknown(str(error))
        if type(failure) is Refused:
            raise PublishFailed(str(error))
        raise failure

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> requests.Response:
        asked = dict(params or {}) | ({"appsecret_proof": self._proof} if self._proof else {})
        return self._session.request(
            method,
            f"{self._base}/{path}",
            params=asked,
            data=data,
            headers={"Authorization": f"Bearer {self._token}"},
            timeout=TIME_OUT_S,
            allow_redirects=False,
        )

    def _read(self, answer: requests.Response, *, now: datetime | None) -> Mapping[str, Any]:
        body = self._body(answer)
        if now:
            self._quota = quota(_headers(answer), now=now)
        if answer.status_code == 200 and isinstance(body, Mapping) and "error" not in body:
            return body
        raise self._failure(answer, body, now=now)

    def _failure(self, answer: requests.Response, body: Any, *, now: datetime | None) -> Absent | SourceError:
        error = graph_error(answer.status_code, body, secret=self._token)
        if error.is_absent:
            return Absent(str(error))
        return source_error(error, _headers(answer), now=now)

    def _single(self, part: Any) -> Mapping[str, Any] | GraphError | None:
        """One part of a batch: its body is JSON in a text."""
        if not isinstance(part, Mapping):
            return None
        try:
            status, body = int(part.get("code") or 0), json.loads(str(part.get("body")))
        except (TypeError, ValueError):
            return None
        if status == 200 and isinstance(body, Mapping) and "error" not in body:
            return body
        return graph_error(status, body, secret=self._token)

    @staticmethod
    def _body(answer: requests.Response) -> Any:
        """The JSON of an answer; None when it is none."""
        try:
            return answer.json() if len(answer.content) <= MAX_BODY_BYTES else None
        except (ValueError, RecursionError, requests.RequestException):
            return None


def _proof(token: str, app_secret: str) -> str:
    """What shows Meta that the token is used by the app it was made for."""
    if not app_secret:
        return ""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _going_on(paging: Any) -> dict[str, str]:
    """How to ask for the next page; {} without one. Never its address, which holds the token."""
    address = paging.get("next") if isinstance(paging, Mapping) else None
    if not isinstance(address, str) or not address:
        return {}
    try:
        asked = dict(parse_qsl(urlsplit(address).query))
    except ValueError:
        return {}
    return {name: clean(value) for name, value in asked.items() if name in _GO_ON and len(value) <= 2000}


def _headers(answer: requests.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}
