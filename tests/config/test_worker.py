"""What a worker does while the database is away: one line in the log, and the rows wait."""

import pytest
from celery import Celery
from django.db import OperationalError, ProgrammingError, connection
from structlog.testing import capture_logs

from config.worker import Sweep


@pytest.fixture
def app() -> Celery:
    return Celery("test", task_cls=Sweep, set_as_current=False)


def test_a_database_that_is_away_is_one_clear_line(app: Celery) -> None:
    @app.task(name="sweep", shared=False)
    def sweep() -> int:
        raise OperationalError("connection refused\n\tIs the server running?")

    with capture_logs() as logs:
        assert sweep() is None
    (line,) = logs
    assert (line["event"], line["task"]) == ("database_away", "sweep")
    assert line["reason"] == "connection refused Is the server running?"


class Answered(Exception):
    """What a driver raises, with the server's name for it."""

    def __init__(self, sqlstate: str | None = None, sqlite_errorname: str | None = None) -> None:
        self.sqlstate, self.sqlite_errorname = sqlstate, sqlite_errorname


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (Answered(sqlstate="40P01"), "database_busy"),
        (Answered(sqlite_errorname="SQLITE_BUSY_SNAPSHOT"), "database_busy"),
        (Answered(sqlstate="57P01"), "database_away"),
    ],
    ids=["deadlock", "locked", "shutting down"],
)
def test_a_busy_database_is_not_called_away(app: Celery, cause: Exception, said: str) -> None:
    @app.task(name="sweep", shared=False)
    def sweep() -> int:
        raise OperationalError("it passes") from cause

    with capture_logs() as logs:
        assert sweep() is None
    assert logs[0]["event"] == said


@pytest.mark.django_db
def test_a_table_that_is_missing_is_not_taken_for_a_database_that_is_away(app: Celery) -> None:
    @app.task(name="sweep", shared=False)
    def sweep() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM no_such_table")

    with pytest.raises((OperationalError, ProgrammingError)):
        sweep()


def test_any_other_error_is_not_hidden(app: Celery) -> None:
    @app.task(name="sweep", shared=False)
    def sweep() -> int:
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        sweep()


def test_a_sweep_answers_what_it_did(app: Celery) -> None:
    @app.task(name="sweep", shared=False)
    def sweep(n: int) -> int:
        return n + 1

    assert sweep(1) == 2
