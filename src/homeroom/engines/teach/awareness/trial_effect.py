"""Whether training changed what people miss: trained less held out, within each stratum, drill and lure.

Intervals respect what was drawn. People drawn one by one: intervals of each arm's share by Wilson, for as many
independent outcomes as their spread shows, put together by their distances from the estimate (Zou and Donner, 2008).
Schools drawn: the studentized permutation test of their lot, turned round (Wu and Ding, 2021), since few schools make
usual errors too small.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from homeroom.domain.manage.estimates.intervals import LEVEL, EstimateInterval, compute_smallest_visible
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.domain.teach.awareness.trials import Trial, TrialArm, TrialEffect, TrialVerdict
from homeroom.engines.teach.awareness.share_differences import ArmShare, compute_difference_interval

ORDERS = 1_999
"""Lots that are drawn again where all of them are too many."""
SEED = 20_260_801
STEPS = 40
"""Halvings of the search for an end of the interval."""

type Numbers = npt.NDArray[np.float64]


def estimate_trial(trial: Trial) -> TrialEffect:
    """Estimate the effect of a trial; the same outcomes give the same answer."""
    people = _count(trial, "person")
    if min(people) < MIN_COUNT:
        return TrialEffect(term=trial.term, suppressed=True)
    table = _UnitTable(trial)
    estimate = table.estimate
    interval = _compute_people_interval(table) if trial.draws_people else _compute_schools_interval(table)
    return TrialEffect(
        term=trial.term,
        people=people,
        units=_count(trial, "unit"),
        estimate=estimate,
        interval=interval,
        verdict=_judge(interval),
        smallest_detectable=compute_smallest_visible(interval) if interval and interval.is_finite else None,
    )


def _judge(interval: EstimateInterval | None) -> TrialVerdict:
    if interval is None or interval.low <= 0 <= interval.high:
        return TrialVerdict.INCONCLUSIVE
    return TrialVerdict.HIGHER if interval.low > 0 else TrialVerdict.LOWER


def _count(trial: Trial, name: str) -> tuple[int, int]:
    """Count the people or units of both arms, trained first."""
    trained, held_out = (
        {getattr(outcome, name) for outcome in trial.outcomes if outcome.arm is arm} for arm in TrialArm
    )
    return len(trained), len(held_out)


class _UnitTable:
    """The outcomes of a trial by unit: weighted sums that make the estimate linear in them.

    A cell is a stratum with a drill and lure. Each cell with both arms weighs as many as its outcomes; within it, an
    outcome of an arm weighs the cell's share among the outcomes of that arm.
    """

    def __init__(self, trial: Trial) -> None:
        cells = sorted({(outcome.stratum, outcome.cell) for outcome in trial.outcomes})
        units = sorted({(outcome.stratum, outcome.unit) for outcome in trial.outcomes})
        self.counts = np.zeros((len(units), len(cells)))
        self.misses = np.zeros((len(units), len(cells)))
        self.is_trained = np.zeros(len(units), dtype=bool)
        cell_numbers = {cell: number for number, cell in enumerate(cells)}
        unit_numbers = {unit: number for number, unit in enumerate(units)}
        for outcome in trial.outcomes:
            place = unit_numbers[outcome.stratum, outcome.unit], cell_numbers[outcome.stratum, outcome.cell]
            self.counts[place] += 1
            self.misses[place] += outcome.missed
            self.is_trained[place[0]] = outcome.arm is TrialArm.TRAINED
        self.strata = np.unique([stratum for stratum, _ in units], return_inverse=True)[1]
        self.estimate, self.spread = (float(value[0]) for value in self.measure(self.is_trained[None, :], self.misses))

    def measure(self, lots: npt.NDArray[np.bool_], misses: Numbers) -> tuple[Numbers, Numbers]:
        """Return by lot the estimate and its standard error over units, from the misses of units by cell."""
        trained = lots.astype(float)
        shares, errors = [], []
        totals = self.counts.sum(axis=0)
        arms = [(weights, weights @ self.counts, weights @ misses) for weights in (trained, 1 - trained)]
        is_compared = (arms[0][1] > 0) & (arms[1][1] > 0)
        weight = np.where(is_compared, totals, 0.0)
        weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1.0)
        for weights, counts, missed in arms:
            safe = np.maximum(counts, 1.0)
            share = missed / safe
            shares.append((weight * share).sum(axis=1))
            factor = weight / safe
            residuals = factor @ misses.T - (factor * share) @ self.counts.T
            number = weights.sum(axis=1)
            scale = number / np.maximum(number - 1, 1)
            errors.append((weights * residuals**2).sum(axis=1) * scale)
        return shares[0] - shares[1], np.sqrt(errors[0] + errors[1])

    def measure_arms(self) -> list[tuple[float, float, int]]:
        """Return of both arms the share missed, its variance over units, and the number of units."""
        measured = []
        for arm in (True, False):
            chosen = self.is_trained == arm
            other = ~chosen
            counts, others = self.counts[chosen].sum(axis=0), self.counts[other].sum(axis=0)
            weight = np.where((counts > 0) & (others > 0), self.counts.sum(axis=0), 0.0)
            weight = weight / max(float(weight.sum()), 1.0)
            safe = np.maximum(counts, 1.0)
            share = self.misses[chosen].sum(axis=0) / safe
            factor = weight / safe
            residuals = self.misses[chosen] @ factor - self.counts[chosen] @ (factor * share)
            number = int(chosen.sum())
            variance = float((residuals**2).sum()) * number / max(number - 1, 1)
            measured.append((float((weight * share).sum()), variance, number))
        return measured


def _compute_people_interval(table: _UnitTable) -> EstimateInterval:
    """Return the interval of people drawn one by one."""
    arms = []
    for share, variance, number in table.measure_arms():
        spread = share * (1 - share)
        effective = min(spread / variance, float(table.counts.sum())) if variance > 0 and spread > 0 else float(number)
        arms.append(ArmShare(share=share, effective=effective, units=number))
    return compute_difference_interval(*arms)


def _compute_schools_interval(table: _UnitTable) -> EstimateInterval:
    """Return the effects that the studentized permutation test of the lot does not reject."""
    lots = _draw_lots(table.is_trained, table.strata)
    spread = table.spread or 1e-9
    reach = spread * NormalDist().inv_cdf((1 + LEVEL) / 2)
    ends = []
    for direction in (-1.0, 1.0):
        inside, outside = 0.0, reach
        while _is_accepted(table, lots, table.estimate + direction * outside) and outside < 64 * reach + 1:
            inside, outside = outside, outside * 2
        for _ in range(STEPS):
            middle = (inside + outside) / 2
            if _is_accepted(table, lots, table.estimate + direction * middle):
                inside = middle
            else:
                outside = middle
            if outside - inside < 1e-4 * spread:
                break
        ends.append(table.estimate + direction * inside)
    return EstimateInterval(low=ends[0], high=ends[1])


def _is_accepted(table: _UnitTable, lots: npt.NDArray[np.bool_], effect: float) -> bool:
    """Check whether a lot as extreme as the drawn one is usual if the training had that effect on everybody."""
    without = table.misses - effect * table.counts * table.is_trained[:, None]
    estimates, errors = table.measure(lots, without)
    statistics = np.abs(estimates) / np.maximum(errors, 1e-12)
    observed, error = table.measure(table.is_trained[None, :], without)
    extreme = np.abs(observed[0]) / max(float(error[0]), 1e-12)
    return bool((np.sum(statistics >= extreme - 1e-9) + 1) / (len(lots) + 1) > 1 - LEVEL)


def _draw_lots(
    is_trained: npt.NDArray[np.bool_], strata: Sequence[int] | npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Draw other lots of the same units: within each stratum as many are trained as were."""
    generator = np.random.default_rng(SEED)
    lots = np.tile(is_trained, (ORDERS, 1))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        lots[:, members] = generator.permuted(lots[:, members], axis=1)
    return lots
