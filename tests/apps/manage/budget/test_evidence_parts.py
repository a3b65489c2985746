"""Funds, prices and needs from lists: what does not fit is left out by name, with what would fit; nothing becomes 0."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from homeroom.apps.manage.budget.evidence_funds import build_funds
from homeroom.apps.manage.budget.evidence_needs import build_needs
from homeroom.apps.manage.budget.evidence_prices import build_prices
from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark
from homeroom.apps.manage.budget.evidence_rows import FundRow, PriceRow, RefreshEvidence
from homeroom.apps.manage.budget.last_good_days import EvidenceDevices
from homeroom.domain.manage.refresh.problem import RefreshFund
from homeroom.library.manage.refresh.programs import load_programs

YEARS = range(2028, 2033)
GENERAL = FundRow(
    name="General",
    fiscal_year=2028,
    amount_minor=18_000_000,
    currency="USD",
    carries_over=None,
    pays_percent=None,
    match=None,
    program=None,
    students=None,
    schools=(),
    kinds=(),
)
E_RATE = replace(
    GENERAL,
    name="E-Rate",
    fiscal_year=None,
    amount_minor=None,
    pays_percent=80,
    match="general",
    program="e-rate-c2",
    students=1500,
)
CHROMEBOOK = PriceRow(
    kind="Chromebooks",
    price_minor=31_000,
    currency="USD",
    life_years=None,
    visit_minutes=None,
    weight=None,
    per_100_students=100,
)
DEVICES = EvidenceDevices(
    school="Oak",
    kind="chromebook",
    model="Acer 315",
    platform="chromeos",
    release="",
    expires_on=date(2029, 6, 30),
    expires_with=None,
    offered=False,
    support_until=None,
    bought_on=None,
    count=40,
)
EVIDENCE = RefreshEvidence(
    devices=(DEVICES,), costs={}, funds=(), prices=(CHROMEBOOK,), students={"Oak": 41, "Elm": 3, "no school": 2}
)


def build(*rows: FundRow, students: int = 0) -> tuple[dict[str, RefreshFund], dict[str, str]]:
    funds, remarks = build_funds(
        rows,
        years=YEARS,
        schools={"Oak", "Elm"},
        students=students,
        programs={program.id: program for program in load_programs()},
    )
    return {fund.name: fund for fund in funds}, {remark.name: remark.reason for remark in remarks}


def test_amounts_are_by_year_and_a_program_sets_its_own() -> None:
    later = replace(GENERAL, fiscal_year=2030, amount_minor=100)
    funds, remarks = build(GENERAL, later, E_RATE)
    assert funds["General"].amounts == (180_000, 0, 1, 0, 0)
    assert remarks == {"General": "no amount for 2029, 2031, 2032: nothing of it is spent then"}
    e_rate = funds["E-Rate"]
    assert (e_rate.total, e_rate.pays, e_rate.match) == (302_355, Fraction(4, 5), "General")
    assert e_rate.kinds == {"access_point", "firewall", "switch", "ups"}


def test_a_program_counts_the_students_of_the_rosters_where_the_list_does_not() -> None:
    funds, remarks = build(GENERAL, replace(E_RATE, students=None), students=1500)
    assert funds["E-Rate"].total == 302_355
    assert remarks["E-Rate"] == "E-Rate Category Two counts the 1,500 students of the rosters"


def test_schools_and_kinds_are_found_in_any_case() -> None:
    funds, _ = build(replace(GENERAL, schools=("OAK",), kinds=("Access Points", "chromebook")))
    assert (funds["General"].schools, funds["General"].kinds) == ({"Oak"}, {"access_point", "chromebook"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (replace(GENERAL, name="X", currency="CAD"), "currencies are never added, US dollars would fit"),
        (replace(GENERAL, name="X", amount_minor=-1), "negative amount; 0 or more would fit"),
        (replace(GENERAL, name="X", amount_minor=None), "it has no amount; a year from 2028 to 2032 would fit"),
        (replace(GENERAL, name="X", fiscal_year=2019), "amounts for 2019; a year from 2028 to 2032 would fit"),
        (replace(GENERAL, name="X", schools=("Ashe",)), "no school with devices or needs is called Ashe"),
        (replace(E_RATE, name="X", pays_percent=None), "a percent such as 80 would fit"),
        (replace(E_RATE, name="X", pays_percent=90), "E-Rate Category Two pays at most 85%, not 90%"),
        (replace(E_RATE, name="X", match=None), "its name as match would fit"),
        (
            replace(E_RATE, name="X", match="genral"),
            "'genral', which is to pay the rest, has no amounts by year; General would fit",
        ),
        (replace(E_RATE, name="X", program="e-rate-c3"), "'e-rate-c3' is no program; e-rate-c2 would fit"),
        (replace(E_RATE, name="X", kinds=("chromebook",)), "not for devices that people use"),
        (replace(E_RATE, name="X", students=None), "neither the list nor a roster has them"),
        (replace(E_RATE, name="X", program=None), "neither an amount nor a program"),
    ],
)  # fmt: skip
def test_a_fund_that_does_not_fit_is_left_out_and_the_others_stay(row: FundRow, reason: str) -> None:
    funds, remarks = build(GENERAL, row)
    assert set(funds) == {"General"}
    assert remarks["X"].startswith("left out: ")
    assert reason in remarks["X"]


def test_without_a_fund_nothing_can_be_bought() -> None:
    funds, remarks = build()
    assert funds["general"].amounts == (0, 0, 0, 0, 0)
    assert "nothing can be bought" in remarks["all"]


def list_whys(remarks: tuple[EvidenceRemark, ...] | list[EvidenceRemark]) -> dict[str, str]:
    return {remark.name: remark.reason for remark in remarks}


def test_a_price_has_the_life_and_minutes_of_the_age_rule_where_the_list_is_blank() -> None:
    price = build_prices(EVIDENCE).prices["chromebook"]
    assert (price.price, price.life, price.minutes, price.weight) == (310, 8, 30, 1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (replace(CHROMEBOOK, currency="EUR"), "its price is in EUR; currencies are never added, US dollars would fit"),
        (replace(CHROMEBOOK, price_minor=-5), "its price is negative; 0 or more would fit"),
        (replace(CHROMEBOOK, price_minor=None), "no list and no purchase has a price: 40 devices left out of the plan"),
    ],
)
def test_a_price_that_is_missing_or_does_not_fit_leaves_the_kind_out(row: PriceRow, reason: str) -> None:
    built = build_prices(replace(EVIDENCE, prices=(row,)))
    assert (built.prices, built.unpriced) == ({}, ("chromebook",))
    assert reason in {remark.reason for remark in built.remarks}


def test_kinds_that_are_no_kinds_or_in_the_list_twice_are_named() -> None:
    rows = (CHROMEBOOK, replace(CHROMEBOOK, kind="chromebook"), replace(CHROMEBOOK, kind="tablett"))
    built = build_prices(replace(EVIDENCE, prices=rows))
    whys = list_whys(built.remarks)
    assert "is no kind of a device; tablet" in whys["tablett"]
    assert whys["chromebook"].startswith("no list and no purchase")
    assert ("chromebook", "the list has it under several names; each kind once would fit") in {
        (remark.name, remark.reason) for remark in built.remarks
    }


def test_needs_are_the_students_of_a_school_and_spares_for_what_breaks() -> None:
    needs, remarks = build_needs(
        EVIDENCE, per_100_students={"chromebook": 100}, breaking={"Acer 315": 0.06}, years=range(2028, 2030)
    )
    assert needs == {
        ("Oak", "chromebook", 2028): 44, ("Oak", "chromebook", 2029): 44,
        ("Elm", "chromebook", 2028): 3, ("Elm", "chromebook", 2029): 3,
    }  # fmt: skip
    whys = list_whys(remarks)
    assert whys["chromebook"] == "3 spares, by the breakage that is expected within a year"
    assert whys["students"] == "of all students, 2 are in no school: nothing is needed for them"


def test_without_breakage_there_are_no_spares_and_it_is_said() -> None:
    needs, remarks = build_needs(EVIDENCE, per_100_students={"chromebook": 50}, breaking={}, years=range(2028, 2029))
    assert needs == {("Oak", "chromebook", 2028): 21, ("Elm", "chromebook", 2028): 2}
    assert list_whys(remarks)["chromebook"].startswith("no spares: its breakage cannot be told")


def test_a_rule_without_students_needs_nothing_and_is_named() -> None:
    evidence = replace(EVIDENCE, students={})
    needs, remarks = build_needs(evidence, per_100_students={"chromebook": 100}, breaking={}, years=YEARS)
    assert needs == {}
    assert list_whys(remarks) == {"all": "no roster says how many students a school has"}
