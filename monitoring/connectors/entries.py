"""Entries of a feed, as feedparser gives them, to mentions. Pure; knows no feedparser."""

import json
import re
from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

from monitoring.connectors.base import AuthorRef, Mention, Rejected
from monitoring.connectors.errors import Unreadable
from monitoring.connectors.plain import author, bounded_id, bounded_url, clean, clean_json, digest, plain_text
from monitoring.connectors.shape import WRONG_SHAPE, reason_of, text_of

MAX_TEXT_CHARS = 20_000
MAX_MARKS = 300
CLOCK_SKEW = timedelta(minutes=5)  # a post stamped further ahead counts at arrival


@dataclass(frozen=True, slots=True)
class Feed:
    """Where the entries come from; `seen` holds the identities already given.

    `known` holds identities by the marks of their entries, of this poll and the one before: some feeds
    give an entry another id every time.
    """

    source_id: int
    url: str
    title: str = ""
    language: str = ""
    seen: set[str] = field(default_factory=set)
    known: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)

    def mentions(
        self, entries: Iterable[Mapping[str, Any]], *, now: datetime
    ) -> tuple[list[Mention], tuple[Rejected, ...]]:
        """The entries as mentions, each identity once, and those that cannot be read."""
        found, rejected = [], []
        for entry in map(dict, entries):  # plain: feedparser's own answers for keys that are not there
            try:
                mention = _mention(entry, self, now=now)
            except WRONG_SHAPE as error:
                rejected.append(Rejected(_raw(entry, self), reason=reason_of(error)))
                continue
            mention = self._known_again(mention, entry)
            if mention.canonical_id not in self.seen:
                self.seen.add(mention.canonical_id)
                found.append(mention)
        return found, tuple(rejected)

    def recent_ids(self) -> dict[str, str]:
        """The identities of the last entries by their marks, for the next poll."""
        return dict(list({**self.known, **self.marks}.items())[-MAX_MARKS:])

    def _known_again(self, mention: Mention, entry: Mapping[str, Any]) -> Mention:
        """The mention under the identity it had before, when only its id is another one.

        An entry is the same when its link, its text and its date are: a feed may give one warning
        twice, with the same link and title. Two in one answer are two.
        """
        if not (entry.get("id") and mention.url and mention.text):
            return mention
        mark = digest(mention.url, mention.text, str(entry.get("published", "")))[:16]
        if mark in self.marks:
            return mention
        before = self.known.get(mark, mention.canonical_id)
        is_other = before in self.seen or mention.canonical_id in self.known.values()
        self.marks[mark] = mention.canonical_id if is_other else before
        return mention if is_other else replace(mention, canonical_id=before)


def read_again(raw: str, source_id: int, *, now: datetime) -> Mention:
    """The mention in one `Rejected.raw` of a feed. Raises Unreadable."""
    try:
        given = json.loads(raw)
        url, title, language = (str(given["feed"].get(n) or "") for n in ("url", "title", "language"))
        return _mention(dict(given["entry"]), Feed(source_id, url, title, language), now=now)
    except WRONG_SHAPE as error:
        raise Unreadable(reason_of(error)) from error


def _raw(entry: Mapping[str, Any], feed: Feed) -> str:
    """An entry with what its feed says of itself, as JSON."""
    about: dict[str, Any] = {"url": feed.url, "title": feed.title, "language": feed.language}
    return json.dumps({"feed": clean_json(about), "entry": clean_json(entry)}, ensure_ascii=False)


def _mention(entry: Mapping[str, Any], feed: Feed, *, now: datetime) -> Mention:
    title = _text(entry.get("title_detail"))
    body = next((text for text in map(_text, entry.get("content", ())) if text), "")
    body = body or _text(entry.get("summary_detail"))
    text = body if body.startswith(title) else f"{title}\n\n{body}".strip()
    url = _link(entry, feed.url)
    published, updated = _time(entry, "published"), _time(entry, "updated")
    posted_at = published or updated or _time(entry, "created") or now
    is_edited = bool(published and updated and updated > published)
    return Mention(
        platform="rss",
        canonical_id=_identity(entry, feed.source_id, url, text),
        url=url,
        text=text[:MAX_TEXT_CHARS],
        posted_at=posted_at if posted_at <= now + CLOCK_SKEW else now,
        author=_author(entry, feed, url),
        language=clean(feed.language)[:2].lower(),
        raw={k: v for k, v in clean_json(entry).items() if not k.endswith(("_parsed", "_detail"))},
        version=digest(text)[:16] if is_edited else "",
    )


def _text(detail: Mapping[str, Any] | None) -> str:
    """A title or content as plain text, whatever type it says it is."""
    value = text_of((detail or {}).get("value"))
    if (detail or {}).get("type") == "text/plain" and not re.search(r"</?\w+[^<]*>", value):
        return clean(value).strip()
    return plain_text(value)


def _link(entry: Mapping[str, Any], base: str) -> str:
    """The address of the article, out of the redirect that alerts wrap around it; "" if there is none."""
    try:
        parts = urlsplit(clean(str(entry.get("link", ""))).strip())
        if entry.get("link") and not parts.scheme:
            parts = urlsplit(urljoin(base, parts.geturl()))
        if re.fullmatch(r"(www\.)?google\.[a-z.]+", parts.hostname or "") and parts.path == "/url":
            inner = parse_qs(parts.query)
            parts = urlsplit((inner.get("url") or inner.get("q") or [parts.geturl()])[0])
    except ValueError:
        return ""
    is_web = parts.scheme.lower() in ("http", "https") and parts.netloc
    return bounded_url(parts.geturl()) if is_web else ""


def _identity(entry: Mapping[str, Any], source_id: int, url: str, text: str) -> str:
    """id → link → digest of the text. An id that is no address is only unique within its feed."""
    own = clean(str(entry.get("id", ""))).strip()
    if own:
        return bounded_id(own if ":" in own else f"{source_id}:{own}")
    return bounded_id(url) if url else f"sha256:{digest(text)}"


def _time(entry: Mapping[str, Any], name: str) -> datetime | None:
    """A date that feedparser could read, in UTC; None without one."""
    parsed = entry.get(f"{name}_parsed")
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def _author(entry: Mapping[str, Any], feed: Feed, url: str) -> AuthorRef | None:
    """Who signed the entry, else the publication."""
    name = plain_text(str(entry.get("author") or feed.title))
    return author(f"{urlsplit(url).hostname or ''}:{name}", name)
