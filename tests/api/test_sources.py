"""Sources through the API: how they stand, what could not be read, and files of posts."""

import json
from datetime import datetime, timedelta

import pytest
from time_machine import Traveller

from cases.models import AuditEvent, Case
from cases.services import imports, intake
from monitoring import polling
from monitoring.models import Post, RejectedMention, Source
from tests.api.client import Api
from tests.world import Desk

RAW = {"id": "1", "platform": "facebook", "text": "Brand", "posted_at": "2026-03-02T11:00:00Z"}


@pytest.fixture
def door(desk: Desk, noon: datetime) -> Source:
    return Source.objects.create(name="partner", connector="webhook", next_poll_at=noon)


def test_a_source_is_read_with_its_sentence_its_costs_and_what_it_can(officer: Api, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(health="refused", error="401", last_success_at=desk.now)
    listed = officer.read("sources")
    assert listed["not_seen"][:2] == ["X", "Facebook"]
    assert [(line["standing"], line["n_rejected_waiting"]) for line in listed["results"]] == [("refused", 0)]
    record = officer.read("source", desk.source.pk)
    assert record["sentence"].startswith("Since 13:00 the platform refuses this source.")
    assert (record["today"]["n_polls"], record["today"]["dollars_per_day"]) == (0, None)
    assert (record["queries"], record["blind_minutes"]) == ([desk.query.pk], 0)
    assert "reply" in record["abilities"]
    assert officer.get("source", 999).status_code == 404


def test_a_source_is_polled_tested_and_switched(officer: Api, desk: Desk, noon: datetime) -> None:
    Source.objects.update(next_poll_at=noon + timedelta(days=1))
    officer.done("poll-source", desk.source.pk)
    assert polling.due_sources(now=noon + timedelta(minutes=1)) == [desk.source.pk]
    tested = officer.done("test-source", desk.source.pk)
    assert (tested["said"], tested["dollars"]) == ("answered", "0.0000")
    assert not Post.objects.exists()
    assert officer.done("switch-source", desk.source.pk, on=False)["standing"] == "off"
    assert officer.done("switch-source", desk.source.pk, on=True)["is_enabled"]
    origins = AuditEvent.objects.filter(subject=f"source:{desk.source.pk}").values_list("origin", flat=True)
    assert set(origins) == {"api"}


def test_a_test_that_costs_money_must_be_agreed_to(officer: Api, desk: Desk, noon: datetime) -> None:
    paid = Source.objects.create(name="search", connector="x", next_poll_at=noon)
    assert officer.read("source", paid.pk)["price"] == "0.1000"
    status, refusal = officer.refused("test-source", paid.pk)
    assert (status, refusal["code"]) == (422, "cannot_test")
    assert officer.done("test-source", paid.pk, agreed=True)["said"] != "answered"


def test_what_could_not_be_read_is_listed_read_again_and_dropped(
    officer: Api, door: Source, noon: datetime
) -> None:
    for n in range(3):
        raw = json.dumps(RAW | {"id": str(n)} | ({} if n else {"posted_at": ""}))
        RejectedMention.objects.create(source=door, raw=raw, reason="posted_at is empty", at=noon)
    page = officer.read("rejected", limit=2, source_id=door.pk)
    assert (page["n_waiting"], [row["n_alike"] for row in page["results"]]) == (3, [3, 3])
    assert "before=" in page["next"]
    first = page["results"][0]["id"]
    done = officer.done("read-again", first, alike=True)
    assert done == {"n_stored": 2, "n_unwanted": 0, "n_unreadable": 1, "n_left": 0}
    assert Case.objects.count() == 2
    left = officer.read("rejected")["results"][0]["id"]
    status, refusal = officer.refused("drop-rejected", left)
    assert (status, refusal["code"]) == (400, "invalid")
    assert officer.done("drop-rejected", left, reason="advertisement") == {"dropped": True}
    assert officer.done("drop-rejected", left, reason="advertisement") == {"dropped": False}
    assert officer.refused("read-again", 999_999)[0] == 404


def test_a_file_is_given_and_followed(officer: Api, clock: Traveller, noon: datetime) -> None:
    content = "tekst;datum\nBrand bij de Loswal;2-3-2026 9:05\nGeen tijd;\n"
    made = officer.done("create-import", filename="posts.csv", content=content)
    assert (made["state"], made["n_rows"], made["n_read"]) == ("reading", 2, 0)
    later = noon + timedelta(minutes=1)
    source = polling.take_source(made["id"], now=later)
    assert source is not None
    polling.poll(source, on_page=intake.open_cases, now=later)
    read = officer.read("import", made["id"])
    assert (read["state"], read["n_new"], read["n_known"], read["n_rejected"]) == ("finished", 1, 0, 1)
    assert officer.read("imports")["results"] == [read]
    status, refusal = officer.refused("create-import", filename="x.csv", content="naam\nJan\n")
    assert (status, refusal["code"]) == (422, "file_refused")
    assert imports.finish(now=later) == 0  # its worker has not said yet that it is over
