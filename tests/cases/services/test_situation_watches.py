"""Watches on situations and queries: what they count, and whose alarms ring there."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases import wording
from cases.models import AuditEvent, Case, Escalation, Notification, Situation, Watch, WatchedPost
from cases.rules.workflow import State
from cases.services import (
    copies,
    decisions,
    escalation,
    inflows,
    intake,
    joining,
    reminding,
    series,
    situations,
    taking,
    tallying,
    undo,
    watching,
)
from cases.services.copies import MergeRefused
from cases.services.escalation import Alarm
from cases.services.joining import SituationOver
from cases.services.keeping import WatchRefused
from cases.services.situations import Plan
from cases.services.transitions import CaseChanged, MoveRefused
from cases.services.undo import NothingToUndo
from cases.services.watching import AlreadyWatched
from monitoring.connectors.base import Mention
from monitoring.models import Query, Source
from monitoring.store import upsert_posts
from tests.cases.steps import judge, plan
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

MINUTE = timedelta(minutes=1)
ANGRY = "Schaam je, dit is een klacht, nummer {n} van velen die over dit optreden klagen"


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("De Loswal"), by=desk.officer, now=noon)


@pytest.fixture
def watch(fire: Situation) -> Watch:
    return Watch.objects.get(situation=fire, ended_at=None)


def found(desk: Desk, *mentions: Mention, now: datetime) -> list[Case]:
    """Store mentions as what the desk's query found."""
    queries = {(each.platform, each.canonical_id): [desk.query.pk] for each in mentions}
    with transaction.atomic():
        stored = upsert_posts(list(mentions), now=now, source_id=desk.source.pk, queries=queries)
        intake.open_cases(stored, now=now)
    return list(Case.objects.filter(pk__in=[post.id for post in stored.new]).order_by("pk"))


def numbers(watch: Watch) -> list[int]:
    return list(watch.posts.order_by("post").values_list("post_id", flat=True))


def stored(watch: Watch) -> list[tuple[object, ...]]:
    return list(watch.counts.order_by("bucket").values_list(*tallying.COUNT_FIELDS[1:]))


def open_alarms() -> list[tuple[int | None, int | None, int]]:
    rows = Escalation.objects.filter(resolved_at=None).order_by("pk")
    return list(rows.values_list("situation", "case", "level"))


# ── what begins and ends ────────────────────────────────────────────────────
def test_a_situation_is_watched_from_the_moment_it_opens_until_it_closes(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    assert (watch.watcher or watch.post, watch.level, watch.case) != (None, 0, None)
    with pytest.raises(AlreadyWatched, match="This situation is already watched"):
        watching.start_on_situation(fire, by=desk.officer, now=noon)
    escalation.raise_escalation(watch.subject, Alarm(2, "worsened", {}, watch), by=None, now=noon)
    with transaction.atomic():
        situations.end(fire, reason="the fire is out", by=desk.officer, now=noon + MINUTE)
    watch.refresh_from_db()
    assert (watch.ended_at, watch.end_reason) == (noon + MINUTE, "the fire is out")
    assert open_alarms() == []
    with pytest.raises(WatchRefused, match="not open"):
        watching.start_on_situation(fire, by=desk.officer, now=noon + 2 * MINUTE)


def test_the_database_refuses_a_watch_on_two_things_or_on_nothing(
    desk: Desk, fire: Situation, watch: Watch, case: Case
) -> None:
    for about in ({"case": case}, {"situation": None}):
        with pytest.raises(IntegrityError, match="a_watch_is_on_one_thing|one_thing"), transaction.atomic():
            Watch.objects.filter(pk=watch.pk).update(**about)


def test_a_query_that_is_over_is_not_watched(desk: Desk, noon: datetime) -> None:
    watch = watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)
    assert str(watch.subject) == f"query {desk.query.pk}"
    with pytest.raises(AlreadyWatched, match="This query is already watched by Sanne"):
        watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)
    watching.end(watch, by=desk.officer, now=noon, reason="enough")
    Query.objects.filter(pk=desk.query.pk).update(ends_at=noon)
    with pytest.raises(WatchRefused, match="cannot be watched"):
        watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)


