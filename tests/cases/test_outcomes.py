"""What became of a message is kept as a code and said in the language of who reads it."""

import pytest
from django.utils import translation

from cases.outcomes import SENTENCES, Outcome, said


def test_every_outcome_has_a_sentence_in_both_languages() -> None:
    for outcome in Outcome:
        kept = outcome("x1")
        with translation.override("en"):
            english = said(kept)
        with translation.override("nl"):
            dutch = said(kept)
        assert dutch != english, outcome
        assert ("x1" in english) == ("%(fact)s" in SENTENCES[outcome]()), outcome


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (
            "mail server did not take it: SMTPSenderRefused",
            "de mailserver nam het niet aan (SMTPSenderRefused)",
        ),
        ("delivered", "afgeleverd"),
        ("what an older version wrote", "what an older version wrote"),
        ("", ""),
    ],
)
def test_an_outcome_is_said_with_its_fact_and_an_unknown_one_as_it_is(kept: str, sentence: str) -> None:
    with translation.override("nl"):
        assert said(kept) == sentence
