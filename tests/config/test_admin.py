"""The administrator's pages: a real installation is set up here, and every change is in the trail."""

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.db.models import Model
from django.test import Client

from cases.models import AuditEvent, Mandate, SchemeVersion, User
from cases.rules.permissions import Role
from cases.services.audit import verify
from monitoring.credentials import change
from monitoring.models import Credential, Source
from tests.cases.conftest import desk
from tests.world import Desk, person

__all__ = ["desk"]

NEW_SOURCE: dict[str, Any] = {
    "name": "the local paper",
    "connector": "rss",
    "settings": '{"url": "https://paper.example/feed"}',
    "interval_s": "600",
    "is_enabled": "on",
}
LONG = "geheime gang achter de kazerne"


@pytest.fixture
def office(desk: Desk, noon: datetime) -> Any:
    """The administrator at noon, signed in, reading English."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(person("joke", Role.ADMINISTRATOR, is_staff=True))
    with time_machine.travel(noon, tick=False):
        yield client


def told(subject: str) -> list[tuple[str, str]]:
    """What the trail says of a subject: action, by whom."""
    return list(AuditEvent.objects.filter(subject=subject).values_list("action", "actor_name"))


def act(client: Client, verb: str, source: Source) -> None:
    client.post("/admin/monitoring/source/", {"action": verb, "_selected_action": [source.pk]})


@pytest.mark.parametrize(
    "page", ["cases/user", "cases/mandate", "monitoring/source", "monitoring/query", "cases/schemeversion"]
)
def test_an_administrator_sees_each_list_and_each_thing_in_it(office: Client, desk: Desk, page: str) -> None:
    assert office.get(f"/admin/{page}/").status_code == 200
    things: dict[str, Model | None] = {
        "user": desk.officer,
        "mandate": Mandate.objects.first(),
        "source": desk.source,
        "query": desk.query,
        "schemeversion": SchemeVersion.objects.get(),
    }
    thing = things[page.split("/")[1]]
    assert thing is not None
    assert office.get(f"/admin/{page}/{thing.pk}/change/").status_code == 200


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEAD, Role.PRIVACY])
def test_nobody_else_changes_people_mandates_or_sources(desk: Desk, role: Role) -> None:
    client = Client()
    client.force_login(person("joke", role, is_staff=True))
    for page in ("cases/user", "cases/mandate", "monitoring/source"):
        assert client.get(f"/admin/{page}/").status_code == 403


def test_a_person_is_made_with_a_role_and_the_trail_names_no_password(office: Client) -> None:
    typed = {"username": "fatima", "role": "officer", "email": "f@desk.example", "usable_password": "true"}
    office.post("/admin/cases/user/add/", typed | {"password1": LONG, "password2": LONG})
    made = User.objects.get(username="fatima")
    assert (made.role, made.check_password(LONG)) == ("officer", True)
    event = AuditEvent.objects.get(subject=f"user:{made.pk}")
    assert (event.action, event.actor_name, event.facts["role"]) == ("user added", "Joke", "officer")
    assert LONG not in str(event.facts)


def test_another_role_and_another_password_are_each_in_the_trail(office: Client, desk: Desk) -> None:
    page = f"/admin/cases/user/{desk.employee.pk}"
    typed = {"username": "anouk", "email": "a@desk.example", "language": "nl", "is_active": "on"}
    office.post(f"{page}/change/", typed | {"role": "watcher"})
    office.post(f"{page}/password/", {"usable_password": "true", "password1": LONG, "password2": LONG})
    desk.employee.refresh_from_db()
    assert desk.employee.role == Role.WATCHER
    assert desk.employee.check_password(LONG)
    assert told(f"user:{desk.employee.pk}") == [("user changed", "Joke"), ("user password changed", "Joke")]
    assert verify() == []


def test_an_administrator_gets_no_hold_of_the_installer_s_account(office: Client, desk: Desk) -> None:
    above = person("root", Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    answer = office.post(f"/admin/cases/user/{above.pk}/password/", {"password1": LONG, "password2": LONG})
    assert answer.status_code == 403


def test_a_mandate_is_granted_and_afterwards_only_its_end_can_be_moved(
    office: Client, desk: Desk, noon: datetime
) -> None:
    typed = {"holder": desk.employee.pk, "categories": ["positive", "joke"]}
    typed |= {"valid_from_0": "2026-03-01", "valid_from_1": "00:00", "options": ["reply_direct"]}
    typed |= {"visibilities": ["*"], "accounts": ["x", "bluesky"], "highest_priority": "normal"}
    office.post(
        "/admin/cases/mandate/add/", typed | {"valid_until_0": "2026-09-01", "valid_until_1": "00:00"}
    )
    held = Mandate.objects.get(holder=desk.employee)
    assert (held.categories, str(held.granted_by)) == (["positive", "joke"], "Joke")
    assert (held.options, held.accounts, held.visibilities) == (["reply_direct"], ["x", "bluesky"], ["*"])
    assert (held.highest_priority, held.may_delegate) == ("normal", False)
    sooner = typed | {"categories": ["*"], "valid_until_0": "2026-04-01", "valid_until_1": "00:00"}
    office.post(f"/admin/cases/mandate/{held.pk}/change/", sooner)
    held.refresh_from_db()
    assert held.categories == ["positive", "joke"]
    assert held.valid_until - noon < timedelta(days=31)
    assert told(f"mandate:{held.pk}") == [("mandate added", "Joke"), ("mandate changed", "Joke")]


def test_an_administrator_records_no_mandate_for_themselves(office: Client, desk: Desk) -> None:
    me = User.objects.get(username="joke")
    typed = {"holder": me.pk, "highest_priority": "normal"}
    typed |= dict.fromkeys(("categories", "options", "visibilities", "accounts"), ["*"])
    typed |= {"valid_from_0": "2026-03-01", "valid_from_1": "00:00"}
    typed |= {"valid_until_0": "2026-09-01", "valid_until_1": "00:00"}
    shown = office.post("/admin/cases/mandate/add/", typed, headers={"accept-language": "en"})
    assert "You cannot give yourself a mandate" in shown.content.decode()
    assert not Mandate.objects.filter(holder=me).exists()


def test_a_source_is_added_polled_at_once_and_its_problems_are_told(office: Client, noon: datetime) -> None:
    office.post("/admin/monitoring/source/add/", NEW_SOURCE)
    source = Source.objects.get(name="the local paper")
    assert (source.settings, source.next_poll_at) == ({"url": "https://paper.example/feed"}, noon)
    assert told(f"source:{source.pk}") == [("source added", "Joke")]
    answer = office.post("/admin/monitoring/source/add/", NEW_SOURCE | {"name": "empty", "settings": "{}"})
    assert any("address" in str(message) for message in get_messages(answer.wsgi_request))


def test_a_change_of_a_source_leaves_its_cursor_to_the_worker(
    office: Client, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(cursor={"read": 7}, health="refused", error="401", n_failures=3)
    settings = '{"incident": "loswal", "speed": 2}'
    typed = {"name": "practice", "connector": "replay", "interval_s": "60", "is_enabled": "on"}
    office.post(f"/admin/monitoring/source/{desk.source.pk}/change/", typed | {"settings": settings})
    desk.source.refresh_from_db()
    assert (desk.source.cursor, desk.source.interval_s) == ({"read": 7}, 60)
    assert (desk.source.health, desk.source.error, desk.source.next_poll_at) == ("waiting", "", noon)


@pytest.mark.parametrize("settings", ["[1]", "no braces"])
def test_settings_that_are_no_names_with_values_are_refused(office: Client, settings: str) -> None:
    answer = office.post("/admin/monitoring/source/add/", NEW_SOURCE | {"settings": settings})
    assert answer.status_code == 200
    assert not Source.objects.filter(name="the local paper").exists()


def test_a_source_is_switched_on_again_as_if_nothing_had_gone_wrong(
    office: Client, desk: Desk, noon: datetime
) -> None:
    Source.objects.update(
        is_enabled=False, health="ended", error="410", next_poll_at=noon + timedelta(days=1)
    )
    act(office, "switch_on", desk.source)
    desk.source.refresh_from_db()
    assert (desk.source.is_enabled, desk.source.health, desk.source.error) == (True, "waiting", "")
    assert desk.source.next_poll_at == noon
    assert told(f"source:{desk.source.pk}") == [("source switched on", "Joke")]


def test_poll_now_makes_a_resting_source_due_and_one_that_is_off_stays_off(
    office: Client, desk: Desk, noon: datetime
) -> None:
    later = noon + timedelta(days=1)
    Source.objects.update(next_poll_at=later)
    act(office, "poll_now", desk.source)
    desk.source.refresh_from_db()
    assert desk.source.next_poll_at == noon
    act(office, "switch_off", desk.source)
    Source.objects.update(next_poll_at=later)
    act(office, "poll_now", desk.source)
    desk.source.refresh_from_db()
    assert (desk.source.is_enabled, desk.source.next_poll_at) == (False, later)
    assert [action for action, _ in told(f"source:{desk.source.pk}")] == ["poll asked", "source switched off"]


@pytest.mark.parametrize("page", ["cases/schemeversion/add", "monitoring/query/add"])
def test_schemes_and_queries_are_looked_at_and_not_made_here(office: Client, page: str) -> None:
    assert office.get(f"/admin/{page}/").status_code == 403


def test_nobody_is_deleted_and_nothing_either(office: Client, desk: Desk) -> None:
    for thing in (f"cases/user/{desk.employee.pk}", f"monitoring/source/{desk.source.pk}"):
        assert office.post(f"/admin/{thing}/delete/", {"post": "yes"}).status_code == 403


def test_a_token_is_made_and_taken_away_and_the_trail_does_not_hold_it(office: Client, desk: Desk) -> None:
    office.post("/admin/authtoken/tokenproxy/add/", {"user": desk.officer.pk})
    key = desk.officer.auth_token.key
    office.post(f"/admin/authtoken/tokenproxy/{desk.officer.pk}/delete/", {"post": "yes"})
    subject = f"user:{desk.officer.pk}"
    assert told(subject) == [("token added", "Joke"), ("token taken away", "Joke")]
    assert key not in str(list(AuditEvent.objects.filter(subject=subject).values()))


def test_a_credential_asks_for_the_secrets_of_its_platform_and_never_shows_them(
    office: Client, noon: datetime
) -> None:
    typed = {"name": "partner", "connector": "webhook"}
    answer = office.post("/admin/monitoring/credential/add/", typed)
    assert "Now fill in at least one secret of this platform." in answer.content.decode()
    assert 'name="secret_signing_secret"' in answer.content.decode()
    office.post("/admin/monitoring/credential/add/", typed | {"secret_signing_secret": LONG})
    kept = Credential.objects.get(name="partner")
    assert (kept.open_secrets(), kept.changed_at) == ({"signing_secret": LONG}, noon)
    assert LONG not in kept.sealed
    for page in ("/admin/monitoring/credential/", f"/admin/monitoring/credential/{kept.pk}/change/"):
        html = office.get(page).content.decode()
        assert "signing_secret" in html
        assert LONG not in html
    events = AuditEvent.objects.filter(subject=f"credential:{kept.pk}")
    assert [(event.action, event.facts["secrets"]) for event in events] == [
        ("credential added", ["signing_secret"])
    ]
    assert LONG not in str(list(LogEntry.objects.values()))


def test_a_secret_that_is_left_empty_stays_as_it_was(office: Client, noon: datetime) -> None:
    two = {"consumer_key": "first-key", "consumer_secret": "first-secret"}
    kept = change("account", platform="x", secrets=two, now=noon - timedelta(days=3))
    Credential.objects.update(refused_at=noon, refusal="401")
    page = f"/admin/monitoring/credential/{kept.pk}/change/"
    assert "Set, last changed 27-02-2026" in office.get(page).content.decode()
    office.post(page, {"secret_consumer_secret": "second-secret"})
    kept.refresh_from_db()
    assert kept.open_secrets() == two | {"consumer_secret": "second-secret"}
    assert (kept.refused_at, kept.changed_at) == (None, noon)


def test_a_credential_in_use_is_not_deleted(office: Client, desk: Desk, noon: datetime) -> None:
    kept = change("partner", platform="webhook", secrets={"signing_secret": LONG}, now=noon)
    Source.objects.filter(pk=desk.source.pk).update(credential=kept)
    page = f"/admin/monitoring/credential/{kept.pk}/delete/"
    assert office.post(page, {"post": "yes"}).status_code == 403
    Source.objects.update(credential=None)
    office.post(page, {"post": "yes"})
    assert not Credential.objects.exists()
    assert told(f"credential:{kept.pk}") == [("credential removed", "Joke")]


def test_a_source_gets_a_credential_of_its_own_platform_and_a_budget(office: Client, noon: datetime) -> None:
    kept = change("partner", platform="webhook", secrets={"signing_secret": LONG}, now=noon)
    answer = office.post("/admin/monitoring/source/add/", NEW_SOURCE | {"credential": kept.pk})
    assert "This credential is for another platform." in answer.content.decode()
    typed = NEW_SOURCE | {"connector": "webhook", "settings": "{}", "credential": kept.pk}
    office.post("/admin/monitoring/source/add/", typed | {"dollars_per_day": "2.50", "units_per_day": "90"})
    source = Source.objects.get(name="the local paper")
    assert (source.credential, str(source.dollars_per_day), source.units_per_day) == (kept, "2.50", 90)


def test_an_import_is_not_made_here(office: Client) -> None:
    assert b'value="import"' not in office.get("/admin/monitoring/source/add/").content
