"""A mandate covers by category and by time, and says why when it does not."""

from datetime import UTC, datetime, timedelta

from cases.rules.mandate import ALL, Covered, Grant, Lack, NotCovered, covers, covers_all

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def grant(*categories: str, start: datetime = NOON - DAY, end: datetime = NOON + DAY) -> Grant:
    return Grant(7, frozenset(categories), start, end)


def test_a_valid_grant_for_the_category_covers() -> None:
    mine = grant("positive", "untruth")
    assert covers([mine], category="untruth", on=NOON) == Covered(mine)


def test_nobody_is_covered_without_a_grant() -> None:
    assert covers([], category="positive", on=NOON) == NotCovered(Lack.NONE, "positive")


def test_another_category_is_not_covered_and_the_held_ones_are_named() -> None:
    found = covers([grant("positive"), grant("joke")], category="untruth", on=NOON)
    assert found == NotCovered(Lack.OTHER_CATEGORY, "untruth", held=("joke", "positive"))


def test_a_grant_ends_at_its_last_moment_and_says_since_when() -> None:
    mine = grant("joke", end=NOON)
    assert isinstance(covers([mine], category="joke", on=NOON - timedelta(seconds=1)), Covered)
    assert covers([mine], category="joke", on=NOON) == NotCovered(Lack.EXPIRED, "joke", at=NOON)


def test_a_grant_that_starts_later_says_from_when() -> None:
    mine = grant("joke", start=NOON + DAY, end=NOON + 2 * DAY)
    assert covers([mine], category="joke", on=NOON) == NotCovered(Lack.NOT_YET, "joke", at=NOON + DAY)
    assert isinstance(covers([mine], category="joke", on=NOON + DAY), Covered)


def test_a_grant_for_all_categories_covers_each() -> None:
    assert isinstance(covers([grant(ALL)], category="dissatisfied", on=NOON), Covered)


def test_the_grant_that_lasts_longest_is_named() -> None:
    short, long = grant("joke"), grant("joke", end=NOON + 9 * DAY)
    assert covers([short, long], category="joke", on=NOON) == Covered(long)


def test_a_reply_to_two_categories_needs_a_mandate_for_both() -> None:
    mine = [grant("untruth")]
    assert isinstance(covers_all(mine, categories=["untruth"], on=NOON), Covered)
    found = covers_all(mine, categories=["untruth", "dissatisfied"], on=NOON)
    assert found == NotCovered(Lack.OTHER_CATEGORY, "dissatisfied", held=("untruth",))


def test_two_grants_together_cover_until_the_first_of_them_ends() -> None:
    short, long = grant("untruth"), grant("dissatisfied", end=NOON + 9 * DAY)
    assert covers_all([long, short], categories=["untruth", "dissatisfied"], on=NOON) == Covered(short)


def test_an_answer_outside_the_scheme_needs_any_valid_grant() -> None:
    ended, valid = grant("joke", end=NOON), grant("positive")
    assert covers_all([ended, valid], categories=[], on=NOON) == Covered(valid)
    assert covers_all([ended], categories=[], on=NOON) == NotCovered(Lack.EXPIRED, "joke", at=NOON)
    assert covers_all([], categories=[], on=NOON) == NotCovered(Lack.NONE, "")
