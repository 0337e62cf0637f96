"""A desk at noon, and somebody at it with a screen before them."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import time_machine
from django.test import Client

from cases.models import Case, User
from tests.cases.conftest import case, desk
from tests.web.paper import Paper
from tests.world import Desk

__all__ = ["case", "desk"]


@pytest.fixture(autouse=True)
def at_noon(noon: datetime) -> Iterator[time_machine.Traveller]:
    """The pages ask the clock; here it says noon, and goes on when a test says so."""
    with time_machine.travel(noon, tick=False) as clock:
        yield clock


@pytest.fixture
def sit(desk: Desk) -> Callable[[User], Paper]:
    """Sign somebody in; they read English, so that tests can."""

    def sit_down(user: User) -> Paper:
        client = Client(headers={"accept-language": "en"})
        client.force_login(user)
        return Paper(client)

    return sit_down


@pytest.fixture
def screen(sit: Callable[[User], Paper], desk: Desk, case: Case) -> Paper:
    """The officer at the inbox, with one new case open."""
    return sit(desk.officer).open("/inbox/")
