"""Looking posts of X up again: by their ids, by an address, and by their conversation."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from monitoring.connectors.base import Gone, Live, Mention, Unknown
from monitoring.connectors.x.client import XClient
from monitoring.connectors.x.posts import error_reason, mentions_in, newest_id
from monitoring.connectors.x.stream import PAGE_SIZE

LOOK_UP_SIZE = 100
_HOSTS = re.compile(r"(?:(?:www|mobile|m)\.)?(?:x|twitter)\.com")
_STATUS = re.compile(r"/(?:i/web|i|\w{1,30})/status(?:es)?/(\d{1,19})(?:/.*)?")


def look_up(client: XClient, ids: Sequence[str], *, now: datetime) -> dict[str, Live | Gone | Unknown]:
    """The newest version of each post; Gone only when X says so of that very post."""
    found: dict[str, Live | Gone | Unknown] = {i: Unknown("X said nothing of it") for i in ids}
    numbers = [post_id for post_id in ids if post_id.isascii() and post_id.isdigit()]
    for start in range(0, len(numbers), LOOK_UP_SIZE):
        body = client.look_up(numbers[start : start + LOOK_UP_SIZE], now=now)
        found |= _gone(body["errors"], found)
        newest = _newest_in(client, body, now=now)
        found |= {m.canonical_id: Live(m) for m in newest if m.canonical_id in found}
    return found


def at(client: XClient, url: str, *, now: datetime) -> Mention | None:
    """The newest version of the post at an address; None when X does not give it."""
    post_id = id_in(url)
    if not post_id:
        return None
    found = _newest_in(client, client.look_up([post_id], now=now), now=now)
    return found[-1] if found else None


def conversation(client: XClient, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
    """The newest hundred posts of the last week in the conversation of `mention`."""
    root = mention.thread_id or mention.canonical_id
    if not (root.isascii() and root.isdigit()):
        return ()
    body = client.search(f"conversation_id:{root}")({"max_results": PAGE_SIZE}, now=now)
    others = without_ours(mentions_in(body)[0], client)
    return tuple(found for found in others if found.canonical_id != mention.canonical_id)


def without_ours(mentions: Iterable[Mention], client: XClient) -> list[Mention]:
    """What others wrote: our own posts and replies are no mentions of us."""
    ours = client.user_id
    return [m for m in mentions if not (ours and m.author and m.author.external_id == ours)]


def id_in(url: str) -> str:
    """The id of the post at an address of X; "" for any other address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    match = _STATUS.fullmatch(parts.path) if parts.scheme in ("http", "https") else None
    return match[1] if match and _HOSTS.fullmatch(parts.hostname or "") else ""


def _newest_in(client: XClient, body: Mapping[str, Any], *, now: datetime) -> list[Mention]:
    """The posts of an answer, and after them the newest versions of those that were edited since."""
    mentions, _ = mentions_in(body)
    edited = [newest_id(m.raw) for m in mentions if newest_id(m.raw) != str(m.raw["id"])]
    return mentions + (mentions_in(client.look_up(edited, now=now))[0] if edited else [])


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
