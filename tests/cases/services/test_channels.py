"""How people are reached: push, chat, quiet hours, one tap; and what becomes of every message."""

import base64
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from py_vapid import Vapid02

from cases import tasks
from cases.models import (
    Attempt,
    AuditEvent,
    Case,
    Contact,
    DutyPost,
    Escalation,
    Notification,
    Shift,
    User,
)
from cases.services import acknowledging, contacts, escalation, notifications, onetap
from cases.services.contacts import ContactRefused, NewContact, Reach
from cases.services.escalation import Alarm
from cases.services.onetap import Tap
from monitoring.fetch import Network
from tests.cases.steps import watched
from tests.mailbox import Mailbox, running_mailbox
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

HERE = Network(allow_private=True)
CANARY = "canary-77-token"
NIGHT = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)  # 23:30 in Amsterdam
MORNING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)


class Endpoint(ThreadingHTTPServer):
    """What is posted here, and the status that it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.posted: list[tuple[dict[str, str], bytes]] = []
        self.status = 201

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.posted.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Nothing: a test is quiet."""


@pytest.fixture(autouse=True)
def read_english(desk: Desk) -> None:
    """What is sent is in the language of who it is for."""
    User.objects.update(language="en")
    for person in (desk.officer, desk.colleague, desk.lead):
        person.refresh_from_db()


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    server = Endpoint()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Mailbox]:
    with running_mailbox() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        yield mailbox


class Phone:
    """A browser that subscribed, with the keys that only it has."""

    def __init__(self, endpoint: str) -> None:
        self.key, self.secret = ec.generate_private_key(ec.SECP256R1()), os.urandom(16)
        point = self.key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        keys = {"p256dh": _text(point), "auth": _text(self.secret)}
        self.subscription = json.dumps({"endpoint": endpoint, "keys": keys})

    def read(self, body: bytes) -> dict[str, str]:
        opened = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        said: dict[str, str] = json.loads(opened)
        return said


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def subscribe(desk: Desk, phone: Phone) -> Contact:
    wanted = NewContact("push", "phone", phone.subscription)
    return contacts.add(wanted, by=desk.officer, now=desk.now)


def ring(desk: Desk, case: Case, level: int, *, now: datetime) -> Escalation:
    """An alarm for the officer, who keeps watch."""
    watch = watched(desk, case, now=desk.now)
    alarm = escalation.raise_escalation(case, Alarm(level, "worsened", {}, watch), by=None, now=now)
    notifications.notify(alarm, [desk.officer], ["in-app", "email", "push", "chat"], step=0, now=now)
    return alarm


def sleeps(person: User) -> None:
    contacts.set_reach(person, Reach(time(22), time(7), "Europe/Amsterdam"), now=NIGHT)


def test_a_push_message_can_be_read_by_the_phone_only_and_is_signed_by_us(
    desk: Desk, case: Case, noon: datetime, endpoint: Endpoint, settings: Any
) -> None:
    phone = Phone(f"{endpoint.address}/push/{CANARY}")
    subscribe(desk, phone)
    alarm = ring(desk, case, 3, now=noon)
    message = Notification.objects.get(channel="push")
    assert notifications.deliver(message.pk, now=noon, network=HERE)
    ((headers, body),) = endpoint.posted
    said = phone.read(body)
    assert said["title"] == f"level 3, case {case.pk}"
    assert "gets worse" in said["body"]
    assert acknowledging.look(said["url"].split("/")[2]).about.number == case.pk
    assert (headers["topic"], headers["urgency"], headers["ttl"]) == (message.key[:32], "high", "14400")
    assert Vapid02.verify(headers["authorization"])
    claims = json.loads(_opened(headers["authorization"].split("t=")[1].split(".")[1]))
    assert claims["aud"] == endpoint.address and claims["sub"].startswith("mailto:")
    assert alarm.pk == message.escalation_id


