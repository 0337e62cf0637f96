"""Several lists in rounds: shares, turns, and pages that are kept back."""

from decimal import Decimal

import pytest

from monitoring.connectors.base import Gap, Page, Rejected
from monitoring.connectors.errors import Unavailable
from monitoring.connectors.rounds import Part, in_rounds

BAD = (Rejected("{}", "kapot"),)


class Lists:
    """Lists on paper: so many pages each, of which a poll may read `most` together, `share` of one."""

    def __init__(self, most=99, share=99, **pages):
        self.pages, self.most, self.share = pages, most, share
        self.asked = []

    def read(self, name, state, n_left):
        at = state.get("at", 0)
        for page in self.pages[name][at : at + self.share]:
            if self.most == 0:
                return
            self.most -= 1
            at += 1
            self.asked.append(name)
            yield Part(Page((), {"at": at}, page, cost=Decimal("0.5")), done=at >= len(self.pages[name]))

    def poll(self, cursor=None):
        return list(in_rounds(list(self.pages), cursor or {}, self.read, is_spent=lambda: self.most == 0))


def test_a_round_is_over_after_the_last_list():
    lists = Lists(a=[BAD], b=[BAD], c=[BAD])
    found = lists.poll()
    assert [page.last for page in found] == [False, False, True]
    assert [page.cursor.get("turn") for page in found] == ["b", "c", None]
    assert found[-1].cursor == {"a": {"at": 1}, "b": {"at": 1}, "c": {"at": 1}}


def test_a_poll_that_ends_early_goes_on_with_the_list_whose_turn_it_is():
    first = Lists(most=2, a=[BAD], b=[BAD], c=[BAD]).poll()
    assert not first[-1].last
    rest = Lists(a=[BAD], b=[BAD], c=[BAD])
    assert rest.poll(first[-1].cursor)[-1].last
    assert rest.asked == ["c"]


def test_a_list_with_more_than_its_share_begins_the_next_round_at_once():
    lists = Lists(share=1, a=[BAD, BAD], b=[BAD])
    first = lists.poll()
    assert lists.asked == ["a", "b"]
    assert not first[-1].last
    assert "turn" not in first[-1].cursor


def test_quiet_lists_are_one_page_with_the_cost_of_all():
    [page] = Lists(a=[()], b=[()], c=[()]).poll()
    assert (page.last, page.units, page.cost) == (True, 3, Decimal("1.5"))


def test_what_was_kept_back_is_given_when_the_budget_or_the_platform_ends_it():
    quiet = {name: [()] for name in "abc"}
    [page] = Lists(most=2, **quiet).poll()
    assert (page.last, page.units, page.cursor["turn"]) == (False, 2, "c")

    def broken(name, state, n_left):
        yield Part(Page((), {"at": 1}), done=True)
        raise Unavailable("stuk")

    reading = in_rounds(["a", "b"], {}, broken, is_spent=lambda: False)
    assert next(reading).cursor == {"a": {"at": 1}, "turn": "b"}
    with pytest.raises(Unavailable):
        next(reading)


def test_a_page_with_a_gap_is_not_kept_back(noon):
    def read(name, state, n_left):
        yield Part(Page((), {}, gaps=(Gap(noon, noon, "te oud"),)), done=True)

    assert len(list(in_rounds(["a", "b"], {}, read, is_spent=lambda: False))) == 2


def test_lists_that_are_no_longer_asked_for_are_forgotten():
    [*_, page] = Lists(a=[BAD]).poll({"a": {}, "weg": {"at": 3}, "turn": "weg", "behind": True})
    assert page.cursor == {"a": {"at": 1}}
    assert page.last
