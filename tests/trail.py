"""Opens the append-only trail and the frozen pictures, for tests that damage them and for emptying tables."""

import contextlib
from collections.abc import Iterator

from django.db import connection

TRAIL = ("cases_auditevent", "cases_auditcheckpoint")
TABLES = (*TRAIL, "cases_picture")


@contextlib.contextmanager
def open_trail() -> Iterator[None]:
    """Let the audit tables be changed for a while, as somebody with the database's password could."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            present = [table for table in TABLES if table in connection.introspection.table_names(cursor)]
            lift = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in present]
            restore = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in present]
        else:
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN (%s, %s, %s)",
                TABLES,
            )
            triggers = cursor.fetchall()
            lift, restore = [f"DROP TRIGGER {name}" for name, _ in triggers], [sql for _, sql in triggers]
        for statement in lift:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in restore:
                cursor.execute(statement)
