"""Fill a district with vulnerabilities: `python -m bench.support.vulnerable_district DEVICES`.

Print its page addresses and the costs of its reviews.

Chromebooks, laptops and servers with 23 programs each, eight of them products that feeds mention; sixty vulnerabilities
a product over twelve releases. On the second day a fifth of the devices has a newer release of each, and a release came
out.
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

from homeroom.domain.platform.district import District

DAYS = (date(2026, 3, 2), date(2026, 3, 3))
SCHOOLS, CLASSES = 120, ("chromebook", "laptop", "laptop", "desktop", "tablet")
PROGRAMS, FEED_PROGRAMS, UNKNOWN_NAMES, RELEASES, VULNERABILITIES_PER_PRODUCT = 23, 8, 20_000, 12, 60
SUPPRESSIONS = 200


def main(devices: int) -> None:
    """Migrate the database of HOMEROOM_DATA, fill evidence and state, and print the results."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.files.data_folder import open_data_folder

    open_data_folder(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from homeroom.apps.platform.districts.commands import create_district

    create_district(slug="bench", name="Bench")
    print(json.dumps(_simulate_days(devices)))


def _simulate_days(devices: int) -> dict[str, Any]:
    """Simulate two days of deriving, reviewing and suppressing; return the reviews' costs and the page addresses."""
    from django.conf import settings

    from homeroom.apps.platform.districts.queries import get_district
    from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
    from homeroom.evidence.loads.store import EvidenceStore

    district = get_district(slug="bench")
    store = EvidenceStore(settings.DATA / "evidence", district="bench")
    random = np.random.default_rng(7)
    costs: dict[str, float] = {}
    tables = _generate_tables(random, devices)
    for number, day in enumerate(DAYS):
        at = datetime.combine(day, datetime.min.time(), tzinfo=UTC) + timedelta(hours=11)
        if number:
            tables = _update_devices(tables)
            _create_suppressions(district, at)
        _publish_feeds(store, tables, day, at, releases=RELEASES + number)
        began, cpu_start = time.perf_counter(), time.process_time()
        result = review_vulnerabilities(district=district, store=store, today=day, at=at)
        assert result is not None
        name = ("first", "second")[number]
        costs |= {
            f"{name}_review_s": time.perf_counter() - began,
            f"{name}_review_cpu_s": time.process_time() - cpu_start,
            f"{name}_opened": result.opened,
            f"{name}_fixed": result.fixed,
        }
    return {"costs": costs, "addresses": sorted(_list_urls(district))}


def _list_products() -> list[tuple[str, str]]:
    """Return (name, cpe) of products that feeds mention, as installers write them."""
    from homeroom.library.know.software import load_products
    from homeroom.library.yaml_loader import BUILTIN_CONTENT, load_yaml

    shipped = {
        path.stem: load_yaml(path, root=BUILTIN_CONTENT)["examples"]["is"][0]
        for path in BUILTIN_CONTENT.glob("software/*.yaml")
    }
    names_and_cpes = [
        (shipped[product.id], product.cpes[0])
        for product in load_products()
        if not product.system
        and product.cpes
        and not product.lines
        and product.scheme in ("plain", "chrome")
        and "windows" in product.platforms
    ]
    return names_and_cpes[: FEED_PROGRAMS * 4]


def _generate_tables(random: np.random.Generator, count: int) -> dict[str, pa.Table]:
    """Return devices, their software and the links of the devices to one source."""
    names, rows = [name for name, _ in _list_products()], count * PROGRAMS
    is_known = np.arange(rows) % PROGRAMS < FEED_PROGRAMS
    product = (np.arange(rows) % PROGRAMS + np.arange(rows) // PROGRAMS % 4 * FEED_PROGRAMS) % len(names)
    release = np.minimum(RELEASES, random.geometric(0.35, rows))
    versions = np.char.add(np.char.mod("%d", 101 + RELEASES - release), ".0.0.1")
    unknown = np.char.add("Program ", np.char.mod("%d", random.integers(0, UNKNOWN_NAMES, rows)))
    software = {
        "device": pa.array(np.repeat(np.arange(count), PROGRAMS), pa.int64()),
        "name": pa.array(np.where(is_known, np.array(names)[product], unknown)),
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
        "devices": _add_missing_columns("devices", devices),
        "software": _add_missing_columns("software", software),
        "links": _add_missing_columns("links", links),
    }


def _update_devices(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Return the tables with a fifth of the devices on the newest release of all their programs."""
    software = tables["software"]
    is_updated = np.isin(software.column("device").to_numpy() % 5, [0])
    versions = np.where(is_updated, f"{101 + RELEASES}.0.0.1", np.array(software.column("version").to_pylist()))
    column_index = software.schema.get_field_index("version")
    return {
        **tables,
        "software": software.set_column(
            column_index, software.schema.field(column_index), pa.array(versions, pa.string())
        ),
    }


def _publish_feeds(store: Any, tables: Mapping[str, pa.Table], day: date, at: datetime, *, releases: int) -> None:
    from homeroom.apps.protect.vulnerabilities.review.derived_tables import add_vulnerability_tables
    from homeroom.evidence.files.arrow_schema import build_arrow_schema
    from homeroom.evidence.query.session import WORKER, open_session_over
    from homeroom.evidence.tables import DERIVED_TABLES

    empty = {item.name: build_arrow_schema(item).empty_table() for item in DERIVED_TABLES}
    vulnerabilities = [
        {
            "id": cve,
            "cve": cve,
            "number": 1,
            "introduced": "0",
            "vendor": cpe.split(":")[0],
            "product": cpe.split(":")[1],
            "fixed": f"{101 + index % releases}.0.0.1",
        }
        for product_index, (_, cpe) in enumerate(_list_products())
        for index in range(VULNERABILITIES_PER_PRODUCT)
        for cve in (f"CVE-2099-{product_index:03}{index:03}",)
    ]
    ranges = pa.Table.from_pylist([{**item, "connector": "nvd", "instance": "nvd"} for item in vulnerabilities])
    details = pa.Table.from_pylist(
        [
            {
                "id": item["id"],
                "cves": [item["id"]],
                "severity": ("low", "medium", "high", "critical")[number % 4],
                "connector": "nvd",
                "instance": "nvd",
            }
            for number, item in enumerate(vulnerabilities)
        ]
    )
    session = open_session_over({"cve_ranges": ranges, "cves": details}, limits=WORKER)
    store.publish_derived(
        add_vulnerability_tables(session, {**empty, **tables}, today=day), inputs=f"{day}", today=day, at=at
    )


def _create_suppressions(district: District, at: datetime) -> None:
    """Create suppressions of vulnerabilities in schools and carts, which the second review has to except."""
    from homeroom.apps.protect.exceptions.models import RiskException

    RiskException.objects.bulk_create(
        RiskException(
            district=district,
            covers="vulnerability",
            justification="accepted",
            cve=f"CVE-2099-{index % 32:03}{index % VULNERABILITIES_PER_PRODUCT:03}",
            scope=("school", "cart")[index % 2],
            value=(f"School {index % SCHOOLS:03}", f"Cart {index:04}")[index % 2],
            reason="The benchmark lives with it.",
            owner="director",
            expires_on=at.date() + timedelta(days=90),
            made_by="director",
            made_at=at,
        )
        for index in range(SUPPRESSIONS)
    )


def _add_missing_columns(name: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    from homeroom.evidence.files.arrow_schema import build_arrow_schema
    from homeroom.evidence.tables import TABLES

    schema, rows = build_arrow_schema(TABLES[name]), len(next(iter(columns.values())))
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in schema], schema=schema)


def _list_urls(district: District) -> Iterator[str]:
    """Yield the lists with each filter, remedies and vulnerabilities with their devices, and exceptions."""
    from homeroom.apps.protect.vulnerabilities.published.summary import get_current_summary

    summary = get_current_summary(district=district)
    assert summary is not None
    yield from ("/vulnerabilities", "/vulnerabilities/endings", "/vulnerabilities/unmatched", "/exceptions")
    yield from (
        f"/vulnerabilities?{urlencode({'show': option})}" for option in ("exploited", "update", "none", "overdue")
    )
    yield from (f"/vulnerabilities?{urlencode({'severity': option})}" for option in ("critical", "high"))
    yield "/vulnerabilities/unmatched?reason=unknown"
    for index, remedy in enumerate(summary.remedies[:12]):
        yield f"/vulnerabilities/remedies/{quote(remedy.product_key)}"
        yield f"/vulnerabilities/remedies/{quote(remedy.product_key)}?device={index * 997}"
        yield f"/vulnerabilities/flaws/CVE-2099-{index:03}{index + 1:03}"


if __name__ == "__main__":
    main(int(sys.argv[1]))
