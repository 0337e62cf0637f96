"""The desk that is copied into an exercise: what people need to work, and nothing that leads out."""

import json
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction

from cases.models import (
    AuditEvent,
    Calendar,
    Case,
    Contact,
    DutyPost,
    Ladder,
    Mandate,
    ReplyTemplate,
    SchemeVersion,
    Shift,
    Target,
    User,
    WatchProfile,
)
from cases.rules.permissions import Role
from config.exercise import desk as copying
from tests.world import Desk, grant, mention, person


@pytest.fixture
def real(desk: Desk, noon: datetime) -> Desk:
    """A desk with everything on it that may be copied, and much that may not."""
    post = DutyPost.objects.create(name="webcare", function="officer")
    for days in (0, 40):
        begins = noon + timedelta(days=days)
        ends = begins + timedelta(hours=8)
        Shift.objects.create(post=post, person=desk.officer, starts_at=begins, ends_at=ends)
    Target.objects.create(minutes=60, calendar=Calendar.objects.create(name="office"))
    ReplyTemplate.objects.create(name="thanks", text="Dank je wel.", changed_at=noon)
    Contact.objects.create(
        person=desk.officer, kind="chat", name="chat", address="sealed", fingerprint="f", created_at=noon
    )
    narrow = grant(desk.employee, ["positive"], now=noon)
    narrow.accounts = ["credential:7", "x"]
    narrow.save()
    User.objects.filter(pk=desk.officer.pk).update(
        quiet_from=time(23), quiet_until=time(7), last_login=noon, language="en"
    )
    desk.hear(mention(1, at=noon))
    return desk


def test_people_and_rules_are_copied_and_nothing_of_the_work(real: Desk, noon: datetime) -> None:
    models = {row["model"] for row in copying.copied(now=noon)}
    assert {"cases.user", "cases.dutypost", "cases.shift", "cases.mandate", "cases.schemeversion"} <= models
    assert {"cases.target", "cases.calendar", "cases.ladder", "cases.replytemplate"} <= models
    assert models <= {model._meta.label_lower for model in copying.COPIED}
    forbidden = ("case", "contact", "notification", "auditevent", "response", "picturereader", "situation")
    assert not models & {f"cases.{name}" for name in forbidden}
    assert not any(name.startswith("monitoring.") for name in models)


def test_no_address_leaves_the_real_installation(real: Desk, noon: datetime) -> None:
    text = json.dumps(copying.copied(now=noon), default=str)
    assert "@desk.example" not in text
    assert "credential:7" not in text
    assert "sealed" not in text
    emails = {row["fields"]["email"] for row in copying.copied(now=noon) if row["model"] == "cases.user"}
    assert len(emails) == 4
    assert all(email.endswith("@exercise.invalid") for email in emails)


def test_the_duty_plan_of_these_weeks_is_copied_and_no_more(real: Desk, noon: datetime) -> None:
    shifts = [row for row in copying.copied(now=noon) if row["model"] == "cases.shift"]
    assert [row["fields"]["starts_at"][:10] for row in shifts] == ["2026-03-02"]


def test_a_desk_is_put_in_with_its_numbers_passwords_and_roles(db: None, noon: datetime) -> None:
    sanne, bram = person("sanne", Role.OFFICER), person("bram", Role.LEAD)
    grant(sanne, ["*"], now=noon)
    WatchProfile.objects.filter(is_default=True).update(name="ours")
    n_profiles = WatchProfile.objects.count()
    kept = {user.pk: (user.username, user.password, user.role) for user in (sanne, bram)}
    rows = json.loads(json.dumps(copying.copied(now=noon)))
    ladders = Ladder.objects.count()
    Mandate.objects.all().delete()
    User.objects.all().delete()
    person("stranger", Role.OFFICER)
    copying.put_in(rows)
    assert {user.pk: (user.username, user.password, user.role) for user in User.objects.all()} == kept
    assert Mandate.objects.get().holder_id == sanne.pk
    assert Ladder.objects.count() == ladders
    assert WatchProfile.objects.get(is_default=True).name == "ours"
    assert WatchProfile.objects.count() == n_profiles
    assert User.objects.get(pk=sanne.pk).check_password("a long enough passphrase")


def test_nothing_is_written_through_the_settings_that_only_read(
    transactional_db: None, real: Desk, noon: datetime
) -> None:
    settings: dict[str, Any] = dict(connection.settings_dict)
    settings["OPTIONS"] = dict(settings["OPTIONS"])
    copying.read_only(settings)
    connections.databases["reading"] = settings
    reading = connections["reading"]
    reading.connect()
    try:
        with reading.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM cases_user")
            assert cursor.fetchone() == (User.objects.count(),)
        with pytest.raises(DatabaseError), transaction.atomic(using="reading"), reading.cursor() as cursor:
            cursor.execute("UPDATE cases_user SET first_name = 'X'")
    finally:
        reading.close()
        del connections.databases["reading"], connections["reading"]
    assert not User.objects.filter(first_name="X").exists()


def test_copying_leaves_no_trace_in_the_real_installation(real: Desk, noon: datetime) -> None:
    before = (AuditEvent.objects.count(), Case.objects.count(), SchemeVersion.objects.count())
    copying.copied(now=noon)
    assert (AuditEvent.objects.count(), Case.objects.count(), SchemeVersion.objects.count()) == before
