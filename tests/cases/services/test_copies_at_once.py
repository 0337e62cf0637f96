"""Two workers and an officer at near-copies at the very same moment: never an error, and the counts hold."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from cases.models import AuditEvent, Case, Watch
from cases.rules.workflow import State
from cases.services import assignment, audit, copies, promises, watching
from cases.services.transitions import CaseChanged, hold, lock
from tests.cases.services.test_two_at_once import at_once, refusals
from tests.cases.steps import fresh, plan
from tests.world import Desk, mention, open_desk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]
FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"
FAIR = "Morgen is er weer een braderie op het plein, kom allemaal kijken"


@pytest.fixture
def desk(noon: datetime, tmp_path: Path) -> Desk:
    return open_desk(noon, outbox=tmp_path / "outbox")


def counted() -> list[int]:
    """The number of copies of each lead; each agrees with the cases merged into it."""
    leads = list(Case.objects.filter(lead=None).order_by("pk"))
    for lead in leads:
        assert lead.n_copies == Case.objects.filter(lead=lead, state=State.MERGED).count()
    assert audit.verify() == []
    return [lead.n_copies for lead in leads]


def hears(desk: Desk, *numbers: int, now: datetime) -> Any:
    """Copies of two stories; who hears an even number hears the stories in another order."""
    texts = [FIRE, FAIR] if numbers[0] % 2 else [FAIR, FIRE]
    page = [mention(n, texts[at % 2], at=now) for at, n in enumerate(numbers)]

    def hear() -> None:
        with transaction.atomic():
            desk.store(page, now=now)

    return hear


def test_two_workers_with_copies_of_the_same_leads_count_them_all(desk: Desk, noon: datetime) -> None:
    desk.hear(mention(1, FIRE, at=noon), mention(2, FAIR, at=noon))
    for first in range(10, 90, 10):
        acts = [hears(desk, first + n, first + n + 4, now=noon) for n in range(3)]
        assert refusals(at_once(*acts)) == []
    assert counted() == [24, 24]


def test_two_workers_with_the_first_posts_of_a_story_open_at_most_two_leads(
    desk: Desk, noon: datetime
) -> None:
    assert refusals(at_once(hears(desk, 11, 13, now=noon), hears(desk, 21, 23, now=noon))) == []
    assert 2 <= len(counted()) <= 4
    assert Case.objects.count() == 4


def test_a_copy_that_two_officers_detach_while_others_arrive_leaves_once(desk: Desk, noon: datetime) -> None:
    desk.hear(mention(1, FIRE, at=noon), mention(3, FIRE, at=noon))
    copy = Case.objects.get(state=State.MERGED)
    ended = at_once(
        lambda: copies.detach(Case.objects.get(pk=copy.pk), by=desk.officer, now=noon),
        lambda: copies.detach(Case.objects.get(pk=copy.pk), by=desk.colleague, now=noon),
        hears(desk, 5, 6, now=noon),
    )
    assert refusals(ended) == [CaseChanged]
    assert sum(counted()) == 1


def test_old_pages_of_a_copy_and_a_merge_of_its_lead_never_wait_for_each_other(
    desk: Desk, noon: datetime
) -> None:
    """A second for ten rounds: what is proved is that nobody waits for ever, in any of them.

    The old pages know of no lead, and its number is lower than that of the copy.
    """
    due_at = noon + timedelta(hours=1)
    for n in range(10):
        lead, other, copy = desk.hear(*(mention(10 * n + each, at=noon) for each in range(3)))
        old = [fresh(copy) for _ in range(3)]
        copies.merge(fresh(copy), lead, by=desk.officer, now=noon)

        ended = at_once(
            lambda old=old[0]: promises.promise(old, "Bel", due_at=due_at, by=desk.officer, now=noon),
            lambda old=old[1]: assignment.assign(old, desk.lead, by=desk.lead, now=noon),
            lambda pk=copy.pk: copies.detach(Case.objects.get(pk=pk), by=desk.colleague, now=noon),
            lambda lead=lead, other=other: copies.merge(fresh(lead), other, by=desk.officer, now=noon),
            lambda old=old[2], other=other: copies.merge(old, other, by=desk.lead, now=noon),
        )
        assert OperationalError not in refusals(ended), ended
    counted()


def test_who_opens_an_old_page_is_refused_rather_than_kept_waiting_for_a_lead(
    desk: Desk, noon: datetime
) -> None:
    """On PostgreSQL, where rows are held; SQLite lets one write at a time."""
    lead, copy = desk.hear(mention(1, at=noon), mention(2, at=noon))
    old = fresh(copy)
    copies.merge(fresh(copy), lead, by=desk.officer, now=noon)
    if connection.vendor == "sqlite":
        with transaction.atomic():
            assert lock(old).lead_id == lead.pk
        return
    with transaction.atomic():
        hold([lead.pk])
        [ended] = at_once(lambda: assignment.assign(old, desk.lead, by=desk.lead, now=noon))
    assert isinstance(ended, CaseChanged)


@pytest.mark.postgres
def test_a_watch_begins_on_a_lead_while_somebody_is_at_one_of_its_copies(desk: Desk, noon: datetime) -> None:
    """Its thread is named with the watch, and its row is not waited for.

    Who holds it may want the lead next, and both would wait for ever.
    """
    copy, lead = desk.hear(mention(1, at=noon), mention(2, at=noon))
    copies.merge(fresh(copy), lead, by=desk.officer, now=noon)

    def starts() -> Watch:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        return watching.start(fresh(lead), plan(desk, now=noon), by=desk.officer, now=noon)

    with transaction.atomic():
        hold([copy.pk])
        ended = at_once(starts)
    assert refusals(ended) == []
    assert set(ended[0].threads.values_list("case_id", flat=True)) == {lead.pk, copy.pk}


@pytest.mark.postgres
def test_an_alarm_of_a_watched_copy_rings_while_somebody_is_at_its_lead(desk: Desk, noon: datetime) -> None:
    """Its case is held by then, and the lead has a lower number: who waited for it could wait for ever."""
    lead, copy = desk.hear(mention(1, at=noon), mention(2, at=noon))
    copies.merge(fresh(copy), lead, by=desk.officer, now=noon)
    watch = watching.start(fresh(copy), plan(desk, now=noon), by=desk.officer, now=noon)
    at = noon + timedelta(minutes=5)
    desk.hear(*(mention(f"r{n}", at=at, thread="m2") for n in range(9)), now=at)

    def evaluates() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        watching.evaluate(watch.pk, now=at)

    with transaction.atomic():
        hold([lead.pk])
        ended = at_once(evaluates)
    assert refusals(ended) == []
    assert AuditEvent.objects.filter(action="escalated", subject=audit.subject_of(copy.pk)).count() == 1
