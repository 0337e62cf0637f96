"""Thresholds as data: what is shipped, what is refused and why, and what a change means."""

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.profiles import BY_KEY, LIMITS, Profile, ProfileInvalid, Wrong, differences, shipped


def test_there_is_a_row_of_the_table_for_every_threshold():
    assert [field.name for field in fields(Profile)] == [limit.key for limit in LIMITS]


def test_three_profiles_are_shipped_and_the_normal_one_is_what_the_code_says():
    assert set(shipped()) == {"calm", "normal", "crisis"}
    assert shipped()["normal"] == Profile()


def test_the_calm_profile_never_rings_sooner_and_the_crisis_profile_never_later():
    calm, normal, crisis = (shipped()[name] for name in ("calm", "normal", "crisis"))
    assert {each.rings_sooner for each in differences(normal, calm)} <= {False}
    assert {each.rings_sooner for each in differences(normal, crisis)} <= {True, None}


def test_a_profile_survives_being_stored():
    for profile in shipped().values():
        assert Profile.from_json(json.loads(json.dumps(profile.to_json()))) == profile


def test_a_row_that_is_not_there_is_as_in_the_normal_profile():
    assert Profile.from_json({"replies": [5, 6, 7]}) == replace(Profile(), replies=(5, 6, 7))


@pytest.mark.parametrize(
    ("key", "values", "wrong"),
    [
        ("replies", [10, 25], Wrong.NOT_NUMBERS),
        ("replies", "10, 25, 60", Wrong.NOT_NUMBERS),
        ("replies", [10, 25, 60.5], Wrong.NOT_NUMBERS),
        ("replies", [10, 25, True], Wrong.NOT_NUMBERS),
        ("replies", None, Wrong.NOT_NUMBERS),
        ("replies", [1, 25, 60], Wrong.OUT_OF_BOUNDS),
        ("replies", [10, 10, 60], Wrong.ORDER),
        ("replies", [60, 25, 10], Wrong.ORDER),
        ("volume_posts", [3, 2, 6], Wrong.ORDER),
        ("record_days", [7, 30], Wrong.OUT_OF_BOUNDS),
        ("blind_minutes", [5], Wrong.OUT_OF_BOUNDS),
        ("retweets", [1, 2, 3], Wrong.UNKNOWN),
    ],
)
def test_thresholds_that_cannot_be_are_refused_with_the_row_and_the_reason(key, values, wrong):
    with pytest.raises(ProfileInvalid) as refused:
        Profile.from_json({key: values})
    (problem,) = refused.value.problems
    assert (problem.key, problem.wrong) == (key, wrong)
    assert key in str(refused.value)


def test_every_problem_is_told_at_once():
    with pytest.raises(ProfileInvalid) as refused:
        Profile.from_json({"replies": [3, 2, 1], "platforms": [], "likes": 4})
    assert [problem.key for problem in refused.value.problems] == ["likes", "platforms", "replies"]


def test_equal_posts_for_two_levels_are_fine_where_chance_sets_them_apart():
    assert Profile.from_json({"volume_posts": [3, 3, 3]}).volume.posts == (3, 3, 3)


def test_the_detector_is_given_chances_and_counts():
    volume, negative = Profile().volume, Profile().negative
    assert (volume.probability, volume.record_days) == ((1e-3, 1e-4, 1e-8), (7, 21))
    assert (negative.probability, negative.record_days) == ((1e-3, 1e-4, 1e-8), ())


def test_a_difference_says_which_row_and_whether_it_rings_sooner():
    before = Profile()
    (sooner,) = differences(before, replace(before, replies=(5, 25, 60)))
    (later,) = differences(before, replace(before, replies=(10, 30, 60)))
    (both,) = differences(before, replace(before, replies=(5, 30, 60)))
    (longer,) = differences(before, replace(before, influence_hours=(12,)))
    assert (sooner.limit.key, sooner.before, sooner.after) == ("replies", (10, 25, 60), (5, 25, 60))
    assert [each.rings_sooner for each in (sooner, later, both, longer)] == [True, False, None, True]
    assert differences(before, before) == ()


@given(st.dictionaries(st.sampled_from([*BY_KEY, "x"]), st.lists(st.integers(-5, 10**13), max_size=4)))
def test_whatever_is_typed_is_a_profile_or_is_refused_with_reasons(typed):
    try:
        profile = Profile.from_json(typed)
    except ProfileInvalid as refused:
        assert all(str(problem) for problem in refused.problems)
    else:
        assert Profile.from_json(profile.to_json()) == profile
        assert profile.volume.probability[0] > profile.volume.probability[2]
