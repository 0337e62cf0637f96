"""What a platform says of our keys holds for all their sources; budgets and blind spells of one source."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from cases.models import User
from cases.services import sources
from monitoring import blindness, credentials, polling
from monitoring.blindness import blind_minutes
from monitoring.connectors.base import Gap, Quota
from monitoring.connectors.errors import (
    CredentialRefused,
    Ended,
    NothingToRead,
    RateLimited,
    Refused,
    SourceError,
    Unavailable,
)
from monitoring.models import BlindSpell, Credential, Source, SourceDay
from tests.monitoring.conftest import Platform
from tests.monitoring.polls import again, page, poll
from tests.world import mention

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def kept(platform: Platform, source: Source, noon: datetime) -> Credential:
    platform.secret_names = ("token",)
    kept = credentials.change("ours", platform="paper", secrets={"token": "secret"}, now=noon - HOUR)
    Source.objects.filter(pk=source.pk).update(credential=kept)
    return kept


@pytest.fixture
def sibling(kept: Credential, noon: datetime) -> Source:
    """Another source with the same keys."""
    return Source.objects.create(name="sibling", connector="paper", credential=kept, next_poll_at=noon)


@pytest.fixture
def stranger(noon: datetime) -> Source:
    """A source without keys."""
    return Source.objects.create(name="stranger", connector="paper", next_poll_at=noon)


# ── keys ────────────────────────────────────────────────────────────────────
def test_a_limit_holds_for_every_source_of_the_keys_and_for_no_other(
    source: Source, sibling: Source, stranger: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = RateLimited(noon + HOUR)
    poll(source, now=noon)
    assert Credential.objects.get().limited_until == noon + HOUR
    assert polling.due_sources(now=noon + MINUTE) == [stranger.pk]
    assert polling.take_source(sibling.pk, now=noon + MINUTE) is None
    assert set(polling.due_sources(now=noon + HOUR)) == {source.pk, sibling.pk, stranger.pk}


@pytest.mark.parametrize(
    ("until", "rests"),
    [(None, HOUR / 4), (-HOUR, HOUR / 4), (HOUR, HOUR), (900 * HOUR, 24 * HOUR)],
    ids=["none", "in the past", "an hour", "a month"],
)
def test_a_limit_is_kept_within_reason(
    until: timedelta | None,
    rests: timedelta,
    source: Source,
    kept: Credential,
    platform: Platform,
    noon: datetime,
) -> None:
    platform.trouble = RateLimited(noon + until if until else None)
    poll(source, now=noon)
    assert Credential.objects.get().limited_until == again(source).next_poll_at == noon + rests


def test_refused_keys_stop_all_their_sources_until_somebody_mends_them(
    source: Source, sibling: Source, stranger: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = CredentialRefused("401")
    poll(source, now=noon)
    kept = Credential.objects.get()
    assert (kept.refused_at, kept.refusal) == (noon, str(platform.trouble))
    assert polling.due_sources(now=noon + 999 * HOUR) == [stranger.pk]
    credentials.try_again(kept.pk, now=noon + HOUR)
    assert set(polling.due_sources(now=noon + HOUR)) == {source.pk, sibling.pk, stranger.pk}


def test_settings_that_are_refused_stop_only_their_source(
    source: Source, sibling: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = Refused("no such list")
    poll(source, now=noon)
    assert Credential.objects.get().refused_at is None
    assert polling.due_sources(now=noon) == [sibling.pk]


def test_what_was_said_of_earlier_keys_is_not_said_of_new_ones(
    source: Source, kept: Credential, platform: Platform, noon: datetime
) -> None:
    taken = polling.take_source(source.pk, now=noon)
    assert taken is not None
    credentials.change("ours", platform="paper", secrets={"token": "new"}, now=noon)
    platform.trouble = CredentialRefused("401")
    polling.poll(taken, on_page=lambda stored, *, now: None, now=noon)
    assert Credential.objects.get().refused_at is None
    assert polling.due_sources(now=noon) == [source.pk]


def test_keys_that_do_not_open_stop_their_sources_with_a_sentence(
    source: Source, kept: Credential, platform: Platform, noon: datetime
) -> None:
    Credential.objects.update(sealed="broken")
    platform.needs = ("token",)
    assert poll(source, now=noon) == 0
    assert again(source).health == "refused"
    assert "CREDENTIAL_KEYS" in again(source).error
    assert Credential.objects.get().refused_at == noon


# ── budgets ─────────────────────────────────────────────────────────────────
def test_a_day_counts_what_was_asked_read_and_spent(
    source: Source, platform: Platform, noon: datetime
) -> None:
    cost = Decimal("0.005")
    platform.pages = [
        page(mention(1, at=noon), mention(2, "taart", at=noon), read=1, cost=cost, units=2, last=False),
        page(mention(1, at=noon), mention(3, at=noon), read=2, cost=cost, units=2),
    ]
    poll(source, now=noon)
    platform.trouble = Unavailable("slow")
    poll(source, now=noon + HOUR)
    poll(source, now=noon + 24 * HOUR)
    days = SourceDay.objects.order_by("day").values_list("n_polls", "n_failed", "n_read", "n_new", "units")
    assert list(days) == [(2, 1, 4, 2, 4), (1, 1, 0, 0, 0)]
    assert SourceDay.objects.earliest("day").dollars == Decimal("0.0100")


def test_a_poll_may_take_what_is_left_of_the_day_and_then_waits_for_midnight(
    source: Source, platform: Platform, noon: datetime
) -> None:
    Source.objects.update(dollars_per_day=Decimal("0.03"))
    platform.pages = [
        page(mention(n, at=noon), read=n, cost=Decimal("0.01"), last=False) for n in range(1, 9)
    ]
    poll(source, now=noon)
    kept = again(source)
    assert (kept.health, kept.cursor) == ("limited", {"read": 3})
    assert kept.error == ("The budget for today is spent ($0.03). Polling resumes by itself at 00:00 UTC.")
    assert (kept.next_poll_at, kept.n_failures) == (noon + 12 * HOUR, 0)
    poll(source, now=noon + HOUR)
    assert len(platform.asked) == 1
    poll(source, now=noon + 12 * HOUR)
    assert again(source).cursor == {"read": 6}
    assert [budget.max_cost for budget in platform.budgets] == [Decimal("0.03"), Decimal("0.03")]


def test_units_are_a_budget_as_well(source: Source, platform: Platform, noon: datetime) -> None:
    Source.objects.update(units_per_day=5)
    platform.pages = [page(mention(1, at=noon), read=1, units=3)]
    poll(source, now=noon)
    poll(source, now=noon + HOUR)
    assert [budget.max_units for budget in platform.budgets] == [5, 2]


def test_the_last_page_may_spend_the_budget_and_all_is_well(
    source: Source, platform: Platform, noon: datetime
) -> None:
    Source.objects.update(units_per_day=1)
    platform.pages = [page(mention(1, at=noon), read=1)]
    poll(source, now=noon)
    assert again(source).health == "working"
    poll(source, now=noon + HOUR)
    assert again(source).health == "limited"


def test_what_the_platform_says_is_left_is_kept(source: Source, platform: Platform, noon: datetime) -> None:
    platform.pages = [page(read=1, quota=Quota(7, 100, noon + HOUR))]
    poll(source, now=noon)
    assert again(source).quota == {"remaining": 7, "limit": 100, "resets_at": (noon + HOUR).isoformat()}


# ── blind spells ────────────────────────────────────────────────────────────
@pytest.mark.parametrize("trouble", [Unavailable("slow"), RateLimited(None), Refused("404")], ids=repr)
def test_trouble_opens_one_blind_spell_since_the_last_success_and_the_next_success_ends_it(
    trouble: SourceError, source: Source, platform: Platform, noon: datetime
) -> None:
    poll(source, now=noon)
    platform.trouble = trouble
    poll(source, now=noon + 5 * MINUTE)
    poll(source, now=noon + 6 * MINUTE)
    spell = BlindSpell.objects.get()
    assert (spell.from_at, spell.until_at, spell.reason) == (noon, None, str(trouble))
    platform.trouble = None
    poll(source, now=noon + 30 * MINUTE)
    spell.refresh_from_db()
    assert (spell.until_at, spell.is_lost) == (noon + 30 * MINUTE, False)


def test_a_source_that_is_still_catching_up_is_blind_until_it_has(
    source: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = Unavailable("slow")
    poll(source, now=noon)
    platform.trouble = None
    platform.pages = [page(mention(1, at=noon), read=1, last=False)]
    poll(source, now=noon + HOUR)
    assert BlindSpell.objects.get().until_at is None
    platform.pages = [*platform.pages, page(mention(2, at=noon), read=2)]
    poll(source, now=noon + 2 * HOUR)
    assert BlindSpell.objects.get().until_at == noon + 2 * HOUR


@pytest.mark.parametrize("trouble", [NothingToRead("no terms"), Ended("410")], ids=repr)
def test_nothing_to_read_and_an_end_are_no_blindness(
    trouble: SourceError, source: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = trouble
    poll(source, now=noon)
    assert not BlindSpell.objects.exists()


def test_a_week_offline_is_seen_as_a_spell_and_what_is_out_of_reach_as_lost_once(
    source: Source, platform: Platform, noon: datetime
) -> None:
    poll(source, now=noon)
    week = noon + timedelta(days=8)
    gap = Gap(noon, noon + timedelta(days=1), "it goes back seven days")
    platform.pages = [page(read=1, gaps=(gap,), last=False), page(read=2, gaps=(gap,))]
    taken = polling.take_source(source.pk, now=week)
    assert taken is not None
    polling.poll(taken, on_page=lambda stored, *, now: None, now=week)
    spells = BlindSpell.objects.order_by("is_lost").values_list("from_at", "until_at", "is_lost")
    assert list(spells) == [(noon, week, False), (noon, gap.until_at, True)]


def test_a_source_that_nobody_polls_is_blind_and_said_so_once(source: Source, noon: datetime) -> None:
    Source.objects.update(last_success_at=noon - 5 * MINUTE)
    assert blindness.note_overdue(now=noon + 15 * MINUTE) == 0
    late = noon + 16 * MINUTE
    assert (blindness.note_overdue(now=late), blindness.note_overdue(now=late)) == (1, 1)
    spell = BlindSpell.objects.get()
    assert (spell.from_at, spell.reason) == (noon - 5 * MINUTE, "It was not polled in time.")
    Source.objects.update(is_enabled=False)
    assert blindness.note_overdue(now=late) == 0


def test_sources_whose_keys_must_wait_are_blind_too(
    source: Source, sibling: Source, platform: Platform, noon: datetime
) -> None:
    platform.trouble = CredentialRefused("401")
    poll(source, now=noon)
    blindness.note_overdue(now=noon + HOUR)
    assert BlindSpell.objects.get(source=sibling).reason == "Its keys may not be used now."


def test_blind_minutes_count_overlapping_spells_once_and_stay_within_their_window(
    source: Source, noon: datetime
) -> None:
    def spell(start: int, end: int | None) -> None:
        until_at = None if end is None else noon + end * MINUTE
        BlindSpell.objects.create(source=source, from_at=noon + start * MINUTE, until_at=until_at, reason="x")

    def blind(since: int, until: int) -> int:
        return blind_minutes(source.pk, since=noon + since * MINUTE, until=noon + until * MINUTE)

    spell(0, 10)
    spell(5, 20)
    spell(6, 7)
    spell(50, None)
    assert (blind(0, 60), blind(8, 15), blind(20, 50), blind(55, 60)) == (30, 7, 0, 5)


def test_a_source_that_is_switched_off_is_blind_no_longer(
    source: Source, platform: Platform, owner: User, noon: datetime
) -> None:
    platform.trouble = Unavailable("slow")
    poll(source, now=noon)
    sources.switch_off([source.pk], by=owner, now=noon + HOUR)
    assert BlindSpell.objects.get().until_at == noon + HOUR
