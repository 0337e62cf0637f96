"""Posts that a query finds, as they are shown before it is saved; and those that are stored already."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from monitoring.connectors.base import AuthorRef, Mention
from monitoring.marks import marked
from monitoring.matched import document_of
from monitoring.models import Post
from monitoring.queries.language import Query
from monitoring.queries.matching import matches
from monitoring.queries.searches import anchors
from monitoring.queries.tree import From, Handle, Near, Node, Phrase, Prefix, Tag, Word
from monitoring.search import posts_with

MOST_HITS = 20
STORED_DAYS = 30
MOST_ANCHORS = 10
MOST_CANDIDATES = 500
"""Stored posts that are read for each word of the query, newest first."""

LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """One post that the query finds; `pieces`: its text, in parts that are what was asked for or not."""

    platform: str
    author: str
    posted_at: datetime
    url: str
    language: str
    pieces: tuple[tuple[str, bool], ...]


def hits_in(mentions: Iterable[Mention], query: Query) -> list[Mention]:
    """Those that the query finds, newest first."""
    found = (mention for mention in mentions if matches(query, document_of(mention)))
    return sorted(found, key=lambda mention: mention.posted_at, reverse=True)


def shown(mentions: Iterable[Mention], query: Query) -> list[Hit]:
    """Mentions as they are shown, each with what was asked for in it."""
    return [_hit(mention, query) for mention in mentions]


def stored_hits(query: Query, *, now: datetime) -> tuple[list[Hit], int]:
    """The newest hits among stored posts, and how many there are of the last thirty days.

    Looked up by the words of which every hit must have one, so a rare query is found far back.
    """
    found: dict[int, Mention] = {}
    for anchor in anchors(query)[:MOST_ANCHORS]:
        posts = _candidates(anchor).filter(gone_at=None).select_related("author")
        newest = posts.order_by("-posted_at")[:MOST_CANDIDATES]
        found |= {post.pk: _mention_of(post) for post in newest}
    hits = hits_in(found.values(), query)
    since = now - timedelta(days=STORED_DAYS)
    return shown(hits[:MOST_HITS], query), sum(mention.posted_at >= since for mention in hits)


def _candidates(anchor: Node) -> QuerySet[Post]:
    """Stored posts that may hold what one leaf asks for: more than enough, never less."""
    match anchor:
        case Word(text) | Prefix(text) | Tag(text) | Handle(text):
            return posts_with(text)
        case Phrase(words):
            return posts_with(" ".join(words))
        case Near(parts, _):
            return _candidates(parts[0])
        case From(handle):
            return Post.objects.filter(author__handle__iexact=handle)
    return Post.objects.all()


def _mention_of(post: Post) -> Mention:
    author = AuthorRef(post.author.external_id, post.author.handle) if post.author else None
    return Mention(
        post.platform, post.canonical_id, post.url, post.text, post.posted_at, author, language=post.language
    )


def _hit(mention: Mention, query: Query) -> Hit:
    author = mention.author.handle if mention.author else ""
    pieces = tuple(marked(mention.text[:LONGEST_TEXT], query.root))
    return Hit(mention.platform, author, mention.posted_at, mention.url, mention.language, pieces)
