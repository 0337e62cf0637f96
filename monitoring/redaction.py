"""What is gone from its platform goes here too, and comes back when it does: the decision on it stays."""

from collections.abc import Collection, Mapping
from datetime import datetime

from monitoring import bulk
from monitoring.connectors.base import Mention
from monitoring.models import Author, Post, PostVersion
from monitoring.store import Key, authors_of


def redact(reasons: Mapping[int, str], *, kept: Collection[int], now: datetime) -> None:
    """Take text, address and author from posts and their earlier versions; what stays is a tombstone.

    In the caller's transaction. `kept`: posts whose text must be kept by law; they are only marked.
    """
    emptied = [post_id for post_id in reasons if post_id not in kept]
    authors = set(Post.objects.filter(pk__in=emptied, author__isnull=False).values_list("author", flat=True))
    for post_id, reason in reasons.items():
        Post.objects.filter(pk=post_id).update(gone_at=now, gone_reason=reason[:200])
    Post.objects.filter(pk__in=emptied).update(text="", url="", raw={}, author=None)
    PostVersion.objects.filter(post__in=emptied).update(text="", raw={})
    Author.objects.filter(pk__in=authors, posts=None).delete()


def restore(mentions: Mapping[int, Mention]) -> None:
    """Put back what stands on its platform again, as it stands there now; earlier versions stay empty."""
    refs = {_key(m): m.author for m in mentions.values() if m.author}
    authors = authors_of(refs) if refs else {}
    rows = [
        (m.text, m.url[:2000], bulk.encoded(m.raw), m.version[:200], authors.get(_key(m)), None, "", post_id)
        for post_id, m in mentions.items()
    ]
    bulk.update(Post, ("text", "url", "raw", "version", "author_id", "gone_at", "gone_reason"), rows)


def _key(mention: Mention) -> Key:
    return (mention.platform, mention.author.external_id if mention.author else "")
