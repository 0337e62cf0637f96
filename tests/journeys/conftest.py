"""A desk at noon whose audit trail is checked after every journey."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import time_machine

from cases.services import audit
from tests.journeys.story import Story
from tests.web.paper import Paper
from tests.world import open_desk


@pytest.fixture
def story(db: None, noon: datetime, tmp_path: Path) -> Iterator[Story]:
    """A desk to walk through; whatever was done, its audit trail must hold afterwards."""
    outbox, incident = tmp_path / "outbox", tmp_path / "journey.jsonl"
    with time_machine.travel(noon, tick=False) as clock:
        yield Story(open_desk(noon, outbox=outbox, incident=incident), clock, incident, outbox, noon)
        assert audit.verify() == []


@pytest.fixture
def officer(story: Story) -> Paper:
    """The officer at the inbox before anything has come in."""
    screen = story.sits(story.desk.officer)
    assert "All posts have been judged" in screen.html
    return screen
