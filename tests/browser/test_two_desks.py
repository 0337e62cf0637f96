"""Two people at two screens: each sees what the other does, and nothing is done twice."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from cases.models import Case, Response
from cases.services import watching
from tests.browser.conftest import Window
from tests.cases.steps import drafting, fresh, judge, watched
from tests.world import Desk, mention

pytestmark = pytest.mark.browser


@pytest.fixture
def cases(desk: Desk, now: datetime) -> list[Case]:
    return desk.hear(*(mention(n, f"De brandweer bij de Loswal, {n}", at=now) for n in range(3)))


def polls(page: Page) -> None:
    """Ask for news now instead of after ten seconds, by what makes the page ask at once."""
    with page.expect_response("**/live/**"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_case_that_one_takes_is_marked_on_the_other_s_screen_and_freed_again(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    mine = window(desk.officer).open(f"/inbox/?case={cases[0].pk}")
    theirs = window(desk.colleague).open(f"/inbox/?case={cases[0].pk}")
    chip = theirs.page.locator(f".row [data-held='{cases[0].pk}']")
    note = theirs.page.locator(f"#pane [data-held='{cases[0].pk}']")
    expect(chip).to_be_hidden()
    mine.keys("2")
    polls(theirs.page)
    expect(chip).to_have_text("Sanne")
    expect(note).to_have_text("A colleague has this case now: Sanne")
    expect(theirs.page.locator("#pane h2").first).to_have_text("What kind of post is this?")
    polls(mine.page)
    expect(mine.page.locator(f".row [data-held='{cases[0].pk}']")).to_be_hidden()

    mine.open(f"/cases/{cases[0].pk}/").page.get_by_role("button", name="Let go").click()
    expect(mine.page.get_by_role("button", name="I am at it")).to_be_visible()
    polls(theirs.page)
    expect(chip).to_be_hidden()
    expect(note).to_be_hidden()
    assert mine.complaints == theirs.complaints == []


def test_who_presses_a_key_on_a_taken_case_is_told_who_has_it(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    theirs = window(desk.colleague).open(f"/inbox/?case={cases[0].pk}")
    window(desk.officer).open(f"/inbox/?case={cases[0].pk}").keys("2")
    theirs.keys("1")
    expect(theirs.page.locator("#flash")).to_contain_text("is with Sanne until")
    assert fresh(cases[0]).scheme_node == "Q2"
    theirs.page.get_by_text("Take it over", exact=True).click()
    theirs.page.get_by_role("button", name="Yes, I take it over").click()
    expect(theirs.page.locator("#pane h2").first).to_have_text("What is negative about it?")
    theirs.keys("1 Enter")
    assert theirs.until(lambda: fresh(cases[0]).state == "watching")


def test_an_alarm_reaches_a_screen_that_lies_open_and_is_taken_there(
    window: Callable[..., Window], desk: Desk, cases: list[Case], now: datetime
) -> None:
    watch = watched(desk, cases[0], now=now)
    mine, theirs = window(desk.officer).open("/figures/"), window(desk.lead).open("/inbox/")
    watching.say_worse(watch, by=desk.colleague, now=now, note="De krant belt")
    for shown in (mine, theirs):
        polls(shown.page)
        expect(shown.page.locator("#alarm")).to_contain_text("An alarm rings")
        expect(shown.page.locator(".nav [data-live-count=alarms]")).to_have_text("1")
    mine.page.get_by_role("link", name="Open the alarm").click()
    mine.page.wait_for_url("**/watching/#escalations")
    mine.page.keyboard.press("a")
    mine.page.wait_for_url(f"**/cases/{cases[0].pk}/")
    polls(theirs.page)
    expect(theirs.page.locator(".nav [data-live-count=alarms]")).to_be_hidden()
    assert theirs.open("/watching/").page.get_by_text("Sanne has the alarm of case").is_visible()


def test_a_reply_sent_from_one_screen_cannot_be_sent_from_the_other(
    window: Callable[..., Window], desk: Desk, cases: list[Case], now: datetime
) -> None:
    drafting(cases[0], by=desk.officer, now=now)
    mine = window(desk.officer).open(f"/cases/{cases[0].pk}/")
    theirs = window(desk.colleague).open(f"/cases/{cases[0].pk}/")
    mine.page.locator("#text").fill("Dank u wel!")
    mine.page.get_by_role("button", name="Send").click()
    expect(mine.page.get_by_role("button", name="Stop, do not send")).to_be_visible()
    theirs.page.locator("#text").fill("Graag gedaan")
    theirs.page.get_by_role("button", name="Send").click()
    expect(theirs.page.get_by_role("alert")).to_contain_text("A colleague was first")
    theirs.page.get_by_role("link", name="Open the case again").click()
    expect(theirs.page.locator("#reply")).to_contain_text("Dank u wel!")
    assert Response.objects.get().text == "Dank u wel!"


def test_a_button_pressed_twice_is_one_step(
    window: Callable[..., Window], desk: Desk, cases: list[Case], now: datetime
) -> None:
    drafting(cases[0], by=desk.officer, now=now)
    mine = window(desk.officer).open(f"/cases/{cases[0].pk}/")
    mine.page.locator("#text").fill("Dank u wel!")
    mine.page.get_by_role("button", name="Send").dblclick()
    expect(mine.page.get_by_role("button", name="Stop, do not send")).to_be_visible()
    mine.open("/inbox/").page.locator("[data-key=n]").dblclick()
    assert mine.until(lambda: Case.objects.filter(state="dismissed").exists())
    mine.page.wait_for_load_state("networkidle")
    assert Case.objects.filter(state="dismissed").count() == 1


def test_a_key_pressed_once_too_often_does_not_judge_the_next_post(
    window: Callable[..., Window], desk: Desk, cases: list[Case]
) -> None:
    mine = window(desk.officer).open("/inbox/")
    for key in ("n", "n", "n"):
        mine.page.keyboard.press(key)
    assert mine.until(lambda: Case.objects.filter(state="dismissed").exists())
    expect(mine.page.locator("[data-row]")).to_have_count(2)
    mine.page.wait_for_load_state("networkidle")
    assert Case.objects.filter(state="dismissed").count() == 1
    mine.keys("n")
    assert mine.until(lambda: Case.objects.filter(state="dismissed").count() == 2)


def test_going_back_in_the_browser_shows_the_case_as_it_is_now(
    window: Callable[..., Window], desk: Desk, cases: list[Case], now: datetime
) -> None:
    judge(cases[0], "thanks", by=desk.officer, now=now)
    mine = window(desk.officer).open(f"/inbox/?case={cases[0].pk}").keys("1")
    assert mine.until(lambda: fresh(cases[0]).state == "closed")
    mine.page.evaluate("history.back()")
    expect(mine.page.locator("#pane h2").first).to_have_text("This case is closed")
    assert mine.complaints == []
