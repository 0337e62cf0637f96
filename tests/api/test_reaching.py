"""How people are reached, through the API: their own ways, channels of posts, tests, and what was sent."""

from typing import Any

import pytest

from cases.models import AuditEvent, Case, Contact, DutyPost, User
from cases.services import escalation, notifications
from cases.services.escalation import Alarm
from tests.api.client import Api
from tests.world import Desk

SECRET = "TIiajkdnlazkcOXrIdevi7FQ"
SLACK = f"slack://T1JJ3T3L2/A1BRTD4JD/{SECRET}/"


@pytest.fixture
def chat(officer: Api) -> int:
    """Sanne's chat."""
    made = officer.done("add-contact", kind="chat", name="mine", address=SLACK, from_level=3)
    return int(made["contacts"][0]["id"])


def test_quiet_hours_zone_and_mail_are_set_and_read_back(officer: Api, desk: Desk) -> None:
    wanted = {"quiet_from": "22:00", "quiet_until": "07:00", "zone": "Europe/Brussels", "email_from": 2}
    officer.done("set-reach", **wanted)
    found = officer.read("reach")
    assert (found["quiet_from"], found["quiet_until"]) == ("22:00:00", "07:00:00")
    assert (found["zone"], found["email_from"], found["email"]) == (
        "Europe/Brussels",
        2,
        "sanne@desk.example",
    )
    desk.officer.refresh_from_db()
    assert desk.officer.email_from == 2


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"quiet_from": "22:00"}, 422, "contact_refused"),
        ({"zone": "Mars/Base"}, 422, "contact_refused"),
        ({"email_from": 9}, 400, "invalid"),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, 400, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    officer: Api, desk: Desk, wrong: dict[str, Any], status: int, code: str
) -> None:
    got, body = officer.refused("set-reach", **wrong)
    assert (got, body["code"]) == (status, code)
    desk.officer.refresh_from_db()
    assert (desk.officer.quiet_from, desk.officer.zone, desk.officer.email_from) == (None, "", 0)


def test_an_address_is_kept_changed_and_removed_and_never_given_back(
    officer: Api, lead: Api, chat: int
) -> None:
    changed = officer.done("change-contact", chat, name="evenings", from_level=4)
    (contact,) = changed["contacts"]
    assert (contact["name"], contact["from_level"], contact["kind"]) == ("evenings", 4, "chat")
    said = [changed, officer.read("reach"), officer.read("messages"), list(AuditEvent.objects.values())]
    assert SECRET not in str(said) and "address" not in str(said[:2])
    assert officer.done("remove-contact", chat)["contacts"] == []
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "json://10.0.0.1/", "ntfy://inside/x", "slack://x"]
)
def test_an_address_that_may_not_be_is_refused_without_repeating_it(officer: Api, address: str) -> None:
    status, body = officer.refused("add-contact", kind="chat", address=address)
    assert (status, body["code"]) == (422, "contact_refused")
    assert address not in str(body) and not Contact.objects.exists()


def test_what_is_no_subscription_is_refused(officer: Api, settings: Any) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    assert officer.refused("add-contact", kind="push", address="{}")[1]["code"] == "contact_refused"
    assert officer.read("reach")["push_key"] == ""


def test_the_contact_of_somebody_else_is_not_there(officer: Api, colleague: Api, chat: int) -> None:
    for verb in ("change-contact", "remove-contact", "try-contact"):
        assert colleague.refused(verb, chat, from_level=1)[0] == 404
    assert Contact.objects.get().from_level == 3


def test_only_who_runs_the_team_keeps_the_channel_of_a_post(officer: Api, lead: Api) -> None:
    post = DutyPost.objects.create(name="desk")
    sent = {"kind": "chat", "name": "team", "address": SLACK, "post": post.pk}
    assert officer.refused("add-contact", **sent)[0] == 403
    (channel,) = lead.done("add-contact", **sent)["channels"]
    assert (channel["name"], channel["post"]) == ("team", post.pk)
    assert officer.read("reach")["channels"] == []
    assert officer.refused("remove-contact", channel["id"])[0] == 403
    assert lead.done("change-contact", channel["id"], from_level=1)["channels"][0]["from_level"] == 1


def test_a_test_says_how_it_went(officer: Api, settings: Any) -> None:
    assert officer.done("try-mail")["is_delivered"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    tried = officer.done("try-mail")
    assert not tried["is_delivered"] and "the mail server did not take it" in tried["sentence"]
    User.objects.filter(pk=officer.user.pk).update(email="")
    assert officer.refused("try-mail")[1]["code"] == "contact_refused"


def test_the_log_tells_of_every_attempt_and_is_searched(
    officer: Api, employee: Api, desk: Desk, case: Case, settings: Any
) -> None:
    alarm = escalation.raise_escalation(case, Alarm(2, "referred", {}), by=None, now=desk.now)
    escalation.take_due_steps(now=desk.now)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    first, *_rest = notifications.due_notifications(now=desk.now)
    notifications.deliver(first, now=desk.now)
    (failing,) = officer.read("messages", failing="true")["results"]
    (attempt,) = failing["attempts"]
    assert (failing["alarm"], failing["case"], failing["channel"]) == (alarm.pk, case.pk, "email")
    assert (attempt["is_delivered"], attempt["outcome"].partition(":")[0]) == (
        False,
        "mail server did not take it",
    )
    assert attempt["sentence"].startswith("the mail server did not take it")
    assert len(officer.read("messages", alarm=alarm.pk)["results"]) == 2
    assert len(officer.read("messages", person="ilse", channel="email")["results"]) == 1
    assert officer.read("messages", alarm=8_999_999)["results"] == []
    assert officer.get("messages", channel="pigeon").status_code == 400
    assert officer.get("messages", person="nobody").status_code == 422


@pytest.mark.parametrize("n", [1, 100])
def test_the_log_costs_the_same_for_one_message_and_for_many(
    officer: Api, desk: Desk, n: int, django_assert_max_num_queries: Any
) -> None:
    for i in range(n):
        notifications.tell(
            [desk.lead], "assigned", "case:1", facts={"by": "x", "case": 1}, now=desk.now, occasion=str(i)
        )
    with django_assert_max_num_queries(6):
        assert len(officer.read("messages")["results"]) == n
