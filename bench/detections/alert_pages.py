"""Pages of alerts with two years of detections, compared with the inventory list at a million people.

Both go through the same server code in one process, warmed up as a web process is, signed in, in turn: each view of the
queue and its deep pages, an alert, the incidents, one with 500 alerts, coverage, rules, readiness, the first hour and
Today. The ratios are of the 95th percentiles of CPU and of wall time; each kind of page also has its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.detections.alert_history import NEWEST, AlertHistory, create_alert_history
from bench.support.goals import Goal
from bench.support.inventory_rows import create_inventory, write_list_files
from bench.support.inventory_urls import ROOT, list_urls
from bench.support.medians import compute_medians
from bench.support.page_visits import compute_p95

ROUNDS = 40
"""How often each page of alerts is asked for: so the first visit in a process is beyond its 95th percentile, as it is
for the list of the inventory. What that one costs is printed beside it.
"""
INVENTORY_PAGES = 400
Cost = tuple[float, float]
"""Milliseconds of wall time and of CPU."""
GOALS = {"p95_ratio": Goal(at_most=1.5), "cpu_p95_ratio": Goal(at_most=1.5)}


def measure(*, runs: int = 1, scale: int = 1_000_000) -> dict[str, float]:
    """Return the figures with an inventory of `scale` people: medians of `runs` districts, each in its own process."""
    return compute_medians([_run_once(scale) for _ in range(runs)])


def _run_once(scale: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        process = subprocess.run(
            [sys.executable, "-m", "bench.detections.alert_pages", str(scale)],
            cwd=ROOT,
            env={**os.environ, "HOMEROOM_DATA": folder, "DATABASE_URL": ""},
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


def _measure_in_process(scale: int) -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    from homeroom.evidence.files.data_folder import open_data_folder

    open_data_folder(Path(os.environ["HOMEROOM_DATA"]), kind="real")
    import django

    django.setup()
    from django.core.management import call_command

    for database in ("default", "jobs"):
        call_command("migrate", database=database, verbosity=0, skip_checks=True)
    from homeroom.evidence.loads.store import EvidenceStore
    from homeroom.web.shared.warm_up import warm

    district = create_inventory(scale)
    write_list_files(district, EvidenceStore(Path(os.environ["HOMEROOM_DATA"]) / "evidence", district=district.slug))
    history = create_alert_history(district)
    client = _sign_in(district)
    warm()
    lists = sorted(url for url in list_urls(district) if not url.startswith("/inventory?"))
    inventory, pages = _visit_in_turn(
        client, lists[:: max(1, len(lists) // INVENTORY_PAGES)], _list_pages(history), rounds=ROUNDS
    )
    return {
        "alerts": float(history.alerts),
        "detections": float(history.detections),
        **_compare(inventory, pages),
    }


def _sign_in(district: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    from homeroom.apps.platform.districts.commands import create_user

    settings.ALLOWED_HOSTS = ["*"]
    settings.NOW = NEWEST
    user = create_user(district=district, username="director", role="director", passphrase="seven quiet otters read")
    client = Client()
    client.force_login(user)
    return client


def _list_pages(history: AlertHistory) -> Mapping[str, list[str]]:
    """Return the addresses by the name of their figure."""
    return {
        "queue": ["/alerts", "/alerts?after=50", "/alerts?after=100"],
        "queue_expected": [f"/alerts?state=expected&after={place}" for place in (0, 50, 2_000, 4_100)],
        "queue_suppressed": [f"/alerts?state=suppressed&after={place}" for place in (0, 1_000)],
        "queue_closed": [f"/alerts?state=closed&after={place}" for place in (0, 250)],
        "queue_low": ["/alerts?state=low"],
        "alert": [f"/alerts/{history.worst_alert}"],
        "incidents": ["/alerts/incidents"],
        "incident": [f"/alerts/incidents/{history.usual_incident}"],
        "worst_incident": [f"/alerts/incidents/{history.worst_incident}"],
        "worst_incident_lists": [
            f"/alerts/incidents/{history.worst_incident}?show={shown}"
            for shown in ("timeline", "timeline&after=4000", "alerts", "alerts&after=450", "named", "named&after=450")
        ],
        "coverage": ["/alerts/coverage"],
        "rules": ["/alerts/rules"],
        "readiness": ["/alerts/readiness"],
        "first_hour": ["/alerts/first-hour"],
        "today": ["/"],
    }


def _visit_in_turn(
    client: Any, lists: list[str], pages: Mapping[str, list[str]], *, rounds: int
) -> tuple[list[Cost], dict[str, list[Cost]]]:
    """Return the costs of the lists of the inventory and of the pages by name.

    Each round visits some of the lists and all pages, so that what else the machine does meets both alike. The first
    visit of an address is one of them.
    """
    inventory: list[Cost] = []
    costs: dict[str, list[Cost]] = {name: [] for name in pages}
    for number in range(rounds):
        inventory += [_visit(client, url) for url in lists[number::rounds]]
        for name, urls in pages.items():
            costs[name] += [_visit(client, url) for url in urls]
    return inventory, costs


def _visit(client: Any, url: str) -> Cost:
    """Return the wall and CPU milliseconds of a page."""
    wall, cpu = time.perf_counter(), time.process_time()
    response = client.get(url)
    text = b"".join(response) if response.streaming else response.content
    cost = ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
    if response.status_code != 200 or b"</html>" not in text:
        raise RuntimeError(f"{url}: {response.status_code}")
    return cost


def _compare(inventory: list[tuple[float, float]], pages: Mapping[str, list[tuple[float, float]]]) -> dict[str, float]:
    base_wall, base_cpu = _compute_p95s(inventory)
    worst = {name: _compute_p95s(costs) for name, costs in pages.items()}
    for name, (wall, cpu) in sorted(worst.items(), key=lambda item: -item[1][1]):
        figures = f"{wall:8.1f} ms {cpu:8.1f} ms CPU  {cpu / base_cpu:5.2f}  first {pages[name][0][1]:8.1f} ms CPU"
        print(f"{name:<20} {figures}", file=sys.stderr)
    return {
        "inventory_p95_ms": round(base_wall, 1),
        "inventory_cpu_p95_ms": round(base_cpu, 1),
        **{f"{name}_cpu_p95_ms": round(cpu, 1) for name, (_wall, cpu) in worst.items()},
        "p95_ratio": round(max(wall for wall, _cpu in worst.values()) / base_wall, 2),
        "cpu_p95_ratio": round(max(cpu for _wall, cpu in worst.values()) / base_cpu, 2),
    }


def _compute_p95s(costs: list[tuple[float, float]]) -> tuple[float, float]:
    return compute_p95(sorted(wall for wall, _cpu in costs)), compute_p95(sorted(cpu for _wall, cpu in costs))


if __name__ == "__main__":
    print(json.dumps(_measure_in_process(int(sys.argv[1]))))
