"""Write a refresh problem from what is loaded: the devices, what they cost last, and when their support ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.districts.output_files import write_atomically
from homeroom.domain.district import District
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor

PLAN, FLEET, PRICES = "plan.yaml", "fleet.csv", "prices.csv"
YEARS = 5
LIVES = {"chromebook": 8, "laptop": 5, "desktop": 6, "tablet": 5, "phone": 4}
"""Years after the purchase for which a device is taken as good where no end of its support is known."""
OTHER_LIFE = 6
WINDOWS_10_ENDS = date(2025, 10, 14)
"""Microsoft's last day of updates for Windows 10 without ESU or LTSC."""
NO_SCHOOL = "no school"
_DEVICES_SQL = """
    WITH bought AS (
        SELECT l.id, min(r.purchased_on) AS purchased_on
        FROM links l JOIN device_records r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id)
    SELECT coalesce(d.school, $no_school), coalesce(d.kind, 'other'), coalesce(d.model, ''), d.expires_on,
        CASE WHEN d.windows = '10' THEN greatest($windows, coalesce(d.os_support_until, $windows)) END, b.purchased_on
    FROM devices d LEFT JOIN bought b USING (id)
    WHERE d.known AND d.retired IS NOT TRUE AND (d.active IS NOT FALSE OR d.in_assets) ORDER BY ALL"""
_PRICES_SQL = """
    SELECT kind, arg_max(cost_minor, purchased_on) FROM device_records
    WHERE kind IS NOT NULL AND cost_minor > 0 AND purchased_on IS NOT NULL AND coalesce(currency, 'USD') = 'USD'
    GROUP BY kind"""


class NothingLoaded(LookupError):
    """The district has no resolved devices."""


@dataclass(frozen=True, kw_only=True)
class WrittenProblem:
    """What was written: the path of the plan, how many devices by what their last good day is from, kinds to price."""

    path: Path
    devices: dict[str, int]
    unpriced: tuple[str, ...]


def write_evidence_problem(folder: Path, *, district: District, today: date) -> WrittenProblem:
    """Write the problem of a district into a new or empty folder.

    Raise NothingLoaded without devices, FileExistsError if the folder has files of a problem, OSError if it cannot be
    written, QueryTimeout.
    """
    taken = [name for name in (PLAN, FLEET, PRICES) if (folder / name).exists()]
    if taken:
        raise FileExistsError(f"{folder / taken[0]} is there already; an empty folder would fit")
    devices, costs = _load_rows(district)
    if not devices:
        raise NothingLoaded("no devices are loaded and resolved yet")
    groups: Counter[tuple[str, str, str, date | None]] = Counter()
    origins: Counter[str] = Counter()
    for school, kind, model, expires_on, windows_ends, purchased_on in devices:
        last_good, origin = find_last_good(kind, expires_on, windows_ends, purchased_on)
        groups[school, kind, model, last_good] += 1
        origins[origin] += 1
    kinds = sorted({kind for _, kind, _, _ in groups})
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(folder / FLEET, ("group", "school", "kind", "count", "last_good"), _list_fleet(groups))
    _write_csv(folder / PRICES, ("kind", "price", "life", "minutes", "weight"), _list_prices(kinds, costs))
    write_atomically(folder / PLAN, _render_plan(today).encode())
    return WrittenProblem(
        path=folder / PLAN, devices=dict(origins), unpriced=tuple(kind for kind in kinds if kind not in costs)
    )


def find_last_good(
    kind: str, expires_on: date | None, windows_ends: date | None, purchased_on: date | None
) -> tuple[date | None, str]:
    """Return the last good day of a device and what it is from; None if nothing is known of it."""
    if expires_on is not None:
        return expires_on, "end of updates"
    if windows_ends is not None:
        return windows_ends, "end of Windows 10"
    if purchased_on is not None:
        return _add_years(purchased_on, LIVES.get(kind, OTHER_LIFE)), "age rule"
    return None, "nothing known"


def _add_years(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _load_rows(district: District) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None:
        return [], {}

    def run_query(session: duckdb.DuckDBPyConnection) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
        devices = session.execute(_DEVICES_SQL, {"no_school": NO_SCHOOL, "windows": WINDOWS_10_ENDS}).fetchall()
        return devices, dict(session.execute(_PRICES_SQL).fetchall())

    pinned_to = f"{store.folder}/{derived.id}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived.id), query=run_query
        )
    except NoSuchLoad:
        return [], {}


def _list_fleet(groups: Counter[tuple[str, str, str, date | None]]) -> Iterable[Sequence[Any]]:
    for number, ((school, kind, model, last_good), count) in enumerate(groups.items(), 1):
        name = f"{number}: {model}" if model else str(number)
        yield name, escape_formula(school), kind, count, last_good.isoformat() if last_good else ""


def _list_prices(kinds: Sequence[str], costs: dict[str, int]) -> Iterable[Sequence[Any]]:
    for kind in kinds:
        price = f"{costs[kind] / 100:.2f}" if kind in costs else ""
        yield kind, price, LIVES.get(kind, OTHER_LIFE), 30, 1


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    write_atomically(path, "".join(iterate_csv_lines([header, *rows])).encode())


def _render_plan(today: date) -> str:
    """Return the plan with a fund to fill in; its first year is the fiscal year after the current one."""
    first_year = today.year + (2 if today.month >= 7 else 1)
    zeros = ", ".join(["0"] * YEARS)
    return f"""homeroom: refresh
first_year: {first_year}
years: {YEARS}
fiscal_year_starts: 7
needed_until: "05-31"
fleet: {FLEET}
prices: {PRICES}
# Fill in what each year has, and a price for each kind in {PRICES} that has none.
funds:
  general: {{amounts: [{zeros}]}}
"""
