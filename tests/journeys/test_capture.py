"""Posts that people bring: an address, a text, a phone call; each becomes a case and is answered."""

import pytest

from cases.models import Case, Response
from tests.journeys.story import Story, judges, stands
from tests.web.paper import Paper

BROUGHT: list[dict[str, str | list[str]]] = [
    {"url": "https://forum.example/t/12#p3", "text": "De brandweer doet niks", "author": "jan"},
    {"text": "Op Nextdoor: de brandweer doet niks"},
    {"channel": "phone", "text": "Mevrouw belt: de brandweer doet niks", "author": "mevrouw Smit"},
]


@pytest.mark.parametrize("typed", BROUGHT, ids=["address", "text", "phone"])
def test_what_somebody_brings_is_judged_and_answered_by_hand(
    story: Story, typed: dict[str, str | list[str]]
) -> None:
    front_line = story.sits(story.desk.employee, "/report/")
    front_line.press("Make it a case", also=typed)
    case = Case.objects.get()
    assert front_line.url == f"/cases/{case.pk}/"
    assert "de brandweer doet niks" in front_line.html.lower()
    judges(front_line, "negative", "dissatisfied").press("reply_public", at="/choose/")
    assert "Weerwoord cannot place a reply here itself." in front_line.html
    front_line.press("Write it down", at="/elsewhere/", also={"medium": "phone", "note": "Gesproken."})
    assert stands(case) == "responded"
    assert Response.objects.filter(case=case, status="elsewhere").count() == 1
    assert front_line.open(f"/cases/{case.pk}/").status == 200


def test_one_address_is_one_case_however_often_it_is_brought(story: Story) -> None:
    one = story.sits(story.desk.employee, "/report/").press("Make it a case", also=BROUGHT[0])
    two = story.sits(story.desk.officer, "/report/").press("Make it a case", also=BROUGHT[0])
    assert one.url == two.url
    assert "This post was known already" in two.html
    assert Case.objects.count() == 1


def test_the_form_sent_twice_is_one_case(story: Story) -> None:
    screen = story.sits(story.desk.employee, "/report/")
    again = Paper(screen.client)
    again.html, again.url = screen.html, screen.url
    screen.press("Make it a case", also=BROUGHT[1])
    again.press("Make it a case", also=BROUGHT[1])
    assert (again.url, Case.objects.count()) == (screen.url, 1)


@pytest.mark.parametrize(
    "typed", [{}, {"text": "  "}, {"url": "javascript:alert(1)"}, {"url": "https://", "text": "Wat ik typte"}]
)
def test_what_is_no_post_is_refused_and_kept(story: Story, typed: dict[str, str | list[str]]) -> None:
    screen = story.sits(story.desk.employee, "/report/").press("Make it a case", also=typed)
    assert (screen.status, Case.objects.count()) == (422, 0)
    assert 'class="errorlist"' in screen.html
    assert str(typed.get("text", "")).strip() in screen.html
