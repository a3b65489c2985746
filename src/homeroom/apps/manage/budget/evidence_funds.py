"""Funds of a refresh problem from lists of funds; what does not fit is left out and named."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark, join_names
from homeroom.apps.manage.budget.evidence_rows import DOLLARS, FundRow
from homeroom.domain.know.devices.kinds import normalize_kind
from homeroom.domain.manage.refresh.problem import RefreshFund
from homeroom.domain.manage.refresh.programs import FundingProgram
from homeroom.domain.suggestions import suggest_names

NO_FUND = "general"
"""The fund of a problem without any list of funds; it has no money."""


class _LeftOut(Exception):
    """A fund that cannot be used; the message is why."""


def build_funds(
    rows: Sequence[FundRow],
    *,
    years: Sequence[int],
    schools: Collection[str],
    students: int,
    programs: Mapping[str, FundingProgram],
) -> tuple[tuple[RefreshFund, ...], list[EvidenceRemark]]:
    """Build the funds of the plan's years; return them with remarks. `students` are those of the rosters, 0 if none."""
    remarks: list[EvidenceRemark] = []
    builder = _FundBuilder(years=years, schools=schools, students=students, programs=programs, remarks=remarks)
    funds: dict[str, RefreshFund] = {}
    for key, fund_rows in _group_rows(rows).items():
        try:
            funds[key] = builder.build(fund_rows)
        except _LeftOut as error:
            remarks.append(EvidenceRemark(about="fund", name=fund_rows[0].name, reason=f"left out: {error}"))
    yearly = {key: fund for key, fund in funds.items() if fund.total is None}
    for key, fund in list(funds.items()):
        if fund.match is None:
            continue
        match = yearly.get(fund.match.casefold())
        if match is None:
            del funds[key]
            fits = suggest_names(fund.match, [item.name for item in yearly.values()]) or "a fund with amounts by year"
            reason = f"left out: {fund.match!r}, which is to pay the rest, has no amounts by year; {fits} would fit"
            remarks.append(EvidenceRemark(about="fund", name=fund.name, reason=reason))
        else:
            funds[key] = replace(fund, match=match.name)
    if not funds:
        reason = (
            f"no list has money for {years[0]} to {years[-1]}; nothing can be bought (load a list --as refresh-funds)"
        )
        remarks.append(EvidenceRemark(about="fund", name="all", reason=reason))
        return (RefreshFund(name=NO_FUND, amounts=tuple(Fraction(0) for _ in years)),), remarks
    return tuple(funds.values()), remarks


def _group_rows(rows: Sequence[FundRow]) -> dict[str, list[FundRow]]:
    grouped: dict[str, list[FundRow]] = {}
    for row in rows:
        grouped.setdefault(row.name.casefold(), []).append(row)
    return grouped


