"""Fills a district with flaws and prints its pages' addresses and what its reviews cost: `-m bench.support.flawed DEVICES`.

Chromebooks, laptops and servers with 23 programs each, of which eight are products that feeds speak of; sixty flaws a product
over twelve releases. On the second day a fifth of the devices has a newer release of each, and a release came out.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import numpy as np
import pyarrow as pa

DAYS = (date(2026, 3, 2), date(2026, 3, 3))
SCHOOLS, CLASSES = 120, ("chromebook", "laptop", "laptop", "desktop", "tablet")
PROGRAMS, KNOWN, NAMES, RELEASES, FLAWS = 23, 8, 20_000, 12, 60
LETS = 200


def main(devices: int) -> None:
    """Migrates the database of HOMEROOM_DATA, fills evidence and state, and prints what came of it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.folder import opened

    opened(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from homeroom.apps.districts.commands import make_district

    make_district(slug="bench", name="Bench")
    print(json.dumps(_lived(devices)))


def _lived(devices: int) -> dict[str, Any]:
    """Two days: derive, review and let stand; how long the reviews took and which addresses there are."""
    from django.conf import settings

    from homeroom.apps.districts.queries import district_of
    from homeroom.apps.vulnerabilities.reviewing import review
    from homeroom.evidence.store import Store

    district = district_of(slug="bench")
    store = Store(settings.DATA / "evidence", district="bench")
    random = np.random.default_rng(7)
    costs: dict[str, float] = {}
    tables = _standing(random, devices)
    for number, day in enumerate(DAYS):
        at = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=11)
        if number:
            tables = _updated(tables)
            _let_stand(district, at)
        _published(store, tables, day, at, releases=RELEASES + number)
        began, worked = time.perf_counter(), time.process_time()
        made = review(district=district, store=store, today=day, at=at)
        assert made is not None
        name = ("first", "second")[number]
        costs |= {
            f"{name}_review_s": time.perf_counter() - began,
            f"{name}_review_cpu_s": time.process_time() - worked,
            f"{name}_opened": made.opened,
            f"{name}_fixed": made.fixed,
        }
    return {"costs": costs, "addresses": sorted(_addresses(district))}


def _products() -> list[tuple[str, str]]:
    """(name, cpe) of products that feeds speak of, as installers write them."""
    from homeroom.library.reading import SHIPPED, read
    from homeroom.library.software import products

    shipped = {path.stem: read(path, root=SHIPPED)["examples"]["is"][0] for path in SHIPPED.glob("software/*.yaml")}
    found = [
        (shipped[one.id], one.cpes[0])
        for one in products()
        if not one.system
        and one.cpes
        and not one.lines
        and one.scheme in ("plain", "chrome")
        and "windows" in one.platforms
    ]
    return found[: KNOWN * 4]


