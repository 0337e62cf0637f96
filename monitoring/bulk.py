"""Many rows at once by the fastest door each database has: COPY on PostgreSQL, executemany on SQLite."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that cannot conflict, without reading them back, in the running transaction.

    `fields` are attribute names of the model (`case_id` for a foreign key); values are plain
    Python: aware datetimes, and already encoded text for JSON columns (see `encoded`).
    Raises IntegrityError when a row does conflict: callers take identities first.
    """
    by_attname = {field.attname: field.column for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    columns = [str(by_attname[name]) for name in fields]
    quoted, table = ", ".join(quote(column) for column in columns), quote(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            holes = ", ".join(["%s"] * len(columns))
            sql = f"INSERT INTO {table} ({quoted}) VALUES ({holes})"
            cursor.executemany(sql, [[_plain(value) for value in row] for row in rows])


def encoded(value: Any) -> str:
    """JSON text for a JSON column; PostgreSQL refuses NUL, so it goes (as `\\u0000`, never a value)."""
    return json.dumps(value, ensure_ascii=False, default=str).replace("\\u0000", "")


def _plain(value: Any) -> Any:
    """SQLite keeps times as text in UTC, the way Django reads them back."""
    if isinstance(value, datetime):
        return str(value.astimezone(UTC).replace(tzinfo=None))
    return value
