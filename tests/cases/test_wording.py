"""Sentences about alarms: from the stored numbers, in both languages, never pieces glued together."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation

from cases import wording
from cases.models import Case, Escalation
from tests.world import Desk

NUMBERS = {
    "n": 14,
    "window_s": 3600,
    "usual_low": 2,
    "usual_high": 3,
    "level": 2,
    "probability": 3e-5,
}


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {},
            "14 posts in the last 60 minutes; usual is 2 to 3. "
            "Chance of this by accident: less than 1 in 10,000.",
        ),
        (
            {"n": 1, "usual_high": 2},
            "1 post in the last 60 minutes; usual is 2. Chance of this by accident: less than 1 in 10,000.",
        ),
        ({"window_s": 900, "level": 0}, "14 posts in the last 15 minutes; usual is 2 to 3."),
    ],
)
def test_the_numbers_of_a_verdict_become_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert wording.worse(NUMBERS | changes) == sentence


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("probability", "odds"),
    [(0.0999, "10"), (9.9e-4, "1,000"), (1e-4, "1,000"), (9.9e-5, "10,000"), (1e-40, "1,000,000")],
)
def test_the_chance_is_never_told_smaller_than_it_is(probability: float, odds: str) -> None:
    assert wording.worse(NUMBERS | {"probability": probability}).endswith(f"less than 1 in {odds}.")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "nl"])
@pytest.mark.parametrize("cause", ["worsened", "blind", "person says worse", "danger", "referred", "else"])
def test_every_cause_of_an_alarm_has_its_sentence(
    cause: str, language: str, case: Case, noon: datetime
) -> None:
    alarm = Escalation(case=case, cause=cause, level=2, evidence={"note": "kijk snel"}, ladder=[])
    with translation.override(language):
        told = wording.alarm(alarm)
    assert str(case.pk) in told
    assert told.endswith("kijk snel")


@pytest.mark.django_db
@pytest.mark.usefixtures("english")
def test_an_alarm_with_numbers_tells_them_and_one_without_tells_what_somebody_wrote(
    case: Case, desk: Desk
) -> None:
    counted = Escalation(case=case, cause="worsened", level=2, evidence=NUMBERS, ladder=[])
    said = Escalation(case=case, cause="referred", level=2, evidence={"note": "the press"}, ladder=[])
    silent = Escalation(case=case, cause="danger", level=3, evidence={}, ladder=[])
    n = case.pk
    assert wording.alarm(counted).startswith(f"The situation around case {n} gets worse. 14 posts in")
    assert wording.alarm(said) == f"Case {n} was handed to communications. the press"
    assert wording.alarm(silent) == f"Danger to life in case {n}. Call the control room now."
