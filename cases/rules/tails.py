"""How unlikely a count is: tails and quantiles of the Gamma–Poisson (negative binomial) distribution."""

from __future__ import annotations

from math import exp, lgamma, log, sqrt

MAX_SIZE = 1e6  # beyond this a negative binomial is a Poisson, and lgamma starts to lose digits
TINY = 1e-300
MAX_TERMS = 400  # a continued fraction that needs more has long converged to double precision
EXACT_BELOW = 400.0  # quantiles of a larger mean are read off the normal curve


def tail_probability(count: int, *, mean: float, size: float) -> float:
    """Chance of `count` or more posts, when `mean` are expected with Gamma shape `size`.

    The variance is mean + mean²/size. It equals the regularised incomplete beta function
    I_q(count, size) with q = mean/(mean + size), which Lentz's continued fraction gives to full
    relative precision far into the tail, in about √count steps.
    """
    if count <= 0:
        return 1.0
    if mean <= 0.0:
        return 0.0
    size = min(size, MAX_SIZE)
    q = mean / (mean + size)
    if q < (count + 1.0) / (count + size + 2.0):
        return _beta_fraction(float(count), size, q, size / (mean + size))
    return 1.0 - _beta_fraction(size, float(count), size / (mean + size), q)


def _beta_fraction(a: float, b: float, x: float, one_minus_x: float) -> float:
    """I_x(a, b) for x below its turning point (a + 1)/(a + b + 2)."""
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(one_minus_x)) / a
    c, d = 1.0, 1.0 / _away_from_zero(1.0 - (a + b) * x / (a + 1.0))
    fraction = d
    for m in range(1, MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        change = 1.0
        for term in (even, odd):
            d = 1.0 / _away_from_zero(1.0 + term * d)
            c = _away_from_zero(1.0 + term / c)
            change = c * d
            fraction *= change
        if abs(change - 1.0) < 1e-14:
            break
    return min(1.0, front * fraction)


def _away_from_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY


def quantile(share: float, *, mean: float, size: float) -> int:
    """The smallest count that a `share` of all windows (0 < share < 1) stays at or below."""
    if mean <= 0.0:
        return 0
    size = min(size, MAX_SIZE)
    if mean > EXACT_BELOW:
        deviation = sqrt(mean + mean * mean / size)
        return max(0, round(mean + _normal_quantile(share) * deviation))
    q = mean / (mean + size)
    chance = exp(size * log(size / (mean + size)))
    count, below = 0, chance
    while below < share and count < 50 * EXACT_BELOW:
        chance *= (size + count) / (count + 1.0) * q
        count += 1
        below += chance
    return count


def _normal_quantile(share: float) -> float:
    """The standard normal deviate of `share`, to 5e-4 (Hastings' rational approximation)."""
    t = sqrt(-2.0 * log(min(share, 1.0 - share)))
    top = 2.515517 + t * (0.802853 + t * 0.010328)
    z = t - top / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
    return z if share > 0.5 else -z
