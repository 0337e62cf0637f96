"""The one upsert: mentions in, posts out, each stored once however often it comes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from monitoring import bulk
from monitoring.connectors.base import AuthorRef, Kind, Mention
from monitoring.connectors.plain import storable
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
    """What one page of mentions did to the store.

    `gone`: posts that were gone and came again; they stay redacted until they are looked up. `matched`: posts
    that were known, with a query that found them only now.
    """

    new: tuple[StoredPost, ...]
    edited: tuple[int, ...]
    n_seen: int
    gone: tuple[int, ...] = ()
    matched: tuple[tuple[int, int], ...] = ()


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
    by_key: dict[Key, Mention] = {}
    matched: dict[Key, Collection[int]] = {}
    for heard in mentions:
        mention = storable(heard)
        key = (mention.platform, mention.canonical_id)
        by_key[key] = mention
        matched[key] = queries.get((heard.platform, heard.canonical_id), ()) if queries else ()
    if not by_key:
        return Stored((), (), 0)
    keys = sorted(by_key)
    fresh = _take_identities(keys)
    new = tuple(
        StoredPost(post_id, by_key[key], tuple(sorted(matched[key]))) for key, post_id in fresh.items()
    )
    _insert_posts(new, now=now, source_id=source_id)
    known = _lock_known([key for key in keys if key not in fresh])
    edited = _refresh_known(known, by_key, now=now)
    # A known post that matches another query has one more reason to be kept.
    reasons = [(post.id, query_id) for key, post in known.items() for query_id in sorted(matched[key])]
    names = ("post_id", "query_id")
    more = bulk.upsert(PostMatch, names, reasons, on_conflict="ON CONFLICT DO NOTHING", returning=names)
    gone = tuple(post.id for post in known.values() if post.is_gone)
    return Stored(new, tuple(edited), len(keys), gone, tuple((int(pk), int(found)) for pk, found in more))


def mention_of(post: Post) -> Mention:
    """The mention that a stored post came from, as far as a connector needs it."""
    author = post.author
    return Mention(
        platform=post.platform,
        canonical_id=post.canonical_id,
        url=post.url,
        text=post.text,
        posted_at=post.posted_at,
        author=AuthorRef(author.external_id, author.handle, author.name) if author else None,
        kind=Kind(post.kind),
        parent_id=post.parent_id,
        thread_id=post.thread_id,
        raw=post.raw,
    )


def known_keys(keys: Collection[Key]) -> set[Key]:
    """Those of the keys that stand in the store."""
    by_platform: dict[str, list[str]] = {}
    for platform, canonical_id in keys:
        by_platform.setdefault(platform, []).append(canonical_id)
    return {
        (platform, canonical_id)
        for platform, ids in by_platform.items()
        for canonical_id in PostIdentity.objects.filter(platform=platform, canonical_id__in=ids).values_list(
            "canonical_id", flat=True
        )
    }


def _take_identities(keys: Sequence[Key]) -> dict[Key, int]:
    """Ids for the keys nobody had: the unique constraint decides, also between two workers."""
    taken = bulk.upsert(
        PostIdentity,
        IDENTITY_FIELDS,
        keys,
        on_conflict="ON CONFLICT (platform, canonical_id) DO NOTHING",
        returning=("id", *IDENTITY_FIELDS),
    )
    return {(platform, canonical_id): pk for pk, platform, canonical_id in taken}


def _insert_posts(new: Sequence[StoredPost], *, now: datetime, source_id: int | None) -> None:
    if not new:
        return
    authors = authors_of({key: p.mention.author for p in new if (key := _author_key(p)) and p.mention.author})
    rows = (
        post_row(p, author_id=authors[key] if (key := _author_key(p)) else None, source_id=source_id, now=now)
        for p in new
    )
    bulk.insert(Post, POST_FIELDS, rows)
    matches = [(p.id, query_id) for p in new for query_id in p.query_ids]
    if matches:
        bulk.insert(PostMatch, ("post_id", "query_id"), matches)


def _author_key(post: StoredPost) -> Key | None:
    author = post.mention.author
    return (post.mention.platform, author.external_id) if author else None


IDENTITY_FIELDS = ("platform", "canonical_id")
AUTHOR_FIELDS = ("platform", "external_id", "handle", "name", "followers")
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
COUNTS = ("n_replies", "n_shares", "n_likes", "n_views")


def post_row(
    post: StoredPost, *, author_id: int | None, source_id: int | None, now: datetime
) -> tuple[Any, ...]:
    """A new post as a row of POST_FIELDS."""
    m = post.mention
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


def authors_of(refs: Mapping[Key, AuthorRef]) -> dict[Key, int]:
    """Author ids by (platform, external id), made or brought up to date as needed."""
    known = bulk.find(Author, ("id", *AUTHOR_FIELDS), by=AUTHOR_FIELDS[:2], keys=refs)
    current = {key for _, *author in known if _is_current(author, refs[key := (author[0], author[1])])}
    made = bulk.upsert(
        Author,
        AUTHOR_FIELDS,
        [_author_row(key, refs[key]) for key in sorted(refs.keys() - current)],
        on_conflict=(
            "ON CONFLICT (platform, external_id) DO UPDATE SET handle = excluded.handle, "
            "name = excluded.name, followers = COALESCE(excluded.followers, monitoring_author.followers)"
        ),
        returning=("id", *AUTHOR_FIELDS[:2]),
    )
    return {(platform, external_id): pk for pk, platform, external_id, *_ in [*known, *made]}


def _author_row(key: Key, ref: AuthorRef) -> bulk.Row:
    return (*key, ref.handle[:200], ref.name[:200], ref.followers)


def _is_current(author: bulk.Row, ref: AuthorRef) -> bool:
    """Whether nothing new is said of an author; followers are not always told."""
    _, _, handle, name, followers = author
    return (handle, name) == (ref.handle[:200], ref.name[:200]) and ref.followers in (None, followers)


@dataclass(frozen=True, slots=True)
class _Known:
    """What a stored post is compared by."""

    id: int
    text: str
    version: str
    is_gone: bool
    counts: tuple[int | None, ...]


def _refresh_known(posts: Mapping[Key, _Known], by_key: Mapping[Key, Mention], *, now: datetime) -> list[int]:
    """Bring posts that were known up to date; returns the ids of those whose text was edited."""
    pairs = [(post, by_key[key]) for key, post in posts.items()]
    edits = _without_earlier_editions([(post, m) for post, m in pairs if _is_edit(post, m)])
    if edits:
        _keep_versions([post.id for post, _ in edits], now=now)
        rows = ((m.text, m.version[:200], bulk.encoded(m.raw), post.id) for post, m in edits)
        bulk.update(Post, ("text", "version", "raw"), rows)
    counted = [(*counts, post.id) for post, m in pairs if (counts := _counts(post, m)) != post.counts]
    if counted:
        bulk.update(Post, COUNTS, counted)
    return [post.id for post, _ in edits]


def _lock_known(keys: Sequence[Key]) -> dict[Key, _Known]:
    """The posts under these keys, their rows held until the transaction ends."""
    if not keys:
        return {}
    columns = ", ".join(["identity_id", *IDENTITY_FIELDS, "text", "version", "gone_at", *COUNTS])
    sql = f"SELECT {columns} FROM monitoring_post WHERE identity_id "
    ids = bulk.matching(PostIdentity, ("id",), by=IDENTITY_FIELDS)
    if connection.vendor == "postgresql":
        sql += f"= ANY(ARRAY({ids})) ORDER BY identity_id FOR UPDATE"
    else:  # who writes holds the whole database
        sql += f"IN ({ids})"
    with connection.cursor() as cursor:
        cursor.execute(sql, [bulk.encoded(keys)])
        return {
            (platform, canonical_id): _Known(pk, text, version, bool(gone_at), tuple(counts))
            for pk, platform, canonical_id, text, version, gone_at, *counts in cursor.fetchall()
        }


def _is_edit(post: _Known, mention: Mention) -> bool:
    """A redacted post stays redacted."""
    return not post.is_gone and mention.version[:200] != post.version and mention.text != post.text


def _without_earlier_editions(edits: Sequence[tuple[_Known, Mention]]) -> list[tuple[_Known, Mention]]:
    """An earlier edition that comes late is no edit; a post without a version was never edited."""
    key = ("post_id", "version")
    wanted = {(post.id, m.version[:200]) for post, m in edits if post.version}
    earlier = {tuple(row) for row in bulk.find(PostVersion, key, by=key, keys=wanted)}
    return [(post, m) for post, m in edits if (post.id, m.version[:200]) not in earlier]


def _keep_versions(ids: Sequence[int], *, now: datetime) -> None:
    """Copy posts as they are now, before an edit is written over them."""
    holes = ", ".join(["%s"] * len(ids))
    copied = f"SELECT identity_id, text, version, raw, %s FROM monitoring_post WHERE identity_id IN ({holes})"  # nosec B608
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO monitoring_postversion (post_id, text, version, raw, replaced_at) {copied}",
            [connection.ops.adapt_datetimefield_value(now), *ids],
        )


def _counts(post: _Known, mention: Mention) -> tuple[int | None, ...]:
    """The counts of a mention; views are not always told."""
    r = mention.reactions
    return r.replies, r.shares, r.likes, post.counts[3] if r.views is None else r.views
