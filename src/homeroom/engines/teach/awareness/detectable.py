"""The smallest difference that a trial would see in four of five terms, before it begins.

The same intervals as those of `trial_effect`, with the spread that the plan leads one to expect: outcomes of a person
are alike, and so are people of a school. An outcome's variance is rate x (1 - rate); the variance of an arm's share
follows from the sum of the correlations within what is drawn (Donner and Klar, 2000, chapter 5).
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval, compute_smallest_visible
from homeroom.domain.manage.estimates.quantiles import compute_t_quantile
from homeroom.domain.teach.awareness.trial_outlooks import ASSUMED, ExpectedOutcomes, PastOutcome
from homeroom.engines.teach.awareness.share_differences import ArmShare, compute_difference_interval

MIN_PAST_PEOPLE = 100
"""People with outcomes from which a district's own rate is taken instead of the assumed."""
MIN_PAST_SCHOOLS = 8
MAX_CORRELATION = 0.9
MIN_RATE, MAX_RATE = 0.005, 0.5


def compute_people_detectable(*, people: int, held_out: int, drills: int, expected: ExpectedOutcomes) -> float | None:
    """Return the smallest difference that is seen if people are drawn one by one; None with an empty arm."""
    arms = [people - held_out, held_out]
    if min(arms) < 2 or drills < 1:
        return None
    alike = expected.person_correlation + expected.school_correlation
    worth = drills / (1 + (drills - 1) * alike)
    shares = [ArmShare(share=expected.rate, effective=count * worth, units=count) for count in arms]
    return compute_smallest_visible(compute_difference_interval(*shares))


def compute_schools_detectable(
    *, people: Sequence[int], strata: Mapping[str, tuple[int, int]], drills: int, expected: ExpectedOutcomes
) -> float | None:
    """Return the smallest difference that is seen if schools are drawn.

    `people` are the people of each school, `strata` the (trained, held out) schools of each. None if there are so few
    lots that even the most extreme is no rarer than one in twenty: then nothing is ever seen.
    """
    trained, held_out = (sum(counts[arm] for counts in strata.values()) for arm in (0, 1))
    schools = trained + held_out
    if min(trained, held_out) < 2 or drills < 1 or not has_enough_lots(strata):
        return None
    variance = expected.rate * (1 - expected.rate)
    alike = expected.person_correlation + expected.school_correlation
    sums = sum(
        drills * count * (1 + (drills - 1) * alike) + drills**2 * count * (count - 1) * expected.school_correlation
        for count in people
    )
    outcomes = drills * sum(people)
    error = math.sqrt(variance * sums / outcomes**2 * (schools / trained + schools / held_out))
    reach = compute_t_quantile((1 + LEVEL) / 2, schools - 2) * error
    return compute_smallest_visible(EstimateInterval(low=-reach, high=reach))


def has_enough_lots(strata: Mapping[str, tuple[int, int]]) -> bool:
    """Check whether the most extreme of all lots is rarer than one in twenty, so that a verdict is possible.

    With equal arms in each stratum, a lot and its opposite are equally extreme.
    """
    lots = math.prod(math.comb(trained + held_out, held_out) for trained, held_out in strata.values())
    mirrored = 2 if all(trained == held_out for trained, held_out in strata.values()) else 1
    return lots * (1 - LEVEL) > mirrored


def estimate_expected(outcomes: Sequence[PastOutcome]) -> ExpectedOutcomes:
    """Estimate from a district's own drills what a trial can expect; without a hundred people, what is assumed.

    Correlations are those of residuals from the rate of each drill: over pairs of drills of one person, and over pairs
    of people of one school.
    """
    people = len({outcome.person for outcome in outcomes})
    if people < MIN_PAST_PEOPLE:
        return ASSUMED
    rates = _compute_rates(outcomes)
    by_person, schools = defaultdict(list), {}
    for outcome in outcomes:
        by_person[outcome.person].append(outcome.missed - rates[outcome.cell])
        schools[outcome.person] = outcome.school
    rate = sum(outcome.missed for outcome in outcomes) / len(outcomes)
    squares = sum(residual**2 for values in by_person.values() for residual in values)
    variance = squares / len(outcomes)
    alike = _compute_correlation([values for values in by_person.values() if len(values) > 1], variance)
    between = _compute_school_correlation(by_person, schools, variance)
    person = ASSUMED.person_correlation if alike is None else max(alike - between, 0.0)
    return ExpectedOutcomes(
        rate=min(max(rate, MIN_RATE), MAX_RATE),
        person_correlation=min(person, MAX_CORRELATION),
        school_correlation=between,
        people=people,
        drills=len(rates),
    )


def _compute_rates(outcomes: Sequence[PastOutcome]) -> dict[str, float]:
    counts = Counter(outcome.cell for outcome in outcomes)
    misses = Counter(outcome.cell for outcome in outcomes if outcome.missed)
    return {cell: misses[cell] / count for cell, count in counts.items()}


def _compute_correlation(groups: Sequence[Sequence[float]], variance: float) -> float | None:
    """Return the correlation of two values of a group; None without a pair."""
    pairs = sum(len(values) * (len(values) - 1) for values in groups)
    if not pairs or variance <= 0:
        return None
    products = sum(sum(values) ** 2 - sum(value**2 for value in values) for values in groups)
    return products / pairs / variance


def _compute_school_correlation(
    by_person: Mapping[str, Sequence[float]], schools: Mapping[str, str], variance: float
) -> float:
    """Return the correlation of two people of a school; the assumed with under eight schools."""
    groups = defaultdict(list)
    for person, values in by_person.items():
        if schools[person]:
            groups[schools[person]].append((sum(values), len(values)))
    counts = [[count for _, count in rows] for rows in groups.values()]
    pairs = sum(sum(values) ** 2 - sum(value**2 for value in values) for values in counts)
    if len(groups) < MIN_PAST_SCHOOLS or not pairs or variance <= 0:
        return ASSUMED.school_correlation
    totals = [[total for total, _ in rows] for rows in groups.values()]
    products = sum(sum(values) ** 2 - sum(value**2 for value in values) for values in totals)
    return min(max(products / pairs / variance, 0.0), MAX_CORRELATION)
