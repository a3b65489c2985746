"""Match software against feeds: 3,000,000 rows, 60,000 of them distinct, against 300,000 ranges.

Generated software with real product names, Ubuntu packages and unknown names on 100,000 devices; ranges of the same
products and packages, and of many that nobody runs. The peer asks univers' own ranges, parsed beforehand, pair by pair:
for every row (`times_the_peer`) or for distinct versions alone, in processor time and measured on a sample. The peer
does not identify products, find the devices that have them, or score, which takes most of our time. Precision and
recall are those of the labeled table in the tests.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from univers.version_range import VersionRange
from univers.versions import DebianVersion, SemverVersion

from bench.support.goals import Goal
from homeroom.engines.protect.vulnerabilities.engine import find_vulnerabilities
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.snapshots import Snapshot
from homeroom.evidence.query.session import PinnedSnapshot, SnapshotPart, open_session
from homeroom.evidence.tables import TABLES
from homeroom.library.know.software import load_products
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights
from homeroom.library.yaml_loader import BUILTIN_CONTENT, load_yaml
from tests.unit.protect.vulnerabilities.engine_runs import score_engine

TODAY = date(2026, 11, 24)
ROWS, DISTINCT, RANGES, DEVICES = 3_000_000, 60_000, 300_000, 100_000
SAMPLE = 20_000
GOALS = {
    "seconds": Goal(at_most=15.0),
    "peak_mib": Goal(at_most=2048),
    "times_the_peer": Goal(at_least=3),
    "precision": Goal(at_least=0.97),
    "recall": Goal(at_least=0.95),
}


def measure(*, rows: int = ROWS, ranges: int = RANGES, runs: int = 3) -> dict[str, float]:
    """Return median seconds of the engine, its peak memory, and how many times longer the peer would take.

    The peer compares one pair for each version and range of one product; its seconds are those of the sample,
    extrapolated.
    """
    random = np.random.default_rng(11)
    distinct, devices = max(rows * DISTINCT // ROWS, 100), max(rows * DEVICES // ROWS, 10)
    software, feeds = _generate_software(random, rows, distinct, devices), _generate_ranges(random, ranges)
    resolved = {
        "devices": _generate_devices(devices),
        "people": build_arrow_schema(TABLES["people"]).empty_table(),
        "software": software,
        "services": build_arrow_schema(TABLES["services"]).empty_table(),
        "vulnerabilities_found": build_arrow_schema(TABLES["vulnerabilities_found"]).empty_table(),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cve_ranges.parquet"
        pq.write_table(feeds, path)
        part = SnapshotPart(snapshot=Snapshot(base=path), connector="nvd", instance="nvd")
        pinned = PinnedSnapshot(root=Path(folder), views={"cve_ranges": [part]})
        wall_times, cpu_times = [], []
        for _ in range(runs):
            began, cpu_start = time.perf_counter(), time.process_time()
            session = open_session(pinned)
            result = find_vulnerabilities(
                session, resolved=resolved, products=load_products(), weights=load_vulnerability_weights(), today=TODAY
            )
            wall_times.append(time.perf_counter() - began)
            cpu_times.append(time.process_time() - cpu_start)
            session.close()
    score, seconds, pairs, peer = (
        score_engine(),
        float(np.median(wall_times)),
        _count_pairs(software, feeds),
        _measure_peer(random),
    )
    return {
        "rows": rows,
        "distinct": distinct,
        "ranges": ranges,
        "vulnerabilities": result["vulnerabilities"].num_rows,
        "installs": result["vulnerable_installs"].num_rows,
        "seconds": seconds,
        "cpu_seconds": float(np.median(cpu_times)),
        "peak_mib": _read_peak_mib(),
        "found_per_second": result["vulnerabilities"].num_rows / seconds,
        "pairs": pairs,
        "times_the_peer": pairs * rows / distinct / peer / float(np.median(cpu_times)),
        "times_the_peer_over_distinct": pairs / peer / float(np.median(cpu_times)),
        "labeled_rows": score.rows,
        "precision": score.precision,
        "recall": score.recall,
    }


def _read_peak_mib() -> float:
    """Return the peak memory of this process, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 if sys.platform != "darwin" else peak / 1024**2


PACKAGES = 3_000


def _list_product_names() -> dict[str, str]:
    """Return the display name of each product that feeds mention, by product id: the first example of its content."""
    shipped = {
        path.stem: load_yaml(path, root=BUILTIN_CONTENT)["examples"]["is"][0]
        for path in BUILTIN_CONTENT.glob("software/*.yaml")
    }
    return {
        product.id: shipped[product.id]
        for product in load_products()
        if not product.system
        and product.cpes
        and not product.lines
        and product.scheme in ("plain", "chrome")
        and "windows" in product.platforms
    }


def _generate_version(random: np.random.Generator, *, newest: bool) -> str:
    """Generate a version: nine in ten installed ones are near the newest; fixes in feeds are spread over the years."""
    first = int(random.beta(12, 1) * 140) if newest else int(random.integers(1, 140))
    second, third = (int(number) for number in random.integers(0, (8000, 250)))
    return f"{first}.0.{second}.{third}"


