"""Sources with their health, in plain words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cases.services.sources import switch_off
from monitoring.models import Source
from tests.web.paper import Paper
from tests.world import Desk


def test_a_source_that_is_refused_is_named_on_every_page(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(health="refused", error="401")
    screen.open("/inbox/")
    assert "Not seen now: practice." in screen.html
    assert "Refused: somebody must act" in screen.open("/sources/").html


@pytest.mark.parametrize(
    "stands",
    [
        {"health": "limited", "error": "429"},
        {"health": "ended", "error": "410", "is_enabled": False},
        {"health": "waiting", "next_poll_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC)},
    ],
    ids=["slowed down", "over", "never polled"],
)
def test_a_source_that_brings_nothing_is_named_whatever_the_cause(
    screen: Paper, desk: Desk, stands: dict[str, Any]
) -> None:
    Source.objects.filter(pk=desk.source.pk).update(**stands)
    assert "Not seen now: practice." in screen.open("/inbox/").html


def test_a_source_that_a_person_switched_off_is_not_called_missing(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(health="ended", is_enabled=False)
    switch_off([desk.source.pk], by=desk.lead, now=desk.now)
    assert "Not seen now" not in screen.open("/inbox/").html
    assert "Switched off" in screen.open("/sources/").html


@pytest.mark.parametrize("url", ["/sources/", "/figures/"])
def test_platforms_that_nobody_hears_are_named(screen: Paper, desk: Desk, url: str) -> None:
    assert "Not seen: X, Facebook, Instagram, Bluesky," in screen.open(url).html
    Source.objects.create(
        name="search", connector="x", health="working", next_poll_at=desk.now, last_success_at=desk.now
    )
    assert "Not seen: Facebook, Instagram, Bluesky," in screen.open(url).html
    Source.objects.filter(name="search").update(health="refused")
    assert "Not seen: X, Facebook," in screen.open(url).html
