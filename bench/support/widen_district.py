"""Widen a resolved district: `-m bench.support.widen_district DATA DISTRICT PEOPLE DEVICES SOFTWARE [next-day]`.

Every resolved person, account, device and record of the sample is copied as often as needed, each time with its own
ids, serials and carts, so that the share that fails is that of the sample. Devices that list their software list
further programs, of 60,000 names and versions. `DATA DISTRICT narrow` takes the width back before the next day's
exports.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

PROGRAMS = 60_000
ID_KINDS = {
    "people": {"id": "person"},
    "accounts": {"id": "account", "person": "person"},
    "devices": {"id": "device", "holder": "person"},
    "software": {"device": "device"},
    "services": {"device": "device"},
    "vulnerabilities_found": {"device": "device"},
    "vulnerable_installs": {"device": "device"},
}
"""The kind of subject that each id column refers to.

A device of the nth copy is held by a person of the nth copy, or of an existing one.
"""
COPY_COLUMNS = {
    "people": ("email", "homeroom"),
    "accounts": ("email",),
    "devices": ("serial", "asset_tag", "name", "cart"),
    "links": ("key",),
}
"""The text columns that each copy has for itself: a copy's value has its number appended."""
SCHOOL_TABLES, SCHOOLS = ("people", "accounts", "devices"), 7
"""Tables with schools, and how many copies each school of the sample gets: eight of them become 56."""
SHIFTED_ONE_IN = 20
"""On the next day one copy in so many is shifted: each subject's data moves to the next one, and fails there."""
_MIXED = 0x1E3779B97F4A7C15
_DIGITS = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class DistrictWidth:
    """The target size: copies of the people (accounts with them), copies of the devices, and rows of software."""

    people: int
    devices: int
    software: int

    def count_copies(self, table: str) -> int:
        """Return how many copies of a table's rows there are."""
        return self.people if table in ("people", "accounts") else self.devices if table in ID_KINDS else 1


