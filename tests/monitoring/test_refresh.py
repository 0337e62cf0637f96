"""Posts are looked up again as they age: counts, edits, what is gone, and what comes back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.models import AuditEvent, Case
from cases.reads.watched import watched_posts
from cases.rules.workflow import State
from cases.services import intake, removal, watching
from cases.services.transitions import move
from monitoring import ages, credentials, refresh
from monitoring.connectors import registry
from monitoring.connectors.base import (
    Capabilities,
    Gone,
    Kind,
    Live,
    Mention,
    Reactions,
    SourceConfig,
    Unknown,
)
from monitoring.connectors.errors import CredentialRefused, RateLimited, SourceError, Unavailable
from monitoring.models import Author, Credential, Post, PostVersion, Source, SourceDay
from monitoring.refresh import Upstairs
from monitoring.search import posts_with
from tests.monitoring.conftest import Platform
from tests.monitoring.polls import again, page, poll
from tests.world import Desk, mention, open_desk

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WHOLE = Upstairs(intake.open_cases, removal.on_gone, removal.on_back)
Answer = Live | Gone | Unknown


class Looking(Platform):
    """A platform where posts can be looked up: `answers` by canonical id, `other` for the rest."""

    capabilities = Capabilities(refresh=True, thread=True)
    other: Answer = Unknown("no word")

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Answer] = {}
        self.looked_up: list[list[str]] = []
        self.conversations: dict[str, tuple[Mention, ...]] = {}
        self.fails: SourceError | None = None

    def refresh(self, source: SourceConfig, ids: Sequence[str], *, now: datetime) -> dict[str, Answer]:
        if self.fails:
            raise self.fails
        self.looked_up.append(list(ids))
        return {each: self.answers.get(each, self.other) for each in ids}

    def thread(self, source: SourceConfig, mention: Mention, *, now: datetime) -> tuple[Mention, ...]:
        return self.conversations.get(mention.canonical_id, ())


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Looking:
    on_paper = Looking()
    monkeypatch.setitem(registry.CONNECTORS, on_paper.name, on_paper)
    return on_paper


@pytest.fixture
def desk(noon: datetime, tmp_path: Any, looking: Looking) -> Desk:
    desk = open_desk(noon, outbox=tmp_path)
    Source.objects.filter(pk=desk.source.pk).update(connector="paper")
    desk.source.refresh_from_db()
    return desk


@pytest.fixture
def case(desk: Desk, noon: datetime) -> Case:
    [case] = desk.hear(mention(1, at=noon))
    return case


def look(desk: Desk, *, now: datetime, watched: Sequence[int] = ()) -> int:
    Source.objects.filter(pk=desk.source.pk).update(next_refresh_at=now)
    taken = refresh.take_source(desk.source.pk, now=now)
    assert taken is not None
    return refresh.refresh(taken, watched=watched, upstairs=WHOLE, now=now)


def actions(case: Case) -> list[str]:
    events = AuditEvent.objects.filter(subject=f"case:{case.pk}").order_by("seq")
    return list(events.values_list("action", flat=True))


# ── when ────────────────────────────────────────────────────────────────────
def test_a_post_is_looked_up_at_each_age_once_and_after_two_weeks_no_more(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    at = []
    for minutes in (4, 5, 6, 29, 30, 119, 120, 719, 720, 1439, 1440, 1500, 14 * 1440, 15 * 1440, 16 * 1440):
        if look(desk, now=noon + minutes * MINUTE):
            at.append(minutes)
    assert at == [5, 30, 120, 720, 1440, 14 * 1440]


def test_a_post_that_was_missed_at_several_ages_is_looked_up_at_its_newest_age_only(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    assert look(desk, now=noon + 3 * HOUR) == 1
    assert look(desk, now=noon + 3 * HOUR) == 0


def test_every_age_has_its_turn_and_no_batch_is_larger_than_a_hundred(
    desk: Desk, looking: Looking, noon: datetime
) -> None:
    desk.hear(*(mention(n, at=noon) for n in range(150)))
    desk.hear(mention("young", at=noon), now=noon + 10 * MINUTE)
    assert look(desk, now=noon + 6 * MINUTE) == 100
    assert look(desk, now=noon + 7 * MINUTE) == 50
    assert look(desk, now=noon + 15 * MINUTE) == 1
    assert looking.looked_up[-1] == ["myoung"]


def test_only_sources_whose_platform_can_look_up_are_due_and_each_is_taken_once(
    desk: Desk, looking: Looking, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    Source.objects.create(name="blog", connector="rss", next_poll_at=noon)
    assert refresh.due_sources(now=noon) == [desk.source.pk]
    assert refresh.take_source(desk.source.pk, now=noon) is not None
    assert refresh.take_source(desk.source.pk, now=noon) is None
    assert refresh.due_sources(now=noon) == []


def test_watched_conversations_come_first_every_five_minutes(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    plan = watching.Plan(desk.officer, "if it spreads", HOUR, noon + DAY)
    watching.start(case, plan, by=desk.officer, now=noon)
    [other] = desk.hear(mention(2, at=noon))
    watched = watched_posts(desk.source.pk)
    assert watched == [case.pk]
    looked = [look(desk, now=noon + n * MINUTE, watched=watched) for n in (1, 2, 6, 7)]
    assert looked == [1, 0, 3, 0]
    assert looking.looked_up[1:] == [["m1"], ["m1", "m2"]]


def test_a_watched_conversation_is_read_and_what_is_new_in_it_becomes_a_case(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    joins = mention(2, "Schande!", at=noon, thread="m1", kind=Kind.REPLY)
    looking.conversations = {"m1": (mention(1, at=noon), joins)}
    look(desk, now=noon + MINUTE, watched=[case.pk])
    assert set(Case.objects.values_list("post__canonical_id", flat=True)) == {"m1", "m2"}


def test_a_long_history_is_passed_over_at_once_and_posts_of_now_are_looked_up(
    desk: Desk, looking: Looking, noon: datetime
) -> None:
    desk.hear(*(mention(n, at=noon) for n in range(300)), now=noon - 99 * DAY)
    desk.hear(mention("now", at=noon))
    assert look(desk, now=noon + MINUTE) == 0
    assert look(desk, now=noon + 5 * MINUTE) == 1
    assert again(desk.source).refreshed["300"] == Post.objects.get(canonical_id="mnow").pk
    assert look(desk, now=noon + 6 * MINUTE) == 0


# ── what ────────────────────────────────────────────────────────────────────
def test_counts_and_edits_are_brought_up_to_date(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    edited = replace(mention(1, "De brandweer is er!", at=noon), version="2", reactions=Reactions(likes=9))
    looking.answers = {"m1": Live(edited)}
    look(desk, now=noon + 5 * MINUTE)
    post = Post.objects.get()
    assert (post.text, post.n_likes) == ("De brandweer is er!", 9)
    assert PostVersion.objects.get().text == mention(1, at=noon).text
    assert actions(case) == ["opened", "post edited"]


def test_a_post_that_is_gone_loses_its_words_and_its_author_and_keeps_its_place(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    test_counts_and_edits_are_brought_up_to_date(case, desk, looking, noon)
    looking.answers = {"m1": Gone("deleted by its author")}
    look(desk, now=noon + HOUR)
    post = Post.objects.get()
    assert (post.text, post.raw, post.url, post.author) == ("", {}, "", None)
    assert (post.canonical_id, post.posted_at) == ("m1", noon)
    assert (post.gone_at, post.gone_reason) == (noon + HOUR, "deleted by its author")
    assert (PostVersion.objects.get().text, PostVersion.objects.get().raw) == ("", {})
    assert not Author.objects.exists()
    assert not posts_with("brandweer").exists()


def test_an_author_of_other_posts_stays_with_those(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    other = replace(mention(2, at=noon), author=mention(1, at=noon).author)
    desk.hear(other)
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    assert Post.objects.get(author__isnull=False).canonical_id == "m2"


@pytest.mark.parametrize("answer", [Unknown("503"), None], ids=["unknown", "no answer"])
def test_without_an_explicit_word_nothing_is_gone(
    answer: Answer | None, case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    looking.answers = {"m1": answer} if answer else {}
    look(desk, now=noon + HOUR)
    assert (Post.objects.get().gone_at, Post.objects.get().text) == (None, mention(1, at=noon).text)


def test_absent_counts_when_it_is_so_twice(case: Case, desk: Desk, looking: Looking, noon: datetime) -> None:
    looking.answers = {"m1": Gone(refresh.ABSENT)}
    look(desk, now=noon + HOUR)
    assert Post.objects.get().gone_at is None
    looking.answers = {"m1": Live(mention(1, at=noon))}
    look(desk, now=noon + HOUR + MINUTE)
    looking.answers = {"m1": Gone(refresh.ABSENT)}
    look(desk, now=noon + 3 * HOUR)
    assert Post.objects.get().gone_at is None
    look(desk, now=noon + 3 * HOUR + MINUTE)
    assert Post.objects.get().gone_at == noon + 3 * HOUR + MINUTE


def test_an_answer_in_which_everything_is_absent_is_not_believed(
    desk: Desk, looking: Looking, noon: datetime
) -> None:
    desk.hear(*(mention(n, at=noon) for n in range(refresh.SUSPECT)))
    looking.other = Gone(refresh.ABSENT)
    for n in (60, 61, 62):
        look(desk, now=noon + n * MINUTE)
    assert not Post.objects.exclude(gone_at=None).exists()


def test_a_restored_post_comes_back_with_its_words_and_its_author(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    looking.answers = {"m1": Gone("deactivated")}
    look(desk, now=noon + HOUR)
    looking.answers = {"m1": Live(mention(1, "Brandweer, hier weer", at=noon))}
    look(desk, now=noon + 3 * HOUR)
    post = Post.objects.get()
    assert (post.text, post.gone_at, post.gone_reason) == ("Brandweer, hier weer", None, "")
    assert post.author is not None and post.author.handle == "author1"
    assert actions(case)[-1] == "post restored"
    assert posts_with("brandweer").exists()


def test_a_poll_that_brings_a_gone_post_makes_it_looked_up_at_once_and_shows_nothing_before(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    looking.pages = [page(mention(1, at=noon), read=1)]
    poll(again(desk.source), now=noon + HOUR + MINUTE, on_page=intake.open_cases)
    assert Post.objects.get().text == ""
    assert again(desk.source).next_refresh_at == noon + HOUR + MINUTE
    looking.answers = {"m1": Live(mention(1, at=noon))}
    assert look(desk, now=noon + HOUR + 2 * MINUTE) == 1
    assert Post.objects.get().text == mention(1, at=noon).text
    assert look(desk, now=noon + HOUR + 3 * MINUTE) == 0


# ── the case of a post that is gone ─────────────────────────────────────────
def test_a_case_that_nobody_needs_closes_with_its_post(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    case.refresh_from_db()
    assert (case.state, actions(case)) == ("closed", ["opened", "post gone", "moved"])
    look(desk, now=noon + 3 * HOUR)
    assert actions(case) == ["opened", "post gone", "moved"]


def test_a_case_that_is_watched_stays_open(case: Case, desk: Desk, looking: Looking, noon: datetime) -> None:
    plan = watching.Plan(desk.officer, "if it spreads", HOUR, noon + DAY)
    watching.start(case, plan, by=desk.officer, now=noon)
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    case.refresh_from_db()
    assert (case.state, Post.objects.get().text) == ("new", "")


def test_a_case_with_a_copy_that_stands_stays_open(
    case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    [copy] = desk.hear(mention(2, "Iets anders van de brandweer over de markt", at=noon))
    Case.objects.filter(pk=copy.pk).update(lead=case)
    copy.refresh_from_db()
    if copy.state != State.MERGED:
        move(copy, State.MERGED, by=None, now=noon)
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    case.refresh_from_db()
    assert case.state == "new"


def test_the_words_of_a_threat_are_kept_and_that_is_said(
    desk: Desk, looking: Looking, noon: datetime
) -> None:
    threat = "Ik weet waar je woont, brandweer, ik maak je dood"
    [case] = desk.hear(mention(1, threat, at=noon))
    assert case.is_urgent
    looking.answers = {"m1": Gone("deleted")}
    look(desk, now=noon + HOUR)
    case.refresh_from_db()
    post = Post.objects.get()
    assert (post.text, post.gone_at, case.state) == (threat, noon + HOUR, "new")
    facts = AuditEvent.objects.get(action="post gone").facts
    assert facts == {"reason": "deleted", "text is kept": True, "closes": False}


# ── money and trouble ───────────────────────────────────────────────────────
@pytest.fixture
def costly(looking: Looking, monkeypatch: pytest.MonkeyPatch) -> None:
    paid = Capabilities(refresh=True, cost_per_item=Decimal("0.005"))
    monkeypatch.setattr(Looking, "capabilities", paid)


def test_looking_up_takes_at_most_half_of_the_money(
    costly: None, desk: Desk, looking: Looking, noon: datetime
) -> None:
    desk.hear(*(mention(n, at=noon) for n in range(20)))
    Source.objects.update(dollars_per_day=Decimal("0.20"))
    assert look(desk, now=noon + HOUR) == 20
    assert SourceDay.objects.get().dollars == Decimal("0.1000")
    assert look(desk, now=noon + 3 * HOUR) == 0


def test_without_a_budget_only_what_is_watched_may_cost_money(
    costly: None, case: Case, desk: Desk, looking: Looking, noon: datetime
) -> None:
    assert look(desk, now=noon + HOUR) == 0
    assert look(desk, now=noon + HOUR, watched=[case.pk]) == 1


@pytest.mark.parametrize(
    ("trouble", "rests", "limited", "refused"),
    [
        (RateLimited(None), HOUR / 4, True, False),
        (CredentialRefused("401"), HOUR / 4, False, True),
        (Unavailable("slow"), HOUR / 4, False, False),
    ],
    ids=["limited", "refused", "slow"],
)
def test_trouble_waits_here_and_what_is_said_of_the_keys_holds_for_polling_too(
    trouble: SourceError,
    rests: timedelta,
    limited: bool,
    refused: bool,
    case: Case,
    desk: Desk,
    looking: Looking,
    noon: datetime,
) -> None:
    looking.secret_names = ("token",)
    kept = credentials.change("ours", platform="paper", secrets={"token": "secret"}, now=noon)
    Source.objects.update(credential=kept)
    looking.fails = trouble
    later = noon + HOUR
    assert look(desk, now=later) == 0
    source, kept = again(desk.source), Credential.objects.get()
    assert (source.next_refresh_at, source.health) == (later + rests, "waiting")
    assert (kept.limited_until is not None, kept.refused_at is not None) == (limited, refused)
    assert Post.objects.get().gone_at is None


def test_what_is_remembered_of_absent_posts_is_bounded(noon: datetime) -> None:
    batch = ages.Batch(((1, "m1"),), 300, 1)
    many = {"absent": {str(n): "x" for n in range(2, 2000)}, "again": [1, 7]}
    left = ages.after(many, batch, [1], now=noon)
    assert (len(left["absent"]), left["again"], left["300"]) == (ages.MOST_REMEMBERED, [7], 1)


def test_a_round_that_breaks_is_told_and_comes_again_later(
    case: Case, desk: Desk, looking: Looking, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any, **__: Any) -> Any:
        raise SystemError("ours")

    broken: Callable[..., Any] = breaks
    looking.answers = {"m1": Gone("deleted")}
    Source.objects.update(next_refresh_at=noon + HOUR)
    taken = refresh.take_source(desk.source.pk, now=noon + HOUR)
    assert taken is not None
    with pytest.raises(SystemError):
        refresh.refresh(taken, watched=(), upstairs=replace(WHOLE, on_gone=broken), now=noon + HOUR)
    assert Post.objects.get().gone_at is None
    assert again(desk.source).next_refresh_at == noon + HOUR + refresh.AFTER_TROUBLE
