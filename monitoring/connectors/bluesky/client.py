"""atproto for one source: one sign-in kept as long as it is good, and every outcome an answer or an error."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from monitoring.connectors.base import Quota, SourceConfig
from monitoring.connectors.bluesky.traffic import TIME_OUT, Traffic
from monitoring.connectors.errors import CredentialRefused, Refused, Unavailable
from monitoring.fetch import FetchRefused

if TYPE_CHECKING:
    from atproto_client import Client

DEFAULT_SERVICE = "https://bsky.social"
CHAT = "did:web:api.bsky.chat#bsky_chat"
LOOK_UP_SIZE = 25  # the most that getPosts and getProfiles take
_SECURE = re.compile(r"https://[\w.-]+(:\d+)?/?|http://(localhost|127\.0\.0\.1)(:\d+)?/?")


class BlueskyClient:
    """The calls that the connector makes; signs in at the first one that needs it.

    300 sign-ins a day is all that an account has, so the session goes to `source.keep` and comes back
    as `source.session`. Close it after use.
    """

    def __init__(self, source: SourceConfig, transport: httpx.BaseTransport | None) -> None:
        self._source = source
        self._service = service_of(source)
        self._identifier = str(source.secrets.get("identifier") or "").strip().lstrip("@")
        self._password = str(source.secrets.get("app_password") or "").strip()
        if not (self._identifier and self._password):
            raise CredentialRefused("the name of the account or its app password is not set")
        self.traffic = Traffic(transport)
        self._client: Client | None = None

    def close(self) -> None:
        """Give the connections back."""
        self.traffic.close()

    @property
    def account(self) -> tuple[str, str]:
        """The DID and the handle of our account, once signed in."""
        session = self._client._session if self._client else None
        return (session.did, session.handle) if session else ("", "")

    def quota(self) -> Quota | None:
        """What the last answer said is left."""
        return self.traffic.quota()

    def ask(self, method: str, params: Mapping[str, Any], *, now: datetime | None) -> dict[str, Any]:
        """The JSON object that a question brings."""
        return self._answer(lambda it: it.invoke_query(method, _dotted(params), **_way(method)), now=now)

    def tell(self, method: str, content: Mapping[str, Any], *, now: datetime | None) -> dict[str, Any]:
        """The JSON object that a change brings. After Unavailable it may have been made."""
        return self._answer(
            lambda client: client.invoke_procedure(
                method, data=_dotted(content), input_encoding="application/json", **_way(method)
            ),
            now=now,
        )

    def posts(self, uris: Sequence[str], *, now: datetime | None) -> dict[str, dict[str, Any]]:
        """The posts that stand, by their address."""
        found = self._by_batches("app.bsky.feed.getPosts", "uris", uris, "posts", now=now)
        return {str(view["uri"]): view for view in found if isinstance(view.get("uri"), str)}

    def profiles(self, dids: Sequence[str], *, now: datetime | None) -> dict[str, dict[str, Any]]:
        """The accounts that stand, by their DID."""
        found = self._by_batches("app.bsky.actor.getProfiles", "actors", dids, "profiles", now=now)
        return {str(view["did"]): view for view in found if isinstance(view.get("did"), str)}

    def did_of(self, handle: str, *, now: datetime | None) -> str:
        """The DID that a handle stands for; "" when nobody has it."""
        try:
            answer = self.ask("com.atproto.identity.resolveHandle", {"handle": handle}, now=now)
        except CredentialRefused:
            raise
        except Refused:  # 400: it is no handle, or nobody's
            return ""
        return str(answer.get("did") or "")

    def sign_in(self, *, now: datetime | None) -> None:
        """Sign in, unless there is a session already."""
        if self._client is None:
            self._client = self._with_session() or self._signed_in(now=now)

    def _by_batches(
        self, method: str, asked: str, names: Sequence[str], answered: str, *, now: datetime | None
    ) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for start in range(0, len(names), LOOK_UP_SIZE):
            body = self.ask(method, {asked: list(names[start : start + LOOK_UP_SIZE])}, now=now)
            if not isinstance(body.get(answered), list):
                raise Unavailable("Bluesky answers with nothing that can be read")
            found += [view for view in body[answered] if isinstance(view, dict)]
        return found

    def _answer(self, call: Callable[["Client"], object], *, now: datetime | None) -> dict[str, Any]:
        """What a call brings; a session that is over is begun anew once."""
        self.sign_in(now=now)
        if not self._succeeds(call) and self.traffic.is_session_over:
            self._client = self._signed_in(now=now)
            self._succeeds(call)
        body = self.traffic.body()
        if not 200 <= self.traffic.status < 300:
            raise self.traffic.error(now=now)
        if not isinstance(body, dict):
            raise Unavailable("Bluesky answers with nothing that can be read")
        return body

    def _succeeds(self, call: Callable[["Client"], object]) -> bool:
        """Make a call; how it ended is what the traffic remembers."""
        from atproto_core.exceptions import AtProtocolError

        assert self._client is not None
        try:
            call(self._client)
        except FetchRefused as refused:
            raise Refused(refused.reason) from refused
        except (AtProtocolError, httpx.HTTPError, ValueError):
            # ValueError: a body that atproto cannot read; our own reader may.
            return 200 <= self.traffic.status < 300
        return True

    def _fresh(self) -> "Client":
        """A client that nobody is signed in with; it tells us of every new session."""
        from atproto_client import Client
        from atproto_client.request import Request

        client = Client(self._service, Request(transport=self.traffic, timeout=TIME_OUT))
        client.on_session_change(lambda event, session: self._keep(event.value, session.encode()))
        return client

    def _keep(self, event: str, session: str) -> None:
        if event != "import":
            self._source.keep(f"{_owner(self._service, self._identifier, self._password)}|{session}")

    def _with_session(self) -> "Client | None":
        """A client with the session that was kept; None when there is none that can be used."""
        from atproto_core.exceptions import AtProtocolError

        owner, _, session = self._source.session.partition("|")
        if not session or owner != _owner(self._service, self._identifier, self._password):
            return None
        client = self._fresh()
        try:
            client.login(session_string=session, fetch_bsky_profile=False)
            is_usable = bool(client._session and client._session.access_jwt_payload.exp)
        except (AtProtocolError, ValueError, TypeError, AttributeError):
            return None
        return client if is_usable else None

    def _signed_in(self, *, now: datetime | None) -> "Client":
        """A client that has just signed in. Raises CredentialRefused when the keys are not accepted."""
        from atproto_core.exceptions import AtProtocolError

        client = self._fresh()
        self.traffic.last = None
        try:
            client.login(self._identifier, self._password, fetch_bsky_profile=False)
        except FetchRefused as refused:
            raise Refused(refused.reason) from refused
        except (AtProtocolError, httpx.HTTPError, ValueError) as failure:
            if self.traffic.status == 400 and self.traffic.told()[0]:
                raise CredentialRefused(self.traffic.told()[1] or self.traffic.told()[0]) from failure
            raise self.traffic.error(now=now) from failure
        return client


def service_of(source: SourceConfig) -> str:
    """The address of the server that holds our account. Raises Refused for one that is not https."""
    service = str(source.settings.get("service") or DEFAULT_SERVICE).strip()
    if not _SECURE.fullmatch(service):
        raise Refused("the address of its service does not start with https://, or has more than a host")
    return service.rstrip("/")


def _way(method: str) -> dict[str, Any]:
    """How a call gets to its service: our own server passes on what is for the chat."""
    return {"headers": {"atproto-proxy": CHAT}} if method.startswith("chat.bsky.") else {}


def _dotted(values: Mapping[str, Any]) -> Any:
    """Values as atproto takes them where they are no model of its own."""
    from atproto_client.models.dot_dict import DotDict

    return DotDict(dict(values))


def _owner(service: str, identifier: str, password: str) -> str:
    """What a session belongs to: another account or service starts anew."""
    return hashlib.sha256("\0".join((service, identifier, password)).encode()).hexdigest()[:16]
