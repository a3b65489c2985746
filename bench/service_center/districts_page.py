"""The page of a service center's districts: forty districts of 500 students each, loaded, resolved and assessed.

The page goes through the server's code in one process, signed in. The first visit counts the late duties of every
district; those after it read them from the cache until something changes.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.support.goals import Goal, require_exactly
from bench.support.inventory_urls import ROOT
from bench.support.large_exports import TODAY, ensure_exports
from bench.support.medians import compute_medians
from bench.support.program import require_exit_code, run_homeroom

DISTRICTS, STUDENTS, VISITS = 40, 500, 20
GOALS = {
    "listed": require_exactly(DISTRICTS),
    "first_cpu_ms": Goal(at_most=4000),
    "cpu_ms": Goal(at_most=500),
}
_LOAD_EXIT_CODES = (0, 1)  # the sample has rows that must be rejected


def measure(*, runs: int = 1) -> dict[str, float]:
    """Return the figures: medians of `runs` processes that show the page of the same districts."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        exports, data = ensure_exports(Path(name) / "exports", students=STUDENTS), Path(name) / "data"
        for number in range(1, DISTRICTS + 1):
            _prepare_district(f"district-{number:02}", exports=exports, data=data)
        return compute_medians([_run_once(data) for _ in range(runs)])


def _prepare_district(slug: str, *, exports: Path, data: Path) -> None:
    require_exit_code(run_homeroom("district", "set", slug, "--district", slug, data=data))
    cost = run_homeroom("assess", str(exports), "--today", TODAY, "--district", slug, data=data)
    require_exit_code(cost, codes=_LOAD_EXIT_CODES)


def _run_once(data: Path) -> dict[str, float]:
    process = subprocess.run(
        [sys.executable, "-m", "bench.service_center.districts_page"],
        cwd=ROOT,
        env={**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    figures: dict[str, float] = json.loads(process.stdout.splitlines()[-1])
    return figures


def _measure_in_process() -> dict[str, float]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from homeroom.apps.platform.districts.commands import create_user
    from homeroom.apps.platform.districts.queries import list_districts
    from homeroom.web.shared.warm_up import warm

    settings.ALLOWED_HOSTS = ["*"]
    client, passphrase = Client(), "seven quiet otters read"
    for district in list_districts():
        user = create_user(district=district, username="center", role="director", passphrase=passphrase)
    client.force_login(user)
    warm()  # as every web process does before its first page
    costs = []
    for _ in range(VISITS):
        started = time.process_time()
        page = client.get("/districts").content.decode()
        costs.append((time.process_time() - started) * 1000)
    return {
        "listed": float(len(re.findall(r'<th scope="row"><a href="/d/', page))),
        "first_cpu_ms": round(costs[0], 1),
        "cpu_ms": round(sorted(costs[1:])[len(costs) // 2], 1),
    }


if __name__ == "__main__":
    print(json.dumps(_measure_in_process()))
