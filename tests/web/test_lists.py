"""The lists that grow ask the database as little for a hundred rows as for one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Mandate, User
from cases.services import approvals, escalation, responses, watching
from monitoring.connectors.base import Kind
from monitoring.models import Query, Source
from tests.cases.steps import THANKS, drafting, watched
from tests.web.paper import Paper
from tests.world import Desk, mention

MANY = 100
Grow = Callable[[Desk, Case, int, datetime], None]


def sources(desk: Desk, case: Case, n: int, now: datetime) -> None:
    for i in range(n):
        source = Source.objects.create(name=f"bron {i} {n}", connector="rss", next_poll_at=now)
        source.queries.add(desk.query)


def queries(desk: Desk, case: Case, n: int, now: datetime) -> None:
    for i in range(n):
        query = Query.objects.create(
            name=f"vraag {i} {n}",
            terms="loswal",
            purpose="x",
            legal_basis="public task",
            owner=desk.lead,
            starts_at=now,
            ends_at=now + timedelta(days=9),
            created_at=now,
        )
        desk.source.queries.add(query)


def notices(desk: Desk, case: Case, n: int, now: datetime) -> None:
    for found in desk.hear(*(mention(f"a{n}-{i}", at=now) for i in range(n))):
        alarm = escalation.Alarm(2, "referred", {"note": "x"})
        escalation.raise_escalation(found, alarm, by=desk.officer, now=now)
    escalation.take_due_steps(now=now)


def thread(desk: Desk, case: Case, n: int, now: datetime) -> None:
    desk.hear(*(mention(f"t{n}-{i}", at=now, thread="m1", kind=Kind.REPLY) for i in range(n)))


def history(desk: Desk, case: Case, n: int, now: datetime) -> None:
    watch = case.watches.filter(ended_at=None).first() or watched(desk, case, now=now)
    for _ in range(n):
        watching.log_check(watch, by=desk.officer, now=now, note="Rustig")


def answers(desk: Desk, case: Case, n: int, now: datetime) -> None:
    for found in desk.hear(*(mention(f"r{n}-{i}", at=now) for i in range(n))):
        response = drafting(found, by=desk.officer, now=now)
        assert response.case_id == found.pk
        responses.record_elsewhere(found, medium="phone", note="Gebeld", by=desk.officer, now=now)


def approvals_wait(desk: Desk, case: Case, n: int, now: datetime) -> None:
    for found in desk.hear(*(mention(f"v{n}-{i}", at=now) for i in range(n))):
        waiting = drafting(found, by=desk.employee, now=now)
        approvals.submit(waiting, THANKS, by=desk.employee, now=now)


def mandates(desk: Desk, case: Case, n: int, now: datetime) -> None:
    held = Mandate.objects.filter(holder=desk.officer).earliest("pk")
    times = {"valid_from": now, "valid_until": now + timedelta(days=30)}
    for holder in (desk.officer, desk.colleague):
        for _ in range(n):
            Mandate.objects.create(holder=holder, categories=["joke"], delegated_from=held, **times)


@pytest.mark.parametrize(
    ("url", "grow"),
    [
        ("/sources/", sources),
        ("/queries/", queries),
        ("/queries/new/", sources),
        ("/notifications/", notices),
        ("/watching/", notices),
        ("/cases/1/", thread),
        ("/inbox/?case=1", thread),
        ("/cases/1/", history),
        ("/figures/?span=week", answers),
        ("/inbox/?view=mine", answers),
        ("/inbox/?view=decide", notices),
        ("/approvals/", approvals_wait),
        ("/mandates/", mandates),
    ],
)
def test_a_hundred_rows_cost_no_more_queries_than_one(  # a hundred rows by the services themselves
    url: str, grow: Grow, case: Case, desk: Desk, sit: Callable[[User], Paper], noon: datetime
) -> None:
    url = url.replace("1", str(case.pk), 1) if "/1/" in url or "case=1" in url else url
    screen = sit(desk.officer)
    grow(desk, case, 1, noon)
    screen.open(url)
    with CaptureQueriesContext(connection) as few:
        assert screen.open(url).status == 200
    grow(desk, case, MANY - 1, noon)
    with CaptureQueriesContext(connection) as many:
        assert screen.open(url).status == 200
    assert len(many) <= len(few)
