"""Rigs on SQLite and PostgreSQL; both databases are migrated once and copied for every test."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from config.bench.engines import Postgres
from tests.faults.rig import Broker, Rig

TEMPLATE = "weerwoord_template"
MIGRATED_S = 300
"""All migrations on an empty database take half a minute, and longer on a machine that does other work."""
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file."""
    folder = tmp_path_factory.mktemp("template")
    Rig(folder, f"sqlite:///{folder / 'db.sqlite3'}", Broker(folder)).inside("migrate", within_s=MIGRATED_S)
    return folder / "db.sqlite3"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A PostgreSQL that can be stopped and started, with a migrated template."""
    with TemporaryDirectory(prefix="weerwoord-pg-") as place:
        server = Postgres(Path(place))
        server.start()
        try:
            with psycopg.connect(server.url, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {TEMPLATE}".encode())
            folder = tmp_path_factory.mktemp("template")
            Rig(folder, url_of(server, TEMPLATE), Broker(folder)).inside("migrate", within_s=MIGRATED_S)
            yield server
        finally:
            server.stop()


def url_of(server: Postgres, database: str) -> str:
    return server.url.replace("/postgres?", f"/{database}?")


@pytest.fixture
def rig_on(request: pytest.FixtureRequest) -> Iterator["Rigs"]:
    """Rigs on a database asked for by name, stopped afterwards."""
    rigs = Rigs(request)
    try:
        yield rigs
    finally:
        for rig in rigs.made:
            rig.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest, rig_on: "Rigs") -> Rig:
    """A rig on each database in turn."""
    return rig_on(request.param)


class Rigs:
    """Makes rigs; their folders are short, as a socket's path may not be long."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request
        self.made: list[Rig] = []

    def __call__(self, kind: str) -> Rig:
        place = TemporaryDirectory(prefix="ww-rig-")
        self._request.addfinalizer(place.cleanup)
        folder = Path(place.name)
        if kind == "sqlite":
            shutil.copy(self._request.getfixturevalue("sqlite_template"), folder / "db.sqlite3")
            url = f"sqlite:///{folder / 'db.sqlite3'}"
        else:
            url = self._new_database(self._request.getfixturevalue("postgres"))
        rig = Rig(folder, url, Broker(folder))
        self.made.append(rig)
        return rig

    def _new_database(self, server: Postgres) -> str:
        name = f"rig_{next(_numbers)}"
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}".encode())
        return url_of(server, name)
