"""Late and strange posts: order does not matter, nothing rings twice, an import never rings."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import AuditEvent, Case, Escalation, Notification, Watch, WatchCount
from cases.services import escalation, intake, watching
from monitoring.connectors.base import Kind, Mention
from monitoring.models import BlindSpell, Source
from monitoring.store import upsert_posts
from tests.cases.steps import plan
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
THREAT = "Ik steek jullie kazerne in brand, ik maak jullie af"


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    Source.objects.update(last_success_at=noon + timedelta(days=400), health=Source.Health.WORKING)
    return watching.start(case, plan(desk, now=noon, days=500), by=desk.officer, now=noon)


def reply(n: int | str, *, at: datetime, text: str = "", followers: int = 100) -> Mention:
    return mention(n, text, at=at, thread="m1", kind=Kind.REPLY, followers=followers)


def judged(watch: Watch, *, now: datetime) -> Watch:
    watching.evaluate(watch.pk, now=now)
    watch.refresh_from_db()
    return watch


def ends(watch: Watch) -> tuple[object, ...]:
    """Where a watch ends up: its level, why, and what was counted; without numbers of rows."""
    told = {sign: said["level"] for sign, said in watch.verdict["signs"].items()}
    counted = list(watch.counts.order_by("bucket").values_list("bucket", "n", "n_negative", "reach"))
    alarms = list(Escalation.objects.filter(watch=watch).values_list("level", "cause"))
    return watch.level, told, counted, alarms, sorted(watch.platforms)


# ── any order within the watermark ──────────────────────────────────────────
POSTS = st.lists(
    st.tuples(st.integers(0, 13), st.sampled_from(["", "", "", "threat", "angry"]), st.integers(0, 4)),
    min_size=1,
    max_size=24,
)


# Each example hears the posts twice, in two orders, and rolls the database back between.
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(posts=POSTS, order=st.randoms(use_true_random=False), cuts=st.integers(1, 4))
def test_any_order_of_arrival_within_the_watermark_gives_the_same_levels(
    posts: list[tuple[int, str, int]], order: object, cuts: int, watch: Watch, desk: Desk, noon: datetime
) -> None:
    words = {"threat": THREAT, "angry": "Schaam je, ik dien een klacht in over dit optreden"}
    mentions = [
        replace(
            reply(100 + n, at=noon + minute * MINUTE, text=words.get(kind, ""), followers=20_000 * who),
            author=replace(mention(who, at=noon).author, followers=20_000 * who),  # type: ignore[type-var]
        )
        for n, (minute, kind, who) in enumerate(posts)
    ]
    shuffled = list(mentions)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    found = [_heard_in(part, cuts, watch, desk, noon=noon) for part in (mentions, shuffled)]
    assert found[0] == found[1]


class _Back(Exception):
    pass


def _heard_in(
    mentions: Sequence[Mention], cuts: int, watch: Watch, desk: Desk, *, noon: datetime
) -> tuple[object, ...]:
    """Where the watch ends up when the posts come in this order, in some pages, all within 15 minutes."""
    found: tuple[object, ...] = ()
    try:
        with transaction.atomic():
            size = max(1, len(mentions) // cuts)
            for start in range(0, len(mentions), size):
                desk.store(mentions[start : start + size], now=noon + 14 * MINUTE)
                watching.evaluate(watch.pk, now=noon + 14 * MINUTE)
            for minute in (16, 21, 40, 80):
                watching.evaluate(watch.pk, now=noon + minute * MINUTE)
            watch.refresh_from_db()
            found = ends(watch)
            raise _Back
    except _Back:
        watch.refresh_from_db()
    return found


def test_hearing_and_judging_everything_twice_gives_the_same_events(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    posts = [reply(n, at=noon + 5 * MINUTE) for n in range(100, 112)]
    for _ in range(2):
        desk.store(posts, now=noon + 6 * MINUTE)
        judged(watch, now=noon + 6 * MINUTE)
    events = AuditEvent.objects.filter(action__startswith="escalated").count()
    assert (events, Escalation.objects.count(), sum(c.n for c in watch.counts.all())) == (1, 1, 12)
    watching.evaluate_many([watch.pk], now=noon + 6 * MINUTE)
    assert AuditEvent.objects.filter(action__in=["escalated", "more evidence"]).count() == 1


# ── late ────────────────────────────────────────────────────────────────────
def test_a_late_rise_that_ended_less_than_six_hours_ago_rings_and_is_marked_late(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    judged(watch, now=noon + 4 * HOUR)
    desk.store([reply(n, at=noon + 5 * MINUTE) for n in range(100, 112)], now=noon + 4 * HOUR)
    assert judged(watch, now=noon + 4 * HOUR).level >= 2
    assert Escalation.objects.get().evidence["late"] is True


def test_a_late_rise_that_ended_longer_ago_joins_its_bucket_and_rings_for_nobody(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    judged(watch, now=noon + 8 * HOUR)
    desk.store([reply(n, at=noon + 5 * MINUTE) for n in range(100, 112)], now=noon + 8 * HOUR)
    assert judged(watch, now=noon + 8 * HOUR).level < 2  # its check is overdue
    assert watch.counts.get().n == 12
    assert not Escalation.objects.exists()


# ── imports ─────────────────────────────────────────────────────────────────
def brought(desk: Desk, posts: Sequence[Mention], *, now: datetime) -> None:
    source, _ = Source.objects.get_or_create(
        name="a file", defaults={"connector": "import", "next_poll_at": now, "interval_s": 60}
    )
    with transaction.atomic():
        intake.open_cases(upsert_posts(posts, now=now, source_id=source.pk), now=now)


# A year of posts, two a day and a storm at its end.
def test_importing_a_year_sends_nothing_and_teaches_what_is_usual(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    year = [reply(f"y{n}", at=noon - timedelta(hours=12 * n)) for n in range(1, 730)]
    storm = [reply(f"s{n}", at=noon + HOUR - n * timedelta(seconds=20)) for n in range(60)]
    at = noon + HOUR
    for start in range(0, len(year), 100):
        brought(desk, year[start : start + 100], now=at)
    brought(desk, [*storm, reply("t", at=at, text=THREAT)], now=at)
    while due := watching.due_watches(now=at):
        watching.evaluate_many(due, now=at)
    watch.refresh_from_db()
    assert sum(count.n for count in watch.counts.all()) == 729 + 61
    assert not Escalation.objects.exists()
    assert not Notification.objects.exists()
    assert watch.level < 2
    assert watch.verdict["watched_hours"] == 56 * 24 + 1
    # Two a day, always at this hour: the hour of the day is known.
    assert 0.3 < watch.verdict["usual_mean"] * 3600 / watch.verdict["window_s"] < 1.2


def test_an_import_does_not_undo_an_alarm_that_rang(watch: Watch, desk: Desk, noon: datetime) -> None:
    desk.store([reply(n, at=noon + 5 * MINUTE) for n in range(100, 112)], now=noon + 6 * MINUTE)
    judged(watch, now=noon + 6 * MINUTE)
    brought(desk, [reply(f"y{n}", at=noon - n * HOUR) for n in range(100)], now=noon + 7 * MINUTE)
    assert judged(watch, now=noon + 8 * MINUTE).level >= 2
    assert Escalation.objects.get().resolved_at is None


# ── unknown is never zero ───────────────────────────────────────────────────
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seen=st.lists(st.booleans(), min_size=6, max_size=14))
def test_what_was_not_seen_is_unknown_and_never_learned_as_quiet(
    seen: list[bool], watch: Watch, noon: datetime
) -> None:
    try:
        with transaction.atomic():
            last = noon
            for n, is_seen in enumerate(seen):
                now = noon + 20 * MINUTE * (n + 1)
                last = now if is_seen else last
                Source.objects.update(last_success_at=last, health=Source.Health.FAILING)
                watching.evaluate(watch.pk, now=now)
            buckets = set(
                WatchCount.objects.filter(watch=watch, is_unknown=True).values_list("bucket", flat=True)
            )
            if last < noon + 20 * MINUTE * len(seen):  # it is away now: all since then is unknown
                first, end = (int(at.timestamp()) // 300 for at in (last, now))
                assert set(range(max(first + 1, end - 24), end + 1)) <= buckets
            assert not WatchCount.objects.filter(watch=watch, n=0, is_unknown=False).exists()
            raise _Back
    except _Back:
        watch.refresh_from_db()


def test_what_was_read_up_after_a_blindness_is_known_and_judged_as_late(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(last_success_at=noon, health=Source.Health.FAILING)
    judged(watch, now=noon + 20 * MINUTE)
    assert watch.counts.filter(is_unknown=True).count() == 4
    Source.objects.update(last_success_at=noon + 2 * HOUR, health=Source.Health.WORKING)
    desk.store([reply(n, at=noon + 16 * MINUTE) for n in range(100, 112)], now=noon + 2 * HOUR)
    assert judged(watch, now=noon + 2 * HOUR).level >= 2
    assert not watch.counts.filter(is_unknown=True).exists()
    assert Escalation.objects.get().evidence["late"]


def test_what_the_platform_can_never_give_any_more_stays_unknown(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(last_success_at=noon, health=Source.Health.FAILING)
    judged(watch, now=noon + 20 * MINUTE)
    until = noon + 20 * MINUTE
    BlindSpell.objects.create(
        source=desk.source, from_at=noon, until_at=until, reason="too far back", is_lost=True
    )
    Source.objects.update(last_success_at=noon + HOUR, health=Source.Health.WORKING)
    judged(watch, now=noon + HOUR)
    assert watch.counts.filter(is_unknown=True).count() >= 3


# ── what rings at once ──────────────────────────────────────────────────────
def test_words_of_danger_in_a_new_post_of_the_thread_are_serious_at_once(
    watch: Watch, desk: Desk, noon: datetime
) -> None:
    desk.store([reply(2, at=noon + MINUTE, text=THREAT)], now=noon + 2 * MINUTE)
    judged(watch, now=noon + 2 * MINUTE)
    alarm = Escalation.objects.get()
    assert (watch.level, alarm.level, alarm.evidence["triggers"][0]["kind"]) == (3, 3, "threat")


def test_a_threat_that_came_in_a_pause_rings_after_it(watch: Watch, desk: Desk, noon: datetime) -> None:
    watching.pause(watch, until=noon + 3 * HOUR, by=desk.officer, now=noon, reason="drill")
    desk.store([reply(2, at=noon + MINUTE, text=THREAT)], now=noon + 2 * MINUTE)
    judged(watch, now=noon + 2 * MINUTE)
    assert not Escalation.objects.exists()
    judged(watch, now=noon + 3 * HOUR)
    assert Escalation.objects.get().level == 3


def test_time_alone_raises_no_alarm_that_was_taken(watch: Watch, desk: Desk, noon: datetime) -> None:
    desk.store([reply(n, at=noon + 5 * MINUTE) for n in range(100, 112)], now=noon + 6 * MINUTE)
    judged(watch, now=noon + 6 * MINUTE)
    escalation.acknowledge(Escalation.objects.get(), by=desk.officer, now=noon + 7 * MINUTE)
    for minute in range(10, 600, 10):
        judged(watch, now=noon + minute * MINUTE)
    assert AuditEvent.objects.filter(action__startswith="escalated").count() == 1
