"""A watch whose source cannot be seen says so: silence is not calm."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, Escalation, Watch, WatchCount
from cases.services import watching
from monitoring.connectors.base import Kind
from monitoring.models import Source
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db


@pytest.fixture
def watch(desk: Desk, case: Case, noon: datetime) -> Watch:
    plan = watching.Plan(desk.officer, "more posts", timedelta(hours=1), noon + timedelta(days=7))
    return watching.start(case, plan, by=desk.officer, now=noon)


def last_seen(desk: Desk, at: datetime) -> None:
    Source.objects.filter(pk=desk.source.pk).update(last_success_at=at)


def test_a_watch_sees_while_its_source_answers_in_its_own_rhythm(
    desk: Desk, watch: Watch, noon: datetime
) -> None:
    last_seen(desk, noon + timedelta(minutes=50))
    watching.evaluate(watch.pk, now=noon + timedelta(hours=1))
    watch.refresh_from_db()
    assert watch.blind_since is None
    assert not WatchCount.objects.filter(is_unknown=True).exists()


def test_a_source_that_stopped_answering_makes_its_buckets_unknown_and_not_zero(
    desk: Desk, watch: Watch, noon: datetime
) -> None:
    last_seen(desk, noon)
    watching.evaluate(watch.pk, now=noon + timedelta(minutes=20))
    watch.refresh_from_db()
    assert watch.blind_since == noon
    assert WatchCount.objects.filter(watch=watch, is_unknown=True).count() == 4


def test_a_watch_that_is_blind_for_too_long_alarms_communications(
    desk: Desk, watch: Watch, noon: datetime
) -> None:
    last_seen(desk, noon)
    watching.evaluate(watch.pk, now=noon + timedelta(minutes=29))
    assert not Escalation.objects.exists()
    watching.evaluate(watch.pk, now=noon + timedelta(minutes=31))
    escalation = Escalation.objects.get()
    assert (escalation.level, escalation.cause) == (2, "blind")


def test_posts_that_come_after_all_make_their_bucket_known(desk: Desk, watch: Watch, noon: datetime) -> None:
    last_seen(desk, noon)
    late = noon + timedelta(minutes=20)
    watching.evaluate(watch.pk, now=late)
    reply = mention(2, at=noon + timedelta(minutes=16), thread=watch.threads.get().thread_id, kind=Kind.REPLY)
    desk.hear(reply, now=late)
    count = WatchCount.objects.get(watch=watch, n=1)
    assert not count.is_unknown


def test_a_captured_post_promises_no_sight_and_raises_no_alarm(
    desk: Desk, watch: Watch, case: Case, noon: datetime
) -> None:
    type(case.post).objects.filter(pk=case.pk).update(source=None)
    watching.evaluate(watch.pk, now=noon + timedelta(hours=2))
    watch.refresh_from_db()
    assert watch.blind_since is None
    assert not Escalation.objects.exists()
