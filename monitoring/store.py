"""The one upsert: mentions in, posts out, each stored once however often it comes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from monitoring import bulk
from monitoring.connectors.base import AuthorRef, Mention
from monitoring.models import Author, Post, PostIdentity, PostMatch, PostVersion

Key = tuple[str, str]
"""(platform, canonical id) of a post, or (platform, external id) of an author."""


@dataclass(frozen=True, slots=True)
class StoredPost:
    """A post that was not known before, with the mention it was made from."""

    id: int
    mention: Mention
    query_ids: tuple[int, ...]

    @property
    def thread_id(self) -> str:
        return self.mention.thread_id or self.mention.canonical_id


@dataclass(frozen=True, slots=True)
class Stored:
    """What one page of mentions did to the store."""

    new: tuple[StoredPost, ...]
    edited: tuple[int, ...]
    n_seen: int


def upsert_posts(
    mentions: Sequence[Mention],
    *,
    now: datetime,
    source_id: int | None = None,
    queries: Mapping[Key, Collection[int]] | None = None,
) -> Stored:
    """Store mentions, in the caller's transaction: new ones, edits as versions, counts as they are now.

    `queries` says which queries each mention matched. Of a mention that stands twice on the
    page the last one counts. Rows are written in the order of their keys, so that two workers
    never hold what the other wants.
    """
    by_key = {(m.platform, m.canonical_id): m for m in mentions}
    if not by_key:
        return Stored((), (), 0)
    keys = sorted(by_key)
    fresh = _take_identities(keys)
    matched = queries or {}
    new = tuple(
        StoredPost(post_id, by_key[key], tuple(sorted(matched.get(key, ()))))
        for key, post_id in fresh.items()
    )
    _insert_posts(new, now=now, source_id=source_id)
    ids = _known_ids(key for key in keys if key not in fresh)
    edited = _refresh_known([by_key[key] for key in ids], ids, now=now) if ids else ()
    # A known post that matches another query has one more reason to be kept.
    PostMatch.objects.bulk_create(
        [PostMatch(post_id=pk, query_id=q) for key, pk in ids.items() for q in sorted(matched.get(key, ()))],
        ignore_conflicts=True,
    )
    return Stored(new, edited, len(keys))


def _take_identities(keys: Sequence[Key]) -> dict[Key, int]:
    """Ids for the keys nobody had: the unique constraint decides, also between two workers."""
    holes = ", ".join(["(%s, %s)"] * len(keys))
    sql = (
        f"INSERT INTO monitoring_postidentity (platform, canonical_id) VALUES {holes} "
        "ON CONFLICT (platform, canonical_id) DO NOTHING RETURNING id, platform, canonical_id"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [part for key in keys for part in key])
        return {(platform, canonical_id): pk for pk, platform, canonical_id in cursor.fetchall()}


def _insert_posts(new: Sequence[StoredPost], *, now: datetime, source_id: int | None) -> None:
    if not new:
        return
    refs = {
        (p.mention.platform, p.mention.author.external_id): p.mention.author for p in new if p.mention.author
    }
    authors = _authors(refs)
    bulk.insert(Post, POST_FIELDS, (_post_row(post, authors, now, source_id) for post in new))
    bulk.insert(PostMatch, ("post_id", "query_id"), [(p.id, q) for p in new for q in p.query_ids])


POST_FIELDS = (
    "identity_id",
    "platform",
    "canonical_id",
    "source_id",
    "author_id",
    "kind",
    "url",
    "text",
    "language",
    "parent_id",
    "thread_id",
    "n_replies",
    "n_shares",
    "n_likes",
    "n_views",
    "posted_at",
    "fetched_at",
    "version",
    "raw",
)


def _post_row(
    post: StoredPost, authors: Mapping[Key, int], now: datetime, source_id: int | None
) -> tuple[Any, ...]:
    m = post.mention
    author_id = authors[m.platform, m.author.external_id] if m.author else None
    return (
        post.id,
        m.platform,
        m.canonical_id,
        source_id,
        author_id,
        m.kind.value,
        m.url[:2000],
        m.text,
        m.language[:10],
        m.parent_id,
        post.thread_id,
        m.reactions.replies,
        m.reactions.shares,
        m.reactions.likes,
        m.reactions.views,
        m.posted_at,
        now,
        m.version[:200],
        bulk.encoded(m.raw),
    )


def _authors(refs: Mapping[Key, AuthorRef]) -> dict[Key, int]:
    """Author ids by (platform, external id), made or brought up to date as needed."""
    if not refs:
        return {}
    found = _find_authors(refs)
    missing = [key for key in sorted(refs) if key not in found]
    if missing:
        made = [_author(key, refs[key]) for key in missing]
        Author.objects.bulk_create(made, ignore_conflicts=True)
        found |= _find_authors(dict.fromkeys(missing))
    changed = [a for key, a in found.items() if _bring_up_to_date(a, refs[key])]
    if changed:
        Author.objects.bulk_update(sorted(changed, key=lambda a: a.pk), ["handle", "name", "followers"])
    return {key: author.pk for key, author in found.items()}


def _find_authors(keys: Iterable[Key]) -> dict[Key, Author]:
    return {
        (author.platform, author.external_id): author
        for platform, ids in _by_platform(keys).items()
        for author in Author.objects.filter(platform=platform, external_id__in=ids)
    }


def _author(key: Key, ref: AuthorRef) -> Author:
    author = Author(platform=key[0], external_id=key[1])
    _bring_up_to_date(author, ref)
    return author


def _bring_up_to_date(author: Author, ref: AuthorRef) -> bool:
    before = (author.handle, author.name, author.followers)
    author.handle, author.name = ref.handle[:200], ref.name[:200]
    if ref.followers is not None:
        author.followers = ref.followers
    return before != (author.handle, author.name, author.followers)


def _refresh_known(mentions: Sequence[Mention], ids: Mapping[Key, int], *, now: datetime) -> tuple[int, ...]:
    """Bring posts that were known up to date; returns the ids of those whose text was edited."""
    posts = {p.pk: p for p in Post.objects.select_for_update().filter(pk__in=ids.values()).order_by("pk")}
    edited: list[Post] = []
    counted: list[Post] = []
    for mention in mentions:
        post = posts[ids[mention.platform, mention.canonical_id]]
        if _is_edit(post, mention):
            PostVersion.objects.create(
                post=post, text=post.text, version=post.version, raw=post.raw, replaced_at=now
            )
            post.text, post.version, post.raw = mention.text, mention.version[:200], dict(mention.raw)
            edited.append(post)
        if _take_counts(post, mention):
            counted.append(post)
    if edited:
        Post.objects.bulk_update(edited, ["text", "version", "raw"])
    if counted:
        Post.objects.bulk_update(counted, ["n_replies", "n_shares", "n_likes", "n_views"])
    return tuple(post.pk for post in edited)


def _is_edit(post: Post, mention: Mention) -> bool:
    """A redacted post stays redacted, and an earlier edition that comes late is no edit."""
    if post.gone_at or mention.version == post.version or mention.text == post.text:
        return False
    return not post.versions.filter(version=mention.version[:200]).exists()


def _take_counts(post: Post, mention: Mention) -> bool:
    r = mention.reactions
    before = (post.n_replies, post.n_shares, post.n_likes, post.n_views)
    now = (r.replies, r.shares, r.likes, r.views if r.views is not None else post.n_views)
    post.n_replies, post.n_shares, post.n_likes, post.n_views = now
    return before != now


def _known_ids(keys: Iterable[Key]) -> dict[Key, int]:
    return {
        (identity.platform, identity.canonical_id): identity.pk
        for platform, ids in _by_platform(keys).items()
        for identity in PostIdentity.objects.filter(platform=platform, canonical_id__in=ids)
    }


def _by_platform(keys: Iterable[Key]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for platform, external_id in keys:
        grouped.setdefault(platform, []).append(external_id)
    return grouped
