"""Test that the devices of a messy district are found, loaded and resolved from the products' own exports."""

from __future__ import annotations

import pytest

from bench.messy.devices import RATES, generate_device_district
from bench.messy_devices import GOALS, MACHINES, VARIANTS, compute_figures, link_records
from tests.amounts import choose_amount

pytestmark = pytest.mark.scale


@pytest.mark.parametrize(("seed", "intensity"), choose_amount(brief=((2, 1.0),), thorough=VARIANTS))
def test_the_devices_of_a_messy_district_meet_the_goals_in_each_kind_of_mess(seed: int, intensity: float) -> None:
    machines = choose_amount(brief=350, thorough=MACHINES)
    district = generate_device_district(machines=machines, seed=seed, intensity=intensity)
    figures = compute_figures(district.machines, link_records(district))
    assert {
        name: figure for name, figure in figures.items() if name in GOALS and not GOALS[name].is_met_by(figure)
    } == {}


def test_a_messy_district_has_each_kind_of_mess_and_each_record_once() -> None:
    district = generate_device_district(machines=350, seed=1)
    records = [record for machine in district.machines for record in machine.records]
    assert len(records) == len(set(records)) > 700
    assert set.union(*(machine.mess for machine in district.machines)) == set(RATES)
    assert generate_device_district(machines=350, seed=1).files == district.files