def _opened(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_an_ended_subscription_is_switched_off_and_told(
    desk: Desk, case: Case, noon: datetime, endpoint: Endpoint
) -> None:
    contact = subscribe(desk, Phone(f"{endpoint.address}/push"))
    ring(desk, case, 3, now=noon)
    endpoint.status = 410
    message = Notification.objects.get(channel="push")
    assert not notifications.deliver(message.pk, now=noon, network=HERE)
    contact.refresh_from_db()
    message.refresh_from_db()
    assert (contact.is_active, message.due_at) == (False, None)
    told = Notification.objects.filter(kind="not delivered")
    assert {row.recipient for row in told} == {desk.officer, desk.lead}
    assert Attempt.objects.get(notification=message).outcome == "subscription ended"


def test_no_subscription_reaches_the_inside_network(
    desk: Desk, case: Case, noon: datetime, endpoint: Endpoint
) -> None:
    contact = subscribe(desk, Phone(f"{endpoint.address}/push"))
    tried = contacts.try_out(contact, by=desk.officer, now=noon)
    assert not tried.is_delivered
    assert "one that we do not go to" in tried.sentence
    assert endpoint.posted == []


def test_a_chat_on_an_allowed_host_gets_the_alarm_with_its_link(
    desk: Desk, case: Case, noon: datetime, endpoint: Endpoint, settings: Any
) -> None:
    settings.CHAT_HOSTS, endpoint.status = ["127.0.0.1"], 200
    address = f"ntfy://127.0.0.1:{endpoint.server_port}/{CANARY}?mode=private"
    contacts.add(NewContact("chat", "team", address), by=desk.officer, now=noon)
    ring(desk, case, 3, now=noon)
    message = Notification.objects.get(channel="chat")
    assert notifications.deliver(message.pk, now=noon)
    ((_headers, body),) = endpoint.posted
    assert f"case {case.pk}" in body.decode() and "/a/" in body.decode()


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "json://127.0.0.1/",
        "syslog://",
        "ntfy://10.0.0.1/topic",
        "mmost://localhost/token",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/?template=/etc/passwd",
        "exec://rm",
        "http://169.254.169.254/",
        "not an address",
    ],
)
def test_what_reads_files_or_reaches_inside_is_no_contact(desk: Desk, noon: datetime, address: str) -> None:
    with pytest.raises(ContactRefused):
        contacts.add(NewContact("chat", "", address), by=desk.officer, now=noon)
    assert not Contact.objects.exists()


