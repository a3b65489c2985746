"""A fleet of ten schools: every rule holds, the bound is near, and oldest-first leaves more."""

from __future__ import annotations

from bench.budget.invented_fleet import FleetSize
from bench.budget.refresh import GOALS, measure


def test_a_fleet_of_ten_schools_is_planned_near_its_bound() -> None:
    figures = measure(runs=1, size=FleetSize(devices=12_000, schools=10), seconds=15)
    assert figures["broken_rules"] == 0
    assert GOALS["gap_percent"].is_met_by(figures["gap_percent"]), figures
    assert GOALS["oldest_first_ratio"].is_met_by(figures["oldest_first_ratio"]), figures
