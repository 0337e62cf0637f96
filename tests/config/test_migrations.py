"""A new database, made in few steps, is the database that the steps of every release made one by one."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

RELEASED_0_3 = [("cases", "0011_conversations_by_sleep"), ("monitoring", "0007_words_alike")]
OURS = ("cases_", "monitoring_")
SEEDED = {"cases_situationlevel", "cases_ladder", "cases_watchprofile"}

POSTGRESQL = (
    """SELECT table_name, column_name, data_type, character_maximum_length, numeric_precision, numeric_scale,
       is_nullable, column_default, is_identity FROM information_schema.columns
       WHERE table_schema = 'public'""",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
       WHERE connamespace = 'public'::regnamespace""",
    "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "SELECT proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
)


@pytest.fixture
def empty(db: None) -> Callable[[], AbstractContextManager[None]]:
    """Give an empty database that is the default one for as long as it lasts."""

    @contextmanager
    def of_its_own() -> Iterator[None]:
        usual = connections["default"]
        other = usual.copy()
        name = f"steps_{uuid4().hex[:8]}"
        if usual.vendor == "postgresql":
            with usual._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name}")
            other.settings_dict["NAME"] = name
        else:
            other.settings_dict["NAME"] = f"file:{name}?mode=memory"
        connections["default"] = other
        try:
            yield
        finally:
            other.close()
            connections["default"] = usual
            if usual.vendor == "postgresql":
                with usual._nodb_cursor() as cursor:
                    cursor.execute(f"DROP DATABASE {name}")

    return of_its_own


def step_by_step(targets: list[tuple[str, str]]) -> None:
    """Migrate as a release did that had none but the small steps."""
    executor = MigrationExecutor(connection)
    executor.loader = MigrationLoader(connection, replace_migrations=False)
    executor.migrate(targets)


def parts(sql: str) -> list[str]:
    """What stands between the brackets of CREATE TABLE, in an order that does not tell when it was added."""
    body, depth, found = sql[sql.index("(") + 1 : sql.rindex(")")], 0, [""]
    for sign in body:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return sorted(re.sub(r"\s+", " ", part).strip() for part in found)


def schema() -> list[object]:
    """Tables, columns, indexes, constraints, triggers and functions, in the engine's own words."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return [sorted(map(repr, cursor.execute(query).fetchall())) for query in POSTGRESQL]
        cursor.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2")
        return [
            (kind, name, parts(sql) if kind == "table" else re.sub(r"\s+", " ", sql))
            for kind, name, sql in cursor.fetchall()
        ]


def rows() -> dict[str, list[tuple[object, ...]]]:
    """What a desk begins with, by table."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith(OURS) or "_text" in table:
                continue
            names = sorted(
                column.name for column in connection.introspection.get_table_description(cursor, table)
            )
            listed = ", ".join(map(connection.ops.quote_name, names))
            cursor.execute(f"SELECT {listed} FROM {table}")
            if told := cursor.fetchall():
                found[table] = sorted(told, key=repr)
    return found


# Two databases of their own are made, one of them in the fifty steps of three releases: seconds.
def test_a_database_of_0_3_that_goes_on_is_the_same_as_a_new_one(
    empty: Callable[[], AbstractContextManager[None]],
) -> None:
    with empty():
        step_by_step(RELEASED_0_3)
        call_command("migrate", interactive=False, verbosity=0)
        stepped = schema(), rows()
    with empty():
        call_command("migrate", interactive=False, verbosity=0)
        assert schema() == stepped[0]
        assert rows() == stepped[1]
        assert set(rows()) == SEEDED