# ── what counts ─────────────────────────────────────────────────────────────
def test_a_query_watch_counts_what_it_heard_after_it_began_once_each(desk: Desk, noon: datetime) -> None:
    found(desk, mention(1, at=noon), now=noon)
    watch = watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)
    (one,) = found(desk, mention(2, at=noon + MINUTE), now=noon + MINUTE)
    (two,) = desk.hear(mention(3, at=noon + MINUTE), now=noon + MINUTE)
    assert numbers(watch) == [one.pk]
    for _again in range(2):  # what another query brought is found by this one only now
        found(desk, *(mention(n, at=noon + MINUTE) for n in (1, 2, 3)), now=noon + 2 * MINUTE)
    assert numbers(watch) == [one.pk, two.pk]
    assert [row.n for row in watch.counts.all()] == [2]


def test_what_joins_a_situation_counts_there_until_it_leaves(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    before = desk.hear(mention(1, at=noon - MINUTE), now=noon - MINUTE)
    one, two = desk.hear(mention(2, at=noon + MINUTE), mention(3, at=noon + MINUTE), now=noon + MINUTE)
    joining.join(fire, [before[0].pk, one.pk, two.pk], by=desk.officer, now=noon + 2 * MINUTE)
    assert numbers(watch) == [one.pk, two.pk]
    assert watching.due_watches(now=noon + 2 * MINUTE) == [watch.pk]
    joining.leave([one.pk], by=desk.officer, now=noon + 3 * MINUTE)
    assert numbers(watch) == [two.pk]
    assert [row.n for row in watch.counts.all()] == [1]


def test_an_inflow_counts_as_it_comes_with_the_copies_and_their_tone(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    inflows.add(fire, query=desk.query, since=noon, by=desk.officer, now=noon)
    angry = [mention(n, ANGRY.format(n=1), at=noon + MINUTE) for n in range(2, 6)]
    first, *_ = found(desk, *angry, now=noon + MINUTE)
    assert len(numbers(watch)) == 4
    row = watch.counts.get()
    assert (row.n, row.n_negative) == (4, 4)
    judge(first, "thanks", by=desk.officer, now=noon + 2 * MINUTE)
    assert watch.counts.get().n_negative == 0


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["hear", "angry", "flow", "late", "join", "leave", "judge", "merge", "detach", "undo"]
        ),
        st.integers(0, 5),
        st.integers(0, 90),
    ),
    min_size=1,
    max_size=14,
)


# Each example walks some acts through the services and the database.
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS, threshold=st.sampled_from([0, 10_000]))
def test_counting_a_situation_again_gives_what_was_counted(
    acts: list[tuple[str, int, int]], threshold: int, desk: Desk, noon: datetime
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tallying, "BUSY", threshold)
        noon += timedelta(days=Situation.objects.count())  # the examples share a database: each has its day
        for other in Situation.objects.filter(status="open"):
            situations.end(other, reason="next", by=desk.officer, now=noon)
        Watch.objects.filter(ended_at=None).update(ended_at=noon, evaluate_at=None)
        fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=noon)
        by_query = watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)
        base = Case.objects.count() * 100
        for place, (act, which, minute) in enumerate(acts):
            _do(act, base + place, which, fire, desk, now=noon + minute * MINUTE)
        for watch in (Watch.objects.get(situation=fire), by_query):
            watch.refresh_from_db()
            before, platforms = stored(watch), watch.platforms
            series.recount(watch)
            assert stored(watch) == before
            assert watch.platforms == platforms
            WatchedPost.objects.filter(watch=watch).delete()
            series.recount(watch)
            assert [row[0] for row in stored(watch)] == [row[0] for row in before]


def _do(act: str, n: int, which: int, fire: Situation, desk: Desk, *, now: datetime) -> None:
    others = list(Case.objects.order_by("-pk")[:6])
    try:
        if act in ("hear", "angry", "late", "flow"):
            _hear(act, n, which, fire, desk, now=now)
        elif act == "undo":
            undo.undo(desk.officer, now=now)
        elif others:
            _change(act, others[which % len(others)], others[0], fire, desk, now=now)
    except (CaseChanged, MoveRefused, MergeRefused, NothingToUndo, SituationOver):
        return  # what the flow refuses changes nothing