def _generate_software(random: np.random.Generator, rows: int, distinct: int, devices: int) -> pa.Table:
    """Generate software: of the distinct rows a fifth are products, two fifths Ubuntu packages, the rest unknown."""
    product_names = list(_list_product_names().values())
    names, versions, listings = [], [], []
    for number in range(distinct):
        if number % 5 == 0:
            names.append(product_names[number // 5 % len(product_names)])
            versions.append(_generate_version(random, newest=True))
            listings.append("programs")
        elif number % 5 < 3:
            names.append(f"lib{number % PACKAGES}")
            versions.append(f"{number % 9}.{number % 23}-{number % 7}ubuntu{number % 5}.{number % 31}")
            listings.append("deb_packages")
        else:
            names.append(f"Program {number // 7}")
            versions.append(f"{number % 7}.{number % 11}.{number}")
            listings.append("programs")
    indices = random.integers(0, distinct, rows)
    texts = {
        name: pa.array(values).take(pa.array(indices))
        for name, values in (("name", names), ("version", versions), ("listing", listings))
    }
    columns = {
        **texts,
        "device": pa.array(np.sort(random.integers(0, devices, rows)), pa.int64()),
        "source": pa.array(["fleet"]).take(pa.array(np.zeros(rows, np.int8))),
    }
    schema = build_arrow_schema(TABLES["software"])
    return pa.table([columns.get(field.name, pa.nulls(rows, field.type)) for field in schema], schema=schema)


def _generate_devices(count: int) -> pa.Table:
    schema = build_arrow_schema(TABLES["devices"])
    linux = [number % 5 == 0 for number in range(count)]
    columns = {
        "id": pa.array(range(count), pa.int64()),
        "platform": pa.array(["linux" if is_linux else "windows" for is_linux in linux]),
        "os_version": pa.array(["Ubuntu 22.04.3 LTS" if is_linux else "10.0.22631.3880" for is_linux in linux]),
        "holder_kind": pa.array(["staff" if number % 3 else "student" for number in range(count)]),
    }
    return pa.table([columns.get(field.name, pa.nulls(count, field.type)) for field in schema], schema=schema)


def _generate_ranges(random: np.random.Generator, count: int) -> pa.Table:
    """Generate ranges: a tenth of installed products by name, a fifth of packages, the rest of what nobody runs."""
    products_by_id, product_names = (
        {listed_product.id: listed_product for listed_product in load_products()},
        list(_list_product_names()),
    )
    rows = []
    for number in range(count):
        row = {"id": f"CVE-2099-{number:06}", "cve": f"CVE-2099-{number:06}", "number": 1, "introduced": "0"}
        if number % 10 == 0:
            product = product_names[number // 10 % len(product_names)]
            row["vendor"], row["product"] = products_by_id[product].cpes[0].split(":")
            row["fixed"] = _generate_version(random, newest=False)
        elif number % 10 < 3:
            row |= {"ecosystem": "Ubuntu:22.04:LTS", "product": f"lib{number % (PACKAGES * 3)}", "scheme": "deb"}
            row["fixed"] = f"{number % 5}.{number % 19}-{number % 7}ubuntu{number % 5}"
        else:
            row |= {
                "vendor": f"maker{number % 9000}",
                "product": f"thing{number % 40_000}",
                "fixed": f"{number % 40}.{number % 9}",
            }
        rows.append(row)
    return pa.Table.from_pylist(rows, schema=build_arrow_schema(TABLES["cve_ranges"]))


def _count_pairs(software: pa.Table, feeds: pa.Table) -> int:
    """Return how many pairs of a distinct version and a range of the same product there are to compare."""
    packages, product_names = PACKAGES, set(_list_product_names().values())
    distinct = software.select(["name", "version", "listing"]).group_by(["name", "version", "listing"]).aggregate([])
    package_versions = sum(listing == "deb_packages" for listing in distinct.column("listing").to_pylist())
    product_versions = sum(name in product_names for name in distinct.column("name").to_pylist())
    ranges_per_tenth = feeds.num_rows // 10
    return product_versions * ranges_per_tenth // len(product_names) + package_versions * (2 * ranges_per_tenth) // (
        3 * packages
    )


def _measure_peer(random: np.random.Generator) -> float:
    """Return pairs per second of processor time of univers' ranges: each range parsed once, then asked by version."""
    numbers = random.integers(1, 60, (SAMPLE, 3))
    pairs = [
        (VersionRange.from_string(f"vers:npm/<{a}.{b}.0"), SemverVersion(f"{b}.{c}.{a}"))
        for a, b, c in numbers[: SAMPLE // 2]
    ] + [
        (VersionRange.from_string(f"vers:deb/<{a}.{b}-{c}ubuntu1"), DebianVersion(f"{b}.{c}-{a}ubuntu1"))
        for a, b, c in numbers[SAMPLE // 2 :]
    ]
    began = time.process_time()
    sum(version in span for span, version in pairs)
    return SAMPLE / (time.process_time() - began)
