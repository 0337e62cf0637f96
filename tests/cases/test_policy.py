"""Schemes as published: one is current, and every case keeps the version it was opened under."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from cases import policy
from cases.models import AuditEvent, Case, Mandate, SchemeVersion
from cases.policy import NoScheme, UnknownSchemeVersion
from cases.rules.mandate import Covered, Lack, NotCovered
from cases.rules.scheme import Question, SchemeInvalid
from cases.services import triage
from tests.cases.steps import fresh, judge
from tests.world import SCHEMES, Desk, grant, mention

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

SHIPPED = (SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8")
NEXT = SHIPPED.replace('version = "1.0"', 'version = "1.1"').replace("Wat voor bericht", "Welk soort bericht")


def test_a_published_scheme_is_current_for_new_cases_and_open_ones_keep_theirs(
    case: Case, desk: Desk, noon: datetime
) -> None:
    policy.publish(NEXT, now=noon)
    later = desk.hear(mention(2, at=noon))[0]
    assert (fresh(case).scheme.version, later.scheme.version) == ("1.0", "1.1")
    question = policy.judgement(case).step
    assert isinstance(question, Question) and question.text["nl"].startswith("Wat voor bericht")


def test_a_case_is_judged_on_by_the_version_it_was_opened_under(
    case: Case, desk: Desk, noon: datetime
) -> None:
    triage.answer(case, "Q1", "negative", by=desk.officer, now=noon)
    policy.publish(NEXT, now=noon)
    triage.answer(fresh(case), "Q2", "insult", by=desk.officer, now=noon)
    assert str(fresh(case).scheme) == "vdmmp-1 1.0"


def test_publishing_the_same_again_changes_nothing(desk: Desk, noon: datetime) -> None:
    first = policy.current_version()
    assert policy.publish(SHIPPED, now=noon + timedelta(days=1)).pk == first.pk
    assert SchemeVersion.objects.get().published_at == noon


def test_an_earlier_version_can_be_made_current_again(desk: Desk, noon: datetime) -> None:
    policy.publish(NEXT, now=noon)
    assert policy.publish(SHIPPED, now=noon).version == "1.0"
    assert policy.current_version().version == "1.0"
    assert SchemeVersion.objects.filter(is_current=True).count() == 1


def test_one_version_number_is_never_two_contents(desk: Desk, noon: datetime) -> None:
    changed = NEXT.replace('version = "1.1"', 'version = "1.0"')
    with pytest.raises(IntegrityError), transaction.atomic():
        policy.publish(changed, now=noon)
    assert policy.current_version().toml == SHIPPED


@pytest.mark.parametrize("text", ["", "not = [toml", 'id = "empty"'])
def test_what_is_no_scheme_is_not_published(text: str, desk: Desk, noon: datetime) -> None:
    with pytest.raises(SchemeInvalid, match="The scheme cannot be used"):
        policy.publish(text, now=noon)
    assert policy.current_version().version == "1.0"


@pytest.mark.parametrize("text", [NEXT, "not = [toml", ""], ids=["other", "broken", "empty"])
def test_a_version_that_is_not_the_text_that_was_published_judges_nothing(
    text: str, case: Case, desk: Desk, noon: datetime
) -> None:
    SchemeVersion.objects.update(toml=text)
    message = "Scheme vdmmp-1 version 1.0 is not the text that was published; .*Restore it from a backup"
    with pytest.raises(UnknownSchemeVersion, match=message):
        policy.scheme_of(fresh(case))
    with pytest.raises(UnknownSchemeVersion):
        triage.answer(fresh(case), "Q1", "negative", by=desk.officer, now=noon)
    assert not case.assessments.exists()


def test_without_a_scheme_the_message_names_the_command(db: None) -> None:
    with pytest.raises(NoScheme, match="python manage.py scheme publish"):
        policy.current_version()


def test_a_judged_case_shows_its_advice_and_one_to_be_judged_again_its_first_question(
    case: Case, desk: Desk, noon: datetime
) -> None:
    judged = judge(case, "insult", by=desk.officer, now=noon)
    assert policy.judgement(judged).assessment is not None
    triage.judge_again(judged, by=desk.officer, now=noon)
    again = policy.judgement(judged)
    assert again.assessment is None
    assert isinstance(again.step, Question)


# ── mandates ────────────────────────────────────────────────────────────────
def test_a_mandate_holds_from_its_first_moment_to_before_its_last(desk: Desk, noon: datetime) -> None:
    given = grant(desk.employee, ["positive"], now=noon)
    for at, holds in [
        (given.valid_from - timedelta(seconds=1), False),
        (given.valid_from, True),
        (given.valid_until - timedelta(seconds=1), True),
        (given.valid_until, False),
    ]:
        assert isinstance(policy.mandate_of(desk.employee, ["positive"], now=at), Covered) is holds


def test_every_category_of_a_post_must_be_covered(desk: Desk, noon: datetime) -> None:
    grant(desk.employee, ["positive"], now=noon)
    found = policy.mandate_of(desk.employee, ["positive", "untruth"], now=noon)
    assert isinstance(found, NotCovered)
    assert (found.reason, found.category) == (Lack.OTHER_CATEGORY, "untruth")


def test_a_role_is_no_mandate(desk: Desk, noon: datetime) -> None:
    Mandate.objects.filter(holder=desk.lead).delete()
    assert isinstance(policy.mandate_of(desk.lead, ["positive"], now=noon), NotCovered)


def test_publishing_a_scheme_is_in_the_trail(desk: Desk) -> None:
    call_command("scheme", "publish", stdout=StringIO())
    event = AuditEvent.objects.get(subject__startswith="scheme:")
    current = SchemeVersion.objects.get(is_current=True)
    assert (event.action, event.facts["checksum"]) == ("scheme published", current.checksum)
