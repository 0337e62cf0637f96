"""Many rows at once by the fastest door each database has: COPY on PostgreSQL, executemany on SQLite."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection, models

Row = Sequence[Any]

CHUNK = 1000
"""Rows in one statement: five parameters each stay far below what SQLite takes."""


def insert(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Insert rows that cannot conflict, without reading them back, in the running transaction.

    `fields` are attribute names of the model (`case_id` for a foreign key); values are plain
    Python: aware datetimes, and already encoded text for JSON columns (see `encoded`).
    Raises IntegrityError when a row does conflict: callers take identities first.
    """
    table, columns = _names(model, fields)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            holes = ", ".join(["%s"] * len(fields))
            cursor.executemany(
                f"INSERT INTO {table} ({columns}) VALUES ({holes})", list(ready(model, fields, rows))
            )


def upsert(
    model: type[models.Model],
    fields: Sequence[str],
    rows: Iterable[Row],
    *,
    on_conflict: str,
    returning: Sequence[str] = (),
) -> list[Row]:
    """Insert rows that may be there already; `on_conflict` is the SQL that says what happens then.

    Returns the `returning` columns of the rows that were inserted or changed, in no order.
    """
    table, columns = _names(model, fields)
    after = f" RETURNING {_names(model, returning)[1]}" if returning else ""
    found: list[Row] = []
    with connection.cursor() as cursor:
        for values, parameters in _given(model, fields, rows):
            # WHERE true: or SQLite would read ON CONFLICT as part of a join.
            sql = f"INSERT INTO {table} ({columns}) SELECT * FROM {values} WHERE true {on_conflict}{after}"
            cursor.execute(sql, parameters)
            found += cursor.fetchall() if returning else []
    return found


def find(
    model: type[models.Model],
    fields: Sequence[str],
    *,
    by: Sequence[str],
    keys: Iterable[Row],
    lock: bool = False,
) -> list[Row]:
    """The `fields` of the rows whose `by` columns are among `keys`, locked in their order if asked."""
    table, columns = _names(model, fields)
    is_locked = lock and connection.features.has_select_for_update
    after = f"ORDER BY {_names(model, by)[1]} FOR UPDATE" if is_locked else ""
    found: list[Row] = []
    with connection.cursor() as cursor:
        for values, parameters in _given(model, by, keys):
            where = f"({_names(model, by)[1]}) IN (SELECT * FROM {values})"
            cursor.execute(f"SELECT {columns} FROM {table} WHERE {where} {after}", parameters)
            found += cursor.fetchall()
    return found


def update(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> None:
    """Set `fields` of many rows; the primary key stands last in each row."""
    key = str(model._meta.pk.attname)
    table, _ = _names(model, ())
    changes = ", ".join(f"{_names(model, [name])[1]} = %s" for name in fields)
    sql = f"UPDATE {table} SET {changes} WHERE {_names(model, [key])[1]} = %s"
    with connection.cursor() as cursor:
        cursor.executemany(sql, list(ready(model, [*fields, key], rows)))


def ready(model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]) -> Iterator[Row]:
    """Rows as the database at hand takes them: SQLite keeps times as text in UTC, as Django reads them."""
    if connection.vendor == "postgresql":
        yield from rows
        return
    by_attname = {field.attname: field for field in model._meta.concrete_fields}
    times = [n for n, name in enumerate(fields) if isinstance(by_attname[name], models.DateTimeField)]
    for row in rows:
        plain = list(row)
        for n in times:
            plain[n] = _utc_text(plain[n])
        yield plain


_to_json = json.JSONEncoder(ensure_ascii=False, default=str).encode


def encoded(value: Any) -> str:
    """JSON text for a JSON column; PostgreSQL refuses NUL, so it goes (as `\\u0000`, never a value)."""
    return _to_json(value).replace("\\u0000", "")


def _given(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Row]
) -> Iterator[tuple[str, list[Any]]]:
    """Rows as a table in SQL with its parameters, a chunk at a time; PostgreSQL reads arrays faster."""
    given = list(ready(model, fields, rows))
    by_attname = {field.attname: field for field in model._meta.concrete_fields}
    for start in range(0, len(given), CHUNK):
        chunk = given[start : start + CHUNK]
        if connection.vendor == "postgresql":
            arrays = ", ".join(f"%s::{by_attname[name].cast_db_type(connection)}[]" for name in fields)
            yield f"unnest({arrays})", [list(column) for column in zip(*chunk, strict=True)]
        else:
            one = f"({', '.join(['%s'] * len(fields))})"
            yield f"(VALUES {', '.join([one] * len(chunk))})", [value for row in chunk for value in row]


def _names(model: type[models.Model], fields: Iterable[str]) -> tuple[str, str]:
    """Table and columns, quoted."""
    by_attname = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), ", ".join(quote(by_attname[name]) for name in fields)


def _utc_text(value: datetime | None) -> str | None:
    return None if value is None else str(value.astimezone(UTC)).removesuffix("+00:00")
