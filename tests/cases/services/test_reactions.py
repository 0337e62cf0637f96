"""Cases of one conversation share a number, and the author who says more opens a case again."""

from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case
from cases.rules.workflow import State
from cases.services import audit, decisions, outbox, reactions, responses, triage
from cases.services.transitions import move
from monitoring.connectors.base import AuthorRef, Kind, Mention
from tests.cases.steps import fresh, judge, last_event, queued, trail, watched
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def reply(n: int | str, text: str = "", *, at: datetime, to: str = "m1", by: str = "") -> Mention:
    """A reply in the conversation of post `to`, by the author of that number (its own unless said)."""
    heard = mention(n, text, at=at, thread=to, kind=Kind.REPLY)
    return replace(heard, author=AuthorRef(f"a{by}", f"author{by}", f"Author {by}", 100)) if by else heard


def numbers() -> dict[str, int | None]:
    return dict(Case.objects.values_list("post__canonical_id", "conversation"))


def test_a_post_that_stands_alone_has_no_conversation(case: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(mention(2, at=noon))
    assert numbers() == {"m1": None, "m2": None}


def test_a_reply_and_its_root_share_the_smallest_number(case: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(reply(2, at=noon), reply(3, at=noon), mention(4, at=noon))
    assert numbers() == {"m1": case.pk, "m2": case.pk, "m3": case.pk, "m4": None}
    desk.hear(reply(5, at=noon))
    assert numbers()["m5"] == case.pk


def test_a_root_that_comes_after_its_replies_joins_them(desk: Desk, noon: datetime) -> None:
    (early,) = desk.hear(reply(2, at=noon + HOUR))
    desk.hear(mention(1, at=noon))
    assert numbers() == {"m1": early.pk, "m2": early.pk}


def test_the_same_thread_id_on_another_platform_is_another_conversation(
    case: Case, desk: Desk, noon: datetime
) -> None:
    desk.hear(mention(2, at=noon, thread="m1", platform="rss"))
    assert set(numbers().values()) == {None}


def test_a_bare_boost_makes_no_conversation(case: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(mention(2, at=noon, thread="m1", kind=Kind.BOOST))
    assert numbers() == {"m1": None}


def test_two_that_were_heard_in_the_same_instant_are_joined_by_the_next(
    case: Case, desk: Desk, noon: datetime
) -> None:
    (other,) = desk.hear(reply(2, at=noon))
    Case.objects.update(conversation=None)  # as two workers leave it that did not see each other
    desk.hear(reply(3, at=noon))
    assert set(numbers().values()) == {case.pk}


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    threads=st.lists(st.integers(0, 3), min_size=1, max_size=9),
    order=st.randoms(use_true_random=False),
    cuts=st.lists(st.integers(1, 3), max_size=9),
)
def test_in_whatever_order_and_pages_posts_come_the_same_ones_belong_together(
    threads: list[int], order: Any, cuts: list[int], desk: Desk, noon: datetime
) -> None:
    posts = [
        mention(f"p{n}", at=noon + n * HOUR, thread=f"t{thread}", kind=Kind.REPLY)
        for n, thread in enumerate(threads)
    ]
    order.shuffle(posts)
    with transaction.atomic():
        left = list(posts)
        while left:
            size = cuts.pop() if cuts else 2
            desk.hear(*left[:size])
            left = left[size:]
        found: dict[int, list[Case]] = {}
        for case in Case.objects.select_related("post"):
            found.setdefault(int(case.post.thread_id[1:]), []).append(case)
        for members in found.values():
            expected = min(case.pk for case in members) if len(members) > 1 else None
            assert {case.conversation for case in members} == {expected}
        transaction.set_rollback(True)


def test_a_page_of_many_conversations_takes_no_more_queries(desk: Desk, noon: datetime) -> None:
    def n_queries(n: int, mark: str) -> int:
        roots = [mention(f"{mark}{i}", at=noon) for i in range(n)]
        desk.hear(*roots)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            desk.hear(*(reply(f"{mark}r{i}", at=noon + HOUR, to=f"m{mark}{i}") for i in range(n)))
        return len([q for q in asked if "UPDATE" not in q["sql"]])

    few = n_queries(2, "a")
    assert n_queries(100, "b") <= few + 1  # now and then the index of leads looks further back


# ── the author says more ────────────────────────────────────────────────────
def closed(case: Case, desk: Desk, at: datetime) -> Case:
    decisions.take_exit(case, "neutral", by=desk.officer, now=at)
    return fresh(case)


def test_the_authors_next_post_follows_the_case_and_leaves_an_open_one_as_it_is(
    case: Case, desk: Desk, noon: datetime
) -> None:
    (more,) = desk.hear(reply(2, at=noon + HOUR, by="1"))
    assert more.follows_id == case.pk
    assert trail(case) == ["opened"]
    assert last_event(more).facts["follows"] == case.pk


def test_somebody_elses_reply_follows_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    closed(case, desk, noon)
    (other,) = desk.hear(reply(2, at=noon + HOUR))
    assert other.follows_id is None
    assert fresh(case).state == "closed"


def test_a_post_of_the_author_elsewhere_follows_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    closed(case, desk, noon)
    (other,) = desk.hear(reply(2, at=noon + HOUR, to="m9", by="1"))
    assert other.follows_id is None


@pytest.mark.parametrize("how", ["closed", "dismissed", "responded"])
def test_the_author_opens_again_what_we_were_done_with(
    how: str, case: Case, desk: Desk, noon: datetime
) -> None:
    if how == "closed":
        closed(case, desk, noon)
    elif how == "dismissed":
        triage.dismiss(case, reason="spam", by=desk.officer, now=noon)
    else:
        judge(case, "complaint", by=desk.officer, now=noon)
        responses.record_elsewhere(case, medium="phone", note="Called.", by=desk.officer, now=noon)
    assert fresh(case).state == how
    at = noon + 13 * DAY
    (more,) = desk.hear(reply(2, at=at, by="1"), now=at)
    again = fresh(case)
    assert (again.state, again.category, again.outcome, again.scheme_node) == ("new", "", "", "Q1")
    assert again.due_at > noon + 13 * DAY
    assert more.follows_id == case.pk
    event = last_event(case)
    assert (event.action, event.origin, event.facts["reason"]) == ("moved", "rule", reactions.REASON)
    assert event.facts["post"] == more.pk
    assert audit.verify() == []


def test_after_a_fortnight_the_new_case_is_only_linked(case: Case, desk: Desk, noon: datetime) -> None:
    closed(case, desk, noon)
    at = noon + 14 * DAY + HOUR
    (more,) = desk.hear(reply(2, at=at, by="1"), now=at)
    assert (more.follows_id, fresh(case).state) == (case.pk, "closed")


def test_words_from_before_we_were_done_open_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    closed(case, desk, noon + 2 * HOUR)
    (more,) = desk.hear(reply(2, at=noon + HOUR, by="1"), now=noon + 3 * HOUR)
    assert (more.follows_id, fresh(case).state) == (case.pk, "closed")


def test_a_bare_boost_by_the_author_opens_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    closed(case, desk, noon)
    desk.hear(replace(reply(2, at=noon + HOUR, by="1"), kind=Kind.BOOST))
    assert fresh(case).state == "closed"


def test_a_watched_case_stays_watched(case: Case, desk: Desk, noon: datetime) -> None:
    judge(case, "insult", by=desk.officer, now=noon)
    watched(desk, case, now=noon)
    move(fresh(case), State.WATCHING, by=desk.officer, now=noon)
    (more,) = desk.hear(reply(2, at=noon + HOUR, by="1"))
    assert (more.follows_id, fresh(case).state) == (case.pk, "watching")


def test_a_near_copy_follows_only_its_lead(case: Case, desk: Desk, noon: datetime) -> None:
    text = "De brandweer staat al uren bij de Loswal en niemand vertelt de buurt wat er aan de hand is"
    desk.hear(mention("lead", text, at=noon))
    (copy,) = desk.hear(reply("copy", text, at=noon + HOUR, by="1"))
    assert (copy.state, copy.follows_id) == ("merged", None)


def test_the_same_words_again_after_our_answer_open_the_case_again(desk: Desk, noon: datetime) -> None:
    text = "De brandweer staat al uren bij de Loswal en niemand vertelt de buurt wat er aan de hand is"
    (lead,) = desk.hear(mention("1", text, at=noon))
    judge(lead, "complaint", by=desk.officer, now=noon)
    responses.record_elsewhere(lead, medium="phone", note="Called.", by=desk.officer, now=noon)
    (copy,) = desk.hear(reply("again", text, at=noon + HOUR, by="1"), now=noon + HOUR)
    assert (copy.state, copy.lead_id) == ("merged", lead.pk)
    assert fresh(lead).state == "new"


def test_our_own_reply_that_comes_back_opens_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    queued(case, by=desk.officer, now=noon)
    for pk in outbox.due_responses(now=noon + HOUR):
        outbox.deliver(pk, now=noon + HOUR)
    sent = case.responses.get()
    assert sent.permalink
    ours = replace(reply("ours", at=noon + HOUR, by="us"), url=sent.permalink)
    (own,) = desk.hear(ours, now=noon + HOUR)
    triage.dismiss(own, reason="our own", by=desk.officer, now=noon + HOUR)
    (more,) = desk.hear(reply("ours2", at=noon + 2 * HOUR, by="us"), now=noon + 2 * HOUR)
    assert (more.follows_id, fresh(own).state) == (own.pk, "dismissed")


def test_of_two_on_one_page_the_second_follows_the_first(desk: Desk, noon: datetime) -> None:
    first, second = desk.hear(mention(1, at=noon), reply(2, at=noon + HOUR, by="1"))
    assert (first.follows_id, second.follows_id) == (None, first.pk)


def test_conversations_of_before_the_upgrade_get_their_number(desk: Desk, noon: datetime) -> None:
    migration = import_module("cases.migrations.0007_number_conversations")
    desk.hear(*(mention(n, at=noon) for n in range(3)))
    desk.hear(*(reply(f"r{n}", at=noon, to=f"m{n % 2}") for n in range(4)))
    expected = numbers()
    Case.objects.update(conversation=None)
    with pytest.MonkeyPatch.context() as small:
        small.setattr(migration, "BATCH", 1)
        migration.number_conversations(apps, SimpleNamespace(connection=connection))
    assert numbers() == expected
