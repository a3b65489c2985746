"""A fleet of ten schools: every rule holds, the bound is near, and oldest-first leaves more."""

from __future__ import annotations

from bench.budget.invented_fleet import FleetSize
from bench.budget.refresh import GOALS, measure

MOST_GAP = 10
"""Percent that the relaxation and its filling reach without any search, which would need minutes of a busy machine."""


def test_a_fleet_of_ten_schools_is_planned_within_its_rules_and_near_its_bound() -> None:
    figures = measure(runs=1, size=FleetSize(devices=12_000, schools=10), seconds=6)
    assert figures["broken_rules"] == 0
    assert figures["gap_percent"] is not None
    assert figures["gap_percent"] <= MOST_GAP
    assert GOALS["oldest_first_ratio"].is_met_by(figures["oldest_first_ratio"]), figures
