"""Three series of a watch: what they count, and that they always equal what is stored."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import Case, Watch, WatchCount, WatchedPost
from cases.services import copies, counting, removal, series, tallying, triage, undo, watching
from cases.services.copies import MergeRefused
from cases.services.transitions import CaseChanged, MoveRefused
from cases.services.undo import NothingToUndo
from monitoring.connectors.base import Kind, Mention
from monitoring.redaction import redact
from tests.cases.steps import judge, plan
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
ANGRY = "Schaam je, dit is een klacht, nummer {n} van velen die over dit optreden klagen"


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    return watching.start(case, plan(desk, now=noon), by=desk.officer, now=noon)


def said(n: int | str, *, at: datetime, text: str = "", by: str = "", followers: int = 100) -> Mention:
    heard = mention(n, text, at=at, thread="m1", kind=Kind.REPLY, followers=followers)
    author = heard.author
    assert author is not None
    return heard if not by else _by(heard, by, followers)


def _by(heard: Mention, name: str, followers: int) -> Mention:
    assert heard.author is not None
    return replace(heard, author=replace(heard.author, external_id=name, handle=name, followers=followers))


def sums(watch: Watch) -> tuple[int, int, int]:
    rows = list(watch.counts.all())
    return sum(r.n for r in rows), sum(r.n_negative for r in rows), sum(r.reach for r in rows)


def stored(watch: Watch) -> list[tuple[object, ...]]:
    return list(watch.counts.order_by("bucket").values_list(*tallying.COUNT_FIELDS[1:]))


# ── reach and tone ──────────────────────────────────────────────────────────
def test_an_author_who_posts_twice_in_an_hour_reaches_nobody_twice(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    desk.hear(
        said(2, at=noon + MINUTE, by="kim", followers=500),
        said(3, at=noon + 20 * MINUTE, by="kim", followers=500),
        said(4, at=noon + 20 * MINUTE, by="lou", followers=30),
        now=noon + 30 * MINUTE,
    )
    assert sums(watch) == (3, 0, 530)


def test_what_a_person_judged_goes_before_the_cue_list(watch: Watch, desk: Desk, noon: datetime) -> None:
    calm, angry = desk.hear(said(2, at=noon), said(3, at=noon, text=ANGRY.format(n=3)), now=noon)
    assert sums(watch)[:2] == (2, 1)
    judge(angry, "thanks", by=desk.officer, now=noon)
    assert sums(watch)[:2] == (2, 0)
    judge(calm, "insult", by=desk.officer, now=noon)
    assert sums(watch)[:2] == (2, 1)
    undo.undo(desk.officer, now=noon)
    assert sums(watch)[:2] == (2, 0)
    row = watch.counts.get()
    assert (row.n_judged, row.n_cued) == (1, 0)


def test_a_dismissed_post_is_judged_and_not_negative(watch: Watch, desk: Desk, noon: datetime) -> None:
    (angry,) = desk.hear(said(2, at=noon, text=ANGRY.format(n=2)), now=noon)
    triage.dismiss(angry, reason="spam", by=desk.officer, now=noon)
    assert sums(watch)[:2] == (1, 0)


def test_a_post_that_is_gone_stays_in_the_counts(watch: Watch, desk: Desk, noon: datetime) -> None:
    (angry,) = desk.hear(said(2, at=noon, text=ANGRY.format(n=2)), now=noon)
    before = stored(watch)
    removal.on_gone({angry.pk: "deleted"}, now=noon)
    redact({angry.pk: "deleted"}, kept=set(), now=noon)
    series.recount(Watch.objects.get(pk=watch.pk))
    assert stored(watch) == before
    assert sums(watch)[:2] == (1, 1)


def test_words_that_an_edit_brings_count(watch: Watch, desk: Desk, noon: datetime) -> None:
    first = said(2, at=noon)
    desk.hear(first, now=noon)
    desk.hear(replace(first, text=ANGRY.format(n=2), version="2"), now=noon + MINUTE)
    assert sums(watch)[:2] == (1, 1)


# ── copies ──────────────────────────────────────────────────────────────────
def test_the_thread_of_a_merged_copy_counts_on_its_own_platform_until_it_is_let_go(
    watch: Watch, desk: Desk, case: Case, noon: datetime
) -> None:
    (copy,) = desk.hear(mention(50, at=noon + MINUTE, platform="mastodon"), now=noon + MINUTE)
    assert sums(watch)[0] == 0
    copies.merge(copy, case, by=desk.officer, now=noon + 2 * MINUTE)
    assert sums(watch)[0] == 1
    desk.hear(
        mention(51, at=noon + 3 * MINUTE, thread="m50", platform="mastodon", kind=Kind.REPLY),
        now=noon + 3 * MINUTE,
    )
    assert sums(watch)[0] == 2
    copies.detach(Case.objects.get(pk=copy.pk), by=desk.officer, now=noon + 4 * MINUTE)
    assert sums(watch)[0] == 0
    undo.undo(desk.officer, now=noon + 5 * MINUTE)
    assert sums(watch)[0] == 2


# ── nothing drifts ──────────────────────────────────────────────────────────
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["hear", "angry", "judge", "thank", "undo", "merge", "detach", "late"]),
        st.integers(0, 5),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=14,
)


# Each example walks some acts through the services and the database.
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_counting_again_from_the_stored_posts_gives_what_was_counted(
    acts: list[tuple[str, int, int]], desk: Desk, case: Case, noon: datetime
) -> None:
    noon += timedelta(days=Watch.objects.count())  # the examples share a database: each has a day of its own
    Watch.objects.filter(ended_at=None).update(ended_at=noon, evaluate_at=None)
    watch = watching.start(Case.objects.get(pk=case.pk), plan(desk, now=noon), by=desk.officer, now=noon)
    base = Case.objects.count() * 100
    for place, (act, which, minute) in enumerate(acts):
        _do(act, base + place, which, watch, desk, now=noon + minute * MINUTE)
    watch.refresh_from_db()
    before, platforms = stored(watch), watch.platforms
    series.recount(watch)
    assert stored(watch) == before
    assert watch.platforms == platforms
    WatchCount.objects.filter(watch=watch).delete()
    WatchedPost.objects.filter(watch=watch).delete()
    series.recount(watch)
    assert [row[0] for row in stored(watch)] == [row[0] for row in before]


def _do(act: str, n: int, which: int, watch: Watch, desk: Desk, *, now: datetime) -> None:
    others = list(Case.objects.exclude(pk=watch.case_id).order_by("-pk")[:6])
    chosen = others[which % len(others)] if others else None
    try:
        if act in ("hear", "angry", "late"):
            text = ANGRY.format(n=n) if act == "angry" else ""
            at = now - timedelta(hours=which) if act == "late" else now
            desk.hear(said(n, at=at, text=text, by=f"author {which}", followers=which * 10), now=now)
            desk.hear(mention(f"c{n}", at=at, platform="mastodon"), now=now)
        elif act == "undo":
            undo.undo(desk.officer, now=now)
        elif chosen is None:
            return
        elif act in ("judge", "thank"):
            judge(chosen, "insult" if act == "judge" else "thanks", by=desk.officer, now=now)
        elif act == "merge":
            copies.merge(chosen, Case.objects.get(pk=watch.case_id), by=desk.officer, now=now)
        else:
            copies.detach(chosen, by=desk.officer, now=now)
    except (CaseChanged, MoveRefused, MergeRefused, NothingToUndo):
        return  # what the flow refuses changes nothing


def test_a_press_account_weighs_in_the_watches_it_takes_part_in(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    (case,) = desk.hear(said(2, at=noon), now=noon)
    watching.evaluate(watch.pk, now=noon + MINUTE)
    triage.set_standing(case, "national press", by=desk.officer, now=noon + 2 * MINUTE)
    assert watching.due_watches(now=noon + 2 * MINUTE) == [watch.pk]
    desk.store([], now=noon)
    watching.evaluate(watch.pk, now=noon + 2 * MINUTE)
    watch.refresh_from_db()
    joined = watch.verdict["signs"]["S5"]["facts"]["joined"]
    assert [each["role"] for each in joined] == ["national press"]


def test_nothing_is_asked_of_the_database_but_once_for_a_page_that_touches_no_watch(
    watch: Watch, desk: Desk, noon: datetime, django_assert_num_queries: object
) -> None:
    posts = desk.store([mention(9, at=noon)], now=noon).new
    with django_assert_num_queries(1):  # type: ignore[operator]
        counting.count(posts, now=noon)
