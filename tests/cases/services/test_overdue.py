"""The duty leads hear of every overdue case once, and of all of them in one message an hour."""

from datetime import datetime, timedelta

import pytest

from cases import wording
from cases.models import Case, Notification, User
from cases.rules.permissions import Role
from cases.services import decisions, overdue, responses
from tests.cases.steps import choose, judge
from tests.world import Desk, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DAY = timedelta(hours=24)


def told(user: User) -> list[dict[str, int]]:
    messages = Notification.objects.filter(kind="overdue", recipient=user, channel="in-app")
    return [message.facts for message in messages.order_by("pk")]


def test_the_lead_is_told_once_with_how_many_and_the_oldest(desk: Desk, noon: datetime) -> None:
    first, _second = desk.hear(mention(1, at=noon), mention(2, at=noon))
    assert overdue.tell_leads(now=noon + DAY - MINUTE) == 0
    assert overdue.tell_leads(now=noon + DAY + MINUTE) == 2
    assert overdue.tell_leads(now=noon + DAY + 5 * HOUR) == 0
    (facts,) = told(desk.lead)
    assert (facts["n"], facts["n_new"], facts["oldest"]) == (2, 2, first.pk)
    assert told(desk.officer) == []


def test_what_becomes_overdue_within_the_hour_waits_for_the_next_message(desk: Desk, noon: datetime) -> None:
    desk.hear(mention(1, at=noon))
    desk.hear(mention(2, at=noon), now=noon + 10 * MINUTE)
    assert overdue.tell_leads(now=noon + DAY + MINUTE) == 1
    assert overdue.tell_leads(now=noon + DAY + 11 * MINUTE) == 0
    assert overdue.tell_leads(now=noon + DAY + 62 * MINUTE) == 1
    assert [(facts["n"], facts["n_new"]) for facts in told(desk.lead)] == [(1, 1), (2, 1)]


def test_a_full_message_leaves_the_rest_for_the_next(
    desk: Desk, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overdue, "MOST", 2)
    desk.hear(*(mention(n, at=noon) for n in range(3)))
    assert overdue.tell_leads(now=noon + DAY) == 2
    assert overdue.tell_leads(now=noon + DAY + 2 * HOUR) == 1


def test_a_case_that_gets_more_time_and_passes_that_too_is_told_of_again(
    case: Case, desk: Desk, noon: datetime
) -> None:
    overdue.tell_leads(now=noon + DAY)
    Case.objects.filter(pk=case.pk).update(due_at=noon + 2 * DAY)
    assert overdue.tell_leads(now=noon + DAY + 2 * HOUR) == 0
    assert overdue.tell_leads(now=noon + 2 * DAY) == 1


def test_what_was_answered_closed_or_is_watched_is_not_overdue(desk: Desk, noon: datetime) -> None:
    answered, closed, watched = desk.hear(*(mention(n, at=noon) for n in range(3)))
    judge(answered, "complaint", by=desk.officer, now=noon)
    responses.record_elsewhere(answered, medium="phone", note="called", by=desk.officer, now=noon)
    decisions.take_exit(closed, "neutral", by=desk.officer, now=noon)
    choose(judge(watched, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    assert overdue.tell_leads(now=noon + 2 * DAY) == 0


def test_without_a_lead_the_officers_are_told_and_without_anybody_it_waits(
    case: Case, desk: Desk, noon: datetime
) -> None:
    User.objects.update(is_active=False)
    assert overdue.tell_leads(now=noon + DAY) == 0
    User.objects.filter(role=Role.OFFICER).update(is_active=True)
    assert overdue.tell_leads(now=noon + DAY) == 1
    assert len(told(desk.officer)) == 1


def test_the_message_leads_to_the_overdue_cases(case: Case, desk: Desk, noon: datetime) -> None:
    overdue.tell_leads(now=noon + DAY)
    message = Notification.objects.filter(kind="overdue", channel="in-app").get()
    notice = wording.notice(message)
    assert notice.title == "answers overdue"
    assert notice.sentence == (
        "1 case waits for an answer that is overdue, 1 of them since the last message. "
        f"The oldest is case {case.pk}, due 3 March 13:00."
    )
    assert notice.path == "/cases/?is_overdue=1"
