"""The page on which somebody says how they are reached, and the log of what was sent."""

import pytest
from django.test import Client

from cases.models import Contact, Notification, User
from tests.world import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_noon")]


@pytest.fixture
def officer(desk: Desk) -> Client:
    User.objects.update(language="en")
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.officer)
    return client


def test_quiet_hours_are_kept_and_shown(officer: Client, desk: Desk) -> None:
    form = {"quiet_from": "22:00", "quiet_until": "07:00", "zone": "Europe/Amsterdam", "email_from": "2"}
    officer.post("/me/reach/", form)
    desk.officer.refresh_from_db()
    assert (str(desk.officer.quiet_from), desk.officer.email_from) == ("22:00:00", 2)
    assert 'value="22:00"' in officer.get("/me/").content.decode()


@pytest.mark.parametrize(
    "wrong", [{"quiet_from": "22:00"}, {"quiet_from": "25:00"}, {"zone": "Mars/Base"}, {"email_from": "9"}]
)
def test_what_cannot_be_is_refused_in_words(officer: Client, desk: Desk, wrong: dict[str, str]) -> None:
    officer.post("/me/reach/", {"email_from": "0"} | wrong)
    desk.officer.refresh_from_db()
    assert (desk.officer.quiet_from, desk.officer.zone, desk.officer.email_from) == (None, "", 0)


def test_an_address_is_kept_and_never_shown_again(officer: Client) -> None:
    address = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/"
    officer.post("/me/contacts/", {"kind": "chat", "name": "mine", "address": address, "from_level": "3"})
    contact = Contact.objects.get()
    shown = officer.get("/me/").content.decode()
    assert "mine" in shown and "TIiajkdnlazkcOXrIdevi7FQ" not in shown
    officer.post(f"/me/contacts/{contact.pk}/remove/")
    assert not Contact.objects.exists()


def test_nobody_touches_the_contact_of_somebody_else(officer: Client, desk: Desk) -> None:
    theirs = Contact.objects.create(
        person=desk.colleague, kind="chat", name="x", address="", fingerprint="f", created_at=desk.now
    )
    assert officer.post(f"/me/contacts/{theirs.pk}/remove/").status_code == 404
    assert officer.post(f"/me/contacts/{theirs.pk}/test/").status_code == 404
    assert Contact.objects.exists()


def test_a_test_by_mail_says_how_it_went(officer: Client) -> None:
    shown = officer.post("/me/reach/mail/test/", follow=True).content.decode()
    assert "The test message was handed over" in shown
    assert "The test message was handed over" not in officer.get("/messages/").content.decode()
    assert "delivered at" in officer.get("/messages/").content.decode()


def test_the_log_shows_only_what_fails_when_asked(officer: Client, desk: Desk) -> None:
    for name, error in (("a", ""), ("b", "the mail server did not take it")):
        Notification.objects.create(
            kind="test",
            about=f"user:{desk.officer.pk}",
            recipient=desk.officer,
            channel="email",
            key=name,
            created_at=desk.now,
            due_at=desk.now,
            error=error,
        )
    assert officer.get("/messages/").content.decode().count("card sec") == 3
    failing = officer.get(f"/messages/?failing=1&channel=email&person={desk.officer.pk}").content.decode()
    assert failing.count("card sec") == 2 and "did not take it" in failing


@pytest.mark.parametrize("n", [1, 100])
def test_the_log_costs_the_same_for_one_message_and_for_many(
    officer: Client, desk: Desk, n: int, django_assert_max_num_queries: object
) -> None:
    Notification.objects.bulk_create(
        Notification(
            kind="test",
            about="user:1",
            recipient=desk.officer,
            channel="email",
            key=str(i),
            created_at=desk.now,
        )
        for i in range(n)
    )
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        officer.get("/messages/")


def test_the_service_worker_comes_from_the_root_as_a_script(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in answer["Content-Security-Policy"]
    assert "notificationclick" in answer.content.decode()
