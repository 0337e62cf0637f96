"""The newest cases that hold what somebody looks for, held against a plain look at every case."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from cases.models import Case
from cases.reads import searching
from cases.reads.inbox import token_of
from cases.reads.searching import Filter, Found, newest
from cases.services import triage
from monitoring import search
from monitoring.connectors.base import AuthorRef
from monitoring.queries.looking import holds, pattern_of, terms_of
from tests.cases.steps import choose, judge
from tests.world import Desk, mention

N = 120
OFTEN, SELDOM, ONCE = "loswal", "rookwolk", "sirene"


def plain(words: str, *, state: str = "") -> list[Found]:
    tests = tuple(map(pattern_of, terms_of(words)))
    cases = Case.objects.select_related("post__author").order_by("-posted_at", "-pk")
    return [
        (case.pk, case.posted_at)
        for case in (cases.filter(state=state) if state else cases)
        if holds(case.post.text, tests) or holds(f"{case.post.author.name} {case.post.author.handle}", tests)
    ]


@pytest.fixture(autouse=True)
def short_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens at thousands of posts happens at a dozen: the bounds themselves are small."""
    monkeypatch.setattr(searching, "FIRST", 6)
    monkeypatch.setattr(searching, "BLOCK", 7)
    monkeypatch.setattr(searching, "SHORTEST", timedelta(seconds=1))
    monkeypatch.setattr(search, "MOST", 9)


@pytest.fixture
def told(desk: Desk, noon: datetime) -> None:
    """Posts that came in another order than posted, several in a second, some after a gap."""
    chance = Random(4)
    posts = []
    for n in range(N):
        words = [word for word, share in ((OFTEN, 0.5), (SELDOM, 0.1)) if chance.random() < share]
        words += [ONCE] if n == 3 else []
        ago = timedelta(seconds=chance.choice([n // 5, n * 60, 400 * n, 90 * 86_400 + n // 4]))
        handle = f"{SELDOM}_krant" if n % 29 == 0 else f"lezer_{n % 7}"
        text = f"Bericht {n} {chance.random()} {' '.join(words)}"
        author = AuthorRef(handle, handle, f"Lezer {n % 7}", 10)
        posts.append(replace(mention(n, text, at=noon - ago), author=author))
    desk.hear(*posts)


@pytest.mark.parametrize(
    "words", [OFTEN, SELDOM, ONCE, f"{OFTEN} {SELDOM}", "rook", "bericht", '"bericht 7"', "x9"]
)
def test_what_is_found_is_the_newest_there_is_page_after_page(
    words: str, told: None, desk: Desk, noon: datetime
) -> None:
    met: list[Found] = []
    while page := newest(
        desk.officer,
        Filter(text=words),
        now=noon,
        most=4,
        after=token_of(met[-1][1], met[-1][0]) if met else "",
    ):
        met += page
    assert met == plain(words)


def test_words_and_a_state_narrow_together(told: None, desk: Desk, noon: datetime) -> None:
    for case in Case.objects.order_by("posted_at")[:15]:
        triage.dismiss(case, reason="niet over ons", by=desk.officer, now=noon)
    found = newest(desk.officer, Filter(text=OFTEN, state="dismissed"), now=noon, most=N)
    assert found == plain(OFTEN, state="dismissed")
    assert 0 < len(found) < len(plain(OFTEN))


def test_overdue_is_what_the_leads_are_told_of_and_not_what_is_watched(desk: Desk, noon: datetime) -> None:
    late, under_watch = desk.hear(mention(1, at=noon), mention(2, at=noon))
    choose(judge(under_watch, "insult", by=desk.officer, now=noon), "watch", by=desk.officer, now=noon)
    due_at = max(Case.objects.values_list("due_at", flat=True))
    wanted = Filter(is_overdue=True)
    assert newest(desk.officer, wanted, now=noon, most=9) == []
    assert [pk for pk, _ in newest(desk.officer, wanted, now=due_at, most=9)] == [late.pk]
