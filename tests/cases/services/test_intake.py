"""Every post that was heard becomes one case, in the transaction that stores it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import InterfaceError, OperationalError

from cases.models import AuditEvent, Case, SchemeVersion
from cases.policy import NoScheme
from cases.services import audit, intake
from monitoring import keeping, polling
from monitoring.connectors.base import Kind, Mention, Page
from monitoring.connectors.manual import Capture, Via, normalise
from monitoring.models import Post, Source
from monitoring.store import Stored
from tests.cases.steps import fresh, last_event, trail, watched
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def test_a_post_opens_a_case_with_its_number_its_scheme_and_its_clock(desk: Desk, noon: datetime) -> None:
    (case,) = desk.hear(mention(1, at=noon - timedelta(minutes=4)), now=noon)
    assert (case.state, case.scheme_node, case.category) == ("new", "Q1", "")
    assert case.scheme == SchemeVersion.objects.get(is_current=True)
    assert (case.posted_at, case.opened_at) == (noon - timedelta(minutes=4), noon)
    assert case.due_at == noon + timedelta(hours=24)
    assert case.pk == case.post.pk


def test_the_first_event_says_where_the_case_came_from(desk: Desk, noon: datetime) -> None:
    (case,) = desk.hear(mention(1, at=noon))
    event = AuditEvent.objects.get(subject=audit.subject_of(case.pk))
    assert (event.action, event.actor_id, event.origin) == ("opened", None, "rule")
    assert event.facts == {"platform": "x", "post": "m1", "queries": []}
    assert audit.verify() == []


def test_the_same_post_heard_again_opens_nothing(case: Case, desk: Desk, noon: datetime) -> None:
    assert desk.hear(mention(1, at=noon), mention(1, at=noon)) == []
    assert Case.objects.count() == 1
    assert trail(case) == ["opened"]


def test_every_reply_and_quote_opens_a_case_and_a_bare_boost_none(desk: Desk, noon: datetime) -> None:
    heard = [mention(kind.value, at=noon, kind=kind, thread="mpost") for kind in Kind]
    cases = desk.hear(*heard)
    assert sorted(case.post.kind for case in cases) == ["post", "quote", "reply"]
    assert Post.objects.count() == 4


def test_a_boost_is_counted_where_it_is_watched(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    desk.hear(mention(2, at=noon, thread="m1", kind=Kind.BOOST, followers=7000))
    count = watch.counts.get()
    assert (count.n, count.reach) == (1, 7000)


@pytest.mark.parametrize(
    ("text", "urgent"),
    [
        ("Help ons alsjeblieft, we zitten ingesloten bij de Loswal", True),
        ("Brandweer, we know where you live", True),
        ("De brandweer was erg laat, ik wil mijn geld terug", False),
        ("Wat een prutsers bij de brandweer", False),
    ],
)
def test_danger_and_threats_are_urgent_before_anybody_has_judged(
    text: str, urgent: bool, desk: Desk, noon: datetime
) -> None:
    (case,) = desk.hear(mention(1, text, at=noon))
    assert case.is_urgent is urgent


def edited(n: int, text: str, version: str, *, at: datetime) -> Mention:
    return replace(mention(n, text, at=at), version=version)


def test_an_edit_is_written_down_with_both_versions(case: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(edited(1, "De brandweer bij de haven", "v2", at=noon))
    assert trail(case) == ["opened", "post edited"]
    event = last_event(case)
    assert (event.origin, event.facts) == ("rule", {"before": "", "after": "v2", "becomes urgent": False})
    desk.hear(edited(1, "De brandweer bij het station", "v3", at=noon))
    assert (last_event(case).facts["before"], last_event(case).facts["after"]) == ("v2", "v3")
    assert audit.verify() == []


def test_a_post_that_is_edited_into_a_threat_becomes_urgent(case: Case, desk: Desk, noon: datetime) -> None:
    desk.hear(edited(1, "Brandweer, we know where you live", "v2", at=noon))
    assert fresh(case).is_urgent
    assert last_event(case).facts["becomes urgent"]
    desk.hear(edited(1, mention(1, at=noon).text, "v3", at=noon))
    assert fresh(case).is_urgent


def test_without_a_scheme_nothing_is_opened_and_the_message_says_what_to_do(
    desk: Desk, noon: datetime
) -> None:
    SchemeVersion.objects.update(is_current=False)
    with pytest.raises(NoScheme, match="scheme publish"):
        desk.hear(mention(1, at=noon))


def test_a_page_of_a_hundred_posts_takes_no_more_queries_than_a_page_of_two(
    desk: Desk, noon: datetime, django_assert_max_num_queries: object
) -> None:
    desk.hear(*(mention(f"first{n}", at=noon) for n in range(2)))
    with django_assert_max_num_queries(20) as small:  # type: ignore[operator]
        desk.hear(*(mention(f"a{n}", at=noon) for n in range(2)))
    with django_assert_max_num_queries(len(small)):  # type: ignore[operator]
        assert len(desk.hear(*(mention(f"b{n}", at=noon) for n in range(100)))) == 100


def test_a_post_is_stored_with_its_language_where_the_platform_said_none(desk: Desk, noon: datetime) -> None:
    page = Page((replace(mention(1, "De brandweer is er niet", at=noon), language=""),), {})
    keeping.keep(desk.source, page, [desk.query], on_page=intake.open_cases, now=noon)
    assert Post.objects.get().language == "nl"
    said = Capture("k2", Via.PHONE, "De brandweer is er nog niet", "", "piet")
    assert intake.capture(normalise(said, now=noon), by=desk.employee, now=noon)[0].post.language == "nl"


# ── capture by hand ─────────────────────────────────────────────────────────
def test_a_captured_page_opens_a_case_that_says_who_brought_it(desk: Desk, noon: datetime) -> None:
    capture = Capture("k1", Via.URL, "De brandweer is laat", "https://forum.example/t/7#p3", "piet")
    case, is_new = intake.capture(normalise(capture, now=noon), by=desk.employee, now=noon)
    assert is_new
    assert (case.post.platform, case.post.url, case.post.source) == (
        "manual",
        "https://forum.example/t/7",
        None,
    )
    assert trail(case) == ["opened", "captured"]
    assert AuditEvent.objects.get(action="captured").actor_name == "Anouk"


def test_the_same_page_captured_by_two_is_one_case(desk: Desk, noon: datetime) -> None:
    first = Capture("k1", Via.URL, url="https://forum.example/t/7?utm_source=mail")
    second = Capture("k2", Via.URL, url="https://FORUM.example/t/7")
    case, _ = intake.capture(normalise(first, now=noon), by=desk.employee, now=noon)
    again, is_new = intake.capture(normalise(second, now=noon), by=desk.officer, now=noon)
    assert (again.pk, is_new) == (case.pk, False)


def test_a_telephone_tip_sent_twice_by_one_form_is_one_case(desk: Desk, noon: datetime) -> None:
    tip = normalise(Capture("form-1", Via.PHONE, "Er hangt rook boven de Loswal"), now=noon)
    assert intake.capture(tip, by=desk.employee, now=noon)[1]
    assert not intake.capture(tip, by=desk.employee, now=noon)[1]
    assert fresh(Case.objects.get()).state == "new"


@pytest.mark.parametrize("trouble", [OperationalError("deadlock detected"), InterfaceError("closed")])
def test_trouble_of_the_database_is_not_written_on_the_source(
    trouble: Exception, desk: Desk, noon: datetime
) -> None:
    def fails(stored: Stored, *, now: datetime) -> None:
        raise trouble

    taken = polling.take_source(desk.source.pk, now=noon)
    assert taken is not None
    with pytest.raises(type(trouble)):
        polling.poll(taken, on_page=fails, now=noon + timedelta(minutes=5))
    source = Source.objects.get(pk=desk.source.pk)
    assert (source.health, source.error, source.n_failures) == (desk.source.health, "", 0)
    assert polling.due_sources(now=noon + timedelta(minutes=3)) == [source.pk]
