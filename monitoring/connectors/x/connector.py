"""X through tweepy: recent search for the terms, and mentions of our own account.

Settings of a source: `user_id` (our account; default: the owner of the access token), `handle`,
`own_mentions` (default true), `organisation` ("government" or "other"), `enterprise` (true with an
Enterprise plan). Secrets: `bearer_token` to read; `consumer_key`, `consumer_secret`, `access_token`
and `access_token_secret` to reply.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

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
    NothingToRead,
    Page,
    Problem,
    Published,
    PublishFailed,
    Refused,
    Reply,
    SourceConfig,
    Unknown,
    Unreadable,
    Yes,
)
from monitoring.connectors.x.client import SENDING_SECRETS, XClient
from monitoring.connectors.x.posts import error_reason, mentions_in, newest_id
from monitoring.connectors.x.stream import CLOCK_SKEW, Stream
from monitoring.connectors.x.text import MAX_WEIGHT, comparable, search_query, weighted_length

LOOK_UP_SIZE = 100
SENSITIVE = "X forbids the monitoring of sensitive events such as protests for government bodies"


class XConnector:
    """The platform X. `transport` is the adapter that requests go through, the real one by default."""

    name = "x"
    secret_names = ("bearer_token", *SENDING_SECRETS)
    capabilities = Capabilities(
        search=True,
        own_mentions=True,
        refresh=True,
        reply=True,
        max_reply_chars=MAX_WEIGHT,
        cost_per_item=Decimal("0.005"),
    )

    def __init__(self, transport: BaseAdapter | None = None) -> None:
        self._transport = transport

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Own mentions first, then the search, each from its own high-water mark.

        The cursor holds a state per stream, and which names of fields X took.
        """
        query = search_query(source.terms) if source.terms else ""
        client = XClient(source, self._transport, new_names=bool(cursor.get("new_names")))
        streams = _streams(source, client, query)
        state, all_done = dict(cursor), True
        for n_left, (name, stream) in zip(range(len(streams), 0, -1), streams.items(), strict=True):
            allowed = Budget(budget.max_pages // n_left, budget.max_items // n_left)
            budget = Budget(budget.max_pages - allowed.max_pages, budget.max_items - allowed.max_items)
            done = False
            for mentions, rejected, moved, done in stream.read(cursor.get(name) or {}, allowed, now=now):
                state |= {name: moved, "new_names": client.traffic.new_names}
                ours = name == "mentions"
                kept = tuple(_arrived(mention, ours=ours, now=now) for mention in mentions)
                yield Page(kept, dict(state), rejected, last=done and all_done and n_left == 1)
            all_done = all_done and done

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """The newest version of each post; Gone only when X says so of that very post."""
        client = XClient(source, self._transport)
        found: dict[str, Live | Gone | Unknown] = {i: Unknown("X said nothing of it") for i in ids}
        numbers = [post_id for post_id in ids if post_id.isascii() and post_id.isdigit()]
        for start in range(0, len(numbers), LOOK_UP_SIZE):
            body = client.look_up(numbers[start : start + LOOK_UP_SIZE], now=now)
            found |= _gone(body["errors"], found)
            mentions, _ = mentions_in(body)
            edited = [newest_id(m.raw) for m in mentions if newest_id(m.raw) != str(m.raw["id"])]
            if edited:
                mentions += mentions_in(client.look_up(edited, now=now))[0]
            found |= {m.canonical_id: Live(m) for m in mentions if m.canonical_id in found}
        return found

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One post of X as its JSON."""
        raise Unreadable("posts of X cannot be read again yet")

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """Nothing yet."""
        return ()

    def claims(self, url: str) -> bool:
        """Not yet."""
        return False

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """Not yet."""
        return None

    def can_reply(self, source: SourceConfig, mention: Mention) -> Yes | No:
        """Only who mentioned us, unless the plan says otherwise, and with the secrets to send."""
        intent_url = f"https://x.com/intent/post?in_reply_to={mention.canonical_id}"
        handle = str(source.settings.get("handle", "")).lstrip("@")
        mentioned = handle and re.search(rf"(?i)@{re.escape(handle)}(?!\w)", mention.text)
        if mention.kind is Kind.BOOST:
            return No("A repost cannot be answered", intent_url)
        if not all(source.secrets.get(name) for name in SENDING_SECRETS):
            return No("The keys to send from our account are not set", intent_url)
        if not mentioned and not source.settings.get("enterprise"):
            return No("X lets us answer only who mentioned us", intent_url)
        return Yes()

    def reply_length(self, text: str) -> int:
        """By X's weights."""
        return weighted_length(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Post the reply. X keeps no key of ours: `find_reply` knows it by its parent and its text."""
        if reply.visibility != "public":
            raise PublishFailed("X takes only public replies from us")
        if weighted_length(reply.text) > MAX_WEIGHT:
            raise PublishFailed(f"it weighs {weighted_length(reply.text)} of {MAX_WEIGHT} characters")
        client = XClient(source, self._transport)
        try:
            post_id = client.create(reply)
        except PublishFailed as failed:
            found = self.find_reply(source, key, reply) if "duplicate" in failed.reason.lower() else None
            if found is None:
                raise
            return found
        return _published(post_id)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The newest post of our account under the same parent with the same text."""
        client = XClient(source, self._transport)
        for mention in client.own_posts(since_id=reply.parent_id):
            if mention.parent_id == reply.parent_id and comparable(mention.text).endswith(
                comparable(reply.text)
            ):
                return _published(mention.canonical_id)
        return None

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, terms that X does not take, and what its rules say of who we are."""
        problems = []
        if not source.secrets.get("bearer_token"):
            problems.append(Problem("The bearer token is not set: nothing can be read from X."))
        try:
            search_query(source.terms) if source.terms else ""
        except Refused as error:
            problems.append(Problem(str(error)))
        if not all(source.secrets.get(name) for name in SENDING_SECRETS):
            problems.append(
                Problem("The keys to send are not set: replies must be sent by hand.", blocking=False)
            )
        return problems + _rules(source.settings)


def _rules(settings: Mapping[str, Any]) -> list[Problem]:
    """What X's rules say of the organisation that looks."""
    if settings.get("organisation") not in ("government", "other"):
        return [Problem("Say whether this is a government body: X has rules for those.", blocking=False)]
    if settings["organisation"] == "government" and not settings.get("enterprise"):
        message = f"X shows its posts to government bodies only under an Enterprise plan. {SENSITIVE}."
        return [Problem(message, blocking=False)]
    if settings["organisation"] == "government":
        return [Problem(f"{SENSITIVE}.", blocking=False)]
    return []


def _streams(source: SourceConfig, client: XClient, query: str) -> dict[str, Stream]:
    """What this source reads. Raises NothingToRead when that is nothing."""
    streams = {}
    if client.user_id and source.settings.get("own_mentions", True):
        streams["mentions"] = Stream(client.mentions, window=None)
    if query:
        streams["search"] = Stream(client.search(query), window=timedelta(days=7))
    if not streams:
        raise NothingToRead("it has neither terms nor an account of ours to read for")
    return streams


def _arrived(mention: Mention, *, ours: bool, now: datetime) -> Mention:
    """The mention as it counts here; one stamped well ahead of our clock counts at arrival."""
    posted_at = mention.posted_at if mention.posted_at <= now + CLOCK_SKEW else now
    return replace(mention, posted_at=posted_at, is_addressed=ours)


def _gone(errors: Sequence[Any], asked: Mapping[str, object]) -> dict[str, Gone]:
    """The posts that X says are not there, or not for us: their stored text has to go."""
    gone = {}
    for error in errors:
        told = error if isinstance(error, Mapping) else {}
        post_id = str(told.get("resource_id") or told.get("value") or "")
        kind = str(told.get("type", "")).rpartition("/")[2]
        if post_id in asked and kind in ("resource-not-found", "not-authorized-for-resource"):
            gone[post_id] = Gone(error_reason(error))
    return gone


def _published(post_id: str) -> Published:
    return Published(url=f"https://x.com/i/status/{post_id}", external_id=post_id)
