"""Records of an invented messy district, through load and `resolve --out`: hardly a wrong pair, hardly one missed."""

from __future__ import annotations

import pytest

from bench import linkage
from bench.linkage_natively import among, natively
from bench.support.mappings import ACCOUNTS, DEVICES, PEOPLE, mapping
from bench.support.messy_devices import messy_devices
from bench.support.messy_people import messy_people
from bench.support.odd_devices import odd_devices
from bench.support.odd_people import odd_people

pytestmark = pytest.mark.scale


def test_devices_and_people_of_a_messy_district_are_linked_as_well_as_the_bench_asks() -> None:
    machines, people = messy_devices(machines=700, seed=11), messy_people(people=900, seed=11)
    kinds = {**DEVICES, **PEOPLE, **ACCOUNTS}
    lists = {name: (rows, mapping(name, kinds[name])) for name, rows in (*machines[0].items(), *people[0].items())}
    found = linkage.linked(lists)
    for (own, truth), least_precision, least_recall in ((machines, 0.999, 0.98), (people, 0.998, 0.97)):
        precision, recall = linkage.judged({pair for pair in found if pair[0][0] in own}, linkage.pairs(truth))
        assert precision >= least_precision
        assert recall >= least_recall


def test_a_district_in_the_consoles_own_forms_is_linked_as_well() -> None:
    machines, people = odd_devices(machines=500, seed=11), odd_people(people=700, seed=11)
    found = natively({**machines[0], **people[0]})
    for (_, truth), least_precision, least_recall in ((machines, 0.999, 0.96), (people, 0.998, 0.97)):
        precision, recall = linkage.judged(
            among(found, {one for group in truth for one in group}), linkage.pairs(truth)
        )
        assert precision >= least_precision
        assert recall >= least_recall
