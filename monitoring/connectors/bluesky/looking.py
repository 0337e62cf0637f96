"""Looking posts of Bluesky up again: one by one, in their thread, by their page. Through the client."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from monitoring.connectors.base import Gone, Live, Mention, Unknown
from monitoring.connectors.bluesky.client import BlueskyClient
from monitoring.connectors.bluesky.posts import BAD, POSTS, mention_of, mentions_in, parts_of
from monitoring.connectors.errors import CredentialRefused, Refused, Unavailable

MAX_THREAD = 100
DEPTH = 50
_BLOCKS = ("blockedBy", "blocking", "blockingByList")


def again(client: BlueskyClient, ids: Sequence[str], *, now: datetime) -> dict[str, Live | Gone | Unknown]:
    """How each post stands now.

    A deleted post, and one of an account that left, is silently absent. So is one whose author blocks
    us: only who does not, and whose post a second look-up lacks as well, gives Gone.
    """
    found: dict[str, Live | Gone | Unknown] = {i: Unknown("it is no post of Bluesky") for i in ids}
    asked = [uri for uri in ids if _is_post(uri)]
    views = client.posts(asked, now=now)
    found |= {uri: _live(views[uri], now=now) for uri in asked if uri in views}
    absent = [uri for uri in asked if uri not in views]
    if not absent:
        return found
    authors = client.profiles(sorted({parts_of(uri)[0] for uri in absent}), now=now)
    views = client.posts(absent, now=now)
    for uri in absent:
        found[uri] = _live(views[uri], now=now) if uri in views else _absent(uri, authors)
    return found


def thread(client: BlueskyClient, uri: str, *, now: datetime) -> tuple[Mention, ...]:
    """The newest posts of the thread that hangs from `uri`; () when that post is not there."""
    if not _is_post(uri):
        return ()
    try:
        asked = {"uri": uri, "depth": DEPTH, "parentHeight": DEPTH}
        body = client.ask("app.bsky.feed.getPostThread", asked, now=now)
    except CredentialRefused:
        raise
    except Refused:
        if client.traffic.told()[0] == "NotFound":
            return ()
        raise
    if not isinstance(body.get("thread"), dict):
        raise Unavailable("Bluesky answers with nothing that can be read")
    found, _ = mentions_in(_posts_in(body["thread"]), now=now)
    us = client.account[0]  # our own replies are no mentions
    mentions = [mention for mention in found if not (mention.author and mention.author.external_id == us)]
    return tuple(sorted(mentions, key=lambda mention: mention.posted_at)[-MAX_THREAD:])


def up(client: BlueskyClient, actor: str, rkey: str, *, now: datetime) -> Mention | None:
    """The post of a handle or a DID under a record key; None when it is not there."""
    did = actor if actor.startswith("did:") else client.did_of(actor.lower(), now=now)
    uri = f"at://{did}/{POSTS}/{rkey}"
    if not _is_post(uri):
        return None
    view = client.posts([uri], now=now).get(uri)
    try:
        return mention_of(view, now=now) if view else None
    except BAD:
        return None


def _is_post(uri: str) -> bool:
    try:
        return bool(parts_of(uri))
    except ValueError:
        return False


def _live(view: Mapping[str, Any], *, now: datetime) -> Live | Unknown:
    try:
        return Live(mention_of(view, now=now))
    except BAD:
        return Unknown("what Bluesky says of it cannot be read")


def _absent(uri: str, authors: Mapping[str, Mapping[str, Any]]) -> Gone | Unknown:
    """What the absence of a post means, by what its author is to us."""
    profile = authors.get(parts_of(uri)[0])
    if profile is None:
        return Gone("Its account is gone or deactivated")
    viewer = profile.get("viewer")
    if isinstance(viewer, Mapping) and any(viewer.get(name) for name in _BLOCKS):
        return Unknown("its author blocks our account, or we block its author")
    return Gone("It was deleted, or taken down by Bluesky")


def _posts_in(tree: Mapping[str, Any]) -> Iterator[Any]:
    """The posts of a thread: those above, the post itself, those below; what is hidden is left out."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        if "post" in node:
            yield node["post"]
        replies = node.get("replies")
        waiting += [node.get("parent"), *(replies if isinstance(replies, list) else ())]
