"""Quantiles of the beta, gamma and Student distributions, for intervals of shares and counts.

Sources: the continued fraction of the incomplete beta function, DLMF 8.17.22; the cube root of a gamma variable is
nearly normal, Wilson and Hilferty (1931).
"""

from __future__ import annotations

import math
from statistics import NormalDist

_PRECISION = 1e-8
_MAX_STEPS = 500


def compute_beta_quantile(probability: float, alpha: float, beta: float) -> float:
    """Return the quantile of a beta distribution by the Illinois method, between 0 and 1."""
    low, high = 0.0, 1.0
    value_low, value_high = -probability, 1 - probability
    side = 0
    for _ in range(_MAX_STEPS):
        middle = (low * value_high - high * value_low) / (value_high - value_low)
        if not low < middle < high:
            middle = (low + high) / 2
        value = compute_beta_share(middle, alpha, beta) - probability
        if abs(value) < _PRECISION or high - low < _PRECISION:
            return middle
        if value > 0:
            high, value_high = middle, value
            value_low, side = (value_low / 2 if side == 1 else value_low), 1
        else:
            low, value_low = middle, value
            value_high, side = (value_high / 2 if side == -1 else value_high), -1
    return (low + high) / 2


def compute_t_quantile(probability: float, freedom: float) -> float:
    """Return the quantile of Student's distribution, for a probability above a half."""
    share = compute_beta_quantile(2 * (1 - probability), freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - share) / share)


def compute_beta_share(value: float, alpha: float, beta: float) -> float:
    """Return the share of a beta distribution that lies under a value between 0 and 1."""
    if value <= 0 or value >= 1:
        return 0.0 if value <= 0 else 1.0
    if value > (alpha + 1) / (alpha + beta + 2):
        return 1 - compute_beta_share(1 - value, beta, alpha)
    constant = math.lgamma(alpha + beta) - math.lgamma(alpha) - math.lgamma(beta)
    factor = math.exp(constant + alpha * math.log(value) + beta * math.log1p(-value)) / alpha
    return factor / _evaluate_fraction(value, alpha, beta)


def _evaluate_fraction(value: float, alpha: float, beta: float) -> float:
    """Return 1 + d1/(1 + d2/(1 + …)) by the modified method of Lentz."""
    tiny = 1e-300
    result = upper = 1.0
    lower = 0.0
    for step in range(1, _MAX_STEPS):
        half = step // 2
        if step % 2:
            term = -(alpha + half) * (alpha + beta + half) / ((alpha + step - 1) * (alpha + step))
        else:
            term = half * (beta - half) / ((alpha + step - 1) * (alpha + step))
        lower = 1 / ((1 + term * value * lower) or tiny)
        upper = (1 + term * value / upper) or tiny
        change = upper * lower
        result *= change
        if abs(change - 1) < 1e-12:
            break
    return result


def estimate_gamma_quantile(probability: float, mean: float, variance: float) -> float:
    """Return the quantile of a gamma distribution with that mean and variance, 0 if the mean is."""
    if mean <= 0 or variance <= 0:
        return max(mean, 0.0)
    shape = mean**2 / variance
    root = 1 - 1 / (9 * shape) + NormalDist().inv_cdf(probability) / (3 * math.sqrt(shape))
    return mean * max(root, 0.0) ** 3
