"""Topics of a situation: which stand in which section, how many there are, and page after page of them."""

from datetime import datetime, timedelta

import pytest

from cases.models import Case, Situation
from cases.reads import topics as read
from cases.reads.topics import Section, Sieve, Topics
from cases.services import joining, situations
from cases.services.situations import Plan
from tests.world import Desk, mention

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def fire(desk: Desk, noon: datetime) -> Situation:
    return situations.open_situation(Plan("De Loswal"), by=desk.officer, now=noon)


def told(desk: Desk, fire: Situation, name: str, n: int, *, at: datetime) -> Case:
    """A story that was told `n` times."""
    text = mention(name, at=at).text
    cases = desk.hear(*(mention(f"{name}-{i}", text, at=at) for i in range(n)), now=at)
    joining.join(fire, [cases[0].pk], by=desk.officer, now=at)
    return cases[0]


def sections(found: Topics) -> dict[Section, tuple[int, int, list[int]]]:
    return {
        each.section: (each.n_topics, each.n_posts, [topic.id for topic in each.topics])
        for each in found.sections
        if each.n_topics
    }


def test_what_grows_stands_apart_and_is_counted_once(desk: Desk, fire: Situation, noon: datetime) -> None:
    rising = told(desk, fire, "rising", 7, at=noon + MINUTE)
    calm = told(desk, fire, "calm", 3, at=noon + MINUTE)
    found = read.topics(desk.officer, fire, now=noon + 2 * MINUTE)
    assert (found.n_topics, found.n_posts) == (2, 10)
    assert sections(found) == {Section.GROWING: (1, 7, [rising.pk]), Section.REST: (1, 3, [calm.pk])}


def test_a_growing_story_that_was_read_is_in_no_section(desk: Desk, fire: Situation, noon: datetime) -> None:
    rising = told(desk, fire, "rising", 7, at=noon + MINUTE)
    Case.objects.filter(pk=rising.pk).update(state="assessed")
    assert sections(read.topics(desk.officer, fire, now=noon + 2 * MINUTE)) == {}


def test_only_what_is_new_leaves_out_what_was_seen_and_what_is_known(
    desk: Desk, fire: Situation, noon: datetime
) -> None:
    seen = told(desk, fire, "seen", 7, at=noon + MINUTE)
    fresh = told(desk, fire, "fresh", 8, at=noon + MINUTE)
    sieve = Sieve(only_new=True, since=fresh.pk - 1)
    found = read.topics(desk.officer, fire, now=noon + 2 * MINUTE, sieve=sieve)
    assert sections(found) == {Section.GROWING: (1, 8, [fresh.pk])}
    assert seen.pk < fresh.pk


@pytest.mark.parametrize("section", [Section.GROWING, Section.REST])
def test_the_pages_of_a_section_hold_every_topic_once(
    section: Section, desk: Desk, fire: Situation, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "PAGE", 2)
    n = 6 if section is Section.GROWING else 1
    wanted = [told(desk, fire, f"s{i}", n + i % 2, at=noon + MINUTE).pk for i in range(5)]
    shown: list[int] = []
    after = ""
    for _ in range(3):
        sieve = Sieve(section=section, after=after)
        (listed,) = read.topics(desk.officer, fire, now=noon + 2 * MINUTE, sieve=sieve).sections
        assert listed.n_topics == 5
        shown += [topic.id for topic in listed.topics]
        after = listed.after
    assert (sorted(shown), after) == (sorted(wanted), "")


@pytest.mark.parametrize("token", ["x", "1_", "_", "9" * 18 + "_" + "9" * 18, "²_1"])
def test_a_place_that_is_not_ours_breaks_nothing(
    token: str, desk: Desk, fire: Situation, noon: datetime
) -> None:
    told(desk, fire, "one", 2, at=noon + MINUTE)
    for section in Section:
        read.topics(desk.officer, fire, now=noon, sieve=Sieve(section=section, after=token))
