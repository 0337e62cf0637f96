"""Posts that could not be read wait on a page until somebody mends, reads again or drops them."""

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import AuditEvent, Case, User
from cases.reads.quarantine import PER_PAGE
from cases.services.audit import verify
from monitoring.models import RejectedMention, Source
from tests.web.paper import Paper
from tests.world import Desk

POST = {"id": "1", "platform": "facebook", "text": "Brand bij de Loswal", "posted_at": "2026-03-02T11:00:00Z"}
REASON = "posted_at is empty"


@pytest.fixture
def door(desk: Desk, noon: datetime) -> Source:
    return Source.objects.create(name="partner", connector="webhook", next_poll_at=noon)


def set_aside(
    source: Source, number: int, *, at: datetime, reason: str = REASON, **more: str
) -> RejectedMention:
    raw = json.dumps(POST | {"id": str(number)} | more)
    return RejectedMention.objects.create(source=source, raw=raw, reason=reason, at=at)


def test_what_waits_is_shown_with_its_reason_and_what_was_sent(
    screen: Paper, door: Source, noon: datetime
) -> None:
    set_aside(door, 1, at=noon, text="<script>alert(1)</script>")
    screen.open("/sources/quarantine/")
    assert "It is not said when it was posted." in screen.html
    assert "&lt;script&gt;alert(1)" in screen.html
    assert "1 post could not be read" in screen.open("/sources/").html
    screen.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    assert "Er staat niet bij wanneer het is geplaatst." in screen.open("/sources/quarantine/").html


def test_a_post_that_can_be_read_now_becomes_a_case(screen: Paper, door: Source, noon: datetime) -> None:
    waiting = set_aside(door, 1, at=noon)
    before = Case.objects.count()
    screen.open("/sources/quarantine/").press(f"Read again: {waiting.pk}")
    assert "1 post was read and stored." in screen.html
    assert "Everything could be read" in screen.html
    assert Case.objects.count() == before + 1
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.settled_at) == ("stored", noon)
    event = AuditEvent.objects.get(subject=f"source:{door.pk}")
    assert (event.action, event.actor_name) == ("rejected post read again", "Sanne")
    assert verify() == []


def test_a_post_that_still_cannot_be_read_keeps_waiting(screen: Paper, door: Source, noon: datetime) -> None:
    waiting = set_aside(door, 1, at=noon, posted_at="")
    screen.open("/sources/quarantine/").press(f"Read again: {waiting.pk}")
    assert "1 post still cannot be read. It keeps waiting here." in screen.html
    waiting.refresh_from_db()
    assert waiting.outcome == ""


def test_all_of_one_source_with_one_reason_are_read_again_at_once(
    screen: Paper, desk: Desk, door: Source, noon: datetime
) -> None:
    alike = [set_aside(door, n, at=noon) for n in range(3)]
    other = set_aside(door, 9, at=noon, reason="odd")
    elsewhere = RejectedMention.objects.create(source=desk.source, raw="{}", reason=REASON, at=noon)
    screen.open("/sources/quarantine/")
    screen.press(f"Read all 3 with this reason again: {alike[0].pk}")
    assert "3 posts were read and stored." in screen.html
    waiting = set(RejectedMention.objects.filter(outcome="").values_list("pk", flat=True))
    assert waiting == {other.pk, elsewhere.pk}


def test_nothing_is_dropped_without_a_reason(screen: Paper, door: Source, noon: datetime) -> None:
    waiting = set_aside(door, 1, at=noon)
    screen.open("/sources/quarantine/").press(f"Drop: {waiting.pk}", also={"reason": " "})
    assert "Say why this post need not be read." in screen.html
    screen.press(f"Drop: {waiting.pk}", also={"reason": "reclame"})
    assert "Dropped. It stays on record with your reason." in screen.html
    waiting.refresh_from_db()
    assert (waiting.outcome, waiting.raw != "") == ("dropped", True)
    assert AuditEvent.objects.get(action="rejected post dropped").facts["reason"] == "reclame"


def test_whoever_comes_second_is_told(screen: Paper, door: Source, noon: datetime) -> None:
    waiting = set_aside(door, 1, at=noon)
    screen.open("/sources/quarantine/")
    RejectedMention.objects.update(outcome="dropped", settled_at=noon)
    screen.press(f"Drop: {waiting.pk}", also={"reason": "reclame"})
    assert "Somebody was first." in screen.html
    assert not AuditEvent.objects.filter(action="rejected post dropped").exists()


def test_the_list_goes_on_page_after_page_within_one_source(
    screen: Paper, desk: Desk, door: Source, noon: datetime
) -> None:
    numbers = [set_aside(door, n, at=noon, reason=f"odd {n}").pk for n in range(PER_PAGE + 2)]
    RejectedMention.objects.create(source=desk.source, raw="{}", reason="elsewhere", at=noon)
    with CaptureQueriesContext(connection) as many:
        screen.open(f"/sources/quarantine/?source={door.pk}")
    assert f"number {numbers[-1]}" in screen.html
    assert "elsewhere" not in screen.html
    older = next(h["href"] for t, h in screen.tags() if t == "a" and "before=" in h.get("href", ""))
    with CaptureQueriesContext(connection) as few:
        screen.open(older)
    assert f"number {numbers[0]}" in screen.html
    assert f"number {numbers[2]}," not in screen.html
    assert len(many) == len(few)


def test_who_may_only_look_decides_nothing(
    desk: Desk, sit: Callable[[User], Paper], door: Source, noon: datetime
) -> None:
    waiting = set_aside(door, 1, at=noon)
    screen = sit(User.objects.create_user("joost", role="privacy")).open("/sources/quarantine/")
    assert screen.status == 200
    assert not screen.offers(f"Read again: {waiting.pk}")
    assert screen.client.post(f"/sources/quarantine/{waiting.pk}/drop/").status_code == 403


@pytest.mark.parametrize(
    "url", ["/sources/quarantine/?source=x&before=y", f"/sources/quarantine/?before={10**30}"]
)
def test_an_odd_address_shows_what_there_is(screen: Paper, url: str) -> None:
    assert screen.open(url).status == 200
