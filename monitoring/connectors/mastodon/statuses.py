"""Statuses of Mastodon as JSON to mentions. Pure.

A status has an id on every server that knows it, and one `uri` everywhere: that is its identity.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from monitoring.connectors.base import AuthorRef, Kind, Mention, Reactions, Rejected
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import author, bounded_id, bounded_url, clean, clean_json, plain_text
from monitoring.connectors.shape import WRONG_SHAPE, Fault, part_of, reason_of, text_of, time_in

MAX_TEXT_CHARS = 20_000
CLOCK_SKEW = timedelta(minutes=5)  # a post stamped further ahead counts at arrival
# For clients that cannot show quotes, the text repeats the address of what it quotes.
_QUOTE_FALLBACK = re.compile(r'<p class="quote-inline">.*?</p>', re.DOTALL)
# Of an author only what a mention says of one; not their profile, history or looks.
_KEPT_OF_ACCOUNT = ("id", "username", "acct", "display_name", "url", "uri", "followers_count", "bot")
_NESTED = ("reblog", "quote", "quoted_status")
Parents = Mapping[str, tuple[str, str]]  # id on the server → (uri, root of its thread)


def mentions_in(
    entries: Sequence[Any], parents: Parents, *, now: datetime
) -> tuple[tuple[Mention, ...], tuple[Rejected, ...]]:
    """The statuses or notifications of a page as mentions, each identity once, and the unreadable ones."""
    found: dict[str, Mention] = {}
    rejected = []
    for entry in entries:
        if isinstance(entry, Mapping) and "type" in entry and not entry.get("status"):
            continue  # a notification of a post that is gone meanwhile
        try:
            mention = mention_of(entry, parents, now=now)
        except WRONG_SHAPE as error:
            raw = clean(json.dumps(clean_json(entry), ensure_ascii=False))
            rejected.append(Rejected(raw, reason_of(error)))
        else:
            found.setdefault(mention.canonical_id, mention)
    return tuple(found.values()), tuple(rejected)


def read(raw: str, *, now: datetime) -> Mention:
    """The mention in the JSON of one status or notification. Raises Unreadable."""
    try:
        return mention_of(json.loads(raw), {}, now=now)
    except WRONG_SHAPE as error:
        raise Unreadable(reason_of(error)) from error


def mention_of(entry: Any, parents: Parents, *, now: datetime) -> Mention:
    """One status, or the status of one notification: that is addressed to us.

    Raises ValueError and its like for what is no status.
    """
    part_of(entry, "it is no post")
    if "status" in entry and "type" in entry:
        return replace(mention_of(entry["status"], parents, now=now), is_addressed=True)
    shown = part_of(entry.get("reblog") or entry, "what it passes on is no post")
    kind, parent_id, thread_id = _place(entry, parents)
    posted_at = time_in(entry, "created_at")
    return Mention(
        platform="mastodon",
        canonical_id=bounded_id(_uri(entry)),
        url=bounded_url(str(entry.get("url") or shown.get("url") or _uri(entry))),
        text=_text(shown),
        posted_at=posted_at if posted_at <= now + CLOCK_SKEW else now,
        author=_author(part_of(entry.get("account"), "it has no author")),
        kind=kind,
        parent_id=parent_id,
        thread_id=thread_id,
        language=clean(str(shown.get("language") or ""))[:2].lower(),
        reactions=_reactions(shown),
        raw=clean_json(_kept(entry)),
        version=clean(str(entry.get("edited_at") or ""))[:100],
    )


def local_id(status: Mapping[str, Any]) -> str:
    """The id that this server gave it, as text: a number above 2^53 is not safe everywhere."""
    return str(status["id"])


def wanted_parents(entries: Sequence[Any]) -> list[str]:
    """The ids of statuses that these answer and that are not among them."""
    statuses = [status for status in map(_status_in, entries) if status]
    here = {str(status.get("id")) for status in statuses}
    answered = (str(status.get("in_reply_to_id") or "") for status in statuses)
    return list(dict.fromkeys(parent for parent in answered if parent and parent not in here))


def parents_among(entries: Sequence[Any]) -> dict[str, tuple[str, str]]:
    """What answers to these statuses need to know, by the id on the server.

    A status that is an answer itself stands for the root of its thread, which only its context tells.
    """
    found = {}
    for status in map(_status_in, entries):
        if status and status.get("id") and isinstance(status.get("uri"), str):
            uri = bounded_id(status["uri"])
            found[str(status["id"])] = (uri, uri)
    return found


def _status_in(entry: Any) -> Mapping[str, Any]:
    """The status in a notification, or the entry itself; {} for what is neither."""
    status = entry.get("status", entry) if isinstance(entry, Mapping) else {}
    return status if isinstance(status, Mapping) else {}


def _uri(status: Mapping[str, Any]) -> str:
    uri = clean(str(status.get("uri") or "")).strip()
    if not uri:
        raise Fault("it has no address of its own")
    return uri


def _place(status: Mapping[str, Any], parents: Parents) -> tuple[Kind, str, str]:
    """(kind, parent, thread); "" for what is not known here."""
    if status.get("reblog"):
        return Kind.BOOST, bounded_id(_uri(status["reblog"])), ""
    answered = str(status.get("in_reply_to_id") or "")
    if answered:
        return Kind.REPLY, *parents.get(answered, ("", ""))
    quote = status.get("quote")
    if quote:
        quoted = quote.get("quoted_status") or (quote if quote.get("uri") else {})
        return Kind.QUOTE, bounded_id(_uri(quoted)) if quoted else "", ""
    return Kind.POST, "", ""


def _text(status: Mapping[str, Any]) -> str:
    """The warning above the text, and the text. Raises KeyError without a text."""
    content = text_of(status["content"])
    if status.get("quote"):
        content = _QUOTE_FALLBACK.sub("", content)
    warning = clean(str(status.get("spoiler_text") or "")).strip()
    return f"{warning}\n\n{plain_text(content)}".strip()[:MAX_TEXT_CHARS]


def _author(account: Mapping[str, Any]) -> AuthorRef | None:
    """The author under the name that is the same on every server: with the host."""
    address = str(account.get("uri") or account.get("url") or "")
    handle = str(account.get("acct") or account.get("username") or "")
    if handle and "@" not in handle:
        host = urlsplit(str(account.get("url") or address)).hostname
        handle = f"{handle}@{host}" if host else handle
    return author(
        address or handle, handle, str(account.get("display_name") or ""), account.get("followers_count")
    )


def _reactions(status: Mapping[str, Any]) -> Reactions:
    shares = _count(status, "reblogs_count") + _count(status, "quotes_count")
    return Reactions(_count(status, "replies_count"), shares, _count(status, "favourites_count"))


def _count(status: Mapping[str, Any], name: str) -> int:
    value = status.get(name)
    return value if isinstance(value, int) and value >= 0 else 0


def _kept(status: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of a status: ids as texts, authors without their profile."""
    kept = dict(status)
    for name in ("id", "in_reply_to_id", "in_reply_to_account_id"):
        if kept.get(name) is not None:
            kept[name] = str(kept[name])
    account = kept.get("account")
    if isinstance(account, Mapping):
        kept["account"] = {name: account[name] for name in _KEPT_OF_ACCOUNT if name in account}
    for name in _NESTED:
        if isinstance(kept.get(name), Mapping):
            kept[name] = _kept(kept[name])
    return kept
