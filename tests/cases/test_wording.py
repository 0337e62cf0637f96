"""Sentences about alarms: from the stored numbers, in both languages, never pieces glued together."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from cases import wording
from cases.models import Case, Escalation
from cases.reasons import reasons, strongest
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
            "14 posts in the last hour; usual is 2 to 3. Chance of this by accident: less than 1 in 10,000.",
        ),
        (
            {"n": 1, "usual_high": 2},
            "1 post in the last hour; usual is 2. Chance of this by accident: less than 1 in 10,000.",
        ),
        ({"window_s": 900, "level": 0}, "14 posts in the last 15 minutes; usual is 2 to 3."),
    ],
)
def test_the_numbers_of_a_verdict_become_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    assert strongest(NUMBERS | changes) == sentence


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize(
    ("probability", "odds"),
    [(0.0999, "10"), (9.9e-4, "1,000"), (1e-4, "1,000"), (9.9e-5, "10,000"), (1e-40, "1,000,000")],
)
def test_the_chance_is_never_told_smaller_than_it_is(probability: float, odds: str) -> None:
    assert strongest(NUMBERS | {"probability": probability}).endswith(f"less than 1 in {odds}.")


def every_sign(level: int) -> list[dict[str, Any]]:
    """One sign of each kind, as a verdict keeps them."""
    volume = NUMBERS | {
        "probability": 3e-5,
        "n_60": 14,
        "weekday": 1,
        "hour": 10,
        "busiest_hours": 19 * 24 + 3,
        "watched_hours": 900,
        "posts": [7, 6],
    }
    tone = {"n_posts": 40, "n_judged": 31, "n_known": 33, "share_level": 1, "share": 0.6, "usual_share": 0.2}
    facts: dict[str, dict[str, Any]] = {
        "S1": volume,
        "S2": volume | tone | {"n": 1, "probability": 1e-9},
        "S3": {"value": 61_000, "usual": 1000, "times": 61.0, "largest": 60_000, "is_usual_known": True},
        "S4": {"platforms": ["reddit", "youtube"], "days": 30},
        "S5": {"value": 1, "joined": [{"name": "De Stentor", "role": "press", "post": 9}]},
        "S6": {"n_60": 1200},
        "S7": {"value": 4, "quiet_hours": 97.0},
        "S8": {"due_at": "2026-01-05T09:00:00+00:00"},
    }
    return [{"id": name, "level": level, "facts": said} for name, said in facts.items()]


@pytest.mark.usefixtures("english")
def test_each_sign_has_its_sentence_from_stored_numbers_and_the_least_likely_comes_first() -> None:
    told = reasons({"signs": every_sign(2)})
    assert [reason.id for reason in told] == ["S2", "S1", "S3", "S4", "S5", "S6", "S7", "S8"]
    assert told[1].sentence == (
        "14 posts in the last hour; usual on a Tuesday between 10 and 11 h is 2 to 3. "
        "Chance of this by accident: less than 1 in 10,000. Busiest hour in 19 days."
    )
    assert told[1].posts == [7, 6]
    assert "31 of 40 judged." in told[0].sentence
    assert "60% of the posts are negative; usual is 20%." in told[0].sentence
    assert "One author alone has 60,000 followers." in told[2].sentence
    assert told[3].sentence == "It goes on where it was not in the last 30 days: Reddit, YouTube."
    assert told[4].sentence == "1 account that many listen to joined: De Stentor (press)."
    assert told[5].sentence == "1,200 replies in the last hour."


def test_the_sentences_of_the_signs_are_dutch_for_who_reads_dutch() -> None:
    with translation.override("nl"):
        told = {reason.id: reason.sentence for reason in reasons({"signs": every_sign(2)})}
    assert told["S1"].startswith("14 berichten in het laatste uur; gewoon op dinsdag tussen 10 en 11 uur")
    assert told["S6"] == "1.200 reacties in het laatste uur."
    assert told["S2"].startswith("1 negatief bericht in 60 minuten;")


@pytest.mark.usefixtures("english")
def test_a_stronger_sign_comes_before_a_less_likely_one_and_calm_signs_stay_silent() -> None:
    signs = every_sign(0)
    signs[5]["level"] = 2
    assert [reason.id for reason in reasons({"signs": signs})] == ["S6", "S1"]


@pytest.mark.usefixtures("english")
def test_a_tone_that_nobody_knows_is_said_to_be_unknown() -> None:
    facts = {"is_unknown": True, "n_known": 3, "n_posts": 40}
    told = reasons({"signs": [{"id": "S2", "level": 0, "facts": facts}]})
    assert told[0].sentence == "The tone is unknown: of 40 posts 3 were judged or hold a cue word."


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


ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 90) | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["S1", "S6", "level", "facts", "n"]), inner, max_size=2)
    ),
    max_leaves=4,
)
EVIDENCE = st.dictionaries(
    st.sampled_from("n window_s usual_low usual_high probability hour signs triggers note who".split()), ODD
)


@given(evidence=EVIDENCE, cause=st.sampled_from(["worsened", "blind", "danger", "referred", "crisis", "?"]))
def test_an_alarm_has_a_sentence_whatever_another_version_stored(
    evidence: dict[str, Any], cause: str
) -> None:
    assert wording.alarm(Escalation(case_id=3, cause=cause, level=2, evidence=evidence))