def expand_district(
    data: Path, slug: str, *, people: int, devices: int, software: int, next_day: bool
) -> dict[str, int]:
    """Publish the newest snapshot of the district at the requested width (rows, at least); return each table's rows."""
    district, store = _open_district(data, slug)
    narrow = store.get_latest_derived()
    files = {name: store.get_blob_path(part.blob).as_posix() for name, part in narrow.tables.items()}
    rows = {name: part.rows for name, part in narrow.tables.items()}
    width = DistrictWidth(
        people=-(-people // rows["accounts"]), devices=-(-devices // rows["devices"]), software=software
    )
    session = duckdb.connect()
    session.execute("SET preserve_insertion_order=true")
    _create_following(session, files, next_day=next_day)
    tables = {name: _copy_table(session, name, file, width) for name, file in files.items()}
    tables["software"] = _add_programs(session, tables["software"], software)
    published = store.publish_derived(tables, inputs=narrow.inputs, today=narrow.today, at=narrow.at)
    _show_snapshot(district, published.id)
    return {name: part.rows for name, part in published.tables.items()}


def restore_narrow(data: Path, slug: str) -> None:
    """Point the inventory at the narrow snapshot before the newest, over which the next day is resolved."""
    district, store = _open_district(data, slug)
    newest = store.get_latest_derived()
    _show_snapshot(district, next(store.iter_earlier_derived(before=newest.id)))


def _open_district(data: Path, slug: str) -> tuple[Any, Any]:
    os.environ["HOMEROOM_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.apps.platform.districts.models import District
    from homeroom.evidence.loads.store import EvidenceStore

    return District.objects.get(slug=slug), EvidenceStore(data / "evidence", district=slug)


def _show_snapshot(district: Any, derived: str) -> None:
    from homeroom.apps.know.inventory.models import Projection

    Projection.objects.filter(district=district).update(derived=derived)


def _copy_table(session: duckdb.DuckDBPyConnection, name: str, file: str, width: DistrictWidth) -> pa.Table:
    if name == "links":
        return _copy_links(session, file, width)
    numbers, words = ID_KINDS.get(name, {}), COPY_COLUMNS.get(name, ())
    changed = [f"{_build_column_id_sql(column, kind, width)} AS {column}" for column, kind in numbers.items()]
    changed += [f"{_build_value_sql(column)} AS {column}" for column in words]
    changed += [f"t.school || '-' || (copy % {SCHOOLS}) AS school"] if name in SCHOOL_TABLES else []
    replaced = f"REPLACE ({', '.join(changed)})" if changed else ""
    return session.execute(
        f"SELECT t.* {replaced} FROM range({width.count_copies(name)}) copies(copy), read_parquet('{file}') t ORDER "
        f"BY copy"
    ).to_arrow_table()


def _copy_links(session: duckdb.DuckDBPyConnection, file: str, width: DistrictWidth) -> pa.Table:
    return session.execute(
        f"""SELECT t.* REPLACE ({_build_id_sql("id", "t.subject_kind", "copy")} AS id, {_build_value_sql("key")} AS key)
        FROM range({max(width.people, width.devices)}) copies(copy), read_parquet('{file}') t
        WHERE copy < CASE subject_kind WHEN 'device' THEN {width.devices} ELSE {width.people} END ORDER BY copy"""
    ).to_arrow_table()


def _build_column_id_sql(column: str, kind: str, width: DistrictWidth) -> str:
    return _build_id_sql(column, f"'{kind}'", f"(copy % {width.people})" if kind == "person" else "copy")


def _build_id_sql(column: str, kind: str, copy: str) -> str:
    """Return SQL for an id of the copy's own; copy 0 has the original's, and in a shifted copy ids move by one."""
    following = f"coalesce((SELECT f.id FROM following f WHERE f.kind = {kind} AND f.before = t.{column}), t.{column})"
    number = f"CASE WHEN {copy} % {SHIFTED_ONE_IN} = 1 THEN {following} ELSE t.{column} END"
    return f"xor({number}, (({copy}::HUGEINT * {_MIXED}) % {_DIGITS})::BIGINT)"


def _create_following(session: duckdb.DuckDBPyConnection, files: Mapping[str, str], *, next_day: bool) -> None:
    """Create the table `following`: the next of each person, account and device; empty without a next day."""
    session.execute("CREATE TABLE following (kind VARCHAR, before BIGINT, id BIGINT)")
    for table, kind in (("people", "person"), ("accounts", "account"), ("devices", "device")) if next_day else ():
        session.execute(
            f"""INSERT INTO following SELECT '{kind}', id, coalesce(lead(id) OVER (ORDER BY id), min(id) OVER ())
            FROM read_parquet('{files[table]}')"""
        )


def _build_value_sql(column: str) -> str:
    return f"CASE copy WHEN 0 THEN t.{column} ELSE t.{column} || '-' || copy END"


def _add_programs(session: duckdb.DuckDBPyConnection, software: pa.Table, target_rows: int) -> pa.Table:
    """Return the software with further programs on every device that lists its software, ordered by device."""
    session.register("_software", software)
    devices = session.execute("SELECT count(DISTINCT device) FROM _software WHERE name IS NOT NULL").fetchall()[0][0]
    per_device = max(0, -(-(target_rows - software.num_rows) // max(devices, 1)))
    further = f"""SELECT device, 'Program ' || (hash(device, n) % {PROGRAMS // 4}) AS name, 'programs' AS listing,
        source,
            (hash(n, device) % 4) || '.' || (hash(device, n) % {PROGRAMS // 4}) AS version,
            'Maker ' || (hash(device, n) % 900) AS vendor
        FROM (SELECT device, any_value(source) AS source FROM _software WHERE name IS NOT NULL GROUP BY device),
            range({per_device}) m(n)"""
    result = session.execute(
        f"SELECT * FROM (SELECT * FROM _software UNION ALL BY NAME {further}) ORDER BY device, name"
    ).to_arrow_table()
    session.unregister("_software")
    return result


def main(arguments: list[str]) -> None:
    """Widen, and print each table's rows as JSON; or narrow."""
    data, slug, *sizes = arguments
    if sizes == ["narrow"]:
        restore_narrow(Path(data), slug)
        return
    people, devices, software = map(int, sizes[:3])
    next_day = "next-day" in sizes
    print(
        json.dumps(
            expand_district(Path(data), slug, people=people, devices=devices, software=software, next_day=next_day)
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
