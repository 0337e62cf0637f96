"""Messages: one a person, step and channel, tried until a real mail server takes it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from cases.models import Case, Escalation, Notification, User
from cases.services import escalation, notifications
from cases.services.escalation import Alarm
from tests.cases.steps import watched
from tests.mailbox import Mailbox, running_mailbox
from tests.world import Desk

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    """A mail server that this desk sends by."""
    with running_mailbox() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        settings.DEFAULT_FROM_EMAIL = "Weerwoord <alarm@desk.example>"
        settings.SITE_URL = "https://weerwoord.desk.example"
        yield mailbox


@pytest.fixture
def alarm(case: Case, desk: Desk, noon: datetime) -> Escalation:
    """A watched case that got worse; its watcher is told."""
    evidence = {
        "n": 8,
        "window_s": 900,
        "usual_low": 0,
        "usual_high": 1,
        "level": 2,
        "probability": 8.9e-6,
    }
    watch = watched(desk, case, now=noon)
    raised = escalation.raise_escalation(case, Alarm(2, "worsened", evidence, watch), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    return raised


@pytest.fixture
def email(alarm: Escalation) -> Notification:
    return Notification.objects.get(channel="email")


def again(email: Notification) -> Notification:
    return Notification.objects.get(pk=email.pk)


def test_a_message_in_the_app_is_there_at_once_and_an_e_mail_is_due(
    alarm: Escalation, email: Notification, noon: datetime
) -> None:
    in_app = Notification.objects.get(channel="in-app")
    assert (in_app.delivered_at, in_app.due_at) == (noon, None)
    assert (email.delivered_at, email.due_at) == (None, noon)
    assert notifications.due_notifications(now=noon) == [email.pk]


def test_somebody_without_an_address_is_told_in_the_app_only(case: Case, desk: Desk, noon: datetime) -> None:
    User.objects.update(email="")
    escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=noon)
    escalation.take_due_steps(now=noon)
    assert {row.channel for row in Notification.objects.all()} == {"in-app"}


def test_the_same_step_tells_a_person_once(alarm: Escalation, desk: Desk, noon: datetime) -> None:
    channels = ["in-app", "email"]
    assert notifications.notify(alarm, [desk.officer], channels, step=0, now=noon).n_new == 0
    assert notifications.notify(alarm, [desk.officer], channels, step=1, now=noon).n_new == 2


def test_the_database_refuses_the_same_message_twice(email: Notification) -> None:
    twin = again(email)
    twin.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    twin.key = "another"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_an_e_mail_says_what_is_worse_in_the_readers_language_with_a_link(
    email: Notification, mailbox: Mailbox, desk: Desk, noon: datetime
) -> None:
    User.objects.filter(pk=desk.officer.pk).update(language="en")
    assert notifications.deliver(email.pk, now=noon)
    (mail,) = mailbox.mail
    case_id = email.escalation.case_id
    assert (mail["To"], mail["From"]) == ("sanne@desk.example", "Weerwoord <alarm@desk.example>")
    assert mail["Subject"] == f"Weerwoord: level 2, case {case_id}"
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    text = body.decode()
    assert "8 posts in the last 15 minutes; usual is 0 to 1." in text
    assert "less than 1 in 100,000" in text
    assert f"https://weerwoord.desk.example/cases/{case_id}/" in text
    assert (again(email).delivered_at, again(email).due_at) == (noon, None)


def test_a_delivered_message_is_not_sent_again(email: Notification, mailbox: Mailbox, noon: datetime) -> None:
    notifications.deliver(email.pk, now=noon)
    assert not notifications.deliver(email.pk, now=noon + timedelta(days=1))
    assert notifications.due_notifications(now=noon + timedelta(days=1)) == []
    assert len(mailbox.mail) == 1


def test_a_refused_e_mail_is_tried_again_under_the_same_message_id(
    email: Notification, mailbox: Mailbox, noon: datetime
) -> None:
    mailbox.refuse("451 greylisted, come back")
    assert not notifications.deliver(email.pk, now=noon)
    waiting = again(email)
    assert (waiting.n_attempts, waiting.delivered_at) == (1, None)
    assert waiting.due_at is not None and waiting.due_at > noon
    assert waiting.error == "mail server did not take it: SMTPSenderRefused"
    mailbox.accept()
    assert notifications.deliver(email.pk, now=waiting.due_at)
    assert (again(email).n_attempts, again(email).error) == (2, "")
    assert mailbox.mail[0]["Message-ID"] == f"<{email.key[:32]}@desk.example>"


def test_a_mail_repeated_after_a_crash_carries_the_same_message_id(
    email: Notification, mailbox: Mailbox, noon: datetime
) -> None:
    notifications.deliver(email.pk, now=noon)
    # The server took it and the worker died before it could write that down.
    Notification.objects.filter(pk=email.pk).update(delivered_at=None, due_at=noon)
    notifications.deliver(email.pk, now=noon)
    first, second = mailbox.mail
    assert first["Message-ID"] == second["Message-ID"]


def test_a_mail_server_that_is_away_is_asked_less_and_less_often_and_never_given_up(
    email: Notification, mailbox: Mailbox, settings: Any, noon: datetime
) -> None:
    settings.EMAIL_PORT = 1
    waits = []
    now = noon
    for _ in range(8):
        assert not notifications.deliver(email.pk, now=now)
        due_at = again(email).due_at
        assert due_at is not None
        waits.append(due_at - now)
        now = due_at
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (MINUTE, 15 * MINUTE)
    settings.EMAIL_PORT = mailbox.port
    assert notifications.deliver(email.pk, now=now)


def test_while_one_worker_sends_another_keeps_away(
    email: Notification, mailbox: Mailbox, noon: datetime
) -> None:
    mailbox.refuse("451 later")
    notifications.deliver(email.pk, now=noon)
    assert not notifications.deliver(email.pk, now=noon)
    assert again(email).n_attempts == 1


def test_nobody_is_mailed_about_an_alarm_that_somebody_took(
    alarm: Escalation, email: Notification, mailbox: Mailbox, desk: Desk, noon: datetime
) -> None:
    escalation.acknowledge(alarm, by=desk.colleague, now=noon)
    assert not notifications.deliver(email.pk, now=noon)
    assert mailbox.mail == []
    assert (again(email).due_at, again(email).error) == (None, "taken before it was sent")


def test_a_message_is_read_once(alarm: Escalation, noon: datetime) -> None:
    in_app = Notification.objects.get(channel="in-app")
    notifications.mark_read(in_app, now=noon + MINUTE)
    notifications.mark_read(in_app, now=noon + 5 * MINUTE)
    assert again(in_app).read_at == noon + MINUTE
