"""What is a copy and what is not, and that the index finds the copies."""

import random

import pytest

from cases.suggestions.stories import StoryIndex, is_copy, similarity, sketches, story_of

FIRE = "Grote brand bij de Loswal, hou ramen en deuren dicht tot de rook weg is"


@pytest.mark.parametrize(
    "told_again",
    [
        FIRE,
        f"RT @buurvrouw: {FIRE}",
        f"“@buurvrouw: {FIRE}” https://t.example/x1",
        FIRE.upper(),
        f"{FIRE}! @gemeente @brandweer",
        f"{FIRE} #loswal",
        f"Zojuist gehoord: {FIRE}",
        FIRE.replace("Grote brand", "Flinke brand"),
    ],
)
def test_the_same_story_told_again_is_a_copy(told_again: str) -> None:
    assert is_copy(story_of(told_again), story_of(FIRE))


@pytest.mark.parametrize(
    "another",
    [
        f"Het is niet waar: {FIRE}",
        f"{FIRE}?",
        f"{FIRE} #nep",
        f"{FIRE}, al 3 gewonden",
        "Grote drukte bij de Loswal, de braderie is begonnen en de zon schijnt",
        "",
        "@gemeente https://t.example/x1",
    ],
)
def test_a_denial_a_question_another_number_or_another_story_is_no_copy(another: str) -> None:
    assert not is_copy(story_of(another), story_of(FIRE))


def test_a_short_text_is_a_copy_of_an_equal_text_only() -> None:
    assert is_copy(story_of("Dank jullie wel!"), story_of("dank  jullie wel!"))
    assert not is_copy(story_of("Dank jullie wel!"), story_of("Dank jullie zeer!"))
    assert not is_copy(story_of("Kijk https://a.example"), story_of("Kijk https://b.example"))
    assert not is_copy(story_of(""), story_of(""))


def test_a_short_reply_belongs_to_its_conversation() -> None:
    here, there = story_of("Ja graag", conversation="x/1"), story_of("Ja graag", conversation="x/2")
    assert not is_copy(here, there)
    assert is_copy(here, story_of("Ja graag", conversation="x/1"))


def test_a_long_reply_is_a_copy_in_whatever_conversation() -> None:
    assert is_copy(story_of(FIRE, conversation="x/1"), story_of(FIRE, conversation="x/2"))


def test_the_index_finds_nearly_all_that_share_six_tenths() -> None:
    chance = random.Random(5)
    texts = [" ".join(f"w{chance.randrange(3000)}" for _ in range(20)) for _ in range(300)]
    again = [text.rsplit(" ", 3)[0] + " heel iets anders" for text in texts]
    index = StoryIndex()
    for n, sketch in enumerate(sketches([story_of(text) for text in texts])):
        index.add(n, sketch)
    stories = [story_of(text) for text in again]
    assert all(
        0.6 <= similarity(story, story_of(text)) < 0.85 for story, text in zip(stories, texts, strict=True)
    )
    found = sum(n in index.near(sketch) for n, sketch in enumerate(sketches(stories)))
    assert found >= 290


def test_the_oldest_story_makes_room() -> None:
    index = StoryIndex(most=2)
    (sketch,) = sketches([story_of(FIRE)])
    short = sketches([story_of("dank je"), story_of("geen dank")])
    index.add(1, sketch)
    for n, each in enumerate(short, start=2):
        index.add(n, each)
    assert (len(index), 1 in index, index.near(sketch)) == (2, False, [])
    assert [index.near(each) for each in short] == [[2], [3]]
    index.remove(2)
    assert (index.near(short[0]), index.near(short[1])) == ([], [3])


def test_a_story_that_is_added_again_is_known_by_its_last_words() -> None:
    index = StoryIndex()
    before, after = sketches([story_of(FIRE), story_of("Morgen is er weer een braderie op het plein")])
    index.add(1, before)
    index.add(1, after)
    assert (index.near(before), index.near(after), len(index)) == ([], [1], 1)


def test_texts_that_nobody_expects_are_compared_without_an_error() -> None:
    odd = [
        "\x00",
        "🙏" * 400,
        "RT @",
        "@" * 5000,
        "a" * 60_000,
        "火" * 300,
        "1 2 3 4 5 6",
        "\u202eabc def ghi jkl mno",
    ]
    for sketch in sketches([story_of(text) for text in odd]):
        assert StoryIndex().near(sketch) == []
