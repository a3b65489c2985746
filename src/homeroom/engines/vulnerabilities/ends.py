"""When support of what is installed ends: endoflife.date's releases, ChromeOS's own dates, and recorded ESU or LTSC."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.engines.vulnerabilities.sql import arrow, given, made

SOON = timedelta(days=730)
"""How long before the end an item is listed: the time in which a district buys devices."""
CHROMEOS = "automatic updates"
_NUMBERS = re.compile(r"[0-9]+(?:\.[0-9]+)*")
_BUILD = re.compile(r"10\.0\.([0-9]{5})")
_LONG = re.compile(r"lts[bc]", re.IGNORECASE)
_ENTERPRISE = re.compile(r"educat|enterprise|ltsc", re.IGNORECASE)
_MADE = pa.schema(
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
class _Cycle:
    """A release as `lifecycles` has it."""

    cycle: str
    ends_on: date | None
    over: bool | None
    extended_until: date | None
    latest: str


def ends(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Makes vn_ends: items whose support ended, or ends within SOON. Needs vn_items."""
    cycles = _cycles(session)
    items = arrow(
        session,
        "SELECT item, thing, lifecycle, version, support, edition, title FROM vn_items WHERE lifecycle <> '' OR thing = 'chromeos'",
    )
    found = [made for row in items.to_pylist() if (made := _end(row, cycles, today)) is not None]
    given(session, "ends", pa.Table.from_pylist(found, schema=_MADE))


def ends_of_life(session: duckdb.DuckDBPyConnection) -> None:
    """Makes vn_ends_of_life in the columns of `ends_of_life`. Needs vn_ends and vn_who."""
    made(
        session,
        "ends_of_life",
        """SELECT e.item, i.thing, i.product, i.title, nullif(i.version, '') AS version, nullif(i.platform, '') AS platform, e.cycle, e.ends_on, e.ended,
            e.extended_until, e.extended_taken, e.latest, coalesce(w.devices, 0) AS devices
        FROM vn_ends e JOIN vn_items i USING (item) LEFT JOIN vn_who w USING (item)""",
    )


def _cycles(session: duckdb.DuckDBPyConnection) -> Mapping[str, list[_Cycle]]:
    found: dict[str, list[_Cycle]] = {}
    rows = session.execute(
        "SELECT product, cycle, eol_on, over, extended_until, latest FROM lifecycles ORDER BY ALL"
    ).fetchall()
    for product, cycle, ends_on, over, extended, latest in rows:
        made = _Cycle(cycle=cycle, ends_on=ends_on, over=over, extended_until=extended, latest=latest or "")
        found.setdefault(product, []).append(made)
    return found


def _end(row: Mapping[str, Any], cycles: Mapping[str, list[_Cycle]], today: date) -> dict[str, Any] | None:
    recorded, expires, extended, kind = row["support"].split("|") if row["support"] else ("", "", "", "")
    if row["thing"] == "chromeos":
        return (
            _listed(row, CHROMEOS, _day(expires), None, _day(extended), kind == "opted", "", today) if expires else None
        )
    cycle = cycle_of(
        row["version"], name=row["title"], edition=row["edition"] or "", cycles=cycles.get(row["lifecycle"], ())
    )
    if cycle is None:
        return None
    until = max((day for day in (cycle.ends_on, _day(recorded)) if day), default=None)
    over = cycle.over if until is None else None
    return _listed(row, cycle.cycle, until, over, cycle.extended_until, bool(recorded), cycle.latest, today)


def _listed(
    row: Mapping[str, Any],
    cycle: str,
    ends_on: date | None,
    over: bool | None,
    extended: date | None,
    taken: bool,
    latest: str,
    today: date,
) -> dict[str, Any] | None:
    ended = ends_on < today if ends_on else bool(over)
    if not ended and (ends_on is None or ends_on > today + SOON):
        return None
    return {
        "item": row["item"],
        "cycle": cycle,
        "ends_on": ends_on,
        "ended": ended,
        "extended_until": extended,
        "extended_taken": taken,
        "latest": latest or None,
    }


def _day(written: str) -> date | None:
    return date.fromisoformat(written) if written else None


def cycle_of(version: str, *, name: str, edition: str, cycles: Sequence[_Cycle]) -> _Cycle | None:
    """The release that a version is of: Windows by its build and edition, others by the numbers that it begins with."""
    if build := _BUILD.search(version):
        return _windows(build[0], edition, cycles)
    numbers = [found for text in (version, name) for found in _NUMBERS.findall(text)]
    for number in numbers:
        parts = number.split(".")
        for length in range(len(parts), 0, -1):
            cycle = next((one for one in cycles if one.cycle == ".".join(parts[:length])), None)
            if cycle is not None:
                return cycle
    return None


def _windows(build: str, edition: str, cycles: Sequence[_Cycle]) -> _Cycle | None:
    """By build; where editions end on different days and the edition is not known, the later day: nobody is accused by guess."""
    fitting = [one for one in cycles if one.latest == build or one.latest.startswith(f"{build}.")]
    if _LONG.search(edition):
        fitting = [
            one for one in fitting if "lts" in one.cycle and ("iot" in one.cycle) == ("iot" in edition.lower())
        ] or fitting
    else:
        fitting = [one for one in fitting if "lts" not in one.cycle and "-sac" not in one.cycle] or fitting
        letter = "-e" if _ENTERPRISE.search(edition) else "-w" if re.search(r"pro|home", edition, re.IGNORECASE) else ""
        fitting = [one for one in fitting if letter and one.cycle.endswith(letter)] or fitting
    return max(fitting, key=lambda one: one.ends_on or date.max, default=None)
