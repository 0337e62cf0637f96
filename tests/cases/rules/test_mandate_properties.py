"""What always holds of mandates: fewer never cover more, and handing on never widens or outlives."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from cases.rules.mandate import (
    ALL,
    PRIORITIES,
    Ask,
    Covered,
    Grant,
    answerable,
    covers,
    covers_all,
    narrowed,
    resolved,
    widens,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CATEGORIES = ("positive", "joke", "untruth")
OPTIONS = ("reply_public", "reply_direct")
ACCOUNTS = ("x", "credential:7")
READERS = ("public", "direct")
HOURS = st.integers(-48, 48)


def some(names: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from((*names, ALL)), max_size=3)


@st.composite
def grants(draw: st.DrawFn, number: int = 1, above: int | None = None) -> Grant:
    start, end = draw(HOURS), draw(HOURS)
    return Grant(
        7,
        draw(some(CATEGORIES)),
        NOON + timedelta(hours=start),
        NOON + timedelta(hours=end),
        number,
        options=draw(some(OPTIONS)),
        accounts=draw(some(ACCOUNTS)),
        visibilities=draw(some(READERS)),
        highest_priority=draw(st.sampled_from(PRIORITIES)),
        delegated_from=above,
    )


ASKS = st.builds(
    Ask,
    option=st.sampled_from(("", *OPTIONS)),
    account=st.lists(st.sampled_from(ACCOUNTS), max_size=2, unique=True).map(tuple),
    visibility=st.sampled_from(("", *READERS)),
    priority=st.sampled_from(("", *PRIORITIES)),
)
MOMENTS = HOURS.map(lambda hours: NOON + timedelta(hours=hours))
WANTED = st.lists(st.sampled_from(CATEGORIES), unique=True)


def holds(held: list[Grant], wanted: list[str], on: datetime, ask: Ask) -> bool:
    return isinstance(covers_all(held, categories=wanted, on=on, ask=ask), Covered)


@given(st.lists(grants(), max_size=4), st.data(), WANTED, MOMENTS, ASKS)
def test_fewer_grants_never_cover_more(
    held: list[Grant], data: st.DataObject, wanted: list[str], on: datetime, ask: Ask
) -> None:
    fewer = [grant for grant in held if data.draw(st.booleans())]
    assert holds(held, wanted, on, ask) or not holds(fewer, wanted, on, ask)


@given(st.lists(grants(), max_size=4), st.sampled_from(CATEGORIES), MOMENTS, ASKS)
def test_what_is_asked_beside_never_makes_a_mandate_hold_for_more(
    held: list[Grant], category: str, on: datetime, ask: Ask
) -> None:
    if isinstance(covers(held, category=category, on=on, ask=ask), Covered):
        assert isinstance(covers(held, category=category, on=on), Covered)
        assert category in answerable(held, on=on, ask=ask) or ALL in answerable(held, on=on, ask=ask)


@given(grants(), grants(2), WANTED, MOMENTS, ASKS)
def test_a_narrowed_grant_holds_exactly_where_both_hold(
    one: Grant, other: Grant, wanted: list[str], on: datetime, ask: Ask
) -> None:
    wanted = wanted or ["joke"]
    ask = Ask(ask.option, ask.account[:1], ask.visibility, ask.priority)
    both = holds([one], wanted, on, ask) and holds([other], wanted, on, ask)
    assert holds([narrowed(one, other)], wanted, on, ask) == both
    assert widens(narrowed(one, other), other) == []


@given(st.data(), st.integers(1, 5), WANTED, MOMENTS, ASKS)
def test_what_was_handed_on_never_holds_where_one_above_it_does_not(
    data: st.DataObject, length: int, wanted: list[str], on: datetime, ask: Ask
) -> None:
    chain = [data.draw(grants(number=n, above=n - 1 or None)) for n in range(1, length + 1)]
    known = {grant.number: grant for grant in chain if grant.number}
    last = resolved([chain[-1]], known)
    assert len(last) == 1
    assert last[0].valid_until == min(grant.valid_until for grant in chain)
    if holds(last, wanted, on, ask):
        assert all(holds([grant], wanted, on, ask) for grant in chain)


@given(st.data(), st.integers(1, 5))
def test_a_circle_of_handing_on_ends_and_holds_for_nothing(data: st.DataObject, length: int) -> None:
    circle = [data.draw(grants(number=n, above=n % length + 1)) for n in range(1, length + 1)]
    outside = data.draw(grants(number=9, above=1))
    known = {grant.number: grant for grant in circle if grant.number}
    assert resolved([*circle, outside], known) == []
    assert resolved([outside], {}) == []