def _standing(random: np.random.Generator, count: int) -> dict[str, pa.Table]:
    """Devices, their software and the links of both to one source."""
    names, rows = [name for name, _ in _products()], count * PROGRAMS
    known = np.arange(rows) % PROGRAMS < KNOWN
    product = (np.arange(rows) % PROGRAMS + np.arange(rows) // PROGRAMS % 4 * KNOWN) % len(names)
    release = np.minimum(RELEASES, random.geometric(0.35, rows))
    versions = np.char.add(np.char.mod("%d", 101 + RELEASES - release), ".0.0.1")
    unknown = np.char.add("Program ", np.char.mod("%d", random.integers(0, NAMES, rows)))
    software = {
        "device": pa.array(np.repeat(np.arange(count), PROGRAMS), pa.int64()),
        "name": pa.array(np.where(known, np.array(names)[product], unknown)),
        "version": pa.array(versions),
        "listing": pa.array(["programs"]).take(pa.array(np.zeros(rows, np.int8))),
        "source": pa.array(["fleet"]).take(pa.array(np.zeros(rows, np.int8))),
    }
    ids = range(count)
    devices = {
        "id": pa.array(ids, pa.int64()),
        "serial": pa.array([f"BEN{number:07}" for number in ids]),
        "kind": pa.array([CLASSES[number % len(CLASSES)] for number in ids]),
        "platform": pa.array(["windows"] * count),
        "school": pa.array([f"School {number % SCHOOLS:03}" for number in ids]),
        "org_unit": pa.array([f"/Schools/School {number % SCHOOLS:03}" for number in ids]),
        "cart": pa.array([f"Cart {number % 4000:04}" for number in ids]),
        "holder_kind": pa.array(["student" if number % 4 else "staff" for number in ids]),
    }
    links = {
        "subject_kind": pa.array(["device"] * count),
        "id": devices["id"],
        **{name: pa.array(["fleet"] * count) for name in ("connector", "instance")},
        "table_name": pa.array(["device_records"] * count),
        "key": devices["serial"],
    }
    return {
        "devices": _filled("devices", devices),
        "software": _filled("software", software),
        "links": _filled("links", links),
    }


def _updated(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """A fifth of the devices has the newest release of all that it has."""
    software = tables["software"]
    moved = np.isin(software.column("device").to_numpy() % 5, [0])
    versions = np.where(moved, f"{101 + RELEASES}.0.0.1", np.array(software.column("version").to_pylist()))
    place = software.schema.get_field_index("version")
    return {
        **tables,
        "software": software.set_column(place, software.schema.field(place), pa.array(versions, pa.string())),
    }


def _published(store: Any, tables: Mapping[str, pa.Table], day: date, at: datetime, *, releases: int) -> None:
    from homeroom.apps.vulnerabilities.deriving import with_flaws
    from homeroom.evidence.schema import arrow_schema
    from homeroom.evidence.session import WORKER, session_over
    from homeroom.evidence.tables import DERIVED_TABLES

    empty = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    flaws = [
        {"id": cve, "cve": cve, "number": 1, "introduced": "0", "vendor": cpe.split(":")[0], "product": cpe.split(":")[1], "fixed": f"{101 + each % releases}.0.0.1"}
        for place, (_, cpe) in enumerate(_products())
        for each in range(FLAWS)
        for cve in (f"CVE-2099-{place:03}{each:03}",)
    ]  # fmt: skip
    ranges = pa.Table.from_pylist([{**one, "connector": "nvd", "instance": "nvd"} for one in flaws])
    about = pa.Table.from_pylist(
        [
            {"id": one["id"], "cves": [one["id"]], "severity": ("low", "medium", "high", "critical")[number % 4], "connector": "nvd", "instance": "nvd"}
            for number, one in enumerate(flaws)
        ]
    )  # fmt: skip
    session = session_over({"cve_ranges": ranges, "cves": about}, limits=WORKER)
    store.publish_derived(with_flaws(session, {**empty, **tables}, today=day), inputs=f"{day}", today=day, at=at)


def _let_stand(district: Any, at: datetime) -> None:
    """Suppressions of flaws in schools and carts, so that the second review has to except them."""
    from homeroom.apps.vulnerabilities.models import Suppression

    Suppression.objects.bulk_create(
        Suppression(
            district=district, justification="accepted", cve=f"CVE-2099-{each % 32:03}{each % FLAWS:03}", scope=("school", "cart")[each % 2],
            value=(f"School {each % SCHOOLS:03}", f"Cart {each:04}")[each % 2], reason="The benchmark lives with it.", owner="director",
            expires_on=at.date() + timedelta(days=90), made_by="director", made_at=at,
        )
        for each in range(LETS)
    )  # fmt: skip


def _filled(name: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    from homeroom.evidence.schema import arrow_schema
    from homeroom.evidence.tables import TABLES

    schema, rows = arrow_schema(TABLES[name]), len(next(iter(columns.values())))
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in schema], schema=schema)


def _addresses(district: Any) -> Iterator[str]:
    """The lists with each filter and deep in them, remedies and flaws with their devices, and the exceptions."""
    from homeroom.apps.vulnerabilities.standing import standing

    stands = standing(district=district)
    assert stands is not None
    yield from ("/vulnerabilities", "/vulnerabilities/endings", "/vulnerabilities/unmatched", "/exceptions")
    yield from (f"/vulnerabilities?{urlencode({'show': each})}" for each in ("exploited", "update", "none", "overdue"))
    yield from (f"/vulnerabilities?{urlencode({'severity': each})}" for each in ("critical", "high"))
    yield "/vulnerabilities/unmatched?reason=unknown"
    for place, one in enumerate(stands.remedies[:12]):
        yield f"/vulnerabilities/remedies/{quote(one.thing)}"
        yield f"/vulnerabilities/remedies/{quote(one.thing)}?device={place * 997}"
        yield f"/vulnerabilities/flaws/CVE-2099-{place:03}{place + 1:03}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
