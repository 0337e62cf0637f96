"""The query language: what is read in a text, how it is printed, and how it is refused."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitoring.queries.faults import MAX_CHARS, MAX_DEPTH, MAX_TERMS
from monitoring.queries.language import BadQuery, Fault, is_on_person, parse
from monitoring.queries.tree import (
    And,
    From,
    Handle,
    Lang,
    Near,
    Not,
    Or,
    Phrase,
    Platform,
    Prefix,
    Tag,
    Word,
    leaves,
)
from tests.monitoring.queries.examples import queries

BRAND, ROOK, HAVEN = Word("brand"), Word("rook"), Word("haven")


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("brand", BRAND),
        ("brand rook", And((BRAND, ROOK))),
        ("brand AND rook", And((BRAND, ROOK))),
        ("brand EN rook", And((BRAND, ROOK))),
        ("brand OR rook", Or((BRAND, ROOK))),
        ("brand OF rook", Or((BRAND, ROOK))),
        ("brand NOT rook", And((BRAND, Not(ROOK)))),
        ("brand NIET rook", And((BRAND, Not(ROOK)))),
        ("brand -rook", And((BRAND, Not(ROOK)))),
        ("brand –rook", And((BRAND, Not(ROOK)))),
        ("NOT rook brand", And((Not(ROOK), BRAND))),
        ("brand NOT NOT rook", And((BRAND, ROOK))),
        ("brand rook OR haven", Or((And((BRAND, ROOK)), HAVEN))),
        ("brand (rook OR haven)", And((BRAND, Or((ROOK, HAVEN))))),
        ("brand -(rook OR haven)", And((BRAND, Not(Or((ROOK, HAVEN)))))),
        ("brand (rook, haven)", And((BRAND, Or((ROOK, HAVEN))))),
        ("(brand)", BRAND),
        ("brand AND (rook AND haven)", And((BRAND, ROOK, HAVEN))),
        ("brand brand", BRAND),
        ("brand or rook", And((BRAND, Word("or"), ROOK))),
        ('brand "OR" rook', And((BRAND, Word("OR"), ROOK))),
        ('"grote brand"', Phrase(("grote", "brand"))),
        ("“grote brand”", Phrase(("grote", "brand"))),
        ("„grote brand”", Phrase(("grote", "brand"))),
        ("«grote  brand»", Phrase(("grote", "brand"))),
        ('"brand"', BRAND),
        ("brand NEAR/5 rook", Near((BRAND, ROOK), 5)),
        ("brand NABIJ/5 rook NABIJ/5 haven", Near((BRAND, ROOK, HAVEN), 5)),
        ('bran* NEAR/2 "grote rook"', Near((Prefix("bran"), Phrase(("grote", "rook"))), 2)),
        ("haven brand NEAR/5 rook", And((HAVEN, Near((BRAND, ROOK), 5)))),
        ("brandw*", Prefix("brandw")),
        ("#brandw*", Prefix("#brandw")),
        ("=café", Word("café", exact=True)),
        ("#loswal", Tag("loswal")),
        ("@vr_loswal", Handle("vr_loswal")),
        ("@jan.bsky.social", Handle("jan.bsky.social")),
        ("@jan@server.example", Handle("jan@server.example")),
        ("from:@jan", From("jan")),
        ("van:jan", From("jan")),
        ("lang:NL", Lang("nl")),
        ("taal:nl-be", Lang("nl-be")),
        ("Platform:X", Platform("x")),
        ("nl-alert", Word("nl-alert")),
        ("12:30", Word("12:30")),
        ("🔥", Word("🔥")),
        ("cafe\u0301", Word("café")),
        ("#loswal!", Tag("loswal")),
    ],
)
def test_a_query_reads_as_its_tree(text, root):
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "root"),
    [
        ("brand, rook\nhaven", Or((BRAND, ROOK, HAVEN))),
        (",brand,,\n rook ,", Or((BRAND, ROOK))),
        ("brand, rook, -haven", And((Or((BRAND, ROOK)), Not(HAVEN)))),
        ("-haven, brand, rook", And((Or((BRAND, ROOK)), Not(HAVEN)))),
        ("brand, rook -haven", Or((BRAND, And((ROOK, Not(HAVEN)))))),
        ("brand OR\nrook", Or((BRAND, ROOK))),
        ("brand\nOR rook", Or((BRAND, ROOK))),
        ("brand AND (\n  rook\n  haven\n)", And((BRAND, Or((ROOK, HAVEN))))),
    ],
)
def test_commas_and_new_lines_are_or_and_what_only_excludes_counts_for_the_whole_list(text, root):
    assert parse(text).root == root


@pytest.mark.parametrize(
    ("text", "fault", "position", "length"),
    [
        ("", Fault.NOTHING, 1, 1),
        (" ,\n", Fault.NOTHING, 1, 1),
        ("-oefening", Fault.ONLY_EXCLUDED, 1, 9),
        ("brand OR -oefening", Fault.EXCLUDED_IN_OR, 10, 1),
        ('brand, "grote brand', Fault.UNCLOSED, 8, 12),
        ("brand (rook", Fault.NOT_CLOSED, 7, 1),
        ("brand) rook", Fault.NOT_OPENED, 6, 1),
        ("brand ()", Fault.NOTHING_AFTER, 7, 1),
        ("brand, #", Fault.NO_LETTERS, 8, 1),
        ('brand, ""', Fault.NO_LETTERS, 8, 2),
        ("brand - rook", Fault.NO_LETTERS, 7, 1),
        ("brand AND", Fault.NOTHING_AFTER, 7, 3),
        ("brand AND OF rook", Fault.NOTHING_AFTER, 7, 3),
        ("OR brand", Fault.NOTHING_BEFORE, 1, 2),
        ("NEAR/5 brand", Fault.NOTHING_BEFORE, 1, 6),
        ("brand NEAR rook", Fault.NEAR_DISTANCE, 7, 4),
        ("brand NEAR/0 rook", Fault.NEAR_DISTANCE, 7, 6),
        ("brand NEAR/51 rook", Fault.NEAR_DISTANCE, 7, 7),
        ("brand NEAR/5 (rook OR haven)", Fault.NEAR_PARTS, 14, 1),
        ("brand NEAR/5 -rook", Fault.NEAR_PARTS, 14, 1),
        ("brand NEAR/5 #rook", Fault.NEAR_PARTS, 14, 5),
        ("brand NEAR/5 =rook", Fault.NEAR_PARTS, 14, 5),
        ("brand NEAR/5 rook NEAR/6 haven", Fault.NEAR_MIXED, 19, 6),
        ("b*", Fault.PREFIX, 1, 2),
        ("br*nd", Fault.PREFIX, 1, 5),
        ("nl-al*", Fault.PREFIX, 1, 6),
        ("*", Fault.PREFIX, 1, 1),
        ("==a", Fault.EXACT, 1, 3),
        ("=#a", Fault.EXACT, 1, 3),
        ("#nl-alert", Fault.SIGN, 1, 9),
        ("##brand", Fault.SIGN, 1, 7),
        ("from: jan", Fault.FIELD, 1, 5),
        ("brand lang:dutch", Fault.FIELD, 7, 10),
        ("platform:-", Fault.FIELD, 1, 10),
    ],
)
def test_a_bad_query_says_what_is_wrong_and_where(text, fault, position, length):
    with pytest.raises(BadQuery) as refused:
        parse(text)
    assert (refused.value.fault, refused.value.position, refused.value.length) == (fault, position, length)
    assert str(refused.value) == f"{fault} (character {position})"


@pytest.mark.parametrize(
    ("text", "fault", "position"),
    [
        ("a" * (MAX_CHARS + 1), Fault.TOO_LONG, MAX_CHARS + 1),
        ("a " * MAX_TERMS + "b", Fault.TOO_MANY, 2 * MAX_TERMS + 1),
        ('"' + "a " * MAX_TERMS + 'a"', Fault.TOO_MANY, 1),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), Fault.TOO_DEEP, MAX_DEPTH + 1),
        ("b " + "-" * (MAX_DEPTH + 1) + "a", Fault.TOO_DEEP, MAX_DEPTH + 3),
        ("(" * MAX_CHARS, Fault.TOO_DEEP, MAX_DEPTH + 1),
    ],
)
def test_length_number_and_depth_have_limits(text, fault, position):
    with pytest.raises(BadQuery) as refused:
        parse(text)
    assert (refused.value.fault, refused.value.position) == (fault, position)


def test_at_the_limits_a_query_is_taken():
    assert parse("a" * MAX_CHARS)
    assert len(leaves(parse(" ".join(f"a{n}" for n in range(MAX_TERMS))).root)) == MAX_TERMS
    assert parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH).root == Word("a")


@pytest.mark.parametrize(
    ("text", "is_so"),
    [("brand", False), ("brand van:jan", True), ("brand -@jan", True), ("brand #jan", False)],
)
def test_a_query_that_names_an_account_may_be_on_a_person(text, is_so):
    assert is_on_person(parse(text)) is is_so


def _parsed_or_refused(text):
    try:
        query = parse(text)
    except BadQuery as refused:
        assert 1 <= refused.position <= len(text) + 1
        assert refused.length >= 1
        return None
    return query


@given(st.text())
@example("\x00")
@example("\ud800")
def test_any_text_is_read_or_refused_and_never_breaks(text):
    _parsed_or_refused(text)


@given(st.text(alphabet='ab é\u0301-–"“(),\n*=#@:.🔥', max_size=40))
def test_any_heap_of_signs_is_read_or_refused_and_prints_as_itself(text):
    query = _parsed_or_refused(text)
    if query is not None:
        assert parse(str(query)) == query


@given(queries())
def test_a_printed_tree_reads_as_the_same_tree(text):
    query = parse(text)
    assert parse(str(query)) == query


@given(queries())
def test_accents_taken_apart_change_nothing(text):
    assert parse(unicodedata.normalize("NFD", text)) == parse(text)
