"""End of support of installed products: endoflife.date's releases, ChromeOS's dates, and recorded ESU or LTSC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from homeroom.evidence.query.steps import Step
from homeroom.evidence.query.temp_tables import TempTables

END_OF_LIFE_HORIZON = timedelta(days=730)
"""How long before its end an item is listed: the time that a district needs to buy devices."""
CHROMEOS = "automatic updates"
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_BUILD = re.compile(r"10\.0\.([0-9]{5})")
_LONG_TERM = re.compile(r"lts[bc]", re.IGNORECASE)
_ENTERPRISE = re.compile(r"educat|enterprise|ltsc", re.IGNORECASE)
_ENDS_SCHEMA = pa.schema(
    [
        ("item", pa.int64()),
        ("cycle", pa.string()),
        ("ends_on", pa.date32()),
        ("ended", pa.bool_()),
        ("extended_until", pa.date32()),
        ("extended_taken", pa.bool_()),
        ("latest", pa.string()),
    ]
)


@dataclass(frozen=True, kw_only=True)
class _ReleaseCycle:
    """A release as in the table `lifecycles`."""

    cycle: str
    ends_on: date | None
    over: bool | None
    extended_until: date | None
    latest: str


def list_support_end_steps(*, today: date) -> tuple[Step, ...]:
    """Return the step that writes support_ends: items whose support ended, or ends within END_OF_LIFE_HORIZON."""
    return (
        Step(
            name="find items near their end of support",
            reads=("items",),
            writes=("support_ends",),
            run=partial(_find_ends, today=today),
        ),
    )


END_OF_LIFE_STEPS = (
    Step(
        name="describe ends of support",
        reads=("support_ends", "items", "item_usage"),
        writes=("ends_of_life",),
        sql="""SELECT e.item, i.product_key, i.product, i.title, nullif(i.version, '') AS version, nullif(i.platform,
                '') AS platform, e.cycle, e.ends_on, e.ended,
                e.extended_until, e.extended_taken, e.latest, coalesce(w.devices, 0) AS devices
            FROM vn_support_ends e JOIN vn_items i USING (item) LEFT JOIN vn_item_usage w USING (item)""",
    ),
)
"""The step that writes ends_of_life, with the columns of that table."""


def _find_ends(tables: TempTables, *, today: date) -> None:
    cycles = _load_cycles(tables)
    items = tables.fetch_arrow(
        "SELECT item, product_key, lifecycle, version, support, edition, title FROM vn_items "
        "WHERE lifecycle <> '' OR product_key "
        "= 'chromeos'"
    )
    rows = [end_row for row in items.to_pylist() if (end_row := _find_end(row, cycles, today)) is not None]
    tables.register("support_ends", pa.Table.from_pylist(rows, schema=_ENDS_SCHEMA))


def _load_cycles(tables: TempTables) -> Mapping[str, list[_ReleaseCycle]]:
    cycles: dict[str, list[_ReleaseCycle]] = {}
    rows = tables.fetch_rows("SELECT product, cycle, eol_on, over, extended_until, latest FROM lifecycles ORDER BY ALL")
    for product, cycle, ends_on, over, extended, latest in rows:
        release = _ReleaseCycle(cycle=cycle, ends_on=ends_on, over=over, extended_until=extended, latest=latest or "")
        cycles.setdefault(product, []).append(release)
    return cycles


def _find_end(row: Mapping[str, Any], cycles: Mapping[str, list[_ReleaseCycle]], today: date) -> dict[str, Any] | None:
    recorded, expires, extended, kind = row["support"].split("|") if row["support"] else ("", "", "", "")
    if row["product_key"] == "chromeos":
        return (
            _build_end_row(row, CHROMEOS, _parse_day(expires), None, _parse_day(extended), kind == "opted", "", today)
            if expires
            else None
        )
    cycle = find_cycle(
        row["version"], name=row["title"], edition=row["edition"] or "", cycles=cycles.get(row["lifecycle"], ())
    )
    if cycle is None:
        return None
    until = max((day for day in (cycle.ends_on, _parse_day(recorded)) if day), default=None)
    over = cycle.over if until is None else None
    return _build_end_row(row, cycle.cycle, until, over, cycle.extended_until, bool(recorded), cycle.latest, today)


def _build_end_row(
    row: Mapping[str, Any],
    cycle: str,
    ends_on: date | None,
    over: bool | None,
    extended: date | None,
    has_extended_support: bool,
    latest: str,
    today: date,
) -> dict[str, Any] | None:
    ended = ends_on < today if ends_on else bool(over)
    if not ended and (ends_on is None or ends_on > today + END_OF_LIFE_HORIZON):
        return None
    return {
        "item": row["item"],
        "cycle": cycle,
        "ends_on": ends_on,
        "ended": ended,
        "extended_until": extended,
        "extended_taken": has_extended_support,
        "latest": latest or None,
    }


def _parse_day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def find_cycle(version: str, *, name: str, edition: str, cycles: Sequence[_ReleaseCycle]) -> _ReleaseCycle | None:
    """Find the release of a version: Windows by build and edition, others by the first numbers of the version."""
    if build := _BUILD.search(version):
        return _find_windows_cycle(build[0], edition, cycles)
    numbers = [match for text in (version, name) for match in _NUMBERS.findall(text)]
    for number in numbers:
        parts = number.split(".")
        for length in range(len(parts), 0, -1):
            cycle = next((candidate for candidate in cycles if candidate.cycle == ".".join(parts[:length])), None)
            if cycle is not None:
                return cycle
    return None


def _find_windows_cycle(build: str, edition: str, cycles: Sequence[_ReleaseCycle]) -> _ReleaseCycle | None:
    """Find a Windows release by its build.

    Where editions end on different days and the edition is unknown, the later day is taken, so that no device is
    reported on a guess.
    """
    fitting = [
        candidate for candidate in cycles if candidate.latest == build or candidate.latest.startswith(f"{build}.")
    ]
    if _LONG_TERM.search(edition):
        fitting = [
            candidate
            for candidate in fitting
            if "lts" in candidate.cycle and ("iot" in candidate.cycle) == ("iot" in edition.lower())
        ] or fitting
    else:
        fitting = [
            candidate for candidate in fitting if "lts" not in candidate.cycle and "-sac" not in candidate.cycle
        ] or fitting
        letter = "-e" if _ENTERPRISE.search(edition) else "-w" if re.search(r"pro|home", edition, re.IGNORECASE) else ""
        fitting = [candidate for candidate in fitting if letter and candidate.cycle.endswith(letter)] or fitting
    return max(fitting, key=lambda candidate: candidate.ends_on or date.max, default=None)
