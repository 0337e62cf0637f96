"""The desk by keys alone, and what the small module promises."""

from collections.abc import Callable
from datetime import datetime

import pytest
from playwright.sync_api import Route, expect

from cases.models import Case
from tests.browser.conftest import Window
from tests.cases.steps import drafting, fresh
from tests.world import Desk, mention

pytestmark = pytest.mark.browser


@pytest.fixture
def case(desk: Desk, now: datetime) -> Case:
    return desk.hear(mention(1, at=now))[0]


@pytest.mark.parametrize(
    ("keys", "state"),
    [
        ("2 1 Enter", "watching"),
        ("2 2 Enter", "watching"),
        ("2 2 o", "closed"),
        ("2 3 Enter", "drafting"),
        ("2 4 Enter", "drafting"),
        ("2 0 Enter", "comms"),
        ("1 1", "closed"),
        ("1 2", "drafting"),
        ("1 3", "drafting"),
        ("n", "dismissed"),
        ("i", "closed"),
        ("v", "drafting"),
        ("e", "comms"),
    ],
)
def test_an_outcome_takes_at_most_three_keys_and_is_undone_by_one(
    window: Callable[..., Window], case: Case, keys: str, state: str
) -> None:
    shown = window().open("/inbox/").keys(keys)
    assert len(keys.split()) <= 3
    assert shown.until(lambda: fresh(case).state == state)
    expect(shown.page.locator("#toast-text")).to_contain_text(f"Case {case.pk} is now")
    shown.keys("z")
    assert shown.until(lambda: fresh(case).state in ("new", "assessed"))
    assert shown.complaints == []


