"""What says who wrote or who is meant is left out of a text; the rest of it stays."""

import pytest

from cases.rules.masking import masked, plain, shortened


@pytest.mark.parametrize(
    "name",
    [
        "@jan",
        "@jan@mastodon.example",
        "u/henk_1",
        "jan.de.vries+brand@huis.example",
        "https://x.example/@jan/status/1",
        "www.huis.example/jan",
        "nu.nl/artikel",
        "06-12345678",
        "0612345678",
        "+31 6 12 34 56 78",
        "(010) 123 45 67",
        "0031612345678",
        "0186-123456",
        "GX-123-B",
        "12-ABC-3",
        "99-xx-99",
        "NL91 ABNA 0417 1643 00",
    ],
)
def test_a_name_or_number_of_somebody_is_left_out(name: str) -> None:
    said = masked(f"Er is brand bij {name} en veel rook")
    assert name not in said
    assert said.startswith("Er is brand bij ") and said.endswith(" en veel rook")
    assert "…" in said


@pytest.mark.parametrize(
    "text",
    [
        "Op 23-11-2026 14:30 zijn er 20.000 en 110.000 posts",
        "Bel 112 of 0800-1351",
        "GRIP-2 bij de A16, een 80-jarige en 5.000 mensen",
        "Het is 1,234,567 euro waard",
    ],
)
def test_times_amounts_and_public_numbers_stay(text: str) -> None:
    assert masked(text) == text


def test_a_text_is_one_line_without_signs_that_turn_it() -> None:
    assert plain("een\n\ttwee \u202edrie\x00") == "een twee drie"


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shortened("brand op de loswal in de haven", 14) == "brand op de…"
    assert shortened("w" * 30, 10) == "w" * 9 + "…"
    assert shortened("kort", 10) == "kort"