def test_an_address_stands_nowhere_in_the_clear(
    desk: Desk, noon: datetime, endpoint: Endpoint, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHAT_HOSTS, endpoint.status = ["127.0.0.1"], 500
    address = f"ntfy://127.0.0.1:{endpoint.server_port}/{CANARY}?mode=private"
    contact = contacts.add(NewContact("chat", "team", address), by=desk.officer, now=noon)
    tried = contacts.try_out(contact, by=desk.officer, now=noon)
    assert endpoint.posted and not tried.is_delivered
    rows = [
        *Contact.objects.values_list(),
        *Notification.objects.values_list(),
        *Attempt.objects.values_list(),
        *AuditEvent.objects.values_list(),
    ]
    assert CANARY not in f"{rows} {tried} {caplog.text} {contact!r}"


def test_at_night_a_low_alarm_waits_and_a_serious_one_does_not(desk: Desk, case: Case) -> None:
    sleeps(desk.officer)
    alarm = ring(desk, case, 2, now=NIGHT)
    waiting = Notification.objects.get(channel="email")
    assert (waiting.due_at, waiting.digest) == (MORNING, True)
    assert not notifications.can_reach(desk.officer, level=2, now=NIGHT)
    assert notifications.can_reach(desk.officer, level=3, now=NIGHT)
    alarm.level = 3
    told = notifications.notify(alarm, [desk.officer], ["email"], step=1, now=NIGHT)
    assert list(told.reached) == [desk.officer]
    assert Notification.objects.get(channel="email", step=1).due_at == NIGHT


@pytest.mark.parametrize(("is_on_call", "due_at"), [(False, NIGHT), (True, MORNING)])
def test_who_works_is_disturbed_and_who_is_on_call_sleeps(
    desk: Desk, case: Case, is_on_call: bool, due_at: datetime
) -> None:
    post = DutyPost.objects.create(name="night")
    hour = timedelta(hours=1)
    Shift.objects.create(
        post=post, person=desk.officer, starts_at=NIGHT - hour, ends_at=NIGHT + hour, is_on_call=is_on_call
    )
    sleeps(desk.officer)
    ring(desk, case, 2, now=NIGHT)
    assert Notification.objects.get(channel="email").due_at == due_at


def test_what_waited_comes_as_one_message_that_says_what_is_over(
    desk: Desk, case: Case, mailbox: Mailbox
) -> None:
    sleeps(desk.officer)
    alarm = ring(desk, case, 2, now=NIGHT)
    notifications.notify(alarm, [desk.officer], ["email"], step=1, now=NIGHT)
    escalation.acknowledge(alarm, by=desk.colleague, now=NIGHT)
    (first, second) = Notification.objects.filter(channel="email").order_by("pk")
    assert notifications.deliver(second.pk, now=MORNING)
    assert not notifications.deliver(first.pk, now=MORNING)
    (mail,) = mailbox.mail
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    assert "Over meanwhile" in body.decode() and f"{desk.colleague} took it" in body.decode()
    assert not Notification.objects.filter(channel="email", delivered_at=None).exists()


def test_mail_for_alarms_only_leaves_the_rest_to_the_app(desk: Desk, noon: datetime) -> None:
    contacts.set_reach(desk.officer, Reach(email_from=3), now=noon)
    facts = {"by": "Ilse", "case": 1}
    notifications.tell([desk.officer], Notification.Kind.ASSIGNED, "case:1", facts=facts, now=noon)
    assert [row.channel for row in Notification.objects.all()] == ["in-app"]
    assert not notifications.can_reach(desk.officer, level=2, now=noon)
    assert notifications.can_reach(desk.officer, level=3, now=noon)


def test_mail_that_keeps_failing_counts_as_not_reached_and_the_lead_hears(
    desk: Desk, case: Case, mailbox: Mailbox, noon: datetime
) -> None:
    alarm = ring(desk, case, 3, now=noon)
    mailbox.refuse("451 later")
    now = noon
    for _ in range(3):
        message = Notification.objects.get(channel="email")
        now = message.due_at or now
        notifications.deliver(message.pk, now=now)
    told = notifications.notify(alarm, [desk.officer], ["email"], step=1, now=now)
    assert list(told.unreached) == [desk.officer]
    assert Notification.objects.filter(kind="not delivered", recipient=desk.lead).count() == 1
    assert Attempt.objects.count() == 3


def test_the_channel_of_a_post_is_told_once_without_a_link_that_anybody_could_press(
    desk: Desk, case: Case, noon: datetime, endpoint: Endpoint, settings: Any
) -> None:
    settings.CHAT_HOSTS, endpoint.status = ["127.0.0.1"], 200
    post = DutyPost.objects.create(name="desk")
    for person in (desk.officer, desk.colleague):
        Shift.objects.create(post=post, person=person, starts_at=noon, ends_at=noon + timedelta(hours=8))
    address = f"ntfy://127.0.0.1:{endpoint.server_port}/{CANARY}?mode=private"
    with pytest.raises(ContactRefused):
        contacts.add(NewContact("chat", "", address, post=post), by=desk.officer, now=noon)
    contacts.add(NewContact("chat", "", address, post=post), by=desk.lead, now=noon)
    watch = watched(desk, case, now=noon)
    alarm = escalation.raise_escalation(case, Alarm(3, "worsened", {}, watch), by=None, now=noon)
    notifications.notify(alarm, [desk.officer, desk.colleague], ["chat"], step=0, now=noon)
    (message,) = Notification.objects.filter(channel="chat")
    assert notifications.deliver(message.pk, now=noon)
    assert "/a/" not in endpoint.posted[0][1].decode()


def test_a_test_message_says_at_once_how_it_went(desk: Desk, mailbox: Mailbox, noon: datetime) -> None:
    assert contacts.try_out(None, by=desk.officer, now=noon).is_delivered
    assert len(mailbox.mail) == 1
    mailbox.refuse("451 later")
    tried = contacts.try_out(None, by=desk.officer, now=noon + timedelta(minutes=1))
    assert not tried.is_delivered
    assert "the mail server did not take it" in tried.sentence
    assert notifications.due_notifications(now=noon + timedelta(days=1)) == []


def tap_of(alarm: Escalation, person: User, **changes: int) -> str:
    numbers = {"escalation_id": alarm.pk, "round": alarm.round, "level": alarm.level} | changes
    return onetap.link(Tap(person.pk, **numbers)).rstrip("/").rsplit("/", 1)[1]


def test_a_link_is_looked_at_without_taking_and_takes_when_pressed(
    desk: Desk, case: Case, noon: datetime
) -> None:
    alarm = ring(desk, case, 3, now=noon)
    client, address = Client(enforce_csrf_checks=True), f"/a/{tap_of(alarm, desk.officer)}/"
    for _ in range(2):
        seen = client.get(address)
        alarm.refresh_from_db()
        assert (seen.status_code, alarm.status) == (200, "running")
    assert seen["Referrer-Policy"] == "no-referrer"
    assert "no-store" in seen["Cache-Control"]
    assert "sessionid" not in seen.cookies
    assert client.post(address).status_code == 200
    alarm.refresh_from_db()
    assert (alarm.status, alarm.acknowledged_by) == ("acknowledged", desk.officer)
    event = AuditEvent.objects.filter(action="acknowledged").get()
    assert (event.actor_name, event.origin) == (str(desk.officer), "one-tap")
    assert client.get("/inbox/").status_code == 302


def test_a_wrong_old_or_strange_link_takes_nothing(
    desk: Desk, case: Case, noon: datetime, time_machine: Any
) -> None:
    alarm = ring(desk, case, 3, now=noon)
    token = tap_of(alarm, desk.officer)
    User.objects.filter(pk=desk.employee.pk).update(role="board")
    strange = ["x", token[:-1], token.replace(".", ",", 1), "9" + token, "é" * 9, "a" * 5000]
    strange += [tap_of(alarm, desk.officer, escalation_id=10**30), tap_of(alarm, desk.employee)]
    for each in strange:
        assert Client().post(f"/a/{each}/").status_code == 404
    time_machine.move_to(datetime.now(UTC) + timedelta(hours=25))
    assert Client().post(f"/a/{token}/").status_code == 404
    alarm.refresh_from_db()
    assert alarm.status == "running"


def test_a_link_of_a_lower_level_or_an_earlier_round_takes_nothing(
    desk: Desk, case: Case, noon: datetime
) -> None:
    alarm = ring(desk, case, 3, now=noon)
    for token in (tap_of(alarm, desk.officer, level=2), tap_of(alarm, desk.officer, round=0)):
        tapped = acknowledging.take(token, now=noon)
        assert tapped.standing == "rose"
    alarm.refresh_from_db()
    assert alarm.status == "running"


def test_who_comes_second_sees_who_has_it(desk: Desk, case: Case, noon: datetime) -> None:
    alarm = ring(desk, case, 3, now=noon)
    token = tap_of(alarm, desk.officer)
    escalation.acknowledge(alarm, by=desk.colleague, now=noon)
    seen = Client().post(f"/a/{token}/").content.decode()
    assert str(desk.colleague) in seen
    escalation.resolve(case, by=desk.colleague, now=noon, resolution="over")
    assert acknowledging.look(token).standing == "over"


def test_a_slow_mail_server_holds_up_no_push(desk: Desk, case: Case, noon: datetime, settings: Any) -> None:
    assert [str(channel) for channel in notifications.OUTSIDE] == ["push", "chat", "email"]
    ring(desk, case, 3, now=noon)
    assert notifications.due_notifications(now=noon, channel="push") == []
    assert len(notifications.due_notifications(now=noon, channel="email")) == 1
    assert tasks.MAIL_FOR_S < settings.EMAIL_TIMEOUT
