"""A desk and one case on it, for every test of the work."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import translation

from cases.models import Case
from tests.world import Desk, mention, open_desk


@pytest.fixture
def desk(db: None, noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


@pytest.fixture
def case(desk: Desk, noon: datetime) -> Case:
    """One new case, heard at noon."""
    return desk.hear(mention(1, at=noon))[0]


@pytest.fixture
def english() -> Iterator[None]:
    """Sentences in the language they are written in."""
    with translation.override("en"):
        yield
