"""Many rows at once by the fastest door each database has: COPY on PostgreSQL, executemany on SQLite."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models

from monitoring.connectors.plain import clean_json

Row = Sequence[Any]

NOTHING = "[]"


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
            sql = f"INSERT INTO {table} ({columns}) VALUES ({holes})"  # nosec B608 - names of the model
            cursor.executemany(sql, list(ready(model, fields, rows)))


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
    given = encoded(list(ready(model, fields, rows)))
    if given == NOTHING:
        return []
    table, columns = _names(model, fields)
    after = f"RETURNING {_names(model, returning)[1]}" if returning else ""
    # WHERE true: or SQLite would read ON CONFLICT as part of a join.
    sql = f"INSERT INTO {table} ({columns}) {as_rows(model, fields)} WHERE true {on_conflict} {after}"
    with connection.cursor() as cursor:
        cursor.execute(sql, [given])
        return list(cursor.fetchall()) if returning else []


def find(
    model: type[models.Model], fields: Sequence[str], *, by: Sequence[str], keys: Iterable[Row]
) -> list[Row]:
    """The `fields` of the rows whose `by` columns are among `keys`, each key given once."""
    given = encoded(list(keys))
    if given == NOTHING:
        return []
    with connection.cursor() as cursor:
        cursor.execute(matching(model, fields, by=by), [given])
        return list(cursor.fetchall())


def matching(model: type[models.Model], fields: Sequence[str], *, by: Sequence[str]) -> str:
    """SQL for the `fields` of the rows whose `by` columns are in its one parameter, JSON text.

    OFFSET 0 makes PostgreSQL look each key up in the index: it would rather read the whole table.
    """
    (table, columns), key = _names(model, fields), _names(model, by)[1]
    if connection.vendor != "postgresql":
        return f"SELECT {columns} FROM {table} WHERE ({key}) IN ({as_rows(model, by)})"
    names = ", ".join(f"key_{n}" for n, _ in enumerate(by))
    return (
        f"SELECT found.* FROM ({as_rows(model, by)}) AS wanted({names}) CROSS JOIN LATERAL "
        f"(SELECT {columns} FROM {table} WHERE ({key}) = ({names}) OFFSET 0) AS found"
    )


def update(
    model: type[models.Model], fields: Sequence[str], rows: Iterable[Row], *, by: Sequence[str] = ()
) -> int:
    """Set `fields` of many rows, found by their last values (the primary key unless `by` says more).

    Returns how many were found.
    """
    keys = by or (str(model._meta.pk.attname),)
    table, _ = _names(model, ())
    changes = ", ".join(f"{_names(model, [name])[1]} = %s" for name in fields)
    where = " AND ".join(f"{_names(model, [name])[1]} = %s" for name in keys)
    sql = f"UPDATE {table} SET {changes} WHERE {where}"  # nosec B608: our own names; rows are parameters
    wanted = list(ready(model, [*fields, *keys], rows))
    with connection.cursor() as cursor:
        if len(wanted) == 1:  # executemany costs PostgreSQL a pipeline
            cursor.execute(sql, wanted[0])
        else:
            cursor.executemany(sql, wanted)
        return int(cursor.rowcount)


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
_HALVES = re.compile("[\ud800-\udfff]")


def encoded(value: Any, write: Callable[[Any], str] = _to_json) -> str:
    """JSON text for a JSON column, without what a database refuses: NUL, half characters, no-numbers.

    Almost nothing holds any of these, so the text is searched first and the value seldom cleaned.
    """
    text = write(value)
    return text if _is_storable(text) else write(clean_json(value))


def _is_storable(text: str) -> bool:
    if "\\u0000" in text or "NaN" in text or "Infinity" in text:
        return False
    return text.isascii() or not _HALVES.search(text)


def as_rows(model: type[models.Model], fields: Sequence[str]) -> str:
    """SQL that reads one parameter, JSON text, as rows of these fields: the same text for any number."""
    if connection.vendor != "postgresql":
        values = ", ".join(f"json_extract(value, '$[{n}]')" for n, _ in enumerate(fields))
        return f"SELECT {values} FROM json_each(%s)"
    by_attname = {field.attname: field for field in model._meta.concrete_fields}
    kinds = [by_attname[name].cast_db_type(connection) for name in fields]
    values = ", ".join(f"(value->>{n})::{kind}" for n, kind in enumerate(kinds))
    return f"SELECT {values} FROM json_array_elements(%s::json) AS given(value)"


def _names(model: type[models.Model], fields: Iterable[str]) -> tuple[str, str]:
    """Table and columns, quoted."""
    by_attname = {field.attname: str(field.column) for field in model._meta.concrete_fields}
    quote = connection.ops.quote_name
    return quote(model._meta.db_table), ", ".join(quote(by_attname[name]) for name in fields)


@lru_cache(maxsize=1024)  # a page has one `now` and few other times, each written several times
def _utc_text(value: datetime | None) -> str | None:
    return None if value is None else str(value.astimezone(UTC)).removesuffix("+00:00")
