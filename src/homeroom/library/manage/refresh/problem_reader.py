"""Read a refresh problem strictly: what does not fit is refused with file, line, field, value and what would fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Any

from homeroom.domain.know.devices.kinds import DEVICE_KINDS
from homeroom.domain.manage.refresh.fiscal_years import FiscalCalendar
from homeroom.domain.manage.refresh.problem import (
    DevicePrice,
    FleetGroup,
    PaymentWay,
    RefreshFund,
    RefreshProblem,
    TeamTime,
)
from homeroom.ingest.contract.errors import Problem
from homeroom.library.manage.refresh import problem_fields
from homeroom.library.manage.refresh.csv_table import CsvTable, raise_problems
from homeroom.library.manage.refresh.problem_fields import FITS
from homeroom.library.manage.refresh.programs import load_programs
from homeroom.library.manage.refresh.values import Unfit, format_value, parse_name, parse_number
from homeroom.library.manage.refresh.yaml_document import KeyPath, YamlDocument

BUY = PaymentWay(name="buy", payments=(Fraction(1),))
"""The way to pay where none is given."""
MAX_LISTED = 12
MISSPELT = 0.8
"""How alike, from 0 to 1, a kind without a price and one with a price are, so that the first is taken as misspelt."""


def read_refresh_problem(path: Path) -> RefreshProblem:
    """Read a problem and the lists beside it, whose paths are relative to it. Raise FileRefused with each problem."""
    return _ProblemReader(path).read()


class _ProblemReader:
    """Reads one problem, and collects what does not fit."""

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._document = YamlDocument(path, fits=FITS)
        self._problems: list[Problem] = []
        self._programs: set[str] = set()
        self._unread: set[str] = set()
        """The columns whose names are not all known, since a list has problems: what names them is not judged."""

    def read(self) -> RefreshProblem:
        document = self._document
        top = document.parse_part(document.content, problem_fields.PROBLEM, ())
        document.raise_problems()
        years = range(top["first_year"], top["first_year"] + top["years"])
        prices = self._read_prices(top["prices"])
        groups = self._read_groups(top["fleet"], prices)
        needs = self._read_needs(top.get("needs"), prices, years)
        schools = {group.school for group in groups} | {school for school, _, _ in needs}
        funds = self._parse_funds(top["funds"], years)
        ways = self._parse_ways(top.get("ways"))
        team = self._parse_team(top.get("team"), years)
        self._check_names(funds, ways, schools=schools, kinds=set(prices))
        raise_problems([*document.problems, *self._problems])
        return RefreshProblem(
            first_year=top["first_year"],
            year_count=top["years"],
            calendar=FiscalCalendar(starts_in_month=top["fiscal_year_starts"], needed_until=top["needed_until"]),
            groups=groups,
            prices=prices,
            needs=needs,
            funds=tuple(funds.values()),
            ways=tuple(ways.values()),
            team=team,
        )

    def _read_prices(self, name: str) -> dict[str, DevicePrice]:
        table = CsvTable(self._folder / name, problem_fields.PRICE_COLUMNS)
        prices: dict[str, DevicePrice] = {}
        for line, row in table.iterate_rows():
            if row["kind"] in prices:
                table.add_problem(line, "kind", "has a price already", value=row["kind"], fits="each kind once")
            prices[row["kind"]] = DevicePrice(**row)
        self._add_problems(table, "kinds")
        return prices

    def _add_problems(self, table: CsvTable, names: str) -> None:
        """Note the problems of a list, and that its names are not all known if there are any."""
        self._problems += table.problems
        if table.problems:
            self._unread.add(names)

    def _read_groups(self, name: str, prices: Mapping[str, DevicePrice]) -> tuple[FleetGroup, ...]:
        table = CsvTable(self._folder / name, problem_fields.FLEET_COLUMNS)
        groups: dict[str, FleetGroup] = {}
        lines: dict[str, int] = {}
        for line, row in table.iterate_rows():
            identifier = row.pop("group")
            if identifier in lines:
                reason = f"is the group of line {lines[identifier]} too"
                table.add_problem(line, "group", reason, value=identifier, fits="a name that no other group has")
                continue
            lines[identifier] = line
            self._check_price(table, line, row["kind"], prices)
            groups[identifier] = FleetGroup(id=identifier, **row)
        self._add_problems(table, "schools")
        return tuple(groups.values())

    def _read_needs(
        self, name: str | None, prices: Mapping[str, DevicePrice], years: range
    ) -> dict[tuple[str, str, int], int]:
        if name is None:
            return {}
        table = CsvTable(self._folder / name, problem_fields.NEED_COLUMNS)
        needs: dict[tuple[str, str, int], int] = {}
        for line, row in table.iterate_rows():
            key = (row["school"], row["kind"], row["year"])
            self._check_price(table, line, row["kind"], prices)
            if row["year"] not in years:
                fits = f"a year of the plan, {years[0]} to {years[-1]}"
                table.add_problem(line, "year", "is no year of the plan", value=str(row["year"]), fits=fits)
            if key in needs:
                value = f"{row['school']}, {row['kind']}, {row['year']}"
                table.add_problem(line, "school", "has a need already", value=value, fits="each need once")
            needs[key] = row["needed"]
        self._add_problems(table, "schools")
        return needs

    def _check_price(self, table: CsvTable, line: int, kind: str, prices: Mapping[str, DevicePrice]) -> None:
        if kind not in prices and "kinds" not in self._unread:
            table.add_problem(line, "kind", "is a kind without a price", value=kind, fits=_list_names(prices))

    def _parse_funds(self, raw: Mapping[Any, Any], years: range) -> dict[str, RefreshFund]:
        funds: dict[str, RefreshFund] = {}
        for name, content in self._iterate_named(raw, "funds"):
            path = ("funds", name)
            values = self._document.parse_part(content, problem_fields.FUND, path)
            funds[name] = self._build_fund(name, values, path, content, years)
        return funds

    def _iterate_named(self, raw: Mapping[Any, Any], part: str) -> Iterator[tuple[str, Any]]:
        """Yield the names of a part with their contents; note what is no name."""
        for key, content in raw.items():
            try:
                yield parse_name(key), content
            except Unfit as error:
                self._document.add_problem((part, str(key)), error.reason, value=key, fits=error.fits)

    def _build_fund(self, name: str, values: dict[str, Any], path: KeyPath, raw: object, years: range) -> RefreshFund:
        keys = raw if isinstance(raw, Mapping) else {}
        if "program" in keys:
            self._apply_program(values, path, keys)
        elif "students" in keys:
            self._document.add_problem((*path, "students"), "goes with program only", fits="program: e-rate-c2")
        if "total" in keys or "program" in keys:
            self._check_total(values, path, keys)
        elif isinstance(raw, Mapping):
            self._check_amounts(path, keys, years)
        amounts = self._parse_yearly(values.get("amounts"), years, (*path, "amounts")) if "amounts" in values else ()
        return RefreshFund(
            name=name,
            amounts=amounts,
            carries_over=values.get("carries_over", False),
            total=values.get("total"),
            pays=values.get("pays", Fraction(1)),
            match=values.get("match"),
            schools=values.get("schools"),
            kinds=values.get("kinds"),
        )

    def _check_total(self, values: Mapping[str, Any], path: KeyPath, keys: Mapping[Any, Any]) -> None:
        for key in ("amounts", "carries_over"):
            if key in keys:
                fits = "either amounts, or total with pays and match"
                self._document.add_problem((*path, key), "does not go with total", fits=fits)
        if "pays" not in keys:
            self._document.add_problem((*path, "pays"), "is missing", fits="the share that it pays, such as 0.8")
        if "match" not in keys and values.get("pays") != 1:
            self._document.add_problem((*path, "match"), "is missing", fits="the fund that pays the rest")

    def _check_amounts(self, path: KeyPath, keys: Mapping[Any, Any], years: range) -> None:
        if "amounts" not in keys:
            fits = f"{len(years)} amounts, one a year, or total with pays and match"
            self._document.add_problem((*path, "amounts"), "is missing", fits=fits)
        for key in ("pays", "match"):
            if key in keys:
                self._document.add_problem((*path, key), "goes with total only", fits="total: 302355")

    def _apply_program(self, values: dict[str, Any], path: KeyPath, keys: Mapping[Any, Any]) -> None:
        """Fill total and kinds from a program; refuse what it does not allow, with its rule."""
        programs = {program.id: program for program in load_programs()}
        program = programs.get(values.get("program", ""))
        if program is None:
            if "program" in values:
                value = values["program"]
                fits = _list_names(programs)
                self._document.add_problem((*path, "program"), "is no program", value=value, fits=fits)
            return
        if "total" in keys:
            self._document.add_problem((*path, "total"), "does not go with program", fits="students: 1500")
        if "students" not in keys:
            self._document.add_problem((*path, "students"), "is missing", fits="how many students, such as 1500")
        values["total"] = program.compute_total(values.get("students", 0))
        for kind in sorted(values.get("kinds", frozenset()) - program.kinds):
            fits = _list_names(program.kinds)
            self._document.add_problem((*path, "kinds"), program.reason, value=kind, fits=fits)
        values.setdefault("kinds", program.kinds)
        if values.get("pays", Fraction(0)) > program.pays_at_most:
            reason, fits = f"is more than {program.title} pays", f"at most {float(program.pays_at_most):g}"
            self._document.add_problem((*path, "pays"), reason, value=keys["pays"], fits=fits)
        self._programs.add(path[-1])

    def _parse_yearly(self, raw: Any, years: range, path: KeyPath) -> tuple[Fraction, ...]:
        """Parse a list with a number for each year."""
        fits = f"{len(years)} numbers of 0 or more, one a year from {years[0]} to {years[-1]}"
        if not isinstance(raw, list):
            self._document.add_problem(path, "is no list of numbers", value=raw, fits=fits)
            return ()
        if len(raw) != len(years):
            reason = f"has {len(raw)} numbers for {len(years)} years"
            self._document.add_problem(path, reason, value=raw, fits=fits)
        numbers = []
        for item in raw:
            try:
                numbers.append(parse_number(item))
            except Unfit as error:
                self._document.add_problem(path, f"has a value that {error.reason}", value=item, fits=fits)
        return tuple(numbers)

    def _parse_ways(self, raw: Mapping[Any, Any] | None) -> dict[str, PaymentWay]:
        if raw is None:
            return {BUY.name: BUY}
        ways: dict[str, PaymentWay] = {}
        for name, content in self._iterate_named(raw, "ways"):
            values = self._document.parse_part(content, problem_fields.WAY, ("ways", name))
            ways[name] = PaymentWay(
                name=name,
                payments=values.get("payments", BUY.payments),
                kinds=values.get("kinds"),
                funds=values.get("funds"),
            )
        return ways

    def _parse_team(self, raw: Any, years: range) -> TeamTime | None:
        if raw is None:
            return None
        values = self._document.parse_part(raw, problem_fields.TEAM, ("team",))
        hours = self._parse_yearly(values.get("hours", []), years, ("team", "hours")) if "hours" in values else ()
        return TeamTime(
            minutes=tuple(number * 60 for number in hours),
            minutes_per_visit=values.get("minutes_per_visit", Fraction()),
        )

    def _check_names(
        self, funds: Mapping[str, RefreshFund], ways: Mapping[str, PaymentWay], *, schools: set[str], kinds: set[str]
    ) -> None:
        yearly = {name for name, fund in funds.items() if fund.total is None}
        for name, fund in funds.items():
            path = ("funds", name)
            self._check_list((*path, "schools"), fund.schools, schools, "school of the fleet")
            if name not in self._programs:
                self._check_kinds((*path, "kinds"), fund.kinds, kinds)
            if fund.match is not None and fund.match not in yearly:
                reason = "is no fund" if fund.match not in funds else "is no fund with amounts"
                fits = _list_names(yearly - {name})
                self._document.add_problem((*path, "match"), reason, value=fund.match, fits=fits)
        for name, way in ways.items():
            self._check_kinds(("ways", name, "kinds"), way.kinds, kinds)
            self._check_list(("ways", name, "funds"), way.funds, set(funds), "fund")

    def _check_kinds(self, path: KeyPath, names: frozenset[str] | None, priced: set[str]) -> None:
        """Note kinds that are nearly one with a price; another kind may be named without being in the fleet."""
        if "kinds" in self._unread:
            return
        for name in sorted((names or frozenset()) - priced - set(DEVICE_KINDS)):
            nearest = get_close_matches(name, sorted(priced), n=1, cutoff=MISSPELT)
            if nearest:
                reason = f"has {format_value(name)}, which is no kind with a price"
                self._document.add_problem(path, reason, value=name, fits=nearest[0])

    def _check_list(self, path: KeyPath, names: frozenset[str] | None, fitting: set[str], noun: str) -> None:
        if path[-1] in self._unread:
            return
        for name in sorted((names or frozenset()) - fitting):
            self._document.add_problem(
                path, f"has {format_value(name)}, which is no {noun}", value=name, fits=_list_names(fitting)
            )


def _list_names(names: Any) -> str:
    listed = sorted(names)
    rest = f" and {len(listed) - MAX_LISTED} more" if len(listed) > MAX_LISTED else ""
    return ", ".join(listed[:MAX_LISTED]) + rest
