"""Two versions of a scheme are compared by what they say, not by how they are laid out."""

from cases.rules.scheme_diff import differences
from cases.rules.scheme_load import SCHEMES

TEXT = (SCHEMES / "vdmmp-1.toml").read_text(encoding="utf-8")


def test_the_same_text_with_other_layout_and_comments_has_no_difference() -> None:
    assert differences(TEXT, "# another comment\n\n" + TEXT) == []


def test_a_changed_word_is_named_with_its_place() -> None:
    later = TEXT.replace('version = "1.0"', 'version = "1.1"').replace(
        'text.en = "Do we like this joke?"', 'text.en = "Is it funny?"'
    )
    assert [str(each) for each in differences(TEXT, later)] == [
        "~ version: 1.0 → 1.1",
        "~ questions Q2b_liked, text, en: Do we like this joke? → Is it funny?",
    ]


def test_what_is_new_and_what_is_gone_are_said_so() -> None:
    start = TEXT.index('[[advices.duties]]\nid = "A1.3"')
    end = TEXT.index('[[advices.duties]]\nid = "A1.4"')
    shorter = TEXT[:start] + TEXT[end:]
    gone, new = differences(TEXT, shorter), differences(shorter, TEXT)
    assert len(gone) == len(new) == 5
    assert all(each.after is None and str(each).startswith("- advices A1, duties A1.3") for each in gone)
    assert all(each.before is None and str(each).startswith("+ advices A1, duties A1.3") for each in new)


def test_another_order_of_named_parts_is_no_difference() -> None:
    start = TEXT.index('[[extensions]]\nid = "neutral"')
    end = TEXT.index('[[extensions]]\nid = "question"')
    after = TEXT.index('[[extensions]]\nid = "rumour"')
    moved = TEXT[:start] + TEXT[end:after] + TEXT[start:end] + TEXT[after:]
    assert differences(TEXT, moved) == []
