"""What a worker does while the database is away: one line in the log, and the rows wait."""

import pytest
from celery import Celery
from django.db import OperationalError
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
