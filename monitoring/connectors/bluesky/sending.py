"""Replies on Bluesky: our own record key makes sending twice impossible. Network calls through the client."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wcwidth import iter_graphemes

from monitoring.connectors.base import Published, Reply
from monitoring.connectors.bluesky.client import BlueskyClient
from monitoring.connectors.bluesky.posts import POSTS, page_of
from monitoring.connectors.errors import (
    CredentialRefused,
    PublishFailed,
    PublishUnknown,
    RateLimited,
    Refused,
    Unavailable,
)

MAX_GRAPHEMES = 300
MAX_BYTES = 3000
_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"  # of record keys that name a time
_SPAN_US = 365 * 24 * 3600 * 1_000_000
_FROM_US = 1_704_067_200 * 1_000_000  # 2024: our keys name moments of that year, none of the future


def length(text: str) -> int:
    """Characters as a reader sees them, which is what Bluesky counts."""
    return sum(1 for _ in iter_graphemes(text))


def record_key(key: str) -> str:
    """The record key for an outbox key: the same every time, in the form Bluesky asks of posts."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:16])
    rest, clock = divmod(number, 1024)
    value = (_FROM_US + rest % _SPAN_US) << 10 | clock
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(60, -1, -5))


def send(client: BlueskyClient, reply: Reply, *, key: str) -> Published:
    """Write the reply under its own key.

    Raises PublishFailed when it certainly is not there, PublishUnknown when it may be, and the source
    error for a limit, keys that no longer work, or a platform that was out of reach before we wrote.
    """
    parent = _parent_of(client, reply) if reply.parent_id else None
    if parent is None:
        client.sign_in(now=None)
    record = _record(client, reply, parent)
    asked = {
        "repo": client.account[0],
        "collection": POSTS,
        "rkey": record_key(key),
        "record": record,
        "swapRecord": None,  # only if there is nothing under this key yet
    }
    try:
        answer = client.tell("com.atproto.repo.putRecord", asked, now=None)
    except (CredentialRefused, RateLimited):
        raise
    except Refused as refused:
        return _standing(client, reply, key=key, refused=refused)
    except Unavailable as unknown:
        raise PublishUnknown(unknown.reason) from unknown
    return _published(client, str(answer.get("uri") or f"at://{asked['repo']}/{POSTS}/{asked['rkey']}"))


def find(client: BlueskyClient, reply: Reply, *, key: str) -> Published | None:
    """Our reply under its key, from the server that holds our account; None when it is not there."""
    client.sign_in(now=None)
    asked = {"repo": client.account[0], "collection": POSTS, "rkey": record_key(key)}
    try:
        found = client.ask("com.atproto.repo.getRecord", asked, now=None)
    except CredentialRefused:
        raise
    except Refused:
        if client.traffic.told()[0] == "RecordNotFound":
            return None
        raise
    return _published(client, str(found.get("uri") or "")) if _is_ours(found, reply) else None


def _standing(client: BlueskyClient, reply: Reply, *, key: str, refused: Refused) -> Published:
    """The reply that stands under this key already. Raises PublishFailed when there is none."""
    if client.traffic.told()[0] != "InvalidSwap":
        raise PublishFailed(refused.reason) from refused
    found = find(client, reply, key=key)
    if found is None:
        raise PublishFailed("another post of ours stands under its key") from refused
    return found


def _is_ours(found: Mapping[str, Any], reply: Reply) -> bool:
    record = found.get("value")
    answered = record.get("reply") if isinstance(record, dict) else None
    parent = answered.get("parent") if isinstance(answered, dict) else None
    if not reply.parent_id:
        return isinstance(record, dict) and not answered
    return isinstance(parent, dict) and parent.get("uri") == reply.parent_id


def _parent_of(client: BlueskyClient, reply: Reply) -> Mapping[str, Any]:
    """The post that is answered, while it can be."""
    parent = client.posts([reply.parent_id], now=None).get(reply.parent_id)
    if parent is None:
        raise PublishFailed("the post is no longer there, or its author blocks us")
    viewer = parent.get("viewer")
    if isinstance(viewer, Mapping) and viewer.get("replyDisabled"):
        raise PublishFailed("its author lets only some people answer, and not us")
    return parent


def _record(client: BlueskyClient, reply: Reply, parent: Mapping[str, Any] | None) -> dict[str, Any]:
    """The post as it is written: under its parent and root, with its links, tags and mentions."""
    record: dict[str, Any] = {
        "$type": POSTS,
        "text": reply.text,
        "createdAt": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if parent is not None:
        under = {"uri": str(parent["uri"]), "cid": str(parent.get("cid") or "")}
        told = parent.get("record")
        above = told.get("reply") if isinstance(told, Mapping) else None
        root = above.get("root") if isinstance(above, Mapping) else None
        record["reply"] = {"root": root or under, "parent": under}
    found = facets(client, reply.text)
    return record | ({"facets": found} if found else {})


def facets(client: BlueskyClient, text: str) -> list[dict[str, Any]]:
    """Links, tags and mentions with where they stand in the bytes; a handle nobody has stays text."""
    from atproto_client.utils.facet_detection import detect_facets, detect_mentions

    found = [facet.model_dump(by_alias=True, exclude_none=True) for facet in detect_facets(text)]
    for mention in detect_mentions(text):
        did = client.did_of(mention.handle.lower(), now=None)
        if did:
            found.append(
                {
                    "index": {"byteStart": mention.byte_start, "byteEnd": mention.byte_end},
                    "features": [{"$type": "app.bsky.richtext.facet#mention", "did": did}],
                }
            )
    return sorted(found, key=lambda facet: int(facet["index"]["byteStart"]))


def _published(client: BlueskyClient, uri: str) -> Published:
    did, handle = client.account
    return Published(page_of(handle or did, uri.rpartition("/")[2]), uri)
