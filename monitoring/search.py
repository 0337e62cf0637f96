"""Posts by word, through the full-text index of the database at hand."""

import re

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from monitoring.models import Post

MOST = 5_000
"""Hits read at most, newest first: a list is read by people, and ordering every post by time is slow."""

SQLITE = (
    "SELECT rowid FROM monitoring_post_text WHERE monitoring_post_text MATCH %s ORDER BY rowid DESC LIMIT %s"
)
POSTGRESQL = (
    "SELECT identity_id FROM monitoring_post WHERE to_tsvector('simple', text) @@ to_tsquery('simple', %s) "
    "ORDER BY identity_id DESC LIMIT %s"
)


def posts_with(text: str) -> QuerySet[Post]:
    """Posts that hold every word of `text`, each as the beginning of a word; none for no words."""
    words = re.findall(r"\w+", text)
    if not words:
        return Post.objects.none()
    if connection.vendor == "postgresql":
        sql, asked = POSTGRESQL, " & ".join(f"{word}:*" for word in words)
    else:
        sql, asked = SQLITE, " ".join(f'"{word}"*' for word in words)
    return Post.objects.filter(pk__in=RawSQL(sql, [asked, MOST]))  # nosec B611 - both texts are parameters
