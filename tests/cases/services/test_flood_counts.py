"""In a flood a judgement, and a case that joins or leaves, cost what they change, and are counted exactly."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Case, Situation, Watch, WatchedPost
from cases.services import joining, series, situations, tallying
from cases.services.situations import Plan
from tests.cases.steps import judge
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
ANGRY = "Schaam je, dit is een klacht over het optreden bij de brand aan de Loswal van vanavond"


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("De Loswal"), by=desk.officer, now=noon)


@pytest.fixture
def watch(fire: Situation) -> Watch:
    return Watch.objects.get(situation=fire, ended_at=None)


@pytest.fixture
def _is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hour in which something was counted is a busy one."""
    monkeypatch.setattr(tallying, "BUSY", 1)


def told(desk: Desk, fire: Situation, n: int, *, at: datetime, text: str = ANGRY) -> Case:
    """A topic of the situation that was told `n` times, by one author."""
    cases = desk.hear(*(mention(f"{at:%M}-{i}", text, at=at, followers=50) for i in range(n)), now=at)
    joining.join(fire, [cases[0].pk], by=desk.officer, now=at)
    return cases[0]


def counted(watch: Watch) -> list[tuple[object, ...]]:
    return list(watch.counts.order_by("bucket").values_list(*tallying.COUNT_FIELDS[1:]))


def test_a_judgement_counts_what_it_changes_and_reads_no_other_post(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    topic = told(desk, fire, 4, at=noon + MINUTE)
    told(
        desk, fire, 3, at=noon + 2 * MINUTE, text="Een klacht van een heel ander soort, over de parkeerplaats"
    )
    assert [row.n_negative for row in watch.counts.all()] == [7]
    with CaptureQueriesContext(connection) as asked:
        judge(topic, "thanks", by=desk.officer, now=noon + 3 * MINUTE)
    row = watch.counts.get()
    assert (row.n, row.n_negative, row.n_judged, row.n_cued) == (7, 3, 4, 3)
    hour = [q["sql"] for q in asked if "cases_watchedpost" in q["sql"] and '"bucket" IN' in q["sql"]]
    assert hour == []  # the hour is not read again
    series.recount(watch)
    assert counted(watch) == [(row.bucket, 7, 3, row.reach, 4, 3, row.n_readable, 0, False)]


def test_a_judgement_that_is_said_twice_counts_once(
    desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    topic = told(desk, fire, 2, at=noon + MINUTE)
    Case.objects.filter(pk=topic.pk).update(category="positive")
    both = Case.objects.filter(pk__gte=topic.pk)
    for _ in range(2):
        tallying.rejudge([watch.pk], both)
    assert [(row.n, row.n_judged, row.n_negative) for row in watch.counts.all()] == [(2, 2, 0)]
    assert set(WatchedPost.objects.values_list("judged", flat=True)) == {"positive"}


@pytest.mark.usefixtures("_is_busy")
@pytest.mark.parametrize("which", [0, 1, 2])
def test_whoever_leaves_a_busy_hour_takes_along_what_they_brought_and_no_more(
    which: int, desk: Desk, fire: Situation, watch: Watch, noon: datetime
) -> None:
    topics = []
    for n, minute in enumerate((1, 2, 7)):  # one author, whose first word of the hour counts for reach
        heard = mention(n, at=noon + minute * MINUTE, followers=10 * (n + 1))
        assert heard.author is not None
        by = replace(heard.author, external_id="by one", handle="by one")
        topics += desk.hear(replace(heard, author=by), now=noon + minute * MINUTE)
        joining.join(fire, [topics[-1].pk], by=desk.officer, now=noon + minute * MINUTE)
    joining.leave([topics[which].pk], by=desk.officer, now=noon + 8 * MINUTE)
    left = counted(watch)
    assert sum(row.n for row in watch.counts.all()) == 2
    series.recount(watch)
    assert counted(watch) == left
