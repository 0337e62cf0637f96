"""Posts by word and by author, alike on both databases, through the full-text index of the one at hand."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from monitoring.connectors.registry import CONNECTORS
from monitoring.models import Author, Post, PostIdentity
from monitoring.queries.looking import Term, terms_of

MOST = 5_000
"""Hits that are read and sorted at a time (`cases.reads.searching`)."""

MOST_AUTHORS = 500

SQLITE = (
    "SELECT rowid FROM monitoring_post_text WHERE monitoring_post_text MATCH %s ORDER BY rowid DESC LIMIT %s"
)
POSTGRESQL = (
    "SELECT identity_id FROM monitoring_post WHERE weerwoord_words(text) @@ to_tsquery('simple', %s) "
    "ORDER BY identity_id DESC LIMIT %s"
)
PROBES = {
    "sqlite": "SELECT rowid FROM monitoring_post_text WHERE monitoring_post_text MATCH %s LIMIT %s",
    "postgresql": (
        "WITH hits AS MATERIALIZED (SELECT identity_id FROM monitoring_post "
        "WHERE weerwoord_words(text) @@ to_tsquery('simple', %s) LIMIT %s) SELECT identity_id FROM hits"
    ),
}
# First what lies between two moments, by two indexes at once, and only then in order: asked for the newest
# few of a word, PostgreSQL would read the words of every post on the way back.
BETWEEN = (
    "WITH found AS MATERIALIZED (SELECT identity_id, posted_at FROM monitoring_post "
    "WHERE (weerwoord_words(text) @@ to_tsquery('simple', %s){or_author}) "
    "AND posted_at BETWEEN %s AND %s) "
    "SELECT identity_id, posted_at FROM found WHERE (posted_at, identity_id) < (%s, %s) "
    "ORDER BY posted_at DESC, identity_id DESC LIMIT %s"
)
AUTHORS = {
    "sqlite": "SELECT rowid FROM monitoring_author_text WHERE monitoring_author_text MATCH %s LIMIT %s",
    "postgresql": (
        "SELECT id FROM monitoring_author "
        "WHERE weerwoord_words(name, handle) @@ to_tsquery('simple', %s) LIMIT %s"
    ),
}


def posts_with(text: str) -> QuerySet[Post]:
    """Posts that hold every term of `text` (`queries.looking`), the newest stored; none for no words."""
    terms = terms_of(text)
    if not terms:
        return Post.objects.none()
    sql = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    return Post.objects.filter(pk__in=RawSQL(sql, [_asked(terms), MOST]))  # nosec B611 - both are parameters


def hits(terms: Sequence[Term], *, most: int = MOST) -> list[int] | None:
    """The posts that hold all terms; None when there are more than `most`."""
    return _probed(PROBES, terms, most=most)


def hits_between(
    terms: Sequence[Term], authors: Sequence[int], *, since: datetime, before: tuple[datetime, int]
) -> list[tuple[int, datetime]]:
    """Posts with all terms or by these authors, the newest first and at most MOST. PostgreSQL only.

    `before`: when and which post stood last on the way back in time.
    """
    sql = BETWEEN.format(or_author=" OR author_id = ANY(%s)" if authors else "")
    posted_at, pk = before
    given = [_asked(terms), *([list(authors)] if authors else ()), since, posted_at, posted_at, pk, MOST]
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())


def authors(terms: Sequence[Term]) -> list[int] | None:
    """Authors whose name and handle hold all terms; None when there are more than MOST_AUTHORS."""
    return _probed(AUTHORS, terms, most=MOST_AUTHORS)


def by_permalink(typed: str) -> list[int]:
    """The post with this address, however it is written: scheme, "www." and what is behind ? do not count."""
    asked = _plain(typed)
    parts = [part for part in asked.split("/")[1:] if part][:10]
    if not parts or " " in asked or "." not in asked.split("/")[0]:
        return []
    ids = PostIdentity.objects.filter(platform__in=CONNECTORS, canonical_id__in=[*parts, typed.strip()])
    handles = {*parts, *(part.lstrip("@") for part in parts)}
    of_author = Author.objects.filter(platform__in=CONNECTORS, handle__in=handles)
    posts = Post.objects.filter(Q(pk__in=ids.values("pk")) | Q(author__in=of_author[:10]))
    tail = parts[-1]
    found = posts.filter(url__contains=tail).values_list("pk", "url")[:MOST]
    return [pk for pk, url in found if _plain(url) == asked]


def _plain(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    is_whole = parts.scheme in ("http", "https")
    whole = f"{parts.netloc}{parts.path}" if is_whole else url.strip().partition("?")[0].partition("#")[0]
    return whole.removeprefix("www.").rstrip("/").casefold()


def _probed(statements: dict[str, str], terms: Sequence[Term], *, most: int) -> list[int] | None:
    if not terms:
        return []
    with connection.cursor() as cursor:
        cursor.execute(statements[connection.vendor], [_asked(terms), most + 1])
        found = [pk for (pk,) in cursor.fetchall()]
    return None if len(found) > most else found


def _asked(terms: Sequence[Term]) -> str:
    """The terms as the index asks them. They hold letters and digits only: nothing is an operator."""
    if connection.vendor == "postgresql":
        return " & ".join(
            f"{term.words[0]}:*" if term.is_prefix else f"({' <-> '.join(term.words)})" for term in terms
        )
    return " ".join(f'"{" ".join(term.words)}"' + ("*" if term.is_prefix else "") for term in terms)
