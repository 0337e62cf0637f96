"""Warnings: each is given once, to who can do something about it, on the right day."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases import wording
from cases.models import Notification, User
from cases.rules.permissions import Role
from cases.services import notifications, warnings
from cases.services.sources import switch_on
from monitoring.models import Credential, Query, Source
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = timedelta(days=1)


def ends(desk: Desk, at: datetime, **more: object) -> None:
    Query.objects.filter(pk=desk.query.pk).update(ends_at=at, **more)


def told(user: User) -> list[str]:
    """What somebody reads in the app, oldest first."""
    mine = Notification.objects.filter(recipient=user, channel="in-app").order_by("pk")
    return [wording.notice(message).sentence for message in mine]


def stands(desk: Desk, **how: Any) -> None:
    Source.objects.filter(pk=desk.source.pk).update(**how)


def test_an_owner_hears_two_weeks_ahead_that_a_query_ends_and_hears_it_once(
    desk: Desk, noon: datetime
) -> None:
    ends(desk, noon + 15 * DAY)
    assert warnings.warn(now=noon) == 0
    assert warnings.warn(now=noon + DAY) == 2  # in the app and by e-mail
    assert warnings.warn(now=noon + DAY) == warnings.warn(now=noon + 2 * DAY) == 0
    (sentence,) = told(desk.lead)
    assert sentence.startswith("The query “the organisation” ends on 17 March 2026.")


def test_an_owner_hears_of_the_end_itself_and_not_a_week_late(desk: Desk, noon: datetime) -> None:
    ends(desk, noon + DAY)
    warnings.warn(now=noon)
    warnings.warn(now=noon + DAY)
    warnings.warn(now=noon + 2 * DAY)
    assert len(told(desk.lead)) == 2
    assert "ended on 3 March 2026" in told(desk.lead)[1]
    ends(desk, noon + DAY, warned_at=None)
    assert warnings.warn(now=noon + 9 * DAY) == 0


def test_an_owner_is_warned_again_when_the_end_was_moved(desk: Desk, noon: datetime) -> None:
    ends(desk, noon + DAY)
    warnings.warn(now=noon)
    ends(desk, noon + 3 * DAY, warned_at=None)
    assert warnings.warn(now=noon) == 2


@pytest.mark.parametrize(
    ("ends_at", "warned_on"),
    [
        (datetime(2026, 4, 5, 21, 59, tzinfo=UTC), datetime(2026, 3, 21, 23, 0, tzinfo=UTC)),
        (datetime(2026, 11, 1, 22, 59, tzinfo=UTC), datetime(2026, 10, 17, 22, 0, tzinfo=UTC)),
    ],
    ids=["into summer time", "out of summer time"],
)
def test_two_weeks_are_days_of_the_calendar_here_also_when_the_clocks_change(
    desk: Desk, ends_at: datetime, warned_on: datetime
) -> None:
    """From midnight in Amsterdam of the fourteenth day before the end, and not a minute earlier."""
    ends(desk, ends_at)
    assert warnings.warn(now=warned_on - timedelta(minutes=1)) == 0
    assert warnings.warn(now=warned_on) == 2


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"health": "refused"}, "is refused by its platform"),
        ({"health": "ended", "is_enabled": False}, "is over"),
        ({"health": "failing", "n_failures": 5}, "failed 5 times in a row"),
    ],
    ids=["refused", "ended", "failing"],
)
def test_who_keeps_sources_running_hears_once_that_one_stopped(
    desk: Desk, noon: datetime, how: dict[str, Any], sentence: str
) -> None:
    admin = person("ada", Role.ADMINISTRATOR)
    stands(desk, **how)
    assert warnings.warn(now=noon) == 4
    stands(desk, n_failures=9)
    assert warnings.warn(now=noon + DAY) == 0
    assert [len(told(user)) for user in (admin, desk.lead, desk.officer)] == [1, 1, 0]
    assert sentence in told(admin)[0]


@pytest.mark.parametrize(
    "how",
    [
        {"health": "failing", "n_failures": 4},
        {"health": "limited", "n_failures": 9},
        {"health": "refused", "is_enabled": False},
    ],
    ids=["may pass", "asked to wait", "switched off"],
)
def test_what_mends_itself_or_was_chosen_disturbs_nobody(
    desk: Desk, noon: datetime, how: dict[str, Any]
) -> None:
    stands(desk, **how)
    assert warnings.warn(now=noon) == 0


def test_a_source_that_stops_again_is_told_again(desk: Desk, noon: datetime) -> None:
    stands(desk, health="refused")
    warnings.warn(now=noon)
    stands(desk, health="working", last_success_at=noon + DAY)
    warnings.warn(now=noon + DAY)
    stands(desk, health="refused")
    assert warnings.warn(now=noon + 2 * DAY) == 2
    stands(desk, is_enabled=False)
    switch_on([desk.source.pk], by=desk.lead, now=noon + 3 * DAY)
    stands(desk, health="refused")
    assert warnings.warn(now=noon + 3 * DAY) == 2


def test_refused_keys_are_told_once_and_not_for_each_of_their_sources(desk: Desk, noon: datetime) -> None:
    keys = Credential.objects.create(
        name="account", connector="x", sealed="…", changed_at=noon, refused_at=noon, refusal="401"
    )
    stands(desk, health="refused", credential=keys)
    assert warnings.warn(now=noon) == 2
    assert warnings.warn(now=noon + DAY) == 0
    assert "accepts the keys “account” no more" in told(desk.lead)[0]
    Credential.objects.update(refused_at=noon + DAY)
    assert warnings.warn(now=noon + DAY) == 2


def test_nobody_is_told_the_same_twice_and_a_new_occasion_is_new(desk: Desk, noon: datetime) -> None:
    kind, facts = Notification.Kind.QUERY_WAITS, {"name": "wie is dit", "by": "Sanne"}
    both = [desk.lead, desk.officer]
    assert notifications.tell(both, kind, "query:1", facts=facts, now=noon, occasion="a") == 4
    assert notifications.tell(both, kind, "query:1", facts=facts, now=noon, occasion="a") == 0
    assert notifications.tell(both, kind, "query:1", facts=facts, now=noon, occasion="b") == 4
    assert notifications.tell(both, kind, "query:2", facts=facts, now=noon, occasion="a") == 4


def test_somebody_without_an_address_is_told_in_the_app_only(desk: Desk, noon: datetime) -> None:
    desk.lead.email = ""
    facts = {"name": "wie is dit", "by": "Sanne"}
    assert (
        notifications.tell([desk.lead], Notification.Kind.QUERY_WAITS, "query:1", facts=facts, now=noon) == 1
    )
    assert notifications.due_notifications(now=noon) == []


def test_an_e_mail_of_no_alarm_says_what_is_up_in_the_readers_language_with_a_link(
    desk: Desk, noon: datetime, mailoutbox: list[Any], settings: Any
) -> None:
    settings.SITE_URL = "https://weerwoord.desk.example"
    ends(desk, noon + DAY)
    Query.objects.filter(pk=desk.query.pk).update(name="brand\nBcc: all@desk.example")
    warnings.warn(now=noon)
    (due,) = notifications.due_notifications(now=noon)
    assert notifications.deliver(due, now=noon)
    (mail,) = mailoutbox
    assert mail.subject == "Weerwoord: zoekopdracht eindigt binnenkort"
    assert "eindigt op 3 maart 2026" in mail.body
    assert "https://weerwoord.desk.example/queries/" in mail.body
    assert mail.to == ["bram@desk.example"]
