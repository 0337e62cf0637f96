"""What a query asks for is marked in a text, whatever the accents, and the text stays whole."""

import pytest

from monitoring.marks import marked
from monitoring.queries.language import parse


def found(query: str, text: str) -> list[str]:
    pieces = marked(text, parse(query).root)
    assert "".join(piece for piece, _ in pieces) == text
    return [piece for piece, is_found in pieces if is_found]


@pytest.mark.parametrize(
    ("query", "text", "pieces"),
    [
        ("brand", "Brand! De brandweer blust de BRAND.", ["Brand", "BRAND"]),
        ("cafe", "Café Één", ["Café"]),
        ('"grote brand"', "een grote brand, de grote brandweer", ["grote brand"]),
        ("evac*", "Evacuatie en evacueren, geen evasie", ["Evacuatie", "evacueren"]),
        ("#loswal @regio", "@regio over #Loswal", ["regio", "Loswal"]),
        ("rook NEAR/5 school", "school in de rook", ["school", "rook"]),
        ("brand -oefening", "brand of oefening", ["brand"]),
        ("brand, grote, grote brand", "een grote brand", ["grote", "brand"]),
        ("from:jan OR brand", "jan ziet brand", ["brand"]),
        ("rook", "<b>rook</b> & '\"", ["rook"]),
    ],
)
def test_what_is_asked_for_is_marked_and_nothing_else(query: str, text: str, pieces: list[str]) -> None:
    assert found(query, text) == pieces


def test_a_long_text_without_a_hit_is_one_piece() -> None:
    assert marked("a " * 500, parse("brand").root) == [("a " * 500, False)]
    assert marked("", parse("brand").root) == []
