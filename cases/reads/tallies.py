"""How many rows several lists have, asked of the database at once."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def counted(
    lists: Mapping[str, QuerySet[Any]], *, most: int, highest: Mapping[str, QuerySet[Any]] | None = None
) -> dict[str, int]:
    """How many there are in each list, to at most `most`: one query, and one count for each inside it.

    Of a list in `highest` its highest number is told, 0 of an empty one.
    """
    parts: list[str] = []
    given: list[Any] = []
    for rows in lists.values():
        sql, params = rows.order_by().values("pk")[:most].query.sql_with_params()
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS found)")
        given += params
    for rows in (highest or {}).values():
        sql, params = rows.order_by("-pk").values("pk")[:1].query.sql_with_params()
        parts.append(f"COALESCE(({sql}), 0)")
        given += params
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), given)
        found = cursor.fetchone()
    return dict(zip([*lists, *(highest or {})], map(int, found), strict=True))