def test_danger_to_life_is_one_key_and_no_key_ends_its_alarm(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/").keys("d")
    shown.page.wait_for_url(f"**/cases/{case.pk}/")
    expect(shown.page.locator(".banner")).to_contain_text("Call the control room now: 112.")
    shown.keys("z")
    assert fresh(case).state == "comms"
    expect(shown.page.locator(".banner")).to_contain_text("nobody has taken case")


def test_keys_pressed_faster_than_the_server_answers_are_not_lost(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/")
    for key in ("2", "1", "Enter"):
        shown.page.keyboard.press(key)
    assert shown.until(lambda: fresh(case).state == "watching")
    assert shown.complaints == []


def test_focus_goes_to_the_next_question_and_it_is_read_aloud(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/").keys("2")
    expect(shown.page.locator("#pane h2[tabindex]")).to_be_focused()
    expect(shown.page.locator("#say")).to_have_text("What is negative about it?")


def test_backspace_goes_back_and_typing_in_a_field_presses_nothing(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/").keys("2 Backspace")
    expect(shown.page.locator("#pane h2[tabindex]")).to_have_text("What kind of post is this?")
    shown.keys("/")
    shown.page.keyboard.type("12n")
    expect(shown.page.locator("input[type=search]")).to_have_value("12n")
    assert fresh(case).state == "new"


def test_what_is_typed_to_search_is_text_also_while_an_answer_is_on_its_way(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/")
    held: list[Route] = []
    shown.page.route("**/answer/", lambda route: held.append(route))
    with shown.page.expect_request("**/answer/"):
        shown.page.keyboard.press("2")
    shown.page.keyboard.press("/")
    shown.page.keyboard.type("1")
    held[0].continue_()
    expect(shown.page.locator("#pane h2[tabindex]")).to_have_text("What is negative about it?")
    shown.page.keyboard.type("2n")
    expect(shown.page.locator("input[type=search]")).to_have_value("12n")
    assert (fresh(case).state, fresh(case).scheme_node) == ("new", "Q2")


def test_g_and_a_letter_goes_to_a_page(window: Callable[..., Window], desk: Desk) -> None:
    shown = window().open("/help/")
    for letter, place in (("w", "/watching/"), ("d", "/figures/"), ("c", "/cases/"), ("i", "/inbox/")):
        shown.page.keyboard.press("g")
        shown.page.keyboard.press(letter)
        shown.page.wait_for_url(f"**{place}")


def test_j_and_k_walk_the_list_and_the_list_stays_where_it_is(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    cases = desk.hear(*(mention(n, f"loswal {n}", at=now) for n in range(30)))
    shown = window().open("/inbox/").keys("j j k")
    expect(shown.page.locator("[data-row][aria-current]")).to_have_attribute(
        "href", f"?view=new&case={cases[1].pk}"
    )
    shown.page.evaluate("document.querySelector('.list').scrollTop = 500")
    shown.keys("2")
    assert shown.page.evaluate("document.querySelector('.list').scrollTop") == 500


def test_single_keys_can_be_switched_off(window: Callable[..., Window], case: Case) -> None:
    shown = window().open("/inbox/").keys("?")
    shown.page.get_by_label("Use single keys on this device").uncheck()
    shown.page.get_by_role("button", name="Close").click()
    shown.keys("2 1 n")
    assert fresh(case).scheme_node == "Q1"
    assert fresh(case).state == "new"
    expect(shown.page.locator(".opt kbd").first).to_be_hidden()


def test_new_posts_wait_behind_a_button(
    window: Callable[..., Window], case: Case, desk: Desk, now: datetime
) -> None:
    shown = window().open("/inbox/")
    desk.hear(mention(2, "loswal twee", at=now), mention(3, "loswal drie", at=now))
    shown.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    button = shown.page.locator("[data-new]")
    expect(button).to_have_text("2 new posts")
    expect(shown.page.locator("[data-row]")).to_have_count(1)
    expect(shown.page.locator(".nav [data-live-count=inbox]")).to_have_text("3")
    button.click()
    expect(shown.page.locator("[data-row]")).to_have_count(3)


def test_typed_text_survives_an_expired_session(
    window: Callable[..., Window], case: Case, desk: Desk, now: datetime
) -> None:
    response = drafting(case, by=desk.officer, now=now)
    shown = window().open(f"/cases/{case.pk}/")
    shown.page.locator("#text").fill("Dank voor uw geduld")
    expect(shown.page.locator("#text-count [data-n]")).to_have_text("19")
    shown.context.clear_cookies(name="sessionid")
    shown.page.get_by_role("button", name="Send").click()
    shown.page.wait_for_url("**/sign-in/**")
    shown.page.locator("#id_username").fill("sanne")
    shown.page.locator("#id_password").fill("a long enough passphrase")
    shown.page.get_by_role("button", name="Sign in").click()
    shown.page.wait_for_url(f"**/cases/{case.pk}/")
    expect(shown.page.locator("#text")).to_have_value("Dank voor uw geduld")
    response.refresh_from_db()
    assert response.text == ""


def test_a_session_that_expires_while_judging_leads_to_sign_in(
    window: Callable[..., Window], case: Case
) -> None:
    shown = window().open("/inbox/")
    shown.context.clear_cookies(name="sessionid")
    shown.page.keyboard.press("2")
    shown.page.wait_for_url("**/sign-in/?next=/inbox/**")
    assert fresh(case).scheme_node == "Q1"


def test_a_refusal_is_shown_in_place_with_what_was_typed_untouched(
    window: Callable[..., Window], case: Case, desk: Desk
) -> None:
    mine, theirs = window().open("/inbox/").keys("2 1"), window().open(f"/inbox/?case={case.pk}")
    theirs.keys("Enter")
    assert theirs.until(lambda: fresh(case).state == "watching")
    mine.page.get_by_text("Do something else, with a reason").click()
    mine.page.locator("#deviation-reason").fill("Hij stelt ook een vraag")
    mine.page.get_by_role("button", name="Answer in public after all").click()
    expect(mine.page.locator("#flash")).to_contain_text("A colleague was first")
    expect(mine.page.locator("#deviation-reason")).to_have_value("Hij stelt ook een vraag")


def test_a_lost_connection_is_said_and_its_return_as_well(window: Callable[..., Window], desk: Desk) -> None:
    shown = window().open("/inbox/")
    shown.context.set_offline(True)
    expect(shown.page.locator("#offline")).to_be_visible()
    shown.context.set_offline(False)
    expect(shown.page.locator("#offline")).to_be_hidden()


def test_the_chosen_theme_stays(window: Callable[..., Window], desk: Desk) -> None:
    shown = window(color_scheme="light").open("/inbox/")
    shown.page.get_by_role("button", name="Switch between light and dark").click()
    shown.open("/figures/")
    expect(shown.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_cases_alike_are_dismissed_together_by_two_keys_and_come_back_by_one(
    window: Callable[..., Window], desk: Desk, now: datetime
) -> None:
    cases = desk.hear(*(mention(n, at=now, thread="t") for n in range(3)))
    shown = window().open("/inbox/")
    shown.page.keyboard.press("b")
    shown.page.wait_for_url("**/cases/many/?like=*")
    expect(shown.page.locator("h2[data-focus]")).to_have_text("3 cases will be done")
    shown.page.keyboard.press("Enter")
    assert shown.until(lambda: {fresh(case).state for case in cases} == {"dismissed"})
    expect(shown.page.locator("#toast-text")).to_have_text("3 cases are done")
    shown.page.keyboard.press("z")
    assert shown.until(lambda: {fresh(case).state for case in cases} == {"new"})
    assert shown.complaints == []


def test_keys_that_a_person_chose_work_and_are_on_the_buttons(
    window: Callable[..., Window], desk: Desk, case: Case
) -> None:
    desk.officer.keys = {"not_relevant": "y", "undo": "u"}
    desk.officer.save()
    shown = window().open("/inbox/").keys("n")
    assert fresh(case).state == "new"
    shown.keys("y")
    assert shown.until(lambda: fresh(case).state == "dismissed")
    expect(shown.page.locator("#toast kbd")).to_have_text("U")
    shown.keys("z")
    assert fresh(case).state == "dismissed"
    shown.keys("u")
    assert shown.until(lambda: fresh(case).state == "new")
    assert shown.complaints == []


def test_who_switched_single_keys_off_presses_nothing_by_them(
    window: Callable[..., Window], desk: Desk, case: Case
) -> None:
    desk.officer.has_single_keys = False
    desk.officer.save()
    window().open("/inbox/").keys("n 2")
    assert (fresh(case).state, fresh(case).scheme_node) == ("new", "Q1")
