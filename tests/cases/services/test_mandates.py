"""Mandates: granted by two people, handed on never wider, ended with all below, checked in the outbox."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cases.models import AuditEvent, Case, Mandate, Response, User
from cases.policy import grants_of, mandate_of
from cases.rules.mandate import Covered
from cases.rules.permissions import Role
from cases.services import mandates, outbox, responses
from cases.services.mandates import MandateRefused, Terms
from tests.cases.steps import THANKS, drafting, fresh, queued
from tests.world import Desk, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

DAY = timedelta(days=1)


@pytest.fixture
def terms(noon: datetime) -> Terms:
    return Terms(["positive", "joke"], noon, noon + 10 * DAY, may_delegate=True)


@pytest.fixture
def held(desk: Desk, terms: Terms, noon: datetime) -> Mandate:
    """Anouk may thank and joke for ten days, and hand it on."""
    return mandates.grant(desk.employee, terms, by=desk.lead, now=noon)


def may_answer(user: User, category: str, *, now: datetime) -> bool:
    return isinstance(mandate_of(user, [category], now=now), Covered)


def written(action: str) -> AuditEvent:
    return AuditEvent.objects.get(action=action)


def test_a_mandate_holds_from_when_it_is_granted_and_is_on_record(
    held: Mandate, desk: Desk, noon: datetime
) -> None:
    assert may_answer(desk.employee, "joke", now=noon)
    assert not may_answer(desk.employee, "untruth", now=noon)
    assert not may_answer(desk.employee, "joke", now=noon + 10 * DAY)
    event = written("mandate granted")
    assert (event.subject, event.actor_name) == (f"mandate:{held.pk}", "Bram")
    assert (event.facts["holder"], event.facts["categories"]) == ("Anouk", ["joke", "positive"])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"valid_until": timedelta(0)}, "ends after it starts"),
        ({"valid_from": -2 * DAY, "valid_until": -DAY}, "over already"),
        ({"options": []}, "at least one of each kind"),
        ({"accounts": ["x" * 61]}, "too long"),
        ({"highest_priority": "highest"}, "up to which priority"),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    change: dict[str, Any], sentence: str, terms: Terms, desk: Desk, noon: datetime
) -> None:
    at = {name: noon + value for name, value in change.items() if isinstance(value, timedelta)}
    with pytest.raises(MandateRefused, match=sentence):
        mandates.grant(desk.employee, replace(terms, **(change | at)), by=desk.lead, now=noon)
    assert not AuditEvent.objects.filter(action="mandate granted").exists()


@pytest.mark.parametrize("role", [Role.WATCHER, Role.ANALYST, Role.ADMINISTRATOR])
def test_who_writes_no_replies_gets_no_mandate(role: Role, terms: Terms, desk: Desk, noon: datetime) -> None:
    with pytest.raises(MandateRefused, match="writes no replies here"):
        mandates.grant(person("joris", role), terms, by=desk.lead, now=noon)


def test_nobody_grants_themselves_a_mandate_unless_they_are_the_only_one_who_could(
    terms: Terms, desk: Desk, noon: datetime
) -> None:
    other = person("els", Role.LEAD)
    with pytest.raises(MandateRefused, match="cannot give yourself a mandate"):
        mandates.grant(desk.lead, terms, by=desk.lead, now=noon)
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert mandates.grant(desk.lead, terms, by=desk.lead, now=noon).granted_by == desk.lead


def test_a_part_of_a_mandate_is_handed_on_and_dies_with_it(
    held: Mandate, terms: Terms, desk: Desk, noon: datetime
) -> None:
    temp = person("tim", Role.EMPLOYEE)
    narrow = replace(terms, categories=["joke"], valid_until=noon + DAY)
    made = mandates.delegate(held.pk, temp, narrow, by=desk.employee, now=noon)
    last = mandates.delegate(
        made.pk, person("tom", Role.EMPLOYEE), replace(narrow, may_delegate=False), by=temp, now=noon
    )
    assert may_answer(last.holder, "joke", now=noon)
    assert written_numbers("mandate handed on") == [held.pk, made.pk]
    later = noon + timedelta(hours=1)
    assert mandates.end(held.pk, by=desk.lead, now=later, reason="Andere functie")
    assert not may_answer(temp, "joke", now=later)
    assert not may_answer(last.holder, "joke", now=later)
    assert written("mandate ended").facts["reason"] == "Andere functie"


def written_numbers(action: str) -> list[Any]:
    found = AuditEvent.objects.filter(action=action).order_by("seq")
    return [event.facts["handed on from"] for event in found]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"categories": ["untruth"]}, "kinds of posts"),
        ({"categories": ["*"]}, "kinds of posts"),
        ({"options": ["*"]}, "ways of answering"),
        ({"accounts": ["x", "bluesky"]}, "accounts"),
        ({"visibilities": ["public", "direct"]}, "readers"),
        ({"highest_priority": "urgent"}, "priority"),
        ({"valid_until": 11 * DAY}, "end"),
        ({"valid_from": -DAY}, "begin"),
    ],
)
def test_more_or_longer_than_one_holds_is_not_handed_on(
    change: dict[str, Any], name: str, terms: Terms, desk: Desk, noon: datetime
) -> None:
    narrow = replace(
        terms,
        options=["reply_public"],
        accounts=["x"],
        visibilities=["public"],
        highest_priority="normal",
    )
    mine = mandates.grant(desk.employee, narrow, by=desk.lead, now=noon)
    at = {field: noon + value for field, value in change.items() if isinstance(value, timedelta)}
    with pytest.raises(MandateRefused, match=f"Too wide: {name}"):
        mandates.delegate(
            mine.pk,
            person("tim", Role.EMPLOYEE),
            replace(narrow, **(change | at)),
            by=desk.employee,
            now=noon,
        )
    assert Mandate.objects.filter(delegated_from=mine).count() == 0


def test_only_the_holder_hands_on_what_may_be_handed_on_and_not_to_themselves(
    held: Mandate, terms: Terms, desk: Desk, noon: datetime
) -> None:
    with pytest.raises(MandateRefused, match="a mandate of your own"):
        mandates.delegate(held.pk, desk.colleague, terms, by=desk.officer, now=noon)
    with pytest.raises(MandateRefused, match="yours already"):
        mandates.delegate(held.pk, desk.employee, terms, by=desk.employee, now=noon)
    Mandate.objects.filter(pk=held.pk).update(may_delegate=False)
    with pytest.raises(MandateRefused, match="that says you may"):
        mandates.delegate(held.pk, desk.colleague, terms, by=desk.employee, now=noon)
    over = noon + 10 * DAY
    Mandate.objects.filter(pk=held.pk).update(may_delegate=True)
    with pytest.raises(MandateRefused, match="does not hold now"):
        mandates.delegate(held.pk, desk.colleague, terms, by=desk.employee, now=over)


def test_a_mandate_is_ended_once_and_by_those_who_may(held: Mandate, desk: Desk, noon: datetime) -> None:
    later = noon + DAY
    with pytest.raises(MandateRefused, match="You can end your own mandates"):
        mandates.end(held.pk, by=desk.colleague, now=later)
    assert mandates.end(held.pk, by=desk.employee, now=later)
    assert not mandates.end(held.pk, by=desk.lead, now=later)
    assert Mandate.objects.get(pk=held.pk).valid_until == later
    assert AuditEvent.objects.filter(action="mandate ended").count() == 1


def test_a_mandate_that_has_not_begun_is_taken_away_whole(terms: Terms, desk: Desk, noon: datetime) -> None:
    planned = mandates.grant(desk.employee, replace(terms, valid_from=noon + DAY), by=desk.lead, now=noon)
    assert mandates.end(planned.pk, by=desk.lead, now=noon)
    assert grants_of(desk.employee) == []
    with pytest.raises(MandateRefused, match="not there any more"):
        mandates.end(planned.pk, by=desk.lead, now=noon)
    assert written("mandate ended").facts["holder"] == "Anouk"


# ── when words leave ────────────────────────────────────────────────────────
def leave(response: Response, *, now: datetime) -> Response:
    outbox.deliver(response.pk, now=now)
    return Response.objects.get(pk=response.pk)


def test_a_reply_under_a_handed_on_mandate_leaves_and_names_it(
    case: Case, desk: Desk, terms: Terms, noon: datetime
) -> None:
    above = mandates.grant(desk.employee, terms, by=desk.lead, now=noon)
    temp = person("tim", Role.EMPLOYEE)
    made = mandates.delegate(above.pk, temp, replace(terms, may_delegate=False), by=desk.employee, now=noon)
    response = drafting(case, by=temp, now=noon)
    responses.queue(response, THANKS, by=temp, now=noon)
    gone = leave(response, now=noon + timedelta(seconds=10))
    assert (gone.status, gone.mandate) == ("sent", made)


@pytest.mark.parametrize("what", ["the mandate", "the one it came from"])
def test_a_reply_does_not_leave_when_its_mandate_ended_meanwhile(
    what: str, case: Case, desk: Desk, terms: Terms, noon: datetime
) -> None:
    above = mandates.grant(desk.employee, terms, by=desk.lead, now=noon)
    temp = person("tim", Role.EMPLOYEE)
    made = mandates.delegate(above.pk, temp, terms, by=desk.employee, now=noon)
    response = drafting(case, by=temp, now=noon)
    responses.queue(response, THANKS, by=temp, now=noon)
    ended = made if what == "the mandate" else above
    mandates.end(ended.pk, by=desk.lead, now=noon + timedelta(seconds=5))
    kept = leave(response, now=noon + timedelta(seconds=10))
    assert (kept.status, kept.text, fresh(case).state) == ("draft", THANKS.text, "drafting")
    assert "has ended" in kept.error


def test_a_reply_that_may_stand_there_already_is_looked_for_whatever_ended(
    case: Case, desk: Desk, noon: datetime
) -> None:
    response = queued(case, by=desk.officer, now=noon)
    leave(response, now=noon + timedelta(seconds=10))
    Response.objects.filter(pk=response.pk).update(status="unknown", n_attempts=1, sent_at=None)
    case = fresh(case)
    Case.objects.filter(pk=case.pk).update(state="sending")
    Mandate.objects.filter(holder=desk.officer).update(valid_until=noon + timedelta(seconds=20))
    Response.objects.filter(pk=response.pk).update(send_at=noon + DAY)
    assert leave(response, now=noon + DAY).status == "sent"


def test_what_was_taken_back_keeps_no_approval(case: Case, desk: Desk, noon: datetime) -> None:
    response = queued(case, by=desk.officer, now=noon)
    Response.objects.filter(pk=response.pk).update(
        approved_by=desk.colleague, solo_reason="Nacht", review_due_at=noon + DAY
    )
    assert responses.take_back(response, by=desk.officer, now=noon)
    kept = Response.objects.get(pk=response.pk)
    assert (kept.approved_by, kept.solo_reason, kept.review_due_at) == (None, "", None)
