"""Two people or workers at the very same moment, each on a connection of its own: one of them is first."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from cases.models import AuditEvent, Case, Escalation, Notification, Response, TriageAction, Watch, WatchCount
from cases.rules.workflow import State
from cases.services import (
    assignment,
    audit,
    decisions,
    escalation,
    intake,
    outbox,
    responses,
    triage,
    watching,
)
from cases.services.assignment import TakenByOther
from cases.services.escalation import Alarm
from cases.services.transitions import CaseChanged, move
from cases.services.undo import NothingToUndo, undo
from cases.services.watching import AlreadyWatched
from monitoring import polling
from monitoring.connectors.manual import Capture, Via, normalise
from monitoring.models import Post
from tests.cases.steps import THANKS, drafting, fresh, judge, plan, queued, watched
from tests.world import Desk, mention, open_desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]

Act = Callable[[], Any]


@pytest.fixture
def desk(noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


def at_once(*acts: Act) -> list[Any]:
    """What each act gave back or raised; they start together, on threads with their own connections."""
    ready = threading.Barrier(len(acts))
    ended: list[Any] = [None] * len(acts)

    def run(n: int, act: Act) -> None:
        ready.wait(10)
        try:
            ended[n] = act()
        except Exception as raised:
            ended[n] = raised
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return ended


def refusals(ended: list[Any]) -> list[type[BaseException]]:
    return [type(each) for each in ended if isinstance(each, BaseException)]


def test_of_two_moves_one_is_made(case: Case, desk: Desk, noon: datetime) -> None:
    mine, yours = fresh(case), fresh(case)
    ended = at_once(
        lambda: move(mine, State.ASSESSED, by=desk.officer, now=noon),
        lambda: move(yours, State.COMMS, by=desk.colleague, now=noon),
    )
    assert refusals(ended) == [CaseChanged]
    assert AuditEvent.objects.filter(action="moved").count() == 1
    assert audit.verify() == []


def test_of_two_who_judge_one_is_heard(case: Case, desk: Desk, noon: datetime) -> None:
    people = [desk.officer, desk.colleague]
    ended = at_once(
        *(lambda by=by: triage.answer(fresh(case), "Q1", "positive", by=by, now=noon) for by in people)
    )
    assert refusals(ended) == [CaseChanged]
    assert case.assessments.count() == 1


def test_of_two_who_take_a_case_one_has_it(case: Case, desk: Desk, noon: datetime) -> None:
    people = [desk.officer, desk.colleague]
    ended = at_once(*(lambda by=by: assignment.take(fresh(case), by=by, now=noon) for by in people))
    assert refusals(ended) == [TakenByOther]


def test_of_two_who_watch_one_is_refused_by_name(case: Case, desk: Desk, noon: datetime) -> None:
    act = lambda: watching.start(fresh(case), plan(desk, now=noon), by=desk.officer, now=noon)  # noqa: E731
    assert refusals(at_once(act, act)) == [AlreadyWatched]
    assert Watch.objects.count() == 1


def test_two_alarms_are_one_escalation(case: Case, desk: Desk, noon: datetime) -> None:
    ended = at_once(
        lambda: escalation.raise_escalation(fresh(case), Alarm(2, "worsened", {}), by=None, now=noon),
        lambda: decisions.report_danger(fresh(case), by=desk.officer, now=noon),
    )
    assert refusals(ended) == []
    assert Escalation.objects.get().level == 3
    assert audit.verify() == []


def test_of_two_who_take_an_alarm_one_is_named(case: Case, desk: Desk, noon: datetime) -> None:
    raised = escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    people = [desk.officer, desk.colleague]
    ended = at_once(
        *(
            lambda by=by: escalation.acknowledge(Escalation.objects.get(pk=raised.pk), by=by, now=noon)
            for by in people
        )
    )
    assert sorted(ended) == [False, True]


def test_two_sweeps_take_every_step_once(case: Case, desk: Desk, noon: datetime) -> None:
    escalation.raise_escalation(case, Alarm(3, "danger", {}), by=None, now=noon)
    late = noon + timedelta(hours=2)
    ended = at_once(*[lambda: escalation.take_due_steps(now=late)] * 2)
    assert refusals(ended) == []
    assert sum(ended) == 13  # four steps, climbed three times, and then a crisis is proposed
    assert Notification.objects.values("key").distinct().count() == Notification.objects.count()


def test_two_workers_evaluate_a_watch_to_one_alarm(case: Case, desk: Desk, noon: datetime) -> None:
    watch = watched(desk, case, now=noon)
    at = noon + timedelta(minutes=5)
    desk.hear(*(mention(f"r{n}", at=at, thread="m1") for n in range(9)), now=at)
    assert refusals(at_once(*[lambda: watching.evaluate(watch.pk, now=at)] * 2)) == []
    assert AuditEvent.objects.filter(action="escalated").count() == 1
    assert not AuditEvent.objects.filter(action="more evidence").exists()


def test_two_workers_send_a_reply_once(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    due = noon + timedelta(seconds=10)
    assert sorted(at_once(*[lambda: outbox.deliver(response.pk, now=due)] * 2)) == [False, True]
    assert len(list(Path(desk.source.settings["outbox"]).glob("*.json"))) == 1


def test_a_reply_is_either_taken_back_or_sent(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    due = noon + timedelta(seconds=10)
    stopped, sent = at_once(
        lambda: responses.take_back(Response.objects.get(pk=response.pk), by=desk.officer, now=due),
        lambda: outbox.deliver(response.pk, now=due),
    )
    assert stopped is not sent
    said = list(Path(desk.source.settings["outbox"]).glob("*.json"))
    assert (fresh(case).state, len(said)) == (("drafting", 0) if stopped else ("responded", 1))


def test_of_two_sendings_of_one_draft_one_leaves(case: Case, desk: Desk, noon: datetime) -> None:
    response = drafting(case, by=desk.officer, now=noon)
    people = [desk.officer, desk.colleague]
    ended = at_once(
        *(
            lambda by=by: responses.queue(Response.objects.get(pk=response.pk), THANKS, by=by, now=noon)
            for by in people
        )
    )
    assert refusals(ended) == [CaseChanged]


def test_one_key_pressed_twice_undoes_once(case: Case, desk: Desk, noon: datetime) -> None:
    judge(case, "thanks", by=desk.officer, now=noon)
    ended = at_once(*[lambda: undo(desk.officer, now=noon)] * 2)
    assert refusals(ended) in ([NothingToUndo], [CaseChanged])
    assert TriageAction.objects.get().undone_at == noon
    assert AuditEvent.objects.filter(action="undone").count() == 1


def test_the_same_page_captured_at_once_is_one_case(desk: Desk, noon: datetime) -> None:
    captured = normalise(Capture("k", Via.URL, url="https://forum.example/t/7"), now=noon)
    people = [desk.officer, desk.employee]
    ended = at_once(*(lambda by=by: intake.capture(captured, by=by, now=noon) for by in people))
    assert refusals(ended) == []
    assert sorted(is_new for _, is_new in ended) == [False, True]
    assert Case.objects.count() == 1


def test_overlapping_pages_stored_at_once_are_stored_once(desk: Desk, noon: datetime) -> None:
    pages = [[mention(n, at=noon) for n in part] for part in (range(60), range(59, 20, -1), range(30, 90))]
    ended = at_once(*(lambda page=page: desk.hear(*page) for page in pages))
    assert refusals(ended) == []
    assert Post.objects.count() == Case.objects.count() == 90
    assert sum(map(len, ended)) == 90
    assert audit.verify() == []


def test_a_due_source_is_taken_by_one_worker(desk: Desk, noon: datetime) -> None:
    ended = at_once(*[lambda: polling.take_source(desk.source.pk, now=noon)] * 3)
    assert sum(each is not None for each in ended) == 1


def test_posts_counted_while_a_watch_is_evaluated_are_evaluated_after_it(
    case: Case, desk: Desk, noon: datetime
) -> None:
    watch = watched(desk, case, now=noon)
    for n in range(8):
        at = noon + timedelta(minutes=5, seconds=n)
        ended = at_once(
            lambda n=n, at=at: desk.hear(mention(f"r{n}", at=at, thread="m1"), now=at),
            lambda at=at: watching.evaluate(watch.pk, now=at),
        )
        assert refusals(ended) == []
        for due in watching.due_watches(now=at):
            watching.evaluate(due, now=at)
        watch.refresh_from_db()
        assert watch.verdict["n_60"] == n + 1


def test_two_checkpoints_are_one_chain(case: Case, noon: datetime) -> None:
    for n in range(5):
        audit.append(audit.subject_of(case.pk), "moved", by=None, now=noon, facts={"n": n})
        ended = at_once(*[lambda: audit.checkpoint(now=noon)] * 4)
        assert refusals(ended) == []
        assert len([point for point in ended if point]) == 1
    assert audit.verify() == []


def test_counting_waits_for_an_evaluation_before_it_writes_a_count(
    case: Case, desk: Desk, noon: datetime
) -> None:
    """An evaluation holds its watch and then writes counts: the other order would be a deadlock."""
    watch = watched(desk, case, now=noon)
    heard = threading.Event()
    bucket = int(noon.timestamp()) // 300

    def evaluates() -> None:
        with transaction.atomic():
            Watch.objects.select_for_update().get(pk=watch.pk)
            heard.wait(1)  # long enough for the other to write its counts, if it did not wait
            WatchCount.objects.bulk_create(
                [WatchCount(watch=watch, bucket=bucket, is_unknown=True)], ignore_conflicts=True
            )

    def hears() -> None:
        with transaction.atomic():
            desk.hear(mention("r1", at=noon, thread="m1"), now=noon)
        heard.set()

    assert refusals(at_once(evaluates, hears)) == []
    count = watch.counts.get()
    assert (count.n, count.is_unknown) == (1, False)
