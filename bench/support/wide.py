"""Widens a resolved district to the size of a large one: `-m bench.support.wide DATA DISTRICT PEOPLE DEVICES SOFTWARE [next-day]`.

Every resolved person, account, device and record of the sample stands there as often as it takes, each time under ids, serials,
and carts of its own, so that what fails does so as often as in the sample. Devices that list their software list
further programs, of 60,000 names and versions. `DATA DISTRICT narrow` takes the width back before the next day's exports.
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
KIND_OF_ID = {
    "people": {"id": "person"},
    "accounts": {"id": "account", "person": "person"},
    "devices": {"id": "device", "holder": "person"},
    "software": {"device": "device"},
    "services": {"device": "device"},
    "flaws": {"device": "device"},
    "vulnerable_installs": {"device": "device"},
}
"""Which columns number what. A device of the nth copy is held by a person of the nth copy, or of one that there is."""
OWN = {
    "people": ("email", "homeroom"),
    "accounts": ("email",),
    "devices": ("serial", "asset_tag", "name", "cart"),
    "links": ("key",),
}
"""The words that each copy has for itself: that of a copy has its number behind."""
WITH_SCHOOL, SCHOOLS = ("people", "accounts", "devices"), 7
"""How many copies each school of the sample has: eight of them become 56."""
TURNED = 20
"""On the next day one copy in so many is turned: what stands at one subject moves to the next, so that it fails anew."""
_MIXED = 0x1E3779B97F4A7C15
_DIGITS = 2**63 - 1


@dataclass(frozen=True, kw_only=True)
class Wide:
    """How wide: copies of the people (accounts with them), copies of the devices, and rows of software in the end."""

    people: int
    devices: int
    software: int

    def copies(self, table: str) -> int:
        """How often a table's rows stand there."""
        return self.people if table in ("people", "accounts") else self.devices if table in KIND_OF_ID else 1


