"""An act on very many cases is exact: bit by bit, stopped, killed, or met by somebody at a case."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from cases import wording
from cases.models import AuditEvent, Batch, BatchCase, Case, Notification
from cases.notices import NOTICES
from cases.rules.batches import LARGEST, SMALLEST, next_size
from cases.rules.closing import CLOSABLE, Way
from cases.rules.workflow import State
from cases.services import audit, batches, closing, joining, situations, triage
from cases.services.batches import Act, Kind
from cases.services.situations import Plan
from cases.services.transitions import move_many
from tests.cases.steps import judge
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


class Killed(Exception):
    """The worker is gone in the middle of a bit."""


def dismissed(batch: Batch, cases: Sequence[Case], now: datetime) -> Mapping[int, str]:
    """As the acts of the product do it: some hurdles, and the rest at once."""
    barred = batches.hurdles([case.pk for case in cases])
    free = [case for case in cases if case.pk not in barred]
    moved = {case.pk for case in move_many(free, State.DISMISSED, by=batch.by, now=now, reason=batch.reason)}
    return {case.pk: barred.get(case.pk, "" if case.pk in moved else "no such move") for case in cases}


HOW = {Kind.CLOSE: dismissed}


@pytest.fixture
def cases(desk: Desk, noon: datetime) -> list[Case]:
    return desk.hear(*(mention(n, at=noon) for n in range(50)))


@pytest.fixture
def batch(cases: list[Case], desk: Desk, noon: datetime) -> Batch:
    seen = {case.pk: State(case.state) for case in cases}
    return batches.begin(Act(Kind.CLOSE, reason="read in the flood"), seen, by=desk.officer, now=noon)


def agree(batch: Batch) -> None:
    batch.refresh_from_db()
    assert (batch.n_done, batch.n_left) == batches.recount(batch)


def test_every_case_is_done_once_and_its_trail_says_by_whom(
    batch: Batch, cases: list[Case], desk: Desk, noon: datetime
) -> None:
    assert batches.due(now=noon) == [batch.pk]
    assert batches.carry_on(batch.pk, HOW, now=noon) == 50
    agree(batch)
    assert (batch.status, batch.n_done, batch.n_left) == ("done", 50, 0)
    assert set(Case.objects.values_list("state", "closed_at")) == {("dismissed", noon)}
    events = AuditEvent.objects.filter(action="moved")
    assert events.count() == 50
    assert {event.facts["batch"] for event in events} == {batch.key}
    assert {event.actor_name for event in events} == {"Sanne"}
    assert audit.verify() == []
    assert Notification.objects.get(kind="batch done").recipient == desk.officer
    assert batches.carry_on(batch.pk, HOW, now=noon) == 0


def test_who_is_at_a_case_meanwhile_keeps_it(
    batch: Batch, cases: list[Case], desk: Desk, noon: datetime
) -> None:
    triage.dismiss(cases[3], reason="spam", by=desk.colleague, now=noon)
    batches.carry_on(batch.pk, HOW, now=noon)
    agree(batch)
    left = BatchCase.objects.get(batch=batch, outcome="left")
    assert left.case_id == cases[3].pk
    assert "is now 'dismissed'" in left.why


def test_a_worker_that_dies_between_bits_and_inside_one_repeats_and_skips_nothing(
    batch: Batch, cases: list[Case], noon: datetime
) -> None:
    n_calls = 0

    def dies(held: Batch, some: Sequence[Case], now: datetime) -> Mapping[int, str]:
        nonlocal n_calls
        n_calls += 1
        whys = dismissed(held, some, now)
        if n_calls % 2 == 0:
            raise Killed
        return whys

    now = noon
    for _ in range(40):
        now += timedelta(hours=1)  # the lease of the one that died is over
        try:
            batches.carry_on(batch.pk, {Kind.CLOSE: dies}, now=now)
        except Killed:
            agree(batch)
    agree(batch)
    assert (batch.status, batch.n_done) == ("done", 50)
    assert AuditEvent.objects.filter(action="moved").count() == 50
    assert audit.verify() == []


def test_a_stopped_batch_leaves_the_rest_as_it_was(
    batch: Batch, cases: list[Case], desk: Desk, noon: datetime
) -> None:
    def once(held: Batch, some: Sequence[Case], now: datetime) -> Mapping[int, str]:
        whys = dismissed(held, some, now)
        batches.stop(held, by=desk.lead, now=now)
        return whys

    batches.carry_on(batch.pk, {Kind.CLOSE: once}, now=noon)
    agree(batch)
    assert (batch.status, batch.n_done) == ("stopped", batches.FIRST_SIZE)
    assert Case.objects.filter(state="new").count() == 50 - batches.FIRST_SIZE
    assert not batches.stop(batch, by=desk.lead, now=noon)
    assert batches.due(now=noon + timedelta(days=1)) == []


def test_while_a_worker_is_at_it_another_one_leaves_it_alone(batch: Batch, noon: datetime) -> None:
    def looks(held: Batch, some: Sequence[Case], now: datetime) -> Mapping[int, str]:
        assert batches.carry_on(held.pk, HOW, now=now) == 0
        return dismissed(held, some, now)

    batches.carry_on(batch.pk, {Kind.CLOSE: looks}, now=noon)
    agree(batch)
    assert batch.status == "done"


def test_who_moves_a_case_on_keeps_it_from_being_closed_but_not_from_leaving(
    cases: list[Case], desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=noon)
    joining.join(fire, [case.pk for case in cases[:4]], by=desk.officer, now=noon)
    up_to, inbox = cases[-1].pk, dict.fromkeys(CLOSABLE, Way.INBOX)
    [leaving] = closing.close(fire, inbox, up_to=up_to, reason="it is out", by=desk.lead, now=noon)
    judge(cases[0], "thanks", by=desk.colleague, now=noon)
    triage.dismiss(cases[1], reason="spam", by=desk.colleague, now=noon)
    batches.carry_on(leaving.pk, {Kind.LEAVE: closing.carry_out_leaving}, now=noon)
    agree(leaving)
    assert [case.pk for case in fire.cases.all()] == [cases[1].pk]  # it is over, and stays where it was


def test_a_bit_grows_while_it_is_quick_and_shrinks_when_it_is_slow() -> None:
    assert next_size(20, took_s=0.001) == 40
    assert next_size(400, took_s=0.01) == LARGEST
    assert next_size(20, took_s=0.2) == 10
    assert next_size(5, took_s=9.0) == SMALLEST


def test_who_began_it_reads_how_it_ended_and_finds_its_page(batch: Batch, noon: datetime) -> None:
    batches.carry_on(batch.pk, HOW, now=noon)
    notice = wording.notice(Notification.objects.get(kind="batch done"))
    assert notice.sentence.startswith("Done: 50 of 50 cases. 0 were left")
    assert notice.path == f"/situations/batches/{batch.pk}/"


def test_every_kind_of_message_has_its_words() -> None:
    assert set(NOTICES) == set(Notification.Kind) - {Notification.Kind.ALARM}


def test_what_closing_left_open_goes_home_from_a_situation_that_is_over(
    cases: list[Case], desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=noon)
    ids = [case.pk for case in cases]
    joining.join(fire, ids, by=desk.officer, now=noon)
    ways = dict.fromkeys(CLOSABLE, Way.CLOSE)
    (closes,) = closing.close(fire, ways, up_to=max(ids), reason="the fire is out", by=desk.lead, now=noon)
    judge(cases[0], "thanks", by=desk.colleague, now=noon)
    assert closing.send_home(now=noon) == 0  # it is still being closed
    how = {Kind.CLOSE: closing.carry_out, Kind.LEAVE: closing.carry_out_leaving}
    batches.carry_on(closes.pk, how, now=noon)
    assert list(Case.objects.exclude(state=State.CLOSED).values_list("pk", "situation")) == [
        (ids[0], fire.pk)
    ]
    assert closing.send_home(now=noon) == 1
    assert closing.send_home(now=noon) == 0
    (home,) = batches.due(now=noon)
    batches.carry_on(home, how, now=noon)
    assert Case.objects.get(pk=ids[0]).situation is None
    assert closing.send_home(now=noon) == 0
    assert audit.verify() == []


def test_what_was_stopped_while_a_situation_closed_goes_home_too(
    cases: list[Case], desk: Desk, noon: datetime
) -> None:
    fire = situations.open_situation(Plan("Fire"), by=desk.officer, now=noon)
    ids = [case.pk for case in cases]
    joining.join(fire, ids, by=desk.officer, now=noon)
    ways = dict.fromkeys(CLOSABLE, Way.CLOSE)
    (closes,) = closing.close(fire, ways, up_to=max(ids), reason="the fire is out", by=desk.lead, now=noon)
    assert closing.stop(closes, by=desk.lead, now=noon)
    assert closing.send_home(now=noon) == len(ids)
    (home,) = batches.due(now=noon)
    batches.carry_on(home, {Kind.LEAVE: closing.carry_out_leaving}, now=noon)
    assert not Case.objects.filter(situation=fire).exists()


def test_a_case_that_cannot_be_done_is_left_with_the_reason_and_the_others_are_done(
    batch: Batch, cases: list[Case], noon: datetime
) -> None:
    poison = cases[17].pk

    def fails(held: Batch, some: Sequence[Case], now: datetime) -> Mapping[int, str]:
        if any(case.pk == poison for case in some):
            raise ValueError("a case like no other")
        return dismissed(held, some, now)

    with capture_logs() as logs:
        batches.carry_on(batch.pk, {Kind.CLOSE: fails}, now=noon)
    agree(batch)
    assert (batch.status, batch.n_done, batch.n_left) == ("done", 49, 1)
    left = batch.cases.get(outcome="left")
    assert (left.case_id, "ValueError" in left.why) == (poison, True)
    assert [line["event"] for line in logs] == ["case_of_batch_failed"]


def test_a_database_that_is_away_is_no_cases_fault(batch: Batch, noon: datetime) -> None:
    def away(held: Batch, some: Sequence[Case], now: datetime) -> Mapping[int, str]:
        raise OperationalError("connection refused")

    with pytest.raises(OperationalError):
        batches.carry_on(batch.pk, {Kind.CLOSE: away}, now=noon)
    assert not batch.cases.exclude(outcome="").exists()
