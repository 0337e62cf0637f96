"""Mastodon: notifications of our account, hashtags, search where the server has it, and replies.

Settings of a source: `server` (the address of our server), `own_mentions` (default true), `search`
(true when the server has full-text search), `public` ("local" or "federated" to read every public
post). Secret: `access_token`, without which only public lists can be read.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import BaseAdapter

from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Gone,
    Kind,
    Live,
    Mention,
    No,
    Page,
    Problem,
    Published,
    Reply,
    SourceConfig,
    Unknown,
    Visibility,
    Yes,
)
from monitoring.connectors.errors import PublishFailed, Refused
from monitoring.connectors.mastodon.asked import asked_for
from monitoring.connectors.mastodon.client import MastodonClient, is_ours, server_of
from monitoring.connectors.mastodon.lists import Allowance, parents_of, parts_of, streams_of
from monitoring.connectors.mastodon.looking import Looking
from monitoring.connectors.mastodon.statuses import (
    local_id,
    mention_of,
    mentions_in,
    parents_among,
    read,
)
from monitoring.connectors.mastodon.text import (
    MAX_CHARS,
    MAX_REPLY_CHARS,
    addressed,
    comparable,
    counted_length,
)
from monitoring.connectors.outgoing import GuardedAdapter
from monitoring.connectors.rounds import Part, State, in_rounds
from monitoring.connectors.shape import WRONG_SHAPE, time_in
from monitoring.fetch import INTERNET, Network

THREAD_SIZE = 100
_STATUS_PATH = re.compile(
    r"/(?:deck/|web/)?@[\w.-]+(?:@[\w.-]+)?/\d+/?|/(?:ap/)?users/[\w.-]+/statuses/\d+/?"
)
_PRIVATE = ("direct", "private")


class MastodonConnector:
    """Mastodon. `transport` is the adapter that requests go through, a guarded one by default."""

    name = "mastodon"
    secret_names = ("access_token",)
    capabilities = Capabilities(
        search=True,
        own_mentions=True,
        backfill=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        post_needs=("access_token",),
        max_reply_chars=MAX_REPLY_CHARS,
    )

    def __init__(self, transport: BaseAdapter | None = None, network: Network = INTERNET) -> None:
        self._transport = transport or GuardedAdapter(network)
        self._network = network

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Hashtags, searches, public posts and own mentions in rounds, each list from its own mark."""
        client = MastodonClient(source, self._transport)
        streams = streams_of(source, client, now=now)
        left = Allowance(budget, client.traffic)

        def read_one(name: str, state: State, n_left: int) -> Iterator[Part]:
            return parts_of(streams[name], state, client, left.share(n_left), now=now)

        return in_rounds(list(streams), cursor, read_one, is_spent=left.is_spent)

    def own_part(self, cursor: Cursor) -> Cursor:
        """How far mentions of us were read."""
        return {"mentions": cursor["mentions"]} if "mentions" in cursor else {}

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One status or notification as its JSON."""
        return read(raw, now=now)

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """Posts of our own server by their ids, those of others through its search."""
        return Looking(MastodonClient(source, self._transport), self._network, now).at(ids)

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """What our server knows of the conversation, the newest posts when it is long."""
        client = MastodonClient(source, self._transport)
        status = client.find(mention.canonical_id, now=now)
        if status is None:
            return ()
        above, below = client.context(local_id(status), now=now)
        entries = [*above, *below][-THREAD_SIZE:]
        places = parents_among([*above, status, *below])
        root = next(iter(places.values()), ("", ""))[0]
        entries = [entry for entry in entries if not is_ours(client, entry, now=now)]
        found, _ = mentions_in(entries, {i: (uri, root) for i, (uri, _) in places.items()}, now=now)
        return found

    def claims(self, url: str) -> bool:
        """Whether it has the form of a post's address on a server of the fediverse."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme in ("http", "https") and bool(_STATUS_PATH.fullmatch(parts.path))

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The post, fetched by our server from wherever it stands."""
        client = MastodonClient(source, self._transport)
        status = client.find(url, now=now)
        if status is None:
            return None
        try:
            return mention_of(status, parents_of([status], client, now=now), now=now)
        except WRONG_SHAPE:
            return None

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Every post that we can see, with a token."""
        if mention.kind is Kind.BOOST:
            return No("A boost cannot be answered", mention.url)
        if not source.secrets.get("access_token"):
            return No("The access token to send from our account is not set", mention.url)
        return Yes()

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """As Mastodon counts: an address is 23, a handle counts without its server."""
        return counted_length(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Post the reply, with the author's handle in front of it: without it they are not told.

        The server keeps `key` for an hour and posts nothing twice for it.
        """
        client = MastodonClient(source, self._transport)
        text, parent_id = reply.text, ""
        if reply.parent_id:
            parent = client.find(reply.parent_id, now=None)
            if parent is None:
                raise PublishFailed("the post that it answers is not there any more")
            if reply.visibility == "public" and parent.get("visibility") in _PRIVATE:
                raise PublishFailed("the post was not public; answer it in a direct message")
            text, parent_id = addressed(reply.text, parent), local_id(parent)
        if counted_length(text) > MAX_CHARS:
            limit = client.max_chars() or MAX_CHARS
            if counted_length(text) > limit:
                raise PublishFailed(f"it is {counted_length(text)} of {limit} characters")
        return _published(client.create(text, parent_id=parent_id, visibility=reply.visibility, key=key))

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The newest post of our account in the same place with the same text."""
        client = MastodonClient(source, self._transport)
        parent = client.find(reply.parent_id, now=None) if reply.parent_id else {}
        if parent is None:
            return None
        place = local_id(parent) if parent else ""
        for status in client.own_statuses():
            words = comparable(str(status.get("content") or ""), is_html=True)
            is_there = str(status.get("in_reply_to_id") or "") == place and _is_since(status, reply)
            if is_there and words == comparable(reply.text):
                return _published(status)
        return None

    def check(self, source: SourceConfig) -> list[Problem]:
        """A missing server or token, terms that cannot be used, and words that nothing looks for."""
        return _problems(source)


def _problems(source: SourceConfig) -> list[Problem]:
    """What an administrator must know of the settings."""
    problems = []
    try:
        server_of(source.settings)
        asked = asked_for(source.terms)
    except Refused as error:
        return [Problem(str(error))]
    if not source.secrets.get("access_token"):
        message = "The access token is not set: only public hashtags can be read, and nothing be sent."
        problems.append(Problem(message, blocking=False))
    if source.settings.get("public"):
        return problems
    if asked.searches and not source.settings.get("search"):
        message = "Words without # find nothing here: switch on search if the server has it, or add #tags."
        problems.append(Problem(message, blocking=False))
    if asked.has_more:
        message = "A query asks for posts without a word or #tag to look for: only public can read those."
        problems.append(Problem(message, blocking=False))
    return problems


def _is_since(status: Mapping[str, Any], reply: Reply) -> bool:
    """Whether a status is not older than what we look for; without a time in it nobody knows: it counts."""
    if reply.since is None:
        return True
    try:
        return time_in(status, "created_at") >= reply.since
    except WRONG_SHAPE:
        return True


def _published(status: object) -> Published:
    told = status if isinstance(status, dict) else {}
    return Published(
        url=str(told.get("url") or told.get("uri") or ""), external_id=str(told.get("uri") or "")
    )
