"""Write a refresh problem as the files that `homeroom refresh` reads: the plan in YAML with its lists in CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from homeroom.apps.platform.districts.output_files import write_atomically
from homeroom.domain.manage.refresh.problem import DevicePrice, FleetGroup, RefreshFund, RefreshProblem
from homeroom.domain.spreadsheets import iterate_csv_lines
from homeroom.library.manage.refresh import problem_fields

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
PLAN, FLEET, PRICES, NEEDS = "plan.yaml", "fleet.csv", "prices.csv", "needs.csv"


def check_problem_folder(folder: Path) -> None:
    """Raise FileExistsError if a folder has files of a problem."""
    taken = [name for name in (PLAN, FLEET, PRICES, NEEDS) if (folder / name).exists()]
    if taken:
        raise FileExistsError(f"{folder / taken[0]} is there already; an empty folder would fit")


def write_problem_files(
    folder: Path,
    problem: RefreshProblem,
    *,
    unpriced: Mapping[str, tuple[int, int]],
    waiting: Sequence[FleetGroup],
    notes: Sequence[str],
) -> Path:
    """Write a problem into a new or empty folder, and return the path of its plan.

    `unpriced` has life and minutes of kinds whose price is blank, `waiting` their groups, `notes` are comments of the
    plan. Raise OSError if it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_list_price(price) for price in problem.prices.values()]
    rows += [(kind, "", life, minutes, 1) for kind, (life, minutes) in unpriced.items()]
    groups = sorted([*problem.groups, *waiting], key=lambda group: int(group.id.partition(":")[0]))
    _write_csv(folder / FLEET, problem_fields.FLEET_COLUMNS, (_list_group(group) for group in groups))
    _write_csv(folder / PRICES, problem_fields.PRICE_COLUMNS, sorted(rows))
    needs = [(*key, count) for key, count in problem.needs.items()]
    if needs:
        _write_csv(folder / NEEDS, problem_fields.NEED_COLUMNS, needs)
    write_atomically(folder / PLAN, _render_plan(problem, notes).encode())
    return folder / PLAN


def _list_group(group: FleetGroup) -> tuple[Any, ...]:
    return (group.id, group.school, group.kind, group.count, group.last_good.isoformat() if group.last_good else "")


def _list_price(price: DevicePrice) -> tuple[Any, ...]:
    return (
        price.kind,
        f"{float(price.price):.2f}",
        convert_number(price.life),
        convert_number(price.minutes),
        convert_number(price.weight),
    )


def convert_number(number: Fraction) -> int | float:
    """Return a number as it is written: whole where it is."""
    return number.numerator if number.denominator == 1 else float(number)


def _render_plan(problem: RefreshProblem, notes: Sequence[str]) -> str:
    month, day = problem.calendar.needed_until
    comments = "".join(f"# {' '.join(note.split())}\n" for note in notes)
    needs = f"needs: {NEEDS}\n" if problem.needs else ""
    funds = "".join(f"  {_format_name(fund.name)}: {_format_keys(_list_fund(fund))}\n" for fund in problem.funds)
    return f"""homeroom: refresh
first_year: {problem.first_year}
years: {problem.year_count}
fiscal_year_starts: {problem.calendar.starts_in_month}
needed_until: "{month:02}-{day:02}"
fleet: {FLEET}
prices: {PRICES}
{needs}{comments}funds:
{funds}"""


def _list_fund(fund: RefreshFund) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if fund.total is None:
        keys["amounts"] = [convert_number(amount) for amount in fund.amounts]
        if fund.carries_over:
            keys["carries_over"] = True
    else:
        keys |= {"total": convert_number(fund.total), "pays": convert_number(fund.pays)}
        if fund.match is not None:
            keys["match"] = fund.match
    if fund.schools is not None:
        keys["schools"] = sorted(fund.schools)
    if fund.kinds is not None:
        keys["kinds"] = sorted(fund.kinds)
    return keys


def _format_name(name: str) -> str:
    """Return a name as a YAML key: in quotes, which are JSON's, unless it is a plain word."""
    is_plain = _PLAIN_NAME.fullmatch(name) and name.casefold() not in _WORDS
    return name if is_plain else json.dumps(name, ensure_ascii=False)


def _format_keys(keys: Mapping[str, Any]) -> str:
    return f"{{{', '.join(f'{key}: {json.dumps(value, ensure_ascii=False)}' for key, value in keys.items())}}}"


def _write_csv(path: Path, header: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    write_atomically(path, "".join(iterate_csv_lines([list(header), *rows])).encode())
