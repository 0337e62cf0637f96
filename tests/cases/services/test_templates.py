"""Texts to begin a reply with: refused when wrong, filled for a case, never over what was typed."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases import filling
from cases.models import AuditEvent, Case, ReplyTemplate, Response
from cases.reads.templates import fitting
from cases.rules import placeholders
from cases.services import templates
from cases.services.responses import Draft
from cases.services.templates import TemplateChanged, TemplatePlan, TemplateRefused
from tests.cases import steps
from tests.world import Desk

pytestmark = pytest.mark.usefixtures("english")

PLAN = TemplatePlan("Bedankt", "Dank je wel, {author}. Groet, {officer} ({case})")


def test_a_gap_that_is_not_known_is_refused_with_those_that_are(desk: Desk, noon: datetime) -> None:
    with pytest.raises(TemplateRefused, match=r"not known: \{naam\}.*\{author\}"):
        templates.write(replace(PLAN, text="Dag {naam}"), by=desk.officer, now=noon)
    assert not ReplyTemplate.objects.exists()


def test_a_name_is_given_once(desk: Desk, noon: datetime) -> None:
    templates.write(PLAN, by=desk.officer, now=noon)
    with pytest.raises(TemplateRefused, match="choose another name"):
        templates.write(PLAN, by=desk.officer, now=noon)


def test_a_change_is_written_down_and_refused_on_an_older_page(desk: Desk, noon: datetime) -> None:
    made = templates.write(PLAN, by=desk.officer, now=noon)
    later = noon + timedelta(minutes=1)
    templates.rewrite(made, replace(PLAN, text="Dank!"), by=desk.lead, now=later, seen=noon)
    with pytest.raises(TemplateChanged):
        templates.rewrite(made, PLAN, by=desk.officer, now=later, seen=noon)
    events = AuditEvent.objects.filter(subject=f"template:{made.pk}").order_by("seq")
    assert [event.action for event in events] == ["template written", "template changed"]


def test_the_best_fitting_text_stands_first_and_another_language_is_not_offered(
    case: Case, desk: Desk, noon: datetime
) -> None:
    Case.objects.filter(pk=case.pk).update(category="positive")
    for name, fields in {
        "all": {},
        "dutch": {"language": "nl"},
        "dutch thanks": {"language": "nl", "category": "positive"},
        "english": {"language": "en"},
        "bluesky": {"platform": "bluesky"},
        "gone": {"is_active": False},
    }.items():
        templates.write(TemplatePlan(name, "Dank.", **fields), by=desk.officer, now=noon)  # type: ignore[arg-type]
    found = fitting(Case.objects.select_related("post").get(pk=case.pk))
    assert [template.name for template in found] == ["dutch thanks", "dutch", "all"]


def test_a_text_is_filled_and_put_below_what_was_typed(case: Case, desk: Desk, noon: datetime) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon)
    made = templates.write(PLAN, by=desk.officer, now=noon)
    templates.put_in(response, made, Draft("Zelf getypt."), by=desk.officer, now=noon)
    words = Response.objects.get().text
    assert words == f"Zelf getypt.\n\nDank je wel, Author 1. Groet, Sanne ({case.pk})"


def test_a_gap_of_which_nothing_is_known_stays_open(case: Case, desk: Desk, noon: datetime) -> None:
    response = steps.drafting(case, by=desk.officer, now=noon)
    made = templates.write(replace(PLAN, text="Zie {source}"), by=desk.officer, now=noon)
    assert filling.filled(made.text, response, officer=desk.officer) == "Zie {source}"
    assert placeholders.unfilled("Zie {source} en { SOURCE } {nog}") == ["{source}", "{ SOURCE }"]
