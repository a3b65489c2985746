"""Pages of tools of a district with 3,000 tools in 40 schools: matrix, lists and the renewal sheet.

They go through the server's code in one process, warmed up as a web process is, signed in, in turn. The first visit
in a process reads the portfolio; it is one of the visits of its address, and is printed beside the 95th percentile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.support.goals import Goal
from bench.support.inventory_urls import ROOT
from bench.support.medians import compute_medians
from bench.support.page_visits import compute_p95
from bench.tools.published_tools import TODAY, build_published_tools

TOOLS, SCHOOLS = 3_000, 40
ROUNDS = 40
AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
PAGES: Mapping[str, tuple[str, ...]] = {
    "portfolio": ("/tools", "/tools?after=50", "/tools?after=2950&view=all", "/tools?sort=cost&view=paid"),
    "searched": ("/tools?q=tool+12", "/tools?capability=lms&school=School+07", "/tools?view=unknown&sort=users"),
    "matrix": ("/tools/matrix",),
    "matrix_of_school": ("/tools/matrix?school=School+07&needed=1",),
    "overlaps": ("/tools/overlaps", "/tools/overlaps?after=350"),
    "gaps": ("/tools/gaps",),
    "hollow": ("/tools/hollow", "/tools/hollow?after=300"),
    "renewals": ("/tools/renewals",),
}
GOALS = {"p95_ms": Goal(at_most=150), "cpu_p95_ms": Goal(at_most=30)}


def measure(*, runs: int = 1) -> dict[str, float]:
    """Return the figures: medians of `runs` districts, each in its own process."""
    return compute_medians([_run_once() for _ in range(runs)])


def _run_once() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        process = subprocess.run(
            [sys.executable, "-m", "bench.tools.tool_pages"],
            cwd=ROOT,
            env={**os.environ, "HOMEROOM_DATA": folder, "DATABASE_URL": ""},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


def _measure_in_process() -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.files.data_folder import open_data_folder

    open_data_folder(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from homeroom.web.shared.warm_up import warm

    client = _sign_in(_publish_tools())
    warm()
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    for _ in range(ROUNDS):
        for name, urls in PAGES.items():
            costs[name] += [_visit(client, url) for url in urls]
    return _summarize(costs)


def _publish_tools() -> Any:
    from homeroom.apps.platform.districts.commands import create_district
    from homeroom.evidence.loads.store import EvidenceStore

    district = create_district(slug="bench", name="Bench")
    store = EvidenceStore(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug)
    tables = _cast_tables(build_published_tools(tools=TOOLS, schools=SCHOOLS))
    store.publish_derived(tables, inputs=store.compute_sources_id(), today=TODAY, at=AT)
    return district


def _cast_tables(tables: Mapping[str, Any]) -> dict[str, Any]:
    import pyarrow as pa

    from homeroom.evidence.files.arrow_schema import build_arrow_schema
    from homeroom.evidence.tables import TABLES

    schemas = {name: build_arrow_schema(TABLES[name]) for name in tables}
    return {name: pa.Table.from_pylist(table.to_pylist(), schema=schemas[name]) for name, table in tables.items()}


def _sign_in(district: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    from homeroom.apps.platform.districts.commands import create_user

    settings.ALLOWED_HOSTS = ["*"]
    settings.NOW = AT
    user = create_user(district=district, username="director", role="director", passphrase="seven quiet otters read")
    client = Client()
    client.force_login(user)
    return client


def _visit(client: Any, url: str) -> tuple[float, float]:
    """Return the wall and CPU milliseconds of a page."""
    wall, cpu = time.perf_counter(), time.process_time()
    response = client.get(url)
    text = b"".join(response) if response.streaming else response.content
    cost = ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
    if response.status_code != 200 or b"</html>" not in text:
        raise RuntimeError(f"{url}: {response.status_code}")
    return cost


def _summarize(costs: Mapping[str, list[tuple[float, float]]]) -> dict[str, float]:
    p95s = {
        name: tuple(compute_p95(sorted(cost[part] for cost in visits)) for part in (0, 1))
        for name, visits in costs.items()
    }
    for name, (wall, cpu) in sorted(p95s.items(), key=lambda item: -item[1][1]):
        figures = f"{wall:8.1f} ms {cpu:8.1f} ms CPU  first {costs[name][0][1]:8.1f} ms CPU"
        print(f"{name:<20} {figures}", file=sys.stderr)
    return {
        **{f"{name}_cpu_p95_ms": round(cpu, 1) for name, (_, cpu) in p95s.items()},
        "first_visit_cpu_ms": round(max(cpu for visits in costs.values() for _, cpu in visits), 1),
        "p95_ms": round(max(wall for wall, _ in p95s.values()), 1),
        "cpu_p95_ms": round(max(cpu for _, cpu in p95s.values()), 1),
    }


if __name__ == "__main__":
    print(json.dumps(_measure_in_process()))
