"""Records of a generated messy district, through load and `resolve --out`: few wrong pairs and few missed ones."""

from __future__ import annotations

import pytest

from bench import linkage
from bench.linkage_natively import filter_by_records, link_files
from bench.support.mappings import ACCOUNTS, DEVICES, PEOPLE, build_mapping
from bench.support.messy_devices import generate_messy_devices
from bench.support.messy_people import generate_messy_people
from bench.support.odd_devices import generate_odd_devices
from bench.support.odd_people import generate_odd_people

pytestmark = pytest.mark.scale


def test_devices_and_people_of_a_messy_district_are_linked_as_well_as_the_bench_asks() -> None:
    machines, people = generate_messy_devices(machines=700, seed=11), generate_messy_people(people=900, seed=11)
    kinds = {**DEVICES, **PEOPLE, **ACCOUNTS}
    lists = {
        name: (rows, build_mapping(name, kinds[name])) for name, rows in (*machines[0].items(), *people[0].items())
    }
    linked_pairs = linkage.link_lists(lists)
    for (lists_of_kind, truth), min_precision, min_recall in ((machines, 0.999, 0.98), (people, 0.998, 0.97)):
        precision, recall = linkage.compute_precision_recall(
            {pair for pair in linked_pairs if pair[0][0] in lists_of_kind}, linkage.build_pairs(truth)
        )
        assert precision >= min_precision
        assert recall >= min_recall


def test_a_district_in_the_consoles_own_forms_is_linked_as_well() -> None:
    machines, people = generate_odd_devices(machines=500, seed=11), generate_odd_people(people=700, seed=11)
    linked_pairs = link_files({**machines[0], **people[0]})
    for (_, truth), min_precision, min_recall in ((machines, 0.999, 0.96), (people, 0.998, 0.97)):
        precision, recall = linkage.compute_precision_recall(
            filter_by_records(linked_pairs, {record for group in truth for record in group}), linkage.build_pairs(truth)
        )
        assert precision >= min_precision
        assert recall >= min_recall
