"""Tail probabilities and quantiles of the negative binomial, against sums term by term."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.tails import quantile, tail_probability


def term(count, mean, size):
    q = mean / (mean + size)
    ways = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    return math.exp(ways + size * math.log1p(-q) + count * math.log(q))


means = st.floats(1e-3, 200)
sizes = st.floats(0.05, 500)


@given(st.integers(1, 300), means, sizes)
def test_the_tail_equals_the_sum_of_its_terms(count, mean, size):
    below = math.fsum(term(n, mean, size) for n in range(count))
    assert tail_probability(count, mean=mean, size=size) == pytest.approx(1 - below, abs=1e-10)


@pytest.mark.parametrize(
    ("count", "mean", "size"), [(3, 0.1, 0.5), (25, 0.5, 0.65), (14, 2.5, 8.0), (90, 8.0, 30.0)]
)
def test_far_tails_are_exact_to_ten_digits(count, mean, size):
    tail = math.fsum(term(n, mean, size) for n in range(count, count + 2000))
    assert tail_probability(count, mean=mean, size=size) == pytest.approx(tail, rel=1e-10)


def test_a_large_size_is_a_poisson():
    poisson = 1 - math.fsum(math.exp(-4) * 4**n / math.factorial(n) for n in range(9))
    assert tail_probability(9, mean=4, size=1e12) == pytest.approx(poisson, rel=1e-4)


@pytest.mark.parametrize(("count", "mean", "tail"), [(0, 3.0, 1.0), (-1, 3.0, 1.0), (1, 0.0, 0.0)])
def test_the_edges_have_plain_answers(count, mean, tail):
    assert tail_probability(count, mean=mean, size=2.0) == tail


@given(st.integers(0, 100_000), st.floats(1e-9, 1e5), st.floats(1e-3, 1e7))
def test_any_count_gives_a_probability_that_one_more_post_does_not_raise(count, mean, size):
    tail = tail_probability(count, mean=mean, size=size)
    assert 0 <= tail <= 1
    assert tail_probability(count + 1, mean=mean, size=size) <= tail * (1 + 1e-6) + 1e-12


@given(st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9]), means, sizes)
def test_a_quantile_is_the_first_count_with_that_share_at_or_below(share, mean, size):
    count = quantile(share, mean=mean, size=size)
    assert math.fsum(term(n, mean, size) for n in range(count + 1)) >= share - 1e-9
    assert math.fsum(term(n, mean, size) for n in range(count)) < share + 1e-9


def test_quantiles_of_large_means_follow_the_normal_curve():
    assert quantile(0.5, mean=10_000, size=1e6) == pytest.approx(10_000, abs=1)
    assert quantile(0.75, mean=10_000, size=1e6) == pytest.approx(10_068, abs=3)
    assert quantile(0.25, mean=10_000, size=1e6) == pytest.approx(9_932, abs=3)
    assert quantile(0.75, mean=0.0, size=1.0) == 0
