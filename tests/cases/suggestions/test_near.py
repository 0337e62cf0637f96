"""How near posts come to a claim: examples that people labelled, Dutch and English."""

import pytest

from cases.suggestions.near import NEAR, nearest, nearness, words_of

WATER = "Het drinkwater rond de Loswal is vergiftigd"
SCHOOL = "De basisschool aan de Havenlaan is ontruimd"
TANK = "A second chlorine tank has exploded at the harbour"


@pytest.mark.parametrize(
    ("post", "statement"),
    [
        ("Is het drinkwater bij de loswal nou echt vergiftigd??", WATER),
        ("vergiftigd drinkwater aan de Loswal, niet drinken mensen", WATER),
        ("NIET waar dat het drinkwater rond de Loswal is vergiftigd", WATER),
        ("Zojuist: basisschool Havenlaan ontruimd, kinderen lopen op straat", SCHOOL),
        ("my cousin says another chlorine tank just exploded in the harbour", TANK),
        ("Second tank of chlorine exploded!! stay away from the harbour", TANK),
    ],
)
def test_these_make_the_claim(post: str, statement: str) -> None:
    assert nearness(words_of(post), words_of(statement)) >= NEAR


@pytest.mark.parametrize(
    ("post", "statement"),
    [
        ("De brandweer is met twaalf wagens bij de Loswal", WATER),
        ("Ik kom hier al jaren en het drinkwater smaakt naar chloor", WATER),
        ("De basisschool van mijn dochter begint maandag weer", SCHOOL),
        ("Respect for the firefighters at the harbour tonight", TANK),
        ("", WATER),
        ("?? https://example.org/loswal", WATER),
    ],
)
def test_these_do_not(post: str, statement: str) -> None:
    assert nearness(words_of(post), words_of(statement)) < NEAR


def test_a_post_is_near_to_what_posts_say_that_carry_the_claim() -> None:
    post = words_of("Buurman hoorde dat er gif in de waterleiding zit, kook alles eerst")
    carrier = words_of("Er zit gif in de waterleiding, kook alles goed zegt de buurman")
    assert nearness(post, words_of(WATER)) < NEAR <= nearness(post, words_of(WATER), [carrier])


def test_who_denies_is_less_near_than_who_says_it() -> None:
    says, denies = words_of("drinkwater Loswal vergiftigd"), words_of("drinkwater Loswal niet vergiftigd")
    assert nearness(denies, words_of(WATER)) < nearness(says, words_of(WATER))


def test_the_nearest_claim_comes_first_and_what_is_far_stays_away() -> None:
    claims = [(1, words_of(SCHOOL), []), (2, words_of(WATER), []), (3, words_of(TANK), [])]
    found = nearest(words_of("drinkwater bij de loswal vergiftigd"), claims)
    assert [number for _near, number in found] == [2]
