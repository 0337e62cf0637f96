"""One row for a conversation, its replies judged one by one, and what is told of the people in it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case, User
from cases.reads import inbox
from cases.services import assignment, decisions, joining, situations
from monitoring.connectors.base import AuthorRef, Kind, Mention
from monitoring.models import Author
from tests.cases.steps import fresh, judge
from tests.web.paper import Paper
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DANGER = "Help ons alsjeblieft, we zitten ingesloten bij de Loswal"


def reply(n: int | str, *, at: datetime, to: str = "m1", text: str = "") -> Mention:
    return mention(n, text, at=at, thread=to, kind=Kind.REPLY)


def rows(paper: Paper) -> list[int]:
    links = [has["href"] for tag, has in paper.tags() if tag == "a" and "data-row" in has]
    return [int(link.rsplit("case=", 1)[1]) for link in links]


def test_a_conversation_is_one_row_with_what_waits_behind_it(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    desk.hear(*(reply(n, at=noon + HOUR) for n in range(2, 14)), now=noon + HOUR)
    (alone,) = desk.hear(mention("z", at=noon), now=noon + 2 * HOUR)
    page = screen.open("/inbox/")
    assert rows(page) == [case.pk, alone.pk]
    assert "+12 in this conversation" in page.html
    assert "14 posts to judge" in page.html
    assert "Also waiting in this conversation" in page.html


def test_the_urgent_one_of_a_conversation_stands_for_it(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    (urgent,) = desk.hear(reply(2, at=noon, text=DANGER), now=noon + HOUR)
    assert rows(screen.open("/inbox/")) == [urgent.pk]


def test_when_one_is_done_the_next_is_of_the_same_conversation(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    (alone,) = desk.hear(mention("z", at=noon), now=noon + HOUR)
    (second,) = desk.hear(reply(2, at=noon), now=noon + 2 * HOUR)
    screen.open("/inbox/?view=new").press("Information only I", at="neutral")
    assert screen.url.endswith(f"case={second.pk}")
    screen.press("Information only I", at="neutral")
    assert fresh(second).state == "closed"
    assert "case=" not in screen.url
    assert rows(screen) == [alone.pk]


def test_a_conversation_shows_in_mine_by_what_is_mine(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    (mine,) = desk.hear(reply(2, at=noon), now=noon + HOUR)
    assignment.assign(mine, desk.officer, by=desk.lead, now=noon)
    page = screen.open("/inbox/?view=mine")
    assert rows(page) == [mine.pk]
    assert "in this conversation</span>" not in page.html


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    posts=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.booleans()), min_size=1, max_size=14),
    size=st.integers(1, 4),
    aside=st.sets(st.integers(0, 13), max_size=4),
)
@pytest.mark.parametrize("view", ["new", "mine"])
def test_page_after_page_shows_every_conversation_once_and_nothing_twice(
    view: str,
    posts: list[tuple[int, int, bool]],
    size: int,
    aside: set[int],
    desk: Desk,
    noon: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(inbox, "PAGE", size)
    with transaction.atomic():
        for n, (thread, hours, urgent) in enumerate(posts):
            text = f"{DANGER}, {n}" if urgent else f"Bericht {n} over de brandweer, nummer {n}"
            heard = mention(f"p{n}", text, at=noon, thread=f"t{thread}" if thread else "", kind=Kind.REPLY)
            (case,) = desk.hear(heard, now=noon + hours * HOUR)
            Case.objects.filter(pk=case.pk, state="new").update(
                assignee=desk.officer, snoozed_until=noon + 9 * HOUR if n in aside else None
            )
        waiting = Case.objects.filter(state="new").exclude(snoozed_until__gt=noon) if view == "new" else None
        left = waiting if waiting is not None else Case.objects.filter(state="new")
        order = list(left.order_by("-is_urgent", "due_at", "pk"))
        expected: dict[Any, list[int]] = {}
        for each in order:
            expected.setdefault(each.conversation or f"alone {each.pk}", []).append(each.pk)
        shown: list[tuple[int, int]] = []
        after = ""
        while True:
            listed = inbox.inbox(desk.officer, view, now=noon, after=after)
            shown += [(row.id, row.n_more) for row in listed.rows]
            after = listed.after
            if not after:
                break
        assert shown == [(pks[0], len(pks) - 1) for pks in expected.values()]
        transaction.set_rollback(True)


@pytest.mark.parametrize("view", ["new", "mine", "decide"])
def test_the_inbox_asks_no_more_for_a_hundred_rows_or_replies_than_for_one(
    view: str, screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    def n_queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert screen.open(f"/inbox/?view={view}&case={case.pk}").status == 200
        return len(asked)

    desk.hear(reply("a", at=noon))
    Case.objects.update(assignee=desk.officer)
    few = n_queries()
    desk.hear(*(reply(f"b{n}", at=noon) for n in range(100)))
    desk.hear(*(reply(f"c{n}", at=noon, to=f"t{n // 2}") for n in range(100)))
    Case.objects.filter(pk__gt=case.pk).update(assignee=desk.officer)
    assert n_queries() <= few + 1  # one to count what waits beside the open case


# ── the author says more ────────────────────────────────────────────────────
def test_both_pages_say_that_the_author_said_more(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    decisions.take_exit(case, "neutral", by=desk.officer, now=noon)
    again = replace(reply(2, at=noon + HOUR), author=AuthorRef("a1", "author1", "Author 1", 100))
    (more,) = desk.hear(again, now=noon + HOUR)
    old = screen.open(f"/cases/{case.pk}/").html
    assert "The author said more:" in old
    assert f"The author said more: case {more.pk}" in old
    new = screen.open(f"/cases/{more.pk}/").html
    assert "This says more after:" in new
    assert f"Its author said more after case {case.pk}" in new


# ── the queue ───────────────────────────────────────────────────────────────
def test_one_key_gives_the_next_case_to_each_who_asks(
    screen: Paper, sit: Callable[[User], Paper], case: Case, desk: Desk, noon: datetime
) -> None:
    (second,) = desk.hear(mention(2, at=noon), now=noon + HOUR)
    assert any(has.get("data-key") == "x" for tag, has in screen.tags() if tag == "button")
    screen.press("Give me the next case X", at="/next/")
    assert screen.url.endswith(f"case={case.pk}")
    other = sit(desk.colleague).open("/inbox/").press("Give me the next case X", at="/next/")
    assert other.url.endswith(f"case={second.pk}")
    other.press("Give me the next case X", at="/next/")
    assert "No case waits that nobody is at." in other.html


def test_taking_over_asks_first_and_tells_who_has_it_by_now(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    assignment.take(case, by=desk.colleague, now=noon)
    screen.open(f"/cases/{case.pk}/")
    assert "Ilse may be in the middle of something" in screen.html
    assignment.take(case, by=desk.lead, now=noon, over=True)
    screen.press("Yes, I take it over", at="/take/")
    assert "is with Bram until" in screen.html
    assert fresh(case).taken_by == desk.lead
    screen.press("Yes, I take it over", at="/take/")
    assert fresh(case).taken_by == desk.officer


def test_who_else_looks_is_told_by_the_live_poll(
    screen: Paper, sit: Callable[[User], Paper], case: Case, desk: Desk
) -> None:
    open_case = f"{case.pk},l{case.pk}"
    assert f'data-held="l{case.pk}"' in screen.html
    sit(desk.colleague).client.get("/live/", {"shown": open_case})
    told = screen.client.get("/live/", {"shown": open_case}).json()
    assert told["held"] == {f"l{case.pk}": "Ilse"}
    assert "Also looking now:" in screen.open(f"/cases/{case.pk}/").html
    for strange in ("l", "lx", "l" + "9" * 30, "ll1"):
        assert screen.client.get("/live/", {"shown": strange}).status_code == 200


def test_on_the_topics_of_a_situation_only_its_own_posts_are_new(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(situations.Plan("Fire"), by=desk.officer, now=noon)
    assert f'data-new="{fire.pk}"' in screen.open(f"/situations/{fire.pk}/topics/").html
    since = f"{case.pk}.0.0"
    here, *_elsewhere = desk.hear(*(mention(n, at=noon) for n in range(60, 63)))
    joining.join(fire, [here.pk], by=desk.officer, now=noon)
    assert screen.client.get("/live/", {"since": since}).json()["n"] == 3
    assert screen.client.get("/live/", {"since": since, "situation": str(fire.pk)}).json()["n"] == 1


def test_a_post_is_put_aside_until_a_time_that_is_chosen(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    screen.press("tomorrow", at="/exit/later/")
    until = fresh(case).snoozed_until
    assert until is not None and until.isoformat() == "2026-03-03T08:00:00+00:00"
    page = screen.open(f"/cases/{case.pk}/")
    assert "Put aside until 03-03 09:00; it comes back by itself." in page.html
    page.press("Back now", at="/wake/")
    assert fresh(case).snoozed_until is None
    page.press("Put aside", at="/exit/later/", also={"until": "2026-03-02T14:30"})
    assert (fresh(case).snoozed_until or noon).isoformat() == "2026-03-02T13:30:00+00:00"
    page.open(f"/cases/{case.pk}/").press("Back now", at="/wake/")
    page.press("Put aside", at="/exit/later/", also={"until": "2026-03-02T12:30"})
    assert "A post cannot come back on 02-03-2026 12:30" in page.html
    assert fresh(case).snoozed_until is None


# ── beside a case ───────────────────────────────────────────────────────────
def test_beside_a_case_stands_a_step_of_reach_and_whether_it_is_press(
    screen: Paper, case: Case, desk: Desk
) -> None:
    Author.objects.update(followers=73_219)
    page = screen.open(f"/cases/{case.pk}/")
    assert "10,000 to 100,000 followers" in page.html
    assert not re.search(r"73.?219", page.html)
    page.press("Write down", at="/press/", also={"standing": "press"})
    assert Author.objects.get().is_press
    assert "this account speaks for a newsroom" in page.html
    page.press("Write down", at="/press/", also={"standing": "politician"})
    assert Author.objects.get().standing == "politician"
    page.press("Write down", at="/press/", also={"standing": ""})
    assert Author.objects.get().standing == ""


def test_of_another_conversation_of_the_author_nothing_is_shown(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    elsewhere = replace(
        mention("other", "Heel iets anders over de brandweer", at=noon, thread="m77"),
        author=AuthorRef("a1", "author1", "Author 1", 100),
    )
    desk.hear(elsewhere)
    desk.hear(reply(2, at=noon))
    assert "Heel iets anders" not in screen.open(f"/cases/{case.pk}/").html


def test_a_case_is_merged_into_one_of_its_conversation_by_a_button(
    screen: Paper, case: Case, desk: Desk, noon: datetime
) -> None:
    (second,) = desk.hear(reply(2, at=noon))
    judge(second, "thanks", by=desk.officer, now=noon)
    screen.open(f"/cases/{case.pk}/").press(f"Merge into case {second.pk}", at="/merge/")
    assert (fresh(case).state, fresh(case).lead_id) == ("merged", second.pk)
    assert screen.url == f"/cases/{second.pk}/"
