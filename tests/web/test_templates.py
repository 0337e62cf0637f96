"""Writing texts for replies, and beginning a reply with one, without scripts."""

from collections.abc import Callable
from datetime import datetime

import pytest

from cases.models import Case, ReplyTemplate, Response, User
from cases.services import templates
from cases.services.templates import TemplatePlan
from tests.cases.steps import drafting
from tests.web.paper import Paper
from tests.world import Desk

Sit = Callable[[User], Paper]


def test_a_text_is_looked_at_before_it_is_saved(sit: Sit, desk: Desk) -> None:
    screen = sit(desk.officer).open("/templates/new/")
    words = {"name": "Bedankt", "text": "Dank je wel, {author}."}
    screen.press("look", also=words)
    assert "Dank je wel, Robin." in screen.html
    assert not ReplyTemplate.objects.exists()
    screen.press("save", also=words)
    assert screen.url == "/templates/"
    assert "Bedankt" in screen.html


def test_a_wrong_gap_is_said_and_nothing_typed_is_lost(sit: Sit, desk: Desk) -> None:
    screen = sit(desk.officer).open("/templates/new/")
    screen.press("save", also={"name": "Fout", "text": "Dag {wie}"})
    assert screen.status == 422
    assert "These gaps are not known: {wie}" in screen.html
    assert "Dag {wie}" in screen.html


def test_a_reply_begins_with_a_dutch_text(sit: Sit, desk: Desk, case: Case, noon: datetime) -> None:
    drafting(case, by=desk.officer, now=noon)
    plan = TemplatePlan("Bedankt", "Dank je wel, {author}.", language="nl")
    made = templates.write(plan, by=desk.officer, now=noon)
    screen = sit(desk.officer).open(f"/cases/{case.pk}/")
    screen.press("template", at="/replies/", also={"template": str(made.pk), "text": "Dag!"})
    assert Response.objects.get().text == "Dag!\n\nDank je wel, Author 1."
    assert "Dank je wel, Author 1." in screen.html


@pytest.mark.parametrize("who", ["employee"])
def test_who_only_uses_texts_does_not_write_them(who: str, sit: Sit, desk: Desk) -> None:
    assert sit(getattr(desk, who)).open("/templates/").status == 403
