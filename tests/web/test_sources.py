"""Sources with their health, in plain words, and what a person can do about it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import AuditEvent, User
from cases.reads.sources import source_record
from cases.services.sources import switch_off
from monitoring.credentials import change
from monitoring.models import BlindSpell, Credential, Post, RejectedMention, Source, SourceDay
from tests.web.paper import Paper
from tests.world import Desk, mention

SINCE = datetime(2026, 3, 2, 11, 40, tzinfo=UTC)  # 12:40 in Amsterdam


def test_a_source_that_is_refused_is_named_on_every_page(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(health="refused", error="401")
    screen.open("/inbox/")
    assert "Not seen now: practice." in screen.html
    assert "Refused: somebody must act" in screen.open("/sources/").html


@pytest.mark.parametrize(
    "stands",
    [
        {"health": "limited", "error": "429"},
        {"health": "ended", "error": "410", "is_enabled": False},
        {"health": "waiting", "next_poll_at": datetime(2026, 3, 2, 9, 0, tzinfo=UTC)},
    ],
    ids=["slowed down", "over", "never polled"],
)
def test_a_source_that_brings_nothing_is_named_whatever_the_cause(
    screen: Paper, desk: Desk, stands: dict[str, Any]
) -> None:
    Source.objects.filter(pk=desk.source.pk).update(**stands)
    assert "Not seen now: practice." in screen.open("/inbox/").html


def test_a_source_that_a_person_switched_off_is_not_called_missing(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(health="ended", is_enabled=False)
    switch_off([desk.source.pk], by=desk.lead, now=desk.now)
    assert "Not seen now" not in screen.open("/inbox/").html
    assert "Switched off" in screen.open("/sources/").html


@pytest.mark.parametrize("connector", ["webhook", "import"])
def test_what_is_never_polled_or_was_read_to_its_end_is_not_called_missing(
    screen: Paper, desk: Desk, noon: datetime, connector: str
) -> None:
    stands = {"is_enabled": False, "health": "ended"} if connector == "import" else {}
    Source.objects.create(
        name="brought", connector=connector, next_poll_at=noon - timedelta(days=9), **stands
    )
    assert "Not seen now" not in screen.open("/inbox/").html


@pytest.mark.parametrize("url", ["/sources/", "/figures/"])
def test_platforms_that_nobody_hears_are_named(screen: Paper, desk: Desk, url: str) -> None:
    assert "Not seen: X, Facebook, Instagram, Bluesky," in screen.open(url).html
    Source.objects.create(
        name="search", connector="x", health="working", next_poll_at=desk.now, last_success_at=desk.now
    )
    assert "Not seen: Facebook, Instagram, Bluesky," in screen.open(url).html
    Source.objects.filter(name="search").update(health="refused")
    assert "Not seen: X, Facebook," in screen.open(url).html


@pytest.mark.parametrize(
    ("stands", "english", "dutch"),
    [
        ({}, "It works. The next poll is at 13:05.", "De bron werkt."),
        ({"health": "behind"}, "We read on by ourselves at once.", "We lezen meteen vanzelf verder."),
        (
            {"health": "failing", "n_failures": 3},
            "Since 12:40 the platform gives no answer that we can use (3 attempts). We try again by "
            "ourselves at 13:05.",
            "(3 pogingen)",
        ),
        ({"health": "limited"}, "asked us to wait, since 12:40", "Sinds 12:40 vraagt het platform"),
        ({"health": "refused"}, "Since 12:40 the platform refuses this source.", "weigert het platform"),
        ({"health": "ended", "is_enabled": False}, "Since 12:40 this source is over", "is deze bron voorbij"),
        ({"is_enabled": False}, "A person switched this source off.", "Iemand heeft deze bron uitgezet."),
        ({"last_success_at": SINCE - timedelta(hours=9)}, "Nothing was read since 03:40", "niets gelezen"),
    ],
    ids=["works", "behind", "fails", "limited", "refused", "over", "off", "silent"],
)
def test_a_source_says_in_a_sentence_how_it_stands_in_both_languages(
    screen: Paper, desk: Desk, stands: dict[str, Any], english: str, dutch: str
) -> None:
    known: dict[str, Any] = {"health": "working", "last_success_at": SINCE, "interval_s": 3600}
    known |= {"next_poll_at": desk.now + timedelta(minutes=5)}
    Source.objects.filter(pk=desk.source.pk).update(**known | stands)
    screen.open(f"/sources/{desk.source.pk}/")
    assert english in screen.html
    assert english in screen.open("/sources/").html
    screen.client.headers = {"accept-language": "nl"}  # type: ignore[attr-defined]
    screen.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "nl"
    assert dutch in screen.open(f"/sources/{desk.source.pk}/").html


def test_keys_that_are_refused_are_named_with_who_must_act(screen: Paper, desk: Desk) -> None:
    keys = change("account of ours", platform="x", secrets={"bearer_token": "abcdefgh"}, now=desk.now)
    Credential.objects.filter(pk=keys.pk).update(refused_at=SINCE, refusal="401")
    Source.objects.filter(pk=desk.source.pk).update(health="refused", credential=keys)
    screen.open(f"/sources/{desk.source.pk}/")
    assert "The platform accepts the keys “account of ours” no more since 12:40." in screen.html
    assert "an administrator must enter new keys" in screen.html


def test_a_budget_that_is_used_up_is_said(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(dollars_per_day=Decimal("2.50"), health="limited")
    SourceDay.objects.create(source=desk.source, day=desk.now.date(), dollars=Decimal("2.5"), units=40)
    screen.open(f"/sources/{desk.source.pk}/")
    assert "The budget of today is used up." in screen.html
    assert "$ 2.50 of $ 2.50" in screen.html


def test_what_a_source_brings_costs_and_misses_is_counted(desk: Desk, noon: datetime) -> None:
    desk.store([mention(n, at=noon - timedelta(minutes=n)) for n in range(1, 4)], now=noon)
    day_ago = noon - timedelta(hours=25)
    spells = (
        (day_ago, noon - timedelta(hours=23), False),
        (noon - timedelta(hours=23, minutes=30), noon - timedelta(hours=22), True),
        (noon - timedelta(minutes=10), None, False),
    )
    for from_at, until_at, is_lost in spells:
        BlindSpell.objects.create(
            source=desk.source, from_at=from_at, until_at=until_at, is_lost=is_lost, reason="away"
        )
    record = source_record(desk.source.pk, now=noon)
    assert (record.n_posts, record.lag_s, record.blind_minutes) == (3, 120.0, 130)
    assert [(spell.minutes, spell.is_lost) for spell in record.spells] == [
        (10, False),
        (90, True),
        (120, False),
    ]


def test_a_lost_stretch_is_shown_as_lost(screen: Paper, desk: Desk, noon: datetime) -> None:
    BlindSpell.objects.create(
        source=desk.source, from_at=SINCE, until_at=noon, is_lost=True, reason="<b>too far</b>"
    )
    screen.open(f"/sources/{desk.source.pk}/")
    assert "Lost: the platform does not go back so far" in screen.html
    assert "&lt;b&gt;too far" in screen.html


def test_poll_now_makes_a_source_due_and_is_written_down(screen: Paper, desk: Desk) -> None:
    Source.objects.filter(pk=desk.source.pk).update(next_poll_at=desk.now + timedelta(hours=1))
    screen.open(f"/sources/{desk.source.pk}/").press("Poll now")
    assert "read within a few seconds" in screen.html
    desk.source.refresh_from_db()
    assert desk.source.next_poll_at == desk.now
    assert AuditEvent.objects.filter(subject=f"source:{desk.source.pk}", action="poll asked").exists()


def test_a_source_is_switched_off_and_on(screen: Paper, desk: Desk) -> None:
    screen.open(f"/sources/{desk.source.pk}/").press("Switch off")
    assert "A person switched this source off." in screen.html
    screen.press("Switch on")
    desk.source.refresh_from_db()
    assert desk.source.is_enabled


def test_a_test_reads_a_page_says_so_and_stores_nothing(screen: Paper, desk: Desk, noon: datetime) -> None:
    n_posts, started = Post.objects.count(), (noon - timedelta(hours=1)).isoformat()
    Source.objects.filter(pk=desk.source.pk).update(settings=desk.source.settings | {"started_at": started})
    screen.open(f"/sources/{desk.source.pk}/").press("Test")
    assert "It works: 20 posts read; the newest is" in screen.html
    assert Post.objects.count() == n_posts
    desk.source.refresh_from_db()
    assert desk.source.cursor == {}
    assert SourceDay.objects.get(source=desk.source).n_read == 20
    event = AuditEvent.objects.get(action="source tested")
    assert event.facts == {"said": "answered", "n_read": 20, "dollars": "0"}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("rate_limited", "The platform asks us to wait until later."),
        ("unavailable", "The platform gave no answer that we can use."),
        ("refused", "The platform refuses this source."),
        ("ended", "The platform says that this source is over."),
    ],
)
def test_a_test_that_fails_says_what_to_do(screen: Paper, desk: Desk, fault: str, sentence: str) -> None:
    Source.objects.filter(pk=desk.source.pk).update(settings=desk.source.settings | {"fail": fault})
    screen.open(f"/sources/{desk.source.pk}/").press("Test")
    assert sentence in screen.html
    desk.source.refresh_from_db()
    assert (desk.source.health, desk.source.error) == ("waiting", "")


def test_a_test_that_costs_money_names_the_price_and_asks_first(
    screen: Paper, desk: Desk, noon: datetime
) -> None:
    paid = Source.objects.create(name="search", connector="x", next_poll_at=noon)
    screen.open(f"/sources/{paid.pk}/")
    assert "A test costs at most $ 0.10. I agree." in screen.html
    screen.press("Test")
    assert "This test costs money." in screen.html
    assert not AuditEvent.objects.filter(action="source tested").exists()
    screen.press("Test", also={"agreed": "1"})
    assert AuditEvent.objects.filter(action="source tested").exists()


def test_what_nobody_polls_is_not_tested(screen: Paper, desk: Desk, noon: datetime) -> None:
    door = Source.objects.create(name="partner", connector="webhook", next_poll_at=noon)
    screen.open(f"/sources/{door.pk}/")
    assert "Others bring posts here. Nothing was delivered yet." in screen.html
    assert not screen.offers("Test")
    assert not screen.offers("Poll now")
    assert "There is no signing_secret" in screen.html


def test_who_may_only_look_is_offered_nothing_to_press(
    desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    watcher = sit(User.objects.create_user("joost", role="privacy"))
    screen = watcher.open(f"/sources/{desk.source.pk}/")
    assert screen.status == 200
    assert not screen.offers("Poll now")
    assert not screen.offers("Test")
    assert screen.client.post(f"/sources/{desk.source.pk}/test/").status_code == 403


def test_the_list_asks_the_database_as_little_for_100_sources_as_for_1(
    screen: Paper, desk: Desk, noon: datetime
) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        screen.open("/sources/")
    for n in range(100):
        source = Source.objects.create(name=f"feed {n}", connector="rss", next_poll_at=noon)
        RejectedMention.objects.create(source=source, raw="{}", reason="odd", at=noon)
    with CaptureQueriesContext(connection) as many:
        screen.open("/sources/")
    assert len(many) == len(few)