class _FundBuilder:
    """Builds funds from their rows, and notes what of them is not used."""

    def __init__(
        self,
        *,
        years: Sequence[int],
        schools: Collection[str],
        students: int,
        programs: Mapping[str, FundingProgram],
        remarks: list[EvidenceRemark],
    ) -> None:
        self._years = years
        self._schools = {school.casefold(): school for school in schools}
        self._students = students
        self._programs = programs
        self._remarks = remarks

    def build(self, rows: Sequence[FundRow]) -> RefreshFund:
        """Build a fund. Raise _LeftOut if it cannot be used."""
        fund = rows[0].name
        foreign = sorted({row.currency for row in rows} - {DOLLARS})
        if foreign:
            raise _LeftOut(f"it is in {join_names(foreign)}; currencies are never added, US dollars would fit")
        if any(row.amount_minor is not None and row.amount_minor < 0 for row in rows):
            raise _LeftOut("it has a negative amount; 0 or more would fit")
        if len({row.schools for row in rows}) > 1 or len({row.kinds for row in rows}) > 1:
            raise _LeftOut("its rows name different schools or kinds; the same in each, or two funds, would fit")
        schools = self._find_schools(fund, rows[0].schools)
        kinds = frozenset(map(normalize_kind, rows[0].kinds)) or None
        overall = [row for row in rows if row.fiscal_year is None or row.program]
        if not overall:
            return RefreshFund(
                name=fund,
                amounts=self._list_amounts(fund, rows),
                carries_over=any(row.carries_over for row in rows),
                schools=schools,
                kinds=kinds,
            )
        if len(rows) > 1:
            raise _LeftOut("it has several rows, and one over all years or of a program; that row alone would fit")
        return self._build_overall(overall[0], schools, kinds)

    def _build_overall(self, row: FundRow, schools: frozenset[str] | None, kinds: frozenset[str] | None) -> RefreshFund:
        """Build a fund with one amount over all years, its own or a program's."""
        if row.pays_percent is None:
            raise _LeftOut("it says not which percent of a price it pays; a percent such as 80 would fit")
        pays = Fraction(row.pays_percent, 100)
        if row.match is None and pays != 1:
            raise _LeftOut("it says not which fund pays the rest; its name as match would fit")
        total = None if row.amount_minor is None else Fraction(row.amount_minor, 100)
        if row.program:
            program = self._programs.get(row.program)
            if program is None:
                fits = suggest_names(row.program, self._programs)
                raise _LeftOut(f"{row.program!r} is no program; {fits} would fit")
            if pays > program.pays_at_most:
                raise _LeftOut(f"{program.title} pays at most {float(program.pays_at_most):.0%}, not {float(pays):.0%}")
            outside = sorted((kinds or frozenset()) - program.kinds)
            if outside:
                raise _LeftOut(f"{join_names(outside)}: {program.reason}")
            kinds = kinds or program.kinds
            total = self._compute_total(row, program)
        if total is None:
            raise _LeftOut("it has neither an amount nor a program; one of them would fit")
        return RefreshFund(name=row.name, total=total, pays=pays, match=row.match, schools=schools, kinds=kinds)

    def _compute_total(self, row: FundRow, program: FundingProgram) -> Fraction:
        students = row.students if row.students is not None else self._students
        if not students:
            raise _LeftOut(f"{program.title} counts students, and neither the list nor a roster has them")
        if row.amount_minor is not None:
            reason = f"the amount of the list is not used: {program.title} sets it by {students:,} students"
            self._remarks.append(EvidenceRemark(about="fund", name=row.name, reason=reason))
        if row.students is None:
            reason = f"{program.title} counts the {students:,} students of the rosters"
            self._remarks.append(EvidenceRemark(about="fund", name=row.name, reason=reason))
        return program.compute_total(students)

    def _list_amounts(self, fund: str, rows: Sequence[FundRow]) -> tuple[Fraction, ...]:
        amounts = {row.fiscal_year: row.amount_minor for row in rows if row.amount_minor is not None}
        if not set(amounts) & set(self._years):
            listed = f"amounts for {join_names(sorted(amounts, key=str))}" if amounts else "no amount"
            raise _LeftOut(f"it has {listed}; a year from {self._years[0]} to {self._years[-1]} would fit")
        missing = [year for year in self._years if year not in amounts]
        if missing:
            reason = f"no amount for {join_names(missing)}: nothing of it is spent then"
            self._remarks.append(EvidenceRemark(about="fund", name=fund, reason=reason))
        if any(row.match or row.pays_percent is not None for row in rows):
            reason = "percent and match are not used: they go with one amount over all years"
            self._remarks.append(EvidenceRemark(about="fund", name=fund, reason=reason))
        return tuple(Fraction(amounts.get(year, 0), 100) for year in self._years)

    def _find_schools(self, fund: str, names: Sequence[str]) -> frozenset[str] | None:
        if not names:
            return None
        fitting = frozenset(self._schools[name.casefold()] for name in names if name.casefold() in self._schools)
        unknown = [name for name in names if name.casefold() not in self._schools]
        if not fitting:
            fits = suggest_names(unknown[0], self._schools.values())
            raise _LeftOut(f"no school with devices or needs is called {join_names(unknown)}; {fits} would fit")
        if unknown:
            reason = f"no school with devices or needs is called {join_names(unknown)}"
            self._remarks.append(EvidenceRemark(about="fund", name=fund, reason=reason))
        return fitting
