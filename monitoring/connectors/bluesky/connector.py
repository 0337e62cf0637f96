"""Bluesky through atproto: mentions of our own account, search, threads, look-ups and replies.

Settings of a source: `service`, the server that holds our account (default: bsky.social), and
`own_mentions` (default true). Secrets: `identifier` and `app_password`.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

import httpx

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
from monitoring.connectors.bluesky import chat, looking, sending
from monitoring.connectors.bluesky.client import BlueskyClient, service_of
from monitoring.connectors.bluesky.posts import ADDRESSED, linked, normalised
from monitoring.connectors.bluesky.searching import is_narrower, searches
from monitoring.connectors.bluesky.stream import Listing, Stream
from monitoring.connectors.errors import NothingToRead, PublishFailed, Refused, Unavailable

PAGE_SIZE = 100
# Asked to leave out likes and follows, Bluesky may give one and a half times what was asked for.
NOTIFICATIONS = 50
OWN = "own"


class BlueskyConnector:
    """The platform Bluesky. `transport` is what requests go through, the network by default."""

    name = "bluesky"
    secret_names = ("identifier", "app_password")
    capabilities = Capabilities(
        search=True,
        own_mentions=True,
        backfill=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        post_needs=("app_password",),
        max_reply_chars=sending.MAX_GRAPHEMES,
        max_direct_chars=chat.MAX_GRAPHEMES,
    )

    def __init__(self, transport: httpx.BaseTransport | None = None) -> None:
        self._transport = transport

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Own mentions and one stream for each search, a page of each in turn.

        The cursor holds a state per stream, and `todo`, whose runs are not over in this round: a poll
        whose budget ran out goes on with those. Own mentions take two requests or more a page: the
        list of notifications tells no counts.
        """
        names = _stream_names(source)
        with closing(BlueskyClient(source, self._transport)) as client:
            size = min(PAGE_SIZE, max(budget.max_items, 1))
            streams = {name: _stream(client, name, size, now=now) for name in names}
            given = cursor.get("streams")
            kept = given if isinstance(given, Mapping) else {}
            states = {name: kept[name] for name in names if isinstance(kept.get(name), Mapping)}
            queue = deque([name for name in cursor.get("todo") or () if name in streams] or names)
            for _ in range(min(budget.max_pages, budget.max_items // size)):
                n_before = client.traffic.n_requests
                if budget.max_units is not None and n_before >= budget.max_units:
                    return
                name = queue.popleft()
                turn = streams[name].turn(states.get(name, {}), now=now)
                states[name] = turn.state
                if not turn.done:
                    queue.append(name)
                yield Page(
                    turn.mentions,
                    {"streams": dict(states), "todo": list(queue)},
                    turn.rejected,
                    last=not queue,
                    quota=client.quota(),
                    units=client.traffic.n_requests - n_before,
                )
                if not queue:
                    return

    def own_part(self, cursor: Cursor) -> Cursor:
        """How far mentions of us were read."""
        streams = cursor.get("streams")
        return {"streams": {OWN: streams[OWN]}} if isinstance(streams, Mapping) and OWN in streams else {}

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One post of Bluesky as its JSON."""
        return normalised(raw, now=now)

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """Each post as it stands; Gone only when two look-ups lack it and nobody blocks anybody."""
        with closing(BlueskyClient(source, self._transport)) as client:
            return looking.again(client, ids, now=now)

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest posts of the thread, from its root; without the root from the post itself."""
        with closing(BlueskyClient(source, self._transport)) as client:
            for uri in dict.fromkeys((mention.thread_id or mention.canonical_id, mention.canonical_id)):
                found = looking.thread(client, uri, now=now)
                if found:
                    return found
            return ()

    def claims(self, url: str) -> bool:
        """A post on bsky.app, or the address of its record."""
        return linked(url) is not None

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The post at an address; two requests when it names a handle."""
        named = linked(url)
        if named is None:
            return None
        with closing(BlueskyClient(source, self._transport)) as client:
            return looking.up(client, *named, now=now)

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Whoever does not block us or keep strangers out, with the keys of an account."""
        viewer, author = _part(mention.raw, "viewer"), _part(mention.raw, "author", "viewer")
        if mention.kind is Kind.BOOST:
            return No("A repost cannot be answered", mention.url)
        if not all(source.secrets.get(name) for name in self.secret_names):
            return No("The keys to send from our account are not set", mention.url)
        if author.get("blockedBy") or author.get("blocking") or author.get("blockingByList"):
            return No("Its author blocks us, or we block its author", mention.url)
        if visibility == "direct":
            return chat.takes_messages(mention, _part(mention.raw, "author"))
        if viewer.get("replyDisabled"):
            return No("Its author lets only some people answer, and not us", mention.url)
        return Yes()

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters as a reader sees them: a flag or a family is one."""
        return sending.length(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Post the reply under a record key made of `key` (a second time finds the first), or a message."""
        if reply.visibility == "direct":
            with closing(BlueskyClient(source, self._transport)) as client:
                return chat.send(client, reply)
        if (n_chars := sending.length(reply.text)) > sending.MAX_GRAPHEMES:
            raise PublishFailed(f"it has {n_chars} of at most {sending.MAX_GRAPHEMES} characters")
        if len(reply.text.encode("utf-8", "replace")) > sending.MAX_BYTES:
            raise PublishFailed(f"it takes more than {sending.MAX_BYTES} bytes")
        with closing(BlueskyClient(source, self._transport)) as client:
            return sending.send(client, reply, key=key)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """Our record under the key made of `key`, or our message in the conversation with the author."""
        with closing(BlueskyClient(source, self._transport)) as client:
            if reply.visibility == "direct":
                return chat.find(client, reply)
            return sending.find(client, reply, key=key)

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, an address of a service that cannot be used, queries that cannot be asked."""
        problems = []
        if not all(source.secrets.get(name) for name in self.secret_names):
            problems.append(Problem("The name of the account and its app password are not both set."))
        elif str(source.secrets["app_password"]).count("-") != 3:
            message = "This looks like the account's own password; make an app password instead."
            problems.append(Problem(message, blocking=False))
        for check in (service_of, lambda asked: searches(asked.terms)):
            try:
                check(source)
            except Refused as error:
                problems.append(Problem(str(error)))
        if not problems and is_narrower(source.terms):
            message = "Bluesky finds whole words only: it misses posts that a query on a beginning asks for."
            problems.append(Problem(message, blocking=False))
        return problems


def _stream_names(source: SourceConfig) -> list[str]:
    """The streams of a source: our own mentions first. Raises NothingToRead without any."""
    own = [OWN] if source.settings.get("own_mentions", True) else []
    names = [*own, *(f"search:{text}" for text in searches(source.terms))]
    if not names:
        raise NothingToRead("no query asks anything, and mentions of our own account are left alone")
    return names


def _stream(client: BlueskyClient, name: str, size: int, *, now: datetime) -> Stream:
    if name == OWN:
        return Stream(lambda token: _notified(client, token, size, now=now))
    return Stream(lambda token: _searched(client, name.partition(":")[2], token, size, now=now))


def _searched(client: BlueskyClient, text: str, token: str, size: int, *, now: datetime) -> Listing:
    """A page of what the search finds; what we say ourselves is no mention."""
    asked: dict[str, Any] = {"q": text, "sort": "latest", "limit": size}
    body = client.ask("app.bsky.feed.searchPosts", asked | ({"cursor": token} if token else {}), now=now)
    found, us = _listed(body, "posts"), client.account[0]
    entries = [view for view in found if _part({"view": view}, "view", "author").get("did") != us]
    return found, entries, str(body.get("cursor") or "")


def _notified(client: BlueskyClient, token: str, size: int, *, now: datetime) -> Listing:
    """A page of who mentioned, answered or quoted us, each post as it stands; deleted ones are left out."""
    asked: dict[str, Any] = {"reasons": sorted(ADDRESSED), "limit": min(NOTIFICATIONS, max(size * 2 // 3, 1))}
    body = client.ask(
        "app.bsky.notification.listNotifications", asked | ({"cursor": token} if token else {}), now=now
    )
    told = _listed(body, "notifications")
    reasons = {str(n["uri"]): str(n.get("reason")) for n in told if isinstance(n, dict) and "uri" in n}
    wanted = [uri for uri, reason in reasons.items() if reason in ADDRESSED]
    views = client.posts(wanted, now=now) if wanted else {}
    entries = [view | {"reason": reasons[uri]} for uri, view in views.items() if uri in reasons]
    odd = [entry for entry in told if not (isinstance(entry, dict) and "uri" in entry)]
    return told, [*entries, *odd][:PAGE_SIZE], str(body.get("cursor") or "")


def _listed(body: Mapping[str, Any], name: str) -> list[Any]:
    listed = body.get(name)
    if not isinstance(listed, list):
        raise Unavailable("Bluesky answers with nothing that can be read")
    return listed


def _part(raw: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A part of what the platform sent; {} where it is not there, or something else."""
    found: Any = raw
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
