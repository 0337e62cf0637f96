"""The page of the scale: a lead changes it without JavaScript, others read it."""

from collections.abc import Callable
from datetime import datetime

from django.test import Client

from cases.models import SituationLevel, User
from cases.reads.levels import scale
from cases.services import levels, situations
from cases.services.situations import Plan
from tests.web.paper import Paper
from tests.world import Desk

Sit = Callable[[User], Paper]
IN_ENGLISH = {"accept-language": "en"}


def in_use() -> list[str]:
    return [row.name for row in SituationLevel.objects.filter(is_active=True)]


def test_a_lead_adds_renames_moves_and_retires_a_level(desk: Desk, sit: Sit) -> None:
    top = SituationLevel.objects.get(name="GRIP Rijk")
    screen = sit(desk.lead).open("/scale/")
    screen.press("Add the level", also={"name": "Code zwart"})
    assert "Bram added “Code zwart” to the scale" in screen.html
    screen.press("rename", at=f"/scale/{top.pk}/", also={"name": "Landelijk"})
    screen.press("up", at=f"/scale/{top.pk}/")
    assert in_use()[-2:] == ["Code zwart", "Landelijk"]
    screen.press("retire", at=f"/scale/{top.pk}/")
    assert "Landelijk" not in in_use()
    screen.press("restore", at=f"/scale/{top.pk}/")
    assert in_use()[-1] == "Landelijk"


def test_an_officer_reads_the_scale_and_is_offered_no_change(desk: Desk, sit: Sit) -> None:
    html = sit(desk.officer).open("/scale/").html
    assert "GRIP Rijk" in html
    assert 'name="do"' not in html


def test_a_page_that_was_overtaken_says_so(desk: Desk, client: Client) -> None:
    client.force_login(desk.lead)
    answer = client.post("/scale/", {"name": "Fase 9", "seen": "old"}, headers=IN_ENGLISH)
    assert answer.status_code == 409
    assert "The scale was changed after you opened it." in answer.content.decode()
    assert "Fase 9" not in in_use()


def test_a_situation_with_a_retired_level_still_shows_it(desk: Desk, sit: Sit, noon: datetime) -> None:
    grave = SituationLevel.objects.get(name="GRIP 2")
    fire = situations.open_situation(Plan("Brand", level=grave), by=desk.lead, now=noon)
    levels.retire(grave, seen=scale().version, by=desk.lead, now=noon)
    html = sit(desk.lead).open(f"/situations/{fire.pk}/").html
    assert "GRIP 2 (retired)" in html