def _hear(act: str, n: int, which: int, fire: Situation, desk: Desk, *, now: datetime) -> None:
    at = now - timedelta(hours=which) if act == "late" else now
    text = ANGRY.format(n=n % 3) if act == "angry" else ""
    heard = mention(n, text, at=at, platform=("x", "mastodon")[which % 2], followers=which * 10)
    assert heard.author is not None
    by = replace(heard.author, external_id=f"by {which}", handle=f"by {which}")
    cases = found(desk, replace(heard, author=by), now=now)
    if act == "flow":
        joining.join(fire, [case.pk for case in cases], by=desk.officer, now=now)


def _change(act: str, case: Case, other: Case, fire: Situation, desk: Desk, *, now: datetime) -> None:
    if act == "join":
        joining.join(fire, [case.pk], by=desk.officer, now=now)
    elif act == "leave":
        joining.leave([case.pk], by=desk.officer, now=now)
    elif act == "judge":
        judge(case, "insult", by=desk.officer, now=now)
    elif act == "merge":
        copies.merge(case, other, by=desk.officer, now=now)
    else:
        copies.detach(case, by=desk.officer, now=now)


# ── blindness ───────────────────────────────────────────────────────────────
def test_a_query_watch_is_blind_when_none_of_its_sources_answers(desk: Desk, noon: datetime) -> None:
    other = Source.objects.create(
        name="second", connector="x", interval_s=60, last_success_at=noon, next_poll_at=noon
    )
    desk.source.queries.add(desk.query)
    other.queries.add(desk.query)
    Source.objects.update(connector="x", last_success_at=noon, interval_s=60)
    watch = watching.start_on_query(desk.query, plan(desk, now=noon), by=desk.officer, now=noon)
    later = noon + timedelta(hours=5)
    Source.objects.filter(pk=other.pk).update(last_success_at=later)
    watching.evaluate(watch.pk, now=later)
    watch.refresh_from_db()
    assert watch.blind_since is None
    assert watch.counts.filter(is_unknown=True).exists()
    watching.evaluate(watch.pk, now=later + timedelta(hours=5))
    watch.refresh_from_db()
    assert watch.blind_since == later
    alarm = Escalation.objects.get(query=desk.query)
    assert wording.alarm(alarm).startswith("The watch on the query “")


# ── whose alarm it is ───────────────────────────────────────────────────────
def watched_case(desk: Desk, fire: Situation | None, n: int, *, now: datetime) -> Watch:
    (case,) = desk.hear(mention(n, at=now), now=now)
    watch = watching.start(case, plan(desk, now=now), by=desk.officer, now=now)
    if fire:
        joining.join(fire, [case.pk], by=desk.officer, now=now)
    return Watch.objects.get(pk=watch.pk)


