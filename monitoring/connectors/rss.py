"""RSS and Atom feeds, Google Alerts among them: fetched by us, read by feedparser.

Settings of a source: `url`. A feed cannot be searched: all of it is given, and held against the
queries by whoever stores it.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import feedparser

from monitoring.connectors.base import Budget, Cursor, Mention, Page, Problem, SourceConfig
from monitoring.connectors.entries import Feed, read_again
from monitoring.connectors.errors import Ended, RateLimited, Refused, Unavailable
from monitoring.connectors.freshness import fresh_for, own_pace_s
from monitoring.connectors.plain import BadUrl, clean_json, digest, normalised_url
from monitoring.connectors.readonly import ReadOnlyConnector
from monitoring.connectors.waiting import resume_at
from monitoring.fetch import INTERNET, Fetched, FetchFailed, FetchRefused, Limits, Network, get

PAGE_SIZE = 100
_REFERENCE = re.compile(rb"&#(x[0-9a-fA-F]{1,8}|[0-9]{1,10});")
_CUT_OFF = ("no element found", "unclosed token", "unclosed CDATA section", "partial character")
_END = re.compile(rb"</([\w.-]+:)?(rss|feed|rdf|channel)\s*>\s*(<!--.*)?\s*$", re.IGNORECASE | re.DOTALL)


class RssConnector(ReadOnlyConnector):
    """One feed at one address. Every poll gives every entry: storing one twice changes nothing."""

    name = "rss"
    why_not = "A feed takes no replies"

    def __init__(self, limits: Limits | None = None, network: Network = INTERNET) -> None:
        self._limits = limits or Limits()
        self._network = network

    def poll(self, source: SourceConfig, cursor: Cursor, budget: Budget, *, now: datetime) -> Iterator[Page]:
        """The entries of the feed, in its own order, or one empty page when it has not changed.

        The cursor holds the validators of the feed, once all of it was read, and `offset`, how many
        entries were, while some remain; `pace_s`, how often the feed wants to be looked at; and `ids`,
        to know an entry again that comes under another id. It starts anew when the address or the
        terms change.
        """
        known: dict[str, Any] = {"url": _address(source), "terms": digest(*source.terms)}
        state = cursor if all(cursor.get(name) == value for name, value in known.items()) else {}
        fetched = self._fetch(str(state.get("moved_to") or known["url"]), state, now=now)
        known["moved_to"] = fetched.moved_to or str(state.get("moved_to", ""))
        if fetched.status == 304:
            pace_s = int(state.get("pace_s", 0))
            yield Page((), {**state, **known}, next_at=_next_at(source, fetched, pace_s, now=now))
            return
        parsed = _parse(fetched)
        known["pace_s"] = own_pace_s(parsed.feed)
        validators = {"etag": fetched.etag, "last_modified": fetched.last_modified}
        feed = Feed(
            source_id=source.id,
            url=fetched.url,
            title=str(parsed.feed.get("title", "")),
            language=str(parsed.feed.get("language", "")),
            known=dict(state.get("ids") or {}),
        )
        for batch, offset in _batches(parsed.entries, int(state.get("offset", 0)), budget):
            mentions, rejected = feed.mentions(batch, now=now)
            last = offset >= len(parsed.entries)
            known["ids"] = feed.recent_ids()
            yield Page(
                mentions=tuple(mentions),
                cursor=clean_json(known | (validators if last else {"offset": offset})),
                rejected=rejected,
                last=last,
                next_at=_next_at(source, fetched, known["pace_s"], now=now) if last else None,
            )

    def normalise(self, source: SourceConfig, raw: str, *, now: datetime) -> Mention:
        """One entry with what its feed says of itself, as it was set apart."""
        return read_again(raw, source.id, now=now)

    def check(self, source: SourceConfig) -> list[Problem]:
        """Whether there is an address."""
        problems = []
        try:
            _address(source)
        except Refused as error:
            problems.append(Problem(str(error)))
        return problems

    def _fetch(self, url: str, state: Cursor, *, now: datetime) -> Fetched:
        """The feed or "not modified". Raises the source error that the answer means."""
        try:
            fetched = get(
                url,
                etag=str(state.get("etag", "")),
                last_modified=str(state.get("last_modified", "")),
                limits=self._limits,
                network=self._network,
            )
        except FetchRefused as error:
            raise Refused(error.reason) from error
        except FetchFailed as error:
            raise Unavailable(error.reason) from error
        _raise_for(fetched, now=now)
        return fetched


def _raise_for(fetched: Fetched, *, now: datetime) -> None:
    """The source error for a status that brings no feed."""
    status, wait = fetched.status, fetched.headers.get("retry-after")
    if status in (200, 203, 304):
        return
    if status == 410:
        raise Ended("its address answers 410, gone for good")
    if status in (401, 403):
        raise Refused(f"its address answers {status}")
    if status == 429 or (status == 503 and wait):
        raise RateLimited(resume_at([wait] if wait else [], now=now))
    raise Unavailable(f"its address answers {status}")


def _address(source: SourceConfig) -> str:
    """The address of the feed. Raises Refused when there is none."""
    url = str(source.settings.get("url", "")).strip()
    try:
        normalised_url(url)
    except BadUrl as error:
        raise Refused(str(error).rstrip(".")) from error
    return url


def _next_at(source: SourceConfig, fetched: Fetched, pace_s: int, *, now: datetime) -> datetime | None:
    """When to look again, if the feed or its cache wants to be left alone for longer than our interval."""
    wait = fresh_for(fetched.headers, pace_s)
    return now + wait if wait > timedelta(seconds=source.interval_s) else None


def _parse(fetched: Fetched) -> feedparser.FeedParserDict:
    """The feed in these bytes. Raises Unavailable for anything that is no whole feed."""
    # No location: feedparser would make every bare id an address, the same for two feeds of one host.
    headers = {name: value for name, value in fetched.headers.items() if name == "content-type"}
    # As a file: given bytes, feedparser first tries them as the name of a file on this machine.
    body = io.BytesIO(_REFERENCE.sub(_readable, fetched.body))
    try:
        # Its own work on HTML is left out: we keep plain text, and for some input it takes minutes.
        parsed = feedparser.parse(
            body, response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # it has no error of its own; whatever breaks in it is one bad answer
        raise Unavailable(f"it cannot be read as a feed ({type(error).__name__})") from error
    if not parsed.get("version") and not parsed.entries:
        raise Unavailable("it is not a feed")
    if _is_cut_off(parsed, fetched.body):
        raise Unavailable("the feed is cut off")
    return parsed


def _is_cut_off(parsed: feedparser.FeedParserDict, body: bytes) -> bool:
    """Whether the document stops before its end: then the last entry may be half of one.

    A feed that is only ill-formed is read all the same, as long as its outermost element is closed.
    """
    fault = str(getattr(parsed.get("bozo_exception"), "getMessage", lambda: "")())
    if not fault:
        return False
    return fault.startswith(_CUT_OFF) or not _END.search(body.replace(b"\0", b"")[-1000:])


def _readable(reference: re.Match[bytes]) -> bytes:
    """A character reference, or nothing for half a character: one makes feedparser give up the feed."""
    digits = reference[1].lower()
    number = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    return b"" if number == 0 or 0xD800 <= number <= 0xDFFF or number > 0x10FFFF else reference[0]


def _batches(
    entries: Sequence[Mapping[str, Any]], offset: int, budget: Budget
) -> Iterator[tuple[Sequence[Mapping[str, Any]], int]]:
    """Pages of entries from `offset` as far as the budget goes, each with the offset behind it.

    At least one, also of an empty feed. A feed that has become shorter is read from its beginning.
    """
    offset = offset if offset < len(entries) else 0
    stop = min(len(entries), offset + budget.max_items, offset + budget.max_pages * PAGE_SIZE)
    while True:
        end = min(offset + PAGE_SIZE, stop)
        yield entries[offset:end], end
        offset = end
        if offset >= stop:
            return
