"""A sweep does what is due, row by row, and never stands in the way of the others."""

from datetime import datetime

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from cases import tasks

pytestmark = pytest.mark.django_db


class Work:
    """Rows that were taken; a row may go wrong."""

    __name__ = "work"

    def __init__(self, trouble: dict[int, Exception] | None = None) -> None:
        self.trouble, self.taken = trouble or {}, list[int]()

    def __call__(self, row_id: int, *, now: datetime) -> bool:
        self.taken.append(row_id)
        if row_id in self.trouble:
            raise self.trouble[row_id]
        return True


@pytest.mark.parametrize("trouble", [ValueError("x"), OperationalError("deadlock detected")])
def test_a_row_that_goes_wrong_holds_up_no_other(trouble: Exception) -> None:
    work = Work({2: trouble})
    assert tasks._each(work, [1, 2, 3]) == 2
    assert work.taken == [1, 2, 3]


def test_a_sweep_that_must_stop_stops() -> None:
    work = Work({2: SoftTimeLimitExceeded()})
    with pytest.raises(SoftTimeLimitExceeded):
        tasks._each(work, [1, 2, 3])
    assert work.taken == [1, 2]


def test_a_sweep_makes_room_when_its_time_is_over() -> None:
    work = Work()
    assert tasks._each(work, [1, 2, 3], for_s=0) == 1
    assert work.taken == [1]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_sweep_ends_when_the_database_is_away() -> None:
    class Gone(Work):
        def __call__(self, row_id: int, *, now: datetime) -> bool:
            connection.ensure_connection()
            connection.connection.close()
            return super().__call__(row_id, now=now)

    work = Gone({1: OperationalError("the connection is closed")})
    with pytest.raises(OperationalError):
        tasks._each(work, [1, 2])
    connection.close()
    assert work.taken == [1]
