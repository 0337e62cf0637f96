"""X through tweepy: recent search for the terms, and mentions and quotes of our own account.

Settings of a source: `user_id` (our account; default: the owner of the access token), `handle`,
`own_mentions` and `own_quotes` (default true; quotes need `handle`), `organisation` ("government" or
"other"), `enterprise` (true with an Enterprise plan). Secrets: `bearer_token` to read; `consumer_key`,
`consumer_secret`, `access_token` and `access_token_secret` to reply.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
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
from monitoring.connectors.x import messages
from monitoring.connectors.x.client import SENDING_SECRETS, XClient
from monitoring.connectors.x.looking import at, conversation, id_in, look_up
from monitoring.connectors.x.posts import first_id_at, mention_in
from monitoring.connectors.x.reading import SEARCHED, arrived, read, searches
from monitoring.connectors.x.text import MAX_WEIGHT, comparable, price, weighted_length

SENSITIVE = "X forbids the monitoring of sensitive events such as protests for government bodies"


class XConnector:
    """The platform X. `transport` is the adapter that requests go through, the real one by default."""

    name = "x"
    secret_names = ("bearer_token", *SENDING_SECRETS)
    capabilities = Capabilities(
        search=True,
        own_mentions=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        post_needs=SENDING_SECRETS,
        max_reply_chars=MAX_WEIGHT,
        max_direct_chars=messages.MAX_CHARS,
        cost_per_item=SEARCHED,
    )

    def __init__(self, transport: BaseAdapter | None = None) -> None:
        self._transport = transport

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Search, quotes of our posts and mentions of our account, each with its share of the budget."""
        searches(source.terms)
        client = XClient(source, self._transport, new_names=bool(cursor.get("new_names")))
        return read(source, client, cursor, budget, now=now)

    def own_part(self, cursor: Cursor) -> Cursor:
        """How far mentions and quotes of us were read."""
        return {name: cursor[name] for name in ("mentions", "quotes", "new_names") if name in cursor}

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One post of X as its JSON."""
        return arrived(mention_in(raw), ours=False, now=now)

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """The newest version of each post; Gone only when X says so of that very post."""
        return look_up(XClient(source, self._transport), ids, now=now)

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest hundred posts of the last week; each costs what a search costs."""
        found = conversation(XClient(source, self._transport), mention, now=now)
        return tuple(arrived(post, ours=False, now=now) for post in found)

    def claims(self, url: str) -> bool:
        """Whether it is a post on x.com or twitter.com."""
        return bool(id_in(url))

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The newest version of the post."""
        found = at(XClient(source, self._transport), url, now=now)
        return found and arrived(found, ours=False, now=now)

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Only who mentioned or quoted us, unless the plan says otherwise, and with the secrets to send."""
        intent_url = f"https://x.com/intent/post?in_reply_to={mention.canonical_id}"
        handle = str(source.settings.get("handle", "")).lstrip("@")
        names_us = rf"(?i)@{re.escape(handle)}(?!\w)"
        if mention.kind is Kind.QUOTE:
            names_us += rf"|\b(?:x|twitter)\.com/{re.escape(handle)}/status/\d"
        summoned = handle and re.search(names_us, mention.text)
        if mention.kind is Kind.BOOST:
            return No("A repost cannot be answered", intent_url)
        if not all(source.secrets.get(name) for name in SENDING_SECRETS):
            return No("The keys to send from our account are not set", intent_url)
        if visibility == "direct":
            return messages.takes_messages(mention)
        if not summoned and not source.settings.get("enterprise"):
            return No("X lets us answer only who mentioned or quoted us", intent_url)
        return Yes()

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """By X's weights; of a direct message characters."""
        return len(text) if visibility == "direct" else weighted_length(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """Send the reply. X keeps no key of ours: `find_reply` knows it by its place and its text."""
        if reply.visibility == "direct":
            return messages.send(XClient(source, self._transport), reply)
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
        return _published(post_id, reply.text)

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The newest post of our account in the same place, or our message, with the same text."""
        client = XClient(source, self._transport)
        if reply.visibility == "direct":
            return messages.find(client, reply)
        since = reply.parent_id or (str(first_id_at(reply.since)) if reply.since else "1")
        for mention in client.own_posts(since_id=since):
            if mention.parent_id == reply.parent_id and comparable(mention.text).endswith(
                comparable(reply.text)
            ):
                return _published(mention.canonical_id, reply.text)
        return None

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, terms that X does not take, and what its rules say of who we are."""
        problems = []
        if not source.secrets.get("bearer_token"):
            problems.append(Problem("The bearer token is not set: nothing can be read from X."))
        try:
            searches(source.terms)
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


def _published(post_id: str, text: str) -> Published:
    return Published(url=f"https://x.com/i/status/{post_id}", external_id=post_id, cost=price(text))