def widen(data: Path, slug: str, *, people: int, devices: int, software: int, turned: bool) -> dict[str, int]:
    """Publishes the newest snapshot of the district as wide as asked (rows, at least) and gives each table's rows."""
    district, store = _opened(data, slug)
    narrow = store.latest_derived()
    files = {name: store.blob(part.blob).as_posix() for name, part in narrow.tables.items()}
    rows = {name: part.rows for name, part in narrow.tables.items()}
    width = Wide(people=-(-people // rows["accounts"]), devices=-(-devices // rows["devices"]), software=software)
    session = duckdb.connect()
    session.execute("SET preserve_insertion_order=true")
    _turned(session, files, turned=turned)
    tables = {name: _copied(session, name, file, width) for name, file in files.items()}
    tables["software"] = _programs(session, tables["software"], software)
    made = store.publish_derived(tables, inputs=narrow.inputs, today=narrow.today, at=narrow.at)
    _shown(district, made.id)
    return {name: part.rows for name, part in made.tables.items()}


def narrowed(data: Path, slug: str) -> None:
    """The inventory shows the newest snapshot but one again: the narrow one, over which the next day is resolved."""
    district, store = _opened(data, slug)
    newest = store.latest_derived()
    _shown(district, next(store.earlier_derived(before=newest.id)))


def _opened(data: Path, slug: str) -> tuple[Any, Any]:
    os.environ["HOMEROOM_DATA"] = str(data)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.apps.districts.models import District
    from homeroom.evidence.store import Store

    return District.objects.get(slug=slug), Store(data / "evidence", district=slug)


def _shown(district: Any, derived: str) -> None:
    from homeroom.apps.inventory.models import Projection

    Projection.objects.filter(district=district).update(derived=derived)


def _copied(session: duckdb.DuckDBPyConnection, name: str, file: str, width: Wide) -> pa.Table:
    if name == "links":
        return _links(session, file, width)
    numbers, words = KIND_OF_ID.get(name, {}), OWN.get(name, ())
    changed = [f"{_number(column, kind, width)} AS {column}" for column, kind in numbers.items()]
    changed += [f"{_word(column)} AS {column}" for column in words]
    changed += [f"t.school || '-' || (copy % {SCHOOLS}) AS school"] if name in WITH_SCHOOL else []
    replaced = f"REPLACE ({', '.join(changed)})" if changed else ""
    return session.execute(
        f"SELECT t.* {replaced} FROM range({width.copies(name)}) copies(copy), read_parquet('{file}') t ORDER BY copy"
    ).to_arrow_table()


def _links(session: duckdb.DuckDBPyConnection, file: str, width: Wide) -> pa.Table:
    return session.execute(
        f"""SELECT t.* REPLACE ({_mixed("id", "t.subject_kind", "copy")} AS id, {_word("key")} AS key)
        FROM range({max(width.people, width.devices)}) copies(copy), read_parquet('{file}') t
        WHERE copy < CASE subject_kind WHEN 'device' THEN {width.devices} ELSE {width.people} END ORDER BY copy"""
    ).to_arrow_table()


def _number(column: str, kind: str, width: Wide) -> str:
    return _mixed(column, f"'{kind}'", f"(copy % {width.people})" if kind == "person" else "copy")


def _mixed(column: str, kind: str, copy: str) -> str:
    """SQL: a number of the copy's own; copy 0 keeps it. Where a copy is turned, what stood at one subject stands at the next."""
    following = f"coalesce((SELECT f.id FROM following f WHERE f.kind = {kind} AND f.before = t.{column}), t.{column})"
    number = f"CASE WHEN {copy} % {TURNED} = 1 THEN {following} ELSE t.{column} END"
    return f"xor({number}, (({copy}::HUGEINT * {_MIXED}) % {_DIGITS})::BIGINT)"


def _turned(session: duckdb.DuckDBPyConnection, files: Mapping[str, str], *, turned: bool) -> None:
    """Makes the table `following`: of each person, account and device the next; empty where nothing is turned."""
    session.execute("CREATE TABLE following (kind VARCHAR, before BIGINT, id BIGINT)")
    for table, kind in (("people", "person"), ("accounts", "account"), ("devices", "device")) if turned else ():
        session.execute(
            f"""INSERT INTO following SELECT '{kind}', id, coalesce(lead(id) OVER (ORDER BY id), min(id) OVER ())
            FROM read_parquet('{files[table]}')"""
        )


def _word(column: str) -> str:
    return f"CASE copy WHEN 0 THEN t.{column} ELSE t.{column} || '-' || copy END"


def _programs(session: duckdb.DuckDBPyConnection, software: pa.Table, wanted: int) -> pa.Table:
    """Further programs on every device that lists its software, in the order of devices."""
    session.register("_software", software)
    devices = session.execute("SELECT count(DISTINCT device) FROM _software WHERE name IS NOT NULL").fetchall()[0][0]
    more = max(0, -(-(wanted - software.num_rows) // max(devices, 1)))
    further = f"""SELECT device, 'Program ' || (hash(device, n) % {PROGRAMS // 4}) AS name, 'programs' AS listing, source,
            (hash(n, device) % 4) || '.' || (hash(device, n) % {PROGRAMS // 4}) AS version,
            'Maker ' || (hash(device, n) % 900) AS vendor
        FROM (SELECT device, any_value(source) AS source FROM _software WHERE name IS NOT NULL GROUP BY device), range({more}) m(n)"""
    made = session.execute(
        f"SELECT * FROM (SELECT * FROM _software UNION ALL BY NAME {further}) ORDER BY device, name"
    ).to_arrow_table()
    session.unregister("_software")
    return made


def main(arguments: list[str]) -> None:
    """Widens, and prints each table's rows as JSON; or narrows."""
    data, slug, *sizes = arguments
    if sizes == ["narrow"]:
        narrowed(Path(data), slug)
        return
    people, devices, software = map(int, sizes[:3])
    turned = "next-day" in sizes
    print(json.dumps(widen(Path(data), slug, people=people, devices=devices, software=software, turned=turned)))


if __name__ == "__main__":
    main(sys.argv[1:])
