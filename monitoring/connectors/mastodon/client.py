"""Mastodon.py for one source, with every outcome turned into JSON or a source error."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from monitoring.connectors.base import SourceConfig, Visibility
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishFailed,
    PublishUnknown,
    Refused,
    Unavailable,
)
from monitoring.connectors.mastodon.stream import Fetch
from monitoring.connectors.mastodon.traffic import MastodonTraffic

TIME_OUT_S = 20
BATCH_SIZE = 20  # statuses by id in one request
_VERSION = "4.6.0"  # told to the library, so that it asks the server for none
_LOCAL = re.compile(r"/(?:statuses|notice|objects|@[^/]+)/([0-9A-Za-z]{1,64})/?$")

# It logs at level DEBUG what goes over the line.
logging.getLogger("httpcore").setLevel(logging.INFO)


def server_of(settings: Mapping[str, Any]) -> str:
    """The address of the server, without anything behind the host. Raises Refused."""
    given = str(settings.get("server") or "").strip().rstrip("/")
    parts = urlsplit(given if "://" in given else f"https://{given}")
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    is_bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[\w.-]+", host) or not is_bare:
        raise Refused("its server must be an address such as https://mastodon.example")
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


class MastodonClient:
    """The calls that the connector makes. Never waits for a rate limit, never without a time limit."""

    def __init__(self, source: SourceConfig, transport: BaseAdapter) -> None:
        self.server = server_of(source.settings)
        token = str(source.secrets.get("access_token") or "")
        if token and not re.fullmatch(r"[\w.+/=-]{8,500}", token):  # the library reads others as files
            raise Refused("its access token has characters that do not belong there")
        self.has_token = bool(token)
        self.own_id: str | None = None
        self.traffic = MastodonTraffic(transport)
        session = requests.Session()
        session.trust_env, session.max_redirects = False, 0
        session.mount("https://", self.traffic)
        session.mount("http://", self.traffic)
        self._library = _library()(
            api_base_url=self.server,
            access_token=token or None,
            ratelimit_method="throw",
            request_timeout=TIME_OUT_S,
            mastodon_version=_VERSION,
            version_check_mode="created",
            session=session,
            user_agent="Weerwoord (+social-media monitoring)",
        )

    def notifications(self, *, now: datetime) -> Fetch:
        """Who mentioned or quoted us."""
        types = ["mention", "quote"]
        return lambda page: self._list(lambda: self._library.notifications(types=types, **page), now=now)

    def tag(self, name: str, *, now: datetime) -> Fetch:
        """Public posts with a hashtag, as far as this server knows them."""
        return lambda page: self._list(lambda: self._library.timeline_hashtag(name, **page), now=now)

    def public(self, timeline: str, *, now: datetime) -> Fetch:
        """All public posts: `local` of this server, `public` of all servers it knows."""
        return lambda page: self._list(lambda: self._library.timeline(timeline, **page), now=now)

    def search(self, text: str, *, now: datetime) -> Fetch:
        """The full-text search of the server, newest first."""

        def fetch(page: Mapping[str, Any]) -> Sequence[Any]:
            found = self._read(
                lambda: self._library.search_v2(text, resolve=False, result_type="statuses", **page),
                now=now,
                shape=dict,
            )
            statuses = found.get("statuses")
            if not isinstance(statuses, list):
                raise Unavailable("the server answers a search with nothing that can be read")
            return statuses

        return fetch

    def statuses(self, ids: Sequence[str], *, now: datetime | None) -> list[Any]:
        """Those of at most 20 statuses that are there; [] on a server that cannot tell."""
        asked = list(ids)
        return self._list(lambda: self._library.statuses(asked), now=now, absent=[])

    def status(self, status_id: str, *, now: datetime | None) -> Mapping[str, Any] | None:
        """One status by its id on this server; None when the server says that it is not there."""
        found = self._read(lambda: self._library.status(status_id), now=now, shape=dict, absent={})
        return _whole(found) if found else None

    def find(self, url: str, *, now: datetime | None) -> Mapping[str, Any] | None:
        """The status at an address anywhere; None when this server cannot find it."""
        if local := self.local_id(url):
            return self.status(local, now=now)
        if not self.has_token:  # a server looks elsewhere only for its own accounts
            return None
        found = self._read(
            lambda: self._library.search_v2(url, resolve=True, result_type="statuses", limit=1),
            now=now,
            shape=dict,
            absent={},
        )
        statuses = found.get("statuses")
        return _whole(statuses[0]) if isinstance(statuses, list) and statuses else None

    def local_id(self, url: str) -> str:
        """The id in an address on this server; "" for other addresses."""
        parts = urlsplit(url)
        match = _LOCAL.search(parts.path) if f"{parts.scheme}://{parts.netloc}" == self.server else None
        return match[1] if match else ""

    def context(self, status_id: str, *, now: datetime) -> tuple[list[Any], list[Any]]:
        """What stands above a status, the root first, and what stands below it."""
        found = self._read(lambda: self._library.status_context(status_id), now=now, shape=dict, absent={})
        above, below = (found.get(name) for name in ("ancestors", "descendants"))
        return above if isinstance(above, list) else [], below if isinstance(below, list) else []

    def own_statuses(self) -> list[Any]:
        """The newest posts of our account."""
        me = self._read(self._library.account_verify_credentials, now=None, shape=dict)
        account_id = str(me.get("id") or "")
        found = self._list(
            lambda: self._library.account_statuses(account_id, exclude_reblogs=True, limit=40), now=None
        )
        return [status for status in found if isinstance(status, dict)]

    def max_chars(self) -> int | None:
        """The longest post that the server takes; None when it does not say."""
        found = self._read(self._library.instance_v2, now=None, shape=dict, absent={})
        try:
            return int(found["configuration"]["statuses"]["max_characters"])
        except (KeyError, TypeError, ValueError):
            return None

    def create(self, text: str, *, parent_id: str, visibility: Visibility, key: str) -> Mapping[str, Any]:
        """Post a reply, or a post of our own, once for each `key`; returns the status.

        Raises PublishFailed when the server refused it, PublishUnknown when it may have arrived, and
        the source error for a limit or a token that no longer works.
        """
        failure: Exception | None = None
        try:
            self._library.status_post(
                text, in_reply_to_id=parent_id or None, visibility=visibility, idempotency_key=key
            )
        except Exception as error:  # the library casts what it reads, and any of that can fail
            failure = error
        status, body = self.traffic.status, self.traffic.body()
        if status == 200 and isinstance(body, dict) and body.get("uri"):
            return body
        if self.traffic.is_unsent or status in (401, 429):
            raise self.traffic.error(now=None) from failure
        if status in (400, 403, 404, 410, 422):
            raise PublishFailed(self.traffic.reason()) from failure
        raise PublishUnknown(f"status {status}" if status else "no answer in time") from failure

    def _list(self, call: Callable[[], Any], *, now: datetime | None, **options: Any) -> list[Any]:
        return self._read(call, now=now, shape=list, **options)  # type: ignore[no-any-return]

    def _read(
        self, call: Callable[[], Any], *, now: datetime | None, shape: type, absent: Any = Unavailable
    ) -> Any:
        """The JSON that came back; `absent` where the server says, in its own words, "not there"."""
        failure: Exception | None = None
        try:
            call()
        except Exception as error:  # the library casts what it reads, and any of that can fail
            failure = error
        body = self.traffic.body()
        if self.traffic.status == 200 and isinstance(body, shape):
            return body
        if self.traffic.status in (404, 410) and isinstance(body, dict) and absent is not Unavailable:
            return absent
        raise self.traffic.error(now=now) from failure


def is_ours(client: MastodonClient, entry: Any, *, now: datetime) -> bool:
    """Whether our own account wrote a status; asked of the server once, for an author of its own."""
    is_told = isinstance(entry, Mapping) and "status" in entry  # a notification is of somebody else
    account = entry.get("account") if isinstance(entry, Mapping) and not is_told else None
    if not client.has_token or not isinstance(account, Mapping) or "@" in str(account.get("acct")):
        return False
    if client.own_id is None:
        client.own_id = _me(client, now=now)
    return bool(client.own_id) and str(account.get("id")) == client.own_id


def _me(client: MastodonClient, *, now: datetime) -> str:
    """The id of our account; "" when the token may not know it."""
    try:
        me = client._read(client._library.account_verify_credentials, now=now, shape=dict)
    except CredentialRefused:
        if client.traffic.status != 403:
            raise
        return ""
    return str(me.get("id") or "")


def _whole(status: Any) -> Mapping[str, Any]:
    """A status with what every status has. Raises Unavailable for anything else."""
    if isinstance(status, dict) and status.get("id") and isinstance(status.get("uri"), str):
        return status
    raise Unavailable("the server answers with something that is no post")


@cache
def _library() -> type:
    """The library, loaded when it is used (36 MB), without the question that precedes each timeline."""
    from mastodon import Mastodon

    class Library(Mastodon):
        def timeline_is_available(self, *args: Any, **options: Any) -> bool:
            return True

    return Library
