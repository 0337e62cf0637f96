"""The eight signs: each threshold from both sides, and a reason that needs nothing else."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.levels import Level, level_of
from cases.rules.profiles import Profile, shipped
from cases.rules.signs import (
    Coverage,
    Joined,
    ReachSeen,
    Role,
    Seen,
    influence,
    negative,
    overdue,
    platforms,
    reach,
    replies,
    returned,
    signs_of,
    volume,
)
from cases.rules.triggers import Trigger, has_standing
from cases.rules.worsening import judge
from tests.cases.rules.series import DAY, HOUR, LAST, MINUTE, NOW, even, watched

NORMAL = Profile()


def verdict(n=0, *, usual=None, level=None):
    series = watched({**(usual or {}), LAST: n}, since=NOW - 20 * DAY)
    found = judge(series, now=NOW, thresholds=NORMAL.volume)
    return found if level is None else replace(found, level=level)


def test_volume_is_what_the_detector_found_with_all_its_numbers():
    found = verdict(25)
    sign = volume(found, posts=range(1, 30))
    assert (sign.id, sign.level) == ("S1", 3)
    assert sign.facts["value"] == 25
    assert sign.facts["probability"] == found.probability
    assert sign.facts["window_s"] == found.window_s
    assert sign.facts["posts"] == [1, 2, 3, 4, 5]
    assert sign.facts["usual_high"] == found.usual_high


# ── S2: negative posts, and how much is known of them ──────────────────────


def negative_of(level=0, **known):
    counted = verdict(level=level)
    return negative(Seen(verdict(), negative=counted, coverage=Coverage(**known)), NORMAL)


def test_negative_posts_are_judged_by_their_count():
    assert [negative_of(level, n=9, n_judged=9).level for level in range(4)] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("known", "is_unknown"),
    [
        ({"n": 40, "n_judged": 31}, False),
        ({"n": 40, "n_judged": 10, "n_cued": 10}, False),
        ({"n": 40, "n_judged": 10, "n_cued": 9}, True),
        ({"n": 40}, True),
        ({"n": 0}, False),  # no post at all is known to be quiet
    ],
)
def test_where_too_little_is_known_the_sign_is_unknown_and_not_zero(known, is_unknown):
    sign = negative_of(**known)
    assert sign.level == 0
    assert sign.facts["is_unknown"] is is_unknown
    assert (sign.facts["n_judged"], sign.facts["n_posts"]) == (known.get("n_judged", 0), known["n"])


def test_a_negative_series_that_is_not_counted_at_all_is_unknown():
    assert negative(Seen(verdict()), NORMAL).facts["is_unknown"]


def test_what_is_found_counts_however_little_is_known():
    sign = negative_of(2, n=40, n_judged=1, n_cued=8)
    assert (sign.level, sign.facts["is_unknown"]) == (2, False)


def test_a_stretch_in_a_language_without_cues_is_learned_as_unknown():
    assert Coverage(10, n_readable=4).is_unreadable(NORMAL)
    assert not Coverage(10, n_readable=5).is_unreadable(NORMAL)
    assert not Coverage(0, n_readable=0).is_unreadable(NORMAL)
    assert Coverage(10).is_unreadable(NORMAL)  # nobody says what could be read: only what is known counts


def shares(n_negative, *, n=20, usual=0.3, hours=480):
    all_posts = verdict(usual=even(2, days=19))
    per_hour = all_posts.usual.mean * 3600 / all_posts.window_s
    few = replace(all_posts, level=0, window_s=3600, usual=replace(all_posts.usual, mean=per_hour * usual))
    coverage = Coverage(n, n_judged=n, n_negative=n_negative)
    seen = Seen(replace(all_posts, watched_hours=hours), negative=few, coverage=coverage)
    return negative(seen, NORMAL)


def test_a_share_that_jumps_is_a_second_sign_and_never_more_than_a_first_step():
    assert [shares(n).level for n in (6, 13, 14, 20)] == [0, 0, 1, 1]
    assert shares(20).facts["share"] == 1.0
    assert shares(20).facts["usual_share"] == pytest.approx(0.3, abs=0.01)


def test_a_share_of_few_posts_or_of_a_young_watch_says_nothing():
    assert shares(9, n=9).level == 0
    assert shares(20, hours=1).level == 0


def test_a_steady_share_of_negative_posts_does_not_hide_their_number():
    assert negative_of(3, n=40, n_judged=40, n_negative=30).level == 3


# ── S3: reach ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("seen", "s1", "level"),
    [
        ({"reach": 2_999}, 0, 0),
        ({"reach": 3_000}, 0, 1),
        ({"reach": 10_000, "n_others": 2}, 0, 1),
        ({"reach": 10_000, "n_others": 3}, 0, 2),
        ({"reach": 100_000, "n_others": 3}, 0, 2),
        ({"reach": 100_000, "n_others": 3}, 1, 3),
        ({"reach": 100_000}, 1, 3),
        ({"largest": 49_999, "n_others": 3}, 0, 0),
        ({"largest": 50_000, "n_others": 3}, 0, 2),
        ({"largest": 50_000, "n_others": 2}, 0, 0),
        ({"largest": 1_000_000, "n_others": 3}, 0, 2),
        ({"largest": 1_000_000}, 1, 3),
        ({"reach": 59_000, "usual": 20_000.0}, 0, 0),
        ({"reach": 60_000, "usual": 20_000.0}, 0, 1),
        ({"reach": 900, "usual": 3.0, "n_others": 4}, 1, 0),  # three hundred times nearly nobody
    ],
)
def test_reach_counts_against_a_usual_hour_or_by_one_large_author(seen, s1, level):
    assert reach(ReachSeen(**seen), NORMAL, s1=s1).level == level


def test_reach_without_a_usual_hour_says_so():
    assert not reach(ReachSeen(reach=5_000), NORMAL, s1=0).facts["is_usual_known"]


# ── S4 to S8 ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("new", "level"), [((), 0), ("a", 1), ("ab", 2), ("abc", 3), ("abcd", 3)])
def test_every_new_platform_is_a_step(new, level):
    sign = platforms(list(new), NORMAL)
    assert (sign.level, sign.facts["platforms"]) == (level, sorted(new))


def joined(*roles):
    return [Joined(f"account {n}", role, n) for n, role in enumerate(roles)]


@pytest.mark.parametrize(
    ("roles", "s1", "s6", "level"),
    [
        ((), 3, 3, 0),
        ((Role.PRESS,), 3, 3, 1),
        ((Role.PRESS, Role.OFFICIAL), 0, 0, 1),
        ((Role.PRESS, Role.OFFICIAL), 1, 0, 2),
        ((Role.PRESS, Role.INFLUENTIAL), 0, 1, 2),
        ((Role.NATIONAL_PRESS,), 1, 3, 1),
        ((Role.NATIONAL_PRESS,), 2, 0, 3),
        ((Role.POLITICIAN,), 2, 0, 3),
        ((Role.PRESS, Role.OFFICIAL, Role.INFLUENTIAL), 3, 3, 2),
    ],
)
def test_who_joins_counts_with_what_else_rises(roles, s1, s6, level):
    assert influence(joined(*roles), NORMAL, s1=s1, s6=s6).level == level


def test_one_account_that_posts_twice_has_joined_once():
    twice = [Joined("Omroep", Role.PRESS, 1), Joined("Omroep", Role.PRESS, 2)]
    assert influence(twice, NORMAL, s1=1, s6=1).level == 1


@pytest.mark.parametrize(("n", "level"), [(0, 0), (9, 0), (10, 1), (24, 1), (25, 2), (59, 2), (60, 3)])
def test_replies_in_an_hour_make_the_sixth_sign(n, level):
    assert replies(n, NORMAL).level == level


@pytest.mark.parametrize(
    ("quiet_hours", "n_60", "level"),
    [(72.0, 3, 1), (71.9, 3, 0), (72.0, 2, 0), (None, 30, 0), (900.0, 300, 1)],
)
def test_it_is_back_after_three_days_of_quiet(quiet_hours, n_60, level):
    assert returned(quiet_hours, n_60, NORMAL).level == level


def test_a_check_is_overdue_when_its_time_is_over():
    assert overdue(None, NORMAL, now=NOW).level == 0
    assert overdue(NOW, NORMAL, now=NOW).level == 0
    assert overdue(NOW - MINUTE, NORMAL, now=NOW).level == 1
    late = replace(NORMAL, overdue_minutes=(30,))
    assert overdue(NOW - 30 * MINUTE, late, now=NOW).level == 0


# ── all together ────────────────────────────────────────────────────────────

JUDGED = [verdict(level=level) for level in range(4)]
seen_things = st.builds(
    Seen,
    volume=st.sampled_from(JUDGED),
    negative=st.none() | st.sampled_from(JUDGED),
    coverage=st.integers(0, 60).map(Coverage),
    reach=st.builds(ReachSeen, reach=st.integers(0, 10**7), largest=st.integers(0, 10**7)),
    platforms=st.lists(st.sampled_from(["x", "bluesky", "reddit"]), unique=True),
    joined=st.lists(st.sampled_from(Role)).map(lambda roles: joined(*roles)),
    n_replies=st.integers(0, 100),
    quiet_hours=st.none() | st.floats(0, 1_000),
    check_due_at=st.none() | st.just(NOW - HOUR),
    posts=st.lists(st.integers(1, 10**9)),
)


@given(seen_things, st.sampled_from(sorted(shipped())))
def test_all_eight_are_always_given_in_order_with_a_reason_that_can_be_stored(seen, name):
    signs = signs_of(seen, shipped()[name], now=NOW)
    assert [sign.id for sign in signs] == [f"S{n}" for n in range(1, 9)]
    for sign in signs:
        assert 0 <= sign.level <= 3
        assert json.loads(json.dumps(dict(sign.facts))) == sign.facts
        assert {"value", "usual", "probability", "window_s", "posts"} <= set(sign.facts)
        assert len(json.dumps(dict(sign.facts))) < 1_500


@given(seen_things)
def test_an_overdue_check_changes_no_level_above_attention(seen):
    looked = level_of(signs_of(replace(seen, check_due_at=None), NORMAL, now=NOW))
    late = level_of(signs_of(replace(seen, check_due_at=NOW - HOUR), NORMAL, now=NOW))
    assert late == max(looked, Level.ATTENTION)


def test_nothing_seen_is_calm():
    assert level_of(signs_of(Seen(verdict()), NORMAL, now=NOW)) is Level.CALM


def test_a_trigger_stands_for_an_hour_and_survives_being_stored():
    trigger = Trigger("threat", NOW, "steek je neer", 41)
    assert Trigger.from_json(json.loads(json.dumps(trigger.to_json()))) == trigger
    assert has_standing([trigger], now=NOW + HOUR - MINUTE)
    assert not has_standing([trigger], now=NOW + HOUR)
    assert not has_standing([], now=NOW)
