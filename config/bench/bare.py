"""The limit: the fastest bulk upsert we know, into a copy of the posts' table with the same indexes.

PostgreSQL: COPY into a temporary table, then INSERT … SELECT … ON CONFLICT DO UPDATE (tried beside it:
unnest of arrays and pipelined INSERTs, both slower). SQLite: executemany of INSERT … ON CONFLICT DO
UPDATE. The copy has the same columns, indexes and full-text index and a unique
(platform, canonical_id), and no foreign keys. Rows are made before the clock starts; a page is one
transaction, as ours is.
"""

import re
from collections.abc import Sequence
from datetime import datetime

import psycopg
from django.db import connection, transaction

from monitoring import bulk, store
from monitoring.connectors.base import Mention
from monitoring.models import Post

TABLE, PAGE = "bench_bare", "bench_page"
COLUMNS = ", ".join(store.POST_FIELDS)
CHANGES = ", ".join(
    f"{name} = excluded.{name}"
    for name in ("text", "version", "raw", "n_replies", "n_shares", "n_likes", "n_views", "fetched_at")
)
ON_CONFLICT = f"ON CONFLICT (platform, canonical_id) DO UPDATE SET {CHANGES}"


def rows(mentions: Sequence[Mention], *, first_id: int, source_id: int, now: datetime) -> list[bulk.Row]:
    """A page as ready rows; the id is ours to choose, as there is no table of identities here."""
    ready = [
        store.post_row(
            store.StoredPost(first_id + n, mention, ()),
            author_id=int(mention.author.external_id) if mention.author else None,
            source_id=source_id,
            now=now,
        )
        for n, mention in enumerate(mentions)
    ]
    return list(bulk.ready(Post, store.POST_FIELDS, ready))


def create_copy() -> None:
    """Make the copy of the posts' table."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"CREATE TABLE {TABLE} (LIKE monitoring_post INCLUDING ALL)")
        else:
            for statement in _sqlite_copy():
                cursor.execute(statement)
        cursor.execute(f"CREATE UNIQUE INDEX {TABLE}_key ON {TABLE} (platform, canonical_id)")


def upsert(page: Sequence[bulk.Row]) -> None:
    """Store a page of rows by the fastest door of the database at hand."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _upsert_by_copy(page)
        else:
            holes = ", ".join("?" * len(store.POST_FIELDS))
            sql = f"INSERT INTO {TABLE} ({COLUMNS}) VALUES ({holes}) {ON_CONFLICT}"
            connection.connection.executemany(sql, page)


def _upsert_by_copy(page: Sequence[bulk.Row]) -> None:
    with psycopg.Cursor(connection.connection) as cursor:
        make = f"CREATE TEMP TABLE IF NOT EXISTS {PAGE} AS SELECT {COLUMNS} FROM {TABLE} LIMIT 0"  # nosec B608
        cursor.execute(make)
        cursor.execute(f"TRUNCATE {PAGE}")
        with cursor.copy(f"COPY {PAGE} ({COLUMNS}) FROM STDIN") as copy:
            for row in page:
                copy.write_row(row)
        upsert = f"INSERT INTO {TABLE} ({COLUMNS}) SELECT {COLUMNS} FROM {PAGE} {ON_CONFLICT}"  # nosec B608
        cursor.execute(upsert, prepare=True)


def _sqlite_copy() -> list[str]:
    """The statements that made the posts' table, its indexes, full-text table and triggers, renamed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND (tbl_name = 'monitoring_post' "
            "OR name = 'monitoring_post_text') ORDER BY type = 'table' DESC, name"
        )
        statements = [row[0] for row in cursor.fetchall()]
    without_keys = [re.sub(r' REFERENCES "\w+" \("\w+"\)[^,)]*', "", sql) for sql in statements]
    renamed = [re.sub(r"\bmonitoring_post(?=_text|\b)", TABLE, sql) for sql in without_keys]
    return [re.sub(r'^(CREATE INDEX) "(\w+)"', rf'\1 "{TABLE}_\2"', sql) for sql in renamed]
