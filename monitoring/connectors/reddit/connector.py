"""Reddit through praw: new posts and comments in chosen subreddits, a search, and who names us.

Settings of a source: `subreddits` (a list), `search` (true to search all of Reddit for posts; default
when there are no subreddits). Secrets: `client_id` and `client_secret` to read; with them `username` and
`password`, or `username` and `refresh_token`, to see who names us and to answer.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from requests.adapters import BaseAdapter

from monitoring.connectors.alternatives import alternatives
from monitoring.connectors.base import (
    Budget,
    Capabilities,
    Cursor,
    Gone,
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
from monitoring.connectors.errors import NothingToRead, PublishFailed, Unavailable, Unreadable
from monitoring.connectors.lists import UNREADABLE, Edge, Entry, Step, Window, arrived
from monitoring.connectors.reddit import messages, posts
from monitoring.connectors.reddit.client import USER_SECRETS, RedditClient
from monitoring.connectors.run import Run
from monitoring.connectors.shape import reason_of

MAX_CHARS = 10_000
LOOK_UP_SIZE = 100
REACH = 900  # listings hold about 1,000 entries; those that were taken away are missing
MAX_SUBREDDITS = 50
_LIMIT = {"limit": "100"}
_WINDOW = Window(timedelta(days=7), timedelta(days=7))
_MENTIONS = {"mentions": "message/mentions", "answers": "message/comments"}


class RedditConnector:
    """The platform Reddit. `transport` is the adapter that requests go through."""

    name = "reddit"
    secret_names = ("client_id", "client_secret", *USER_SECRETS)
    capabilities = Capabilities(
        search=True,
        own_mentions=True,
        thread=True,
        refresh=True,
        reply=True,
        direct=True,
        max_reply_chars=MAX_CHARS,
    )

    def __init__(self, transport: BaseAdapter | None = None) -> None:
        self._transport = transport

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """Who names us first, then each subreddit, then the search; newest first, down to the mark.

        Not by `before` a known post, as Reddit offers: once that post is deleted nothing comes any more.
        """
        kept = cursor.get("kept")
        kept = kept if isinstance(kept, Mapping) else {}
        edges = _edges(source, int(kept.get("search", 0)))
        if not edges:
            raise NothingToRead("it has neither subreddits nor words to search, nor an account of ours")
        client = RedditClient(source, self._transport, kept)
        yield from Run(edges, tuple(edges), client, _WINDOW).pages(cursor, budget, now=now)

    def own_part(self, cursor: Cursor) -> Cursor:
        """How far our inbox was read."""
        marks = cursor.get("marks", {})
        return {"marks": {name: marks[name] for name in _MENTIONS if name in marks}}

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """A post or comment as it was put aside."""
        try:
            told = json.loads(raw)
            is_addressed = told["edge"] in _MENTIONS
            mention = posts.mention_of(told["entry"], is_addressed=is_addressed)
        except UNREADABLE as error:
            raise Unreadable(reason_of(error)) from None
        return arrived(mention, now=now)

    def refresh(
        self, source: SourceConfig, ids: Sequence[str], *, now: datetime
    ) -> dict[str, Live | Gone | Unknown]:
        """How they stand now; Gone as an empty shell, or when two look-ups in a row do not have it."""
        client = RedditClient(source, self._transport)
        found: dict[str, Live | Gone | Unknown] = {i: Unknown("it is no id of Reddit") for i in ids}
        wanted = [i for i in ids if posts.NAME.fullmatch(i)]
        for start in range(0, len(wanted), LOOK_UP_SIZE):
            asked = wanted[start : start + LOOK_UP_SIZE]
            told = _look_up(client, asked, now=now)
            missing = [i for i in asked if i not in told]
            if missing:
                told |= _look_up(client, missing, now=now)
            found |= {i: told.get(i, Gone("Reddit does not have it, asked twice")) for i in asked}
        return found

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        """The newest comments of the post, on all levels."""
        root = mention.thread_id or mention.canonical_id
        if not posts.NAME.fullmatch(root):
            return ()
        params = {"limit": "100", "sort": "new"}
        body = RedditClient(source, self._transport).get(f"comments/{root[3:]}", params, now=now)
        try:
            tree = body[1]["data"]["children"]
        except (KeyError, IndexError, TypeError):
            raise Unavailable("Reddit answers without a conversation") from None
        found: dict[str, Mention] = {}
        for entry in posts.comments_in(tree):
            try:
                if not posts.is_gone(entry["data"]) and not _is_ours(source, entry):
                    found.setdefault(entry["data"]["name"], arrived(posts.mention_of(entry), now=now))
            except UNREADABLE:
                continue
        newest = sorted(found.values(), key=lambda m: m.posted_at, reverse=True)
        return tuple(newest[:100])

    def claims(self, url: str) -> bool:
        """Whether this is the address of one post or comment on Reddit."""
        return bool(posts.link(url))

    def resolve(self, source: SourceConfig, url: str, *, now: datetime) -> Mention | None:
        """The post or comment at an address; None when it is not there."""
        name = posts.link(url)
        if not name:
            return None
        standing = _look_up(RedditClient(source, self._transport), [name], now=now).get(name)
        return standing.mention if isinstance(standing, Live) else None

    def can_reply(
        self, source: SourceConfig, mention: Mention, visibility: Visibility = "public"
    ) -> Yes | No:
        """Anything, with the keys of our account."""
        if not _has_account(source):
            return No("The keys to send from our account are not set", mention.url)
        return messages.takes_messages(mention) if visibility == "direct" else Yes()

    def reply_length(self, text: str, visibility: Visibility = "public") -> int:
        """Characters."""
        return len(text)

    def publish(self, source: SourceConfig, reply: Reply, *, key: str) -> Published:
        """A comment under the post or comment, or a private message to its author."""
        if len(reply.text) > MAX_CHARS:
            raise PublishFailed(f"it has {len(reply.text)} of {MAX_CHARS} characters")
        if not _has_account(source):
            raise PublishFailed("the keys to send from our account are not set")
        client = RedditClient(source, self._transport)
        if reply.visibility == "direct":
            return messages.send(client, reply, key=key)
        return _published(client.comment(reply))

    def find_reply(self, source: SourceConfig, key: str, reply: Reply) -> Published | None:
        """The newest comment of ours under the same parent with the same text, or our marked message."""
        client = RedditClient(source, self._transport)
        if reply.visibility == "direct":
            return messages.find(client, reply, key=key)
        if not client.username:
            raise Unavailable("the name of our account is not set, so our reply cannot be looked for")
        params = _LIMIT | {"sort": "new"}
        body = client.get(f"user/{client.username}/comments", params, now=None)
        try:
            comments = [entry["data"] for entry in body["data"]["children"]]
            for data in comments:
                same = " ".join(str(data["body"]).split()) == " ".join(reply.text.split())
                if same and data["parent_id"] == reply.parent_id:
                    return _published(data)
        except (KeyError, TypeError):
            raise Unavailable("Reddit answers without our comments") from None
        return None

    def check(self, source: SourceConfig) -> list[Problem]:
        """Missing keys, names that are no subreddits, and a source that has nothing to read."""
        problems = []
        if not (source.secrets.get("client_id") and source.secrets.get("client_secret")):
            problems.append(Problem("The client id and secret are not set: nothing can be read from Reddit."))
        given = source.settings.get("subreddits")
        odd = [str(n)[:30] for n in given if n not in _subreddits(source)] if isinstance(given, list) else []
        if odd:
            problems.append(Problem(f"These are no names of subreddits: {', '.join(odd)}.", blocking=False))
        if not _has_account(source):
            message = "The keys of our account are not set: replies must be sent by hand."
            problems.append(Problem(message, blocking=False))
        return problems


def _edges(source: SourceConfig, turn: int) -> dict[str, Edge]:
    """What this source reads; each subreddit by itself, so that a closed one stops no other."""
    edges: dict[str, Edge] = {}

    def found(entry: Entry, step: Step) -> list[Mention]:
        return [] if _is_ours(source, entry) else _found(entry, step)

    if _has_account(source):
        for name, path in _MENTIONS.items():
            edges[name] = Edge(path, _LIMIT, _addressed, posts.time_of, reach=REACH)
    for subreddit in _subreddits(source):
        for kind in ("new", "comments"):
            path = f"r/{subreddit}/{kind}"
            edges[path] = Edge(path, _LIMIT, found, posts.time_of, reach=REACH)
    words = alternatives(source.terms, between=" OR ")
    if words and source.settings.get("search", not _subreddits(source)):
        params = _LIMIT | {"q": words[turn % len(words)], "sort": "new", "t": "week", "type": "link"}
        edges["search"] = Edge("search", params, found, posts.time_of)
    return edges


def _found(entry: Entry, step: Step) -> list[Mention]:
    """A post or comment; nothing for the shell of one that was taken away."""
    mention = posts.mention_of(entry)
    return [] if posts.is_gone(entry["data"]) else [mention]


def _is_ours(source: SourceConfig, entry: Entry) -> bool:
    """Whether our own account wrote it."""
    ours = str(source.secrets.get("username") or "").casefold()
    return bool(ours) and str(entry["data"].get("author") or "").casefold() == ours


def _addressed(entry: Entry, step: Step) -> list[Mention]:
    return [replace(mention, is_addressed=True) for mention in _found(entry, step)]


def _subreddits(source: SourceConfig) -> list[str]:
    given = source.settings.get("subreddits")
    names = [name for name in given if isinstance(name, str)] if isinstance(given, list) else []
    return [name for name in dict.fromkeys(names) if posts.SUBREDDIT.fullmatch(name)][:MAX_SUBREDDITS]


def _has_account(source: SourceConfig) -> bool:
    secrets = source.secrets
    return bool(secrets.get("refresh_token") or (secrets.get("username") and secrets.get("password")))


def _look_up(client: RedditClient, ids: Sequence[str], *, now: datetime) -> dict[str, Live | Gone | Unknown]:
    """What one look-up has; what it has and cannot be read is Unknown."""
    found: dict[str, Live | Gone | Unknown] = {}
    for entry in client.info(ids, now=now):
        data = entry.get("data") if isinstance(entry, Mapping) else None
        name = str(data.get("name")) if isinstance(data, Mapping) else ""
        if name not in ids or not isinstance(data, Mapping):
            continue
        try:
            shell = Gone("it was taken away by its author or a moderator")
            found[name] = shell if posts.is_gone(data) else Live(arrived(posts.mention_of(entry), now=now))
        except UNREADABLE as error:
            found[name] = Unknown(reason_of(error))
    return found


def _published(data: Mapping[str, object]) -> Published:
    path = str(data.get("permalink") or "")
    url = f"https://www.reddit.com{path}" if path.startswith("/") else ""
    return Published(url, str(data.get("name") or ""))
