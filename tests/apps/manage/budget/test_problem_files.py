"""A problem that is written as files reads back as the same problem, whatever its funds and schools are called."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from homeroom.apps.manage.budget.problem_files import write_problem_files
from homeroom.domain.manage.refresh.fiscal_years import FiscalCalendar
from homeroom.domain.manage.refresh.problem import DevicePrice, FleetGroup, PaymentWay, RefreshFund, RefreshProblem
from homeroom.library.manage.refresh.problem_reader import read_refresh_problem

PROBLEM = RefreshProblem(
    first_year=2028,
    year_count=2,
    calendar=FiscalCalendar(starts_in_month=7, needed_until=(5, 31)),
    groups=(
        FleetGroup(id="1: Acer 315, 11-inch", school="Oak", kind="chromebook", count=3, last_good=date(2028, 6, 30)),
        FleetGroup(id="2", school="Oak", kind="switch", count=1, last_good=None),
    ),
    prices={
        kind: DevicePrice(kind=kind, price=price, life=Fraction(8), minutes=Fraction(30), weight=Fraction(1))
        for kind, price in (("chromebook", Fraction("299.99")), ("switch", Fraction(2100)))
    },
    needs={("Oak", "chromebook", 2028): 4},
    funds=(
        RefreshFund(name="general", amounts=(Fraction("180000.55"), Fraction(0)), carries_over=True),
        RefreshFund(
            name="e-rate", total=Fraction("60471.57"), pays=Fraction(4, 5), match="general",
            kinds=frozenset({"switch", "ups"}),
        ),
    ),
    ways=(PaymentWay(name="buy", payments=(Fraction(1),)),),
)  # fmt: skip


def write(folder: Path, problem: RefreshProblem, *notes: str) -> RefreshProblem:
    return read_refresh_problem(write_problem_files(folder, problem, unpriced={}, waiting=(), notes=notes))


def test_a_problem_reads_back_as_it_was(tmp_path: Path) -> None:
    assert write(tmp_path / "plan", PROBLEM, "fund all: a note", "a\nb: [") == PROBLEM


@pytest.mark.parametrize(
    "name", ["2028", "null", "true", "no", "Title I: Part A", "#1", "- x", "{a}", 'a "b"', "Größe é"]
)
def test_names_of_any_form_read_back(tmp_path: Path, name: str) -> None:
    general, e_rate = PROBLEM.funds
    groups = (replace(PROBLEM.groups[0], school=name), PROBLEM.groups[1])
    funds = (replace(general, name=name, schools=frozenset({name})), replace(e_rate, match=name))
    problem = replace(PROBLEM, groups=groups, funds=funds, needs={(name, "chromebook", 2028): 4})
    assert write(tmp_path / "plan", problem) == problem
