"""Make what platforms send storable: text a database takes, plain text from HTML, bounded ids."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from html import unescape
from operator import attrgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import nh3

from monitoring.connectors.base import AuthorRef, Mention

MAX_ID_CHARS = 200
MAX_NAME_CHARS = 200
MAX_URL_CHARS = 2000
MAX_HTML_CHARS = 100_000
MAX_TAGS = 5_000
DEEPEST = 50
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_TEXTS = ("canonical_id", "url", "text", "parent_id", "thread_id", "language", "version")
_NAMES = ("external_id", "handle", "name")
_texts_of, _names_of = attrgetter(*_TEXTS), attrgetter(*_NAMES)
_TRACKING = re.compile(r"(?i)^(utm_\w+|fbclid|gclid|dclid|msclkid|igshid|mc_cid|mc_eid|ref_src|ref_url)$")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_BLOCKS = {"p", "div", "br", "li", "ul", "ol", "tr", "table", "blockquote", "pre", "hr", "section"}
_BLOCKS |= {"article", "h1", "h2", "h3", "h4", "h5", "h6"}
_SILENT = {"script", "style", "template", "noscript", "iframe", "object", "svg", "head", "title"}


class BadUrl(ValueError):
    """An address that is not a web address."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url

    def __str__(self) -> str:
        return f'"{self.url[:100]}" is not a web address; it should start with https:// or http://.'


def clean(text: str) -> str:
    """`text` without NUL, other control characters and lone surrogates; databases refuse those."""
    return _UNSTORABLE.sub("", text)


def storable(mention: Mention) -> Mention:
    """The mention without what no database takes; almost always the mention itself. Not `raw`."""
    author = mention.author
    names = _names_of(author) if author else ()
    together = "".join((*_texts_of(mention), *names))
    if together.isprintable() or not _UNSTORABLE.search(together):  # the first is fast, and mostly enough
        return mention
    texts: dict[str, Any] = {name: clean(getattr(mention, name)) for name in _TEXTS}
    if author:
        cleaned: dict[str, Any] = {name: clean(getattr(author, name)) for name in _NAMES}
        author = replace(author, **cleaned)
    return replace(mention, author=author, **texts)


def clean_json(value: Any, deepest: int = DEEPEST) -> Any:
    """`value` as plain JSON that a database takes: texts cleaned, unknown types as their text.

    What is nested deeper than any real post is left out: it would stop whoever goes through it.
    """
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Mapping):
        inner = deepest - 1
        return {clean(str(k)): clean_json(part, inner) for k, part in value.items()} if deepest else None
    if isinstance(value, list | tuple):
        return [clean_json(part, deepest - 1) for part in value] if deepest else None
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value - value == 0:  # neither infinite nor not-a-number
        return value
    return clean(str(value))


def bounded_id(text: str) -> str:
    """`text` itself as an id when it is short, else its digest: ids are indexed."""
    cleaned = clean(text)
    return cleaned if len(cleaned) <= MAX_ID_CHARS else f"sha256:{digest(cleaned)}"


def bounded_url(url: str) -> str:
    """`url` when it fits where addresses are stored, else nothing: half an address leads astray."""
    return url if len(url) <= MAX_URL_CHARS else ""


def author(external_id: str, handle: str, name: str = "", followers: int | None = None) -> AuthorRef | None:
    """An author within the lengths that are stored; None without a handle."""
    kept = clean(handle).strip()[:MAX_NAME_CHARS]
    if not kept:
        return None
    count = followers if isinstance(followers, int) and followers >= 0 else None
    return AuthorRef(bounded_id(external_id), kept, clean(name).strip()[:MAX_NAME_CHARS], count)


def digest(*parts: str) -> str:
    """One hexadecimal digest of texts, the same whatever the process or machine."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()


def normalised_url(url: str) -> str:
    """The address under which one page is known: host in lower case, no fragment, no tracking.

    Raises BadUrl for anything but http and https.
    """
    try:
        parts = urlsplit(clean(url).strip())
        port = parts.port
        host = (parts.hostname or "").rstrip(".").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise BadUrl(url) from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS or not host:
        raise BadUrl(url)
    netloc = f"[{host}]" if ":" in host else host
    if port and port != _DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    kept = [(name, value) for name, value in parse_qsl(parts.query, True) if not _TRACKING.match(name)]
    return urlunsplit((scheme, netloc, parts.path.rstrip("/") or "/", urlencode(kept), ""))


def plain_text(html: str) -> str:
    """The text that a reader of `html` sees: no tags, no scripts, blocks on lines of their own.

    Read by nh3: the parser of the standard library takes minutes for some hostile input. What has more
    tags than any article is only freed of them, because deep nesting costs nh3 their number squared.
    """
    text = clean(html[:MAX_HTML_CHARS])
    if text.count("<") > MAX_TAGS:
        text = re.sub(r"<[^<>]*>", "\n", text)[:MAX_TAGS]
    if "<" in text or "&" in text:
        simple = nh3.clean(text, tags=_BLOCKS, attributes={}, clean_content_tags=_SILENT, link_rel=None)
        text = clean(unescape(re.sub(r"</?[a-z0-9]+>", "\n", simple)))
    return _tidy(text)


def _tidy(text: str) -> str:
    """Spaces joined, at most one empty line in a row."""
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
