"""The asset list has funding sources: one per batch, some blank, relief money only while it could be committed."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.unit.sample.exports import SampleExports

pytestmark = pytest.mark.scale


def test_a_batch_has_one_funding_source_and_some_fields_were_left_blank(district: SampleExports) -> None:
    batches: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in district.assets:
        batches[row["Category"], row["Model"], row["Purchase Date"][:4]].add(row["Funding Source"])
    relief_ended = {key for key in batches if key[2] == "2024"}
    assert all(len(sources - {""}) <= 1 for key, sources in batches.items() if key not in relief_ended)
    blank = sum(row["Funding Source"] == "" for row in district.assets)
    assert 0.03 < blank / len(district.assets) < 0.12


def test_chromebooks_are_paid_from_several_sources_by_when_they_were_bought(district: SampleExports) -> None:
    bought: dict[str, set[str]] = defaultdict(set)
    for row in district.assets:
        if row["Category"] == "Chromebook":
            bought[row["Funding Source"]].add(row["Purchase Date"])
    assert {"ESSER", "Title I", "Technology Bond", "General Fund"} <= set(bought)
    assert max(bought["ESSER"]) <= "2024-09-30"
    assert "E-Rate" not in bought


def test_e_rate_pays_for_networks_alone(district: SampleExports) -> None:
    paid = {row["Category"] for row in district.assets if row["Funding Source"] == "E-Rate"}
    assert paid == {"Network Switch"}
