"""Matching a large district's software against feeds: 3,000,000 rows, 60,000 of them distinct, against 300,000 ranges.

Invented software of real product names, Ubuntu packages and unknown names on 100,000 devices; ranges of the same products,
packages and of everything that nobody runs. The peer asks univers' own ranges, read beforehand, pair by pair: for every row
(`times_the_peer`) or for distinct versions alone, in processor time and measured on a sample; what is what, who has it and
what it weighs, which take most of our time, the peer does not find out. Precision and recall are those of the labelled table that the tests carry.
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
from homeroom.engines.vulnerabilities.engine import find_flaws
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.session import Part, Pinned, session_of
from homeroom.evidence.snapshots import Snapshot
from homeroom.evidence.tables import TABLES
from homeroom.library.reading import SHIPPED, read
from homeroom.library.software import products
from homeroom.library.weights import weights
from tests.unit.vulnerabilities.house import scored

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
    """Median seconds of the whole engine, its peak memory, and how many times longer the peer would take.

    The peer has a pair to compare for each version and range of one thing; its seconds are those of the sample, multiplied.
    """
    random = np.random.default_rng(11)
    distinct, devices = max(rows * DISTINCT // ROWS, 100), max(rows * DEVICES // ROWS, 10)
    software, feeds = _software(random, rows, distinct, devices), _ranges(random, ranges)
    resolved = {
        "devices": _devices(devices),
        "people": arrow_schema(TABLES["people"]).empty_table(),
        "software": software,
        "services": arrow_schema(TABLES["services"]).empty_table(),
        "flaws": arrow_schema(TABLES["flaws"]).empty_table(),
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cve_ranges.parquet"
        pq.write_table(feeds, path)
        part = Part(snapshot=Snapshot(base=path), connector="nvd", instance="nvd")
        pinned = Pinned(root=Path(folder), views={"cve_ranges": [part]})
        taken, used = [], []
        for _ in range(runs):
            began, worked = time.perf_counter(), time.process_time()
            session = session_of(pinned)
            made = find_flaws(session, resolved=resolved, products=products(), weights=weights(), today=TODAY)
            taken.append(time.perf_counter() - began)
            used.append(time.process_time() - worked)
            session.close()
    score, seconds, pairs, peer = scored(), float(np.median(taken)), _pairs(software, feeds), _peer(random)
    return {
        "rows": rows,
        "distinct": distinct,
        "ranges": ranges,
        "vulnerabilities": made["vulnerabilities"].num_rows,
        "installs": made["vulnerable_installs"].num_rows,
        "seconds": seconds,
        "cpu_seconds": float(np.median(used)),
        "peak_mib": _peak(),
        "found_per_second": made["vulnerabilities"].num_rows / seconds,
        "pairs": pairs,
        "times_the_peer": pairs * rows / distinct / peer / float(np.median(used)),
        "times_the_peer_over_distinct": pairs / peer / float(np.median(used)),
        "labelled_rows": score.rows,
        "precision": score.precision,
        "recall": score.recall,
    }


def _peak() -> float:
    """The most memory that this process ever held, in MiB."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform != "darwin" else most / 1024**2


PACKAGES = 3_000


def _names() -> dict[str, str]:
    """What each product that feeds speak of is called, by the first example of its content."""
    shipped = {path.stem: read(path, root=SHIPPED)["examples"]["is"][0] for path in SHIPPED.glob("software/*.yaml")}
    return {
        one.id: shipped[one.id]
        for one in products()
        if not one.system
        and one.cpes
        and not one.lines
        and one.scheme in ("plain", "chrome")
        and "windows" in one.platforms
    }


def _version(random: np.random.Generator, *, newest: bool) -> str:
    """A version: of what is installed nine in ten are near the newest, the fixes of feeds are spread over the years."""
    first = int(random.beta(12, 1) * 140) if newest else int(random.integers(1, 140))
    second, third = (int(one) for one in random.integers(0, (8000, 250)))
    return f"{first}.0.{second}.{third}"


def _software(random: np.random.Generator, rows: int, distinct: int, devices: int) -> pa.Table:
    """Of the distinct ways a fifth are products, two fifths Ubuntu packages, and two fifths names that nobody knows."""
    known = list(_names().values())
    names, versions, listings = [], [], []
    for number in range(distinct):
        if number % 5 == 0:
            names.append(known[number // 5 % len(known)])
            versions.append(_version(random, newest=True))
            listings.append("programs")
        elif number % 5 < 3:
            names.append(f"lib{number % PACKAGES}")
            versions.append(f"{number % 9}.{number % 23}-{number % 7}ubuntu{number % 5}.{number % 31}")
            listings.append("deb_packages")
        else:
            names.append(f"Program {number // 7}")
            versions.append(f"{number % 7}.{number % 11}.{number}")
            listings.append("programs")
    chosen = random.integers(0, distinct, rows)
    texts = {
        name: pa.array(every).take(pa.array(chosen))
        for name, every in (("name", names), ("version", versions), ("listing", listings))
    }
    made = {
        **texts,
        "device": pa.array(np.sort(random.integers(0, devices, rows)), pa.int64()),
        "source": pa.array(["fleet"]).take(pa.array(np.zeros(rows, np.int8))),
    }
    schema = arrow_schema(TABLES["software"])
    return pa.table([made.get(field.name, pa.nulls(rows, field.type)) for field in schema], schema=schema)


def _devices(count: int) -> pa.Table:
    schema = arrow_schema(TABLES["devices"])
    linux = [number % 5 == 0 for number in range(count)]
    made = {
        "id": pa.array(range(count), pa.int64()),
        "platform": pa.array(["linux" if one else "windows" for one in linux]),
        "os_version": pa.array(["Ubuntu 22.04.3 LTS" if one else "10.0.22631.3880" for one in linux]),
        "holder_kind": pa.array(["staff" if number % 3 else "student" for number in range(count)]),
    }
    return pa.table([made.get(field.name, pa.nulls(count, field.type)) for field in schema], schema=schema)


def _ranges(random: np.random.Generator, count: int) -> pa.Table:
    """A tenth speaks of what is installed by name, a fifth of its packages, the rest of what nobody runs."""
    shelf, known = {one.id: one for one in products()}, list(_names())
    rows = []
    for number in range(count):
        row = {"id": f"CVE-2099-{number:06}", "cve": f"CVE-2099-{number:06}", "number": 1, "introduced": "0"}
        if number % 10 == 0:
            product = known[number // 10 % len(known)]
            row["vendor"], row["product"] = shelf[product].cpes[0].split(":")
            row["fixed"] = _version(random, newest=False)
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
    return pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["cve_ranges"]))


def _pairs(software: pa.Table, feeds: pa.Table) -> int:
    """How many pairs of a distinct version and a range of the same thing there are to compare, one by one."""
    packages, names = PACKAGES, set(_names().values())
    ways = software.select(["name", "version", "listing"]).group_by(["name", "version", "listing"]).aggregate([])
    debs = sum(listing == "deb_packages" for listing in ways.column("listing").to_pylist())
    known = sum(name in names for name in ways.column("name").to_pylist())
    spoken = feeds.num_rows // 10
    return known * spoken // len(names) + debs * (2 * spoken) // (3 * packages)


def _peer(random: np.random.Generator) -> float:
    """Pairs a second of processor time of univers' own ranges: each range read once, then asked version by version."""
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