def test_the_alarms_of_its_cases_ring_once_for_the_situation(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    one, two = (watched_case(desk, fire, n, now=noon) for n in (1, 2))
    assert watching.say_worse(one, by=desk.officer, now=noon + MINUTE, note="hundreds of shares")
    alarm = Escalation.objects.get()
    assert (alarm.subject, alarm.watch, alarm.level) == (watch.subject, watch, 2)
    assert alarm.evidence["case"] == one.case_id
    sentence = wording.alarm(alarm)
    assert sentence.startswith("Somebody on watch says that the situation De Loswal gets worse.")
    assert f"It rises in case {one.case_id}." in sentence
    assert not watching.say_worse(two, by=desk.officer, now=noon + 2 * MINUTE)
    alarm.refresh_from_db()
    assert [each["case"] for each in alarm.evidence["later"]] == [two.case_id]
    escalation.acknowledge(alarm, by=desk.officer, now=noon + 3 * MINUTE)
    worse = Alarm(3, "worsened", {}, two)
    assert two.case is not None
    escalation.raise_escalation(two.case, worse, by=None, now=noon + 9 * MINUTE)
    alarm.refresh_from_db()
    assert (alarm.status, alarm.level, alarm.round) == ("running", 3, 2)
    assert Escalation.objects.count() == 1
    events = AuditEvent.objects.filter(subject=f"case:{two.case_id}", action="alarm of the situation")
    assert events.count() == 2


def test_danger_rings_for_the_case_itself_at_once(desk: Desk, fire: Situation, noon: datetime) -> None:
    watch = watched_case(desk, fire, 1, now=noon)
    assert watch.case is not None
    decisions.report_danger(watch.case, by=desk.officer, now=noon + MINUTE)
    assert (None, watch.case_id, 3) in open_alarms()
    cues = Alarm(3, "worsened", {"triggers": [{"kind": "threat"}]}, watch)
    escalation.raise_escalation(watch.case, cues, by=None, now=noon + 2 * MINUTE)
    assert [case for situation, case, _ in open_alarms() if case] == [watch.case_id]


def test_a_case_that_rests_still_goes_to_communications(desk: Desk, fire: Situation, noon: datetime) -> None:
    watch = watched_case(desk, fire, 1, now=noon)
    Case.objects.filter(pk=watch.case_id).update(state=State.WATCHING)
    watch = Watch.objects.select_related("case").get(pk=watch.pk)
    watching.say_worse(watch, by=desk.officer, now=noon + MINUTE)
    assert Case.objects.get(pk=watch.case_id).state == State.COMMS
    assert open_alarms() == [(fire.pk, None, 2)]


@pytest.mark.parametrize("how", ["leave", "close", "pause"])
def test_a_case_rings_for_itself_again(how: str, desk: Desk, fire: Situation, noon: datetime) -> None:
    watch = watched_case(desk, fire, 1, now=noon)
    if how == "leave":
        joining.leave([watch.case_id or 0], by=desk.officer, now=noon)
    elif how == "close":
        with transaction.atomic():
            situations.end(fire, reason="over", by=desk.officer, now=noon)
    else:
        above = Watch.objects.get(situation=fire)
        watching.pause(above, until=noon + timedelta(hours=1), by=desk.officer, now=noon, reason="lunch")
    watching.say_worse(Watch.objects.get(pk=watch.pk), by=desk.officer, now=noon + MINUTE)
    assert open_alarms() == [(None, watch.case_id, 2)]


def test_an_alarm_of_a_situation_is_climbed_taken_handed_over_and_ended(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    alarm = escalation.raise_escalation(watch.subject, Alarm(2, "worsened", {}, watch), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    told = Notification.objects.filter(escalation=alarm).first()
    assert told is not None
    notice = wording.notice(told)
    assert notice.title == "level 2, De Loswal"
    assert notice.sentence.startswith("The situation De Loswal gets worse.")
    assert escalation.acknowledge(alarm, by=desk.officer, now=noon + MINUTE)
    taking.offer(alarm, desk.colleague, by=desk.officer, now=noon + MINUTE)
    asked = Notification.objects.filter(kind="handed over").latest("pk")
    assert "the alarm of De Loswal" in wording.notice(asked).sentence
    taking.accept(alarm, by=desk.colleague, now=noon + 2 * MINUTE)
    later = noon + timedelta(hours=5)
    assert taking.lapse(alarm.pk, now=later)
    alarm.refresh_from_db()
    assert alarm.status == "running"
    escalation.acknowledge(alarm, by=desk.officer, now=later)
    watching.log_check(watch, by=desk.officer, now=later + MINUTE)
    assert not taking.lapse(alarm.pk, now=later + timedelta(hours=5))
    alarm.refresh_from_db()
    taking.finish(alarm, reason="calm again", by=desk.officer, now=later + timedelta(hours=5))
    assert open_alarms() == []


def test_overdue_looks_at_cases_of_a_situation_are_one_reminder(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    kept = [watched_case(desk, fire, n, now=noon) for n in (1, 2, 3)]
    alone = watched_case(desk, None, 4, now=noon)
    late = noon + timedelta(hours=2)
    for number in reminding.due_reminders(now=late):
        reminding.remind(number, now=late)
    about = set(Notification.objects.filter(kind="check overdue").values_list("about", flat=True))
    assert about == {f"situation:{fire.pk}", f"case:{alone.case_id}"}
    assert not Watch.objects.filter(pk__in=[each.pk for each in kept], remind_at__lte=late).exists()
