"""Simple terms: what they find, what they leave out, and how they are refused."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitoring.queries.terms import BadTerms, Fault, Term, Terms, matches, parse


def test_commas_and_new_lines_part_terms_and_words_in_a_row_are_a_phrase():
    terms = parse('brand, grote brand\n"rook boven  de stad", #loswal, @vr_loswal, -oefening')
    assert [t.text for t in terms.wanted] == [
        "brand",
        "grote brand",
        "rook boven de stad",
        "#loswal",
        "@vr_loswal",
    ]
    assert terms.excluded == (Term("oefening"),)
    assert [t.is_phrase for t in terms.wanted] == [False, True, True, False, False]


def test_a_word_to_leave_out_needs_no_comma_before_it():
    assert parse('brand -oefening -"groot alarm"') == Terms(
        (Term("brand"),), (Term("oefening"), Term("groot alarm"))
    )


def test_doubles_and_empty_places_are_dropped():
    assert parse(",brand,,\n brand ,").wanted == (Term("brand"),)


@pytest.mark.parametrize(
    ("terms", "text", "found"),
    [
        ("brand", "Grote BRAND in de haven", True),
        ("brand", "De brandweer komt", False),
        ("brand", "#brand!", True),
        ("#brand", "brand", False),
        ("#brand", "##brand", False),
        ("#brand", "kijk: #Brand.", True),
        ("#brand", "#brandweer", False),
        ("@vr_loswal", "dank @VR_Loswal!", True),
        ("@vr_loswal", "mail@vr_loswal", False),
        ("vr_loswal", "@vr_loswal", True),
        ("grote brand", "een grote\n  brand", True),
        ("grote brand", "grote uitslaande brand", False),
        ("brand, rook", "overal rook", True),
        ("brand -oefening", "brand, maar het is een oefening", False),
        ("brand -oefening", "brand in de oefeningenhal", True),
        ("caf\u00e9", "cafe\u0301 in brand", True),
        ("cafe\u0301", "CAFÉ", True),
        ("straße", "STRASSE", True),
        ("🔥", "het is🔥heet", True),
        ("c++", "wij schrijven c++.", True),
        ("112", "bel 112!", True),
        ("112", "1122", False),
        ("it's", "it’s here", True),
        ("a.b", "axb", False),
    ],
)
def test_terms_find_whole_words_whatever_the_case_and_composition(terms, text, found):
    assert matches(parse(terms), text) is found


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ("", Fault.NOTHING, 1),
        (" ,\n", Fault.NOTHING, 1),
        ("-oefening", Fault.ONLY_EXCLUDED, 1),
        ('brand, "grote brand', Fault.UNCLOSED, 8),
        ("brand, #", Fault.NO_LETTERS, 8),
        ('brand, ""', Fault.NO_LETTERS, 8),
        ("brand, -", Fault.NO_LETTERS, 8),
        ('grote "brand"', Fault.NO_COMMA, 7),
        ("-oefening brand", Fault.NO_COMMA, 11),
    ],
)
def test_bad_terms_say_what_is_wrong_and_where(text, fault, position):
    with pytest.raises(BadTerms) as refused:
        parse(text)
    assert (refused.value.fault, refused.value.position) == (fault, position)
    assert f"(character {position})" in str(refused.value)


@given(st.text())
def test_any_text_is_parsed_or_refused_and_never_breaks(text):
    try:
        terms = parse(text)
    except BadTerms as refused:
        assert 1 <= refused.position <= len(unicodedata.normalize("NFC", text)) + 1
    else:
        assert matches(Terms(terms.wanted), f"voor {terms.wanted[0].text} na")
