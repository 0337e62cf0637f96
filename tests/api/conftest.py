"""A desk, one case on it, and colleagues who work through the API."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from cases.models import Case
from tests.api.client import Api, sign_in
from tests.world import Desk, mention, open_desk


@pytest.fixture
def clock(noon: datetime) -> Iterator[time_machine.Traveller]:
    """It is noon, and stays so until somebody does something."""
    with time_machine.travel(noon, tick=False) as traveller:
        yield traveller


@pytest.fixture
def desk(db: None, noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


@pytest.fixture
def case(desk: Desk, noon: datetime) -> Case:
    """One new case, heard at noon."""
    return desk.hear(mention(1, at=noon))[0]


@pytest.fixture
def officer(desk: Desk, clock: time_machine.Traveller) -> Api:
    """Sanne: may answer everything."""
    return sign_in(desk.officer, clock)


@pytest.fixture
def lead(desk: Desk, clock: time_machine.Traveller) -> Api:
    """Bram: leads the desk."""
    return sign_in(desk.lead, clock)


@pytest.fixture
def colleague(desk: Desk, clock: time_machine.Traveller) -> Api:
    """Ilse: may answer everything as well."""
    return sign_in(desk.colleague, clock)


@pytest.fixture
def employee(desk: Desk, clock: time_machine.Traveller) -> Api:
    """Anouk, front line: no mandate."""
    return sign_in(desk.employee, clock)
