"""What a web page says of itself: a proposal for who reports it, never the text of a post."""

import re
from dataclasses import dataclass
from html import unescape

from monitoring.connectors.plain import clean
from monitoring.fetch import INTERNET, FetchFailed, FetchRefused, Limits, Network, get

LIMITS = Limits(connect_s=3.0, read_s=4.0, total_s=6.0, max_bytes=2_000_000)
MOST_CHARS = 200_000
LONGEST = 1000
# No part of these reaches past the next angle bracket, so that no page makes them slow.
_TITLE = re.compile(r"<title(?:\s[^<>]*)?>([^<]{1,2000})", re.IGNORECASE)
_META = re.compile(r"<meta\s([^<>]{1,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-z:_-]{1,30})\s{0,5}=\s{0,5}(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_CHARSET = re.compile(r"charset=[\"']?([\w-]{1,30})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Described:
    """Title and description as the page gives them; "" where it gives none."""

    title: str
    text: str


def describe(url: str, *, network: Network | None = None) -> Described | None:
    """Fetch a page and read what it says of itself; None when there is no such page for us."""
    try:
        answer = get(url, limits=LIMITS, network=network or INTERNET)
    except (FetchFailed, FetchRefused):
        return None
    if not 200 <= answer.status < 300 or "html" not in answer.headers.get("content-type", ""):
        return None
    html = _decoded(answer.body, answer.headers.get("content-type", ""))[:MOST_CHARS]
    said = _meta(html)
    title = _TITLE.search(html)
    found = Described(
        _line(said.get("og:title") or (title[1] if title else "")),
        _line(said.get("og:description") or said.get("description", "")),
    )
    return found if found.title or found.text else None


def _decoded(body: bytes, content_type: str) -> str:
    named = _CHARSET.search(content_type)
    try:
        return body.decode(named[1] if named else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _meta(html: str) -> dict[str, str]:
    """The first content of every named <meta>."""
    found: dict[str, str] = {}
    for tag in _META.finditer(html):
        has = {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag[1])}
        name = has.get("property") or has.get("name", "")
        if has.get("content"):
            found.setdefault(name.lower(), has["content"])
    return found


def _line(text: str) -> str:
    return " ".join(clean(unescape(text)).split())[:LONGEST]
