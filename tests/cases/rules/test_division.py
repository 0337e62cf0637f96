"""Who gets a new case: the first rule that fits, and of those it means one with the fewest open cases."""

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.division import Asked, Fitting, chosen, first_fitting, fits
from monitoring.queries.matching import Document

WORDS = ("brand", "rook", "haven", "brand OF rook", "-rook brand", "")
some = st.lists(st.sampled_from(["nl", "en", "de"]), max_size=2, unique=True).map(tuple)
platforms = st.lists(st.sampled_from(["x", "mastodon"]), max_size=2, unique=True).map(tuple)
categories = st.lists(st.sampled_from(["insult", "joke", "untruth"]), max_size=2, unique=True).map(tuple)
rules = st.lists(
    st.builds(
        Fitting,
        id=st.integers(1, 99),
        name=st.just("rule"),
        words=st.sampled_from(WORDS),
        languages=some,
        platforms=platforms,
        categories=categories,
    ),
    max_size=6,
)


@st.composite
def posts(draw: st.DrawFn) -> Asked:
    text = " ".join(draw(st.lists(st.sampled_from(["brand", "rook", "haven", "weg"]), max_size=4)))
    language = draw(st.sampled_from(["nl", "nl-BE", "en", ""]))
    platform = draw(st.sampled_from(["x", "mastodon", "rss"]))
    return Asked(Document(text, "jan", language, platform), language, platform, draw(categories))


@given(rules, posts())
def test_the_first_rule_that_fits_decides_and_no_rule_before_it_fits(
    found: list[Fitting], asked: Asked
) -> None:
    rule = first_fitting(found, asked)
    before = found if rule is None else found[: found.index(rule)]
    assert not any(fits(other, asked) for other in before)
    assert rule is None or fits(rule, asked)


@given(rules, posts())
def test_a_rule_fits_when_all_that_it_asks_holds(found: list[Fitting], asked: Asked) -> None:
    for rule in found:
        if not fits(rule, asked):
            continue
        assert not rule.platforms or asked.platform in rule.platforms
        assert not rule.languages or asked.language[:2] in rule.languages
        assert not rule.categories or set(rule.categories) & set(asked.categories)


@given(
    st.lists(st.integers(1, 9), unique=True, max_size=6),
    st.dictionaries(st.integers(1, 9), st.integers(0, 20)),
)
def test_load_picks_somebody_of_those_meant_with_the_fewest_open_cases(
    people: list[int], loads: dict[int, int]
) -> None:
    found = chosen(people, loads, by_load=True)
    if not people:
        assert found is None
        return
    assert found in people
    assert all(loads.get(found or 0, 0) <= loads.get(other, 0) for other in people)
    assert chosen(people, loads, by_load=False) == people[0]


def test_words_that_an_older_version_took_fit_nothing_and_stop_nothing() -> None:
    asked = Asked(Document("brand"), "nl", "x")
    assert not fits(Fitting(1, "old", words="(brand"), asked)
