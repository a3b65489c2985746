"""A whole district: what is dangerous now comes first on Today and is inside a week of sixteen hours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.amounts import choose_amount
from tests.scale.driven_district import run_homeroom

STUDENTS = choose_amount(brief=500, thorough=9_000)
DANGERS = {
    "default-password-found",
    "internet-facing-database",
    "internet-facing-remote-access",
    "internet-facing-management",
    "scanner-known-exploited",
}
PRINT_TODAY = """
import json, sys
from datetime import date
import django
django.setup()
from homeroom.apps.platform.districts.models import District
from homeroom.apps.manage.planning.queries import load_morning
district = District._default_manager.get()
briefing = load_morning(district=district, today=date.fromisoformat(sys.argv[1]))
print(json.dumps([finding.control.id for finding in briefing.first]))
"""


@pytest.mark.scale
def test_dangers_are_the_first_five_of_today_and_inside_sixteen_hours(tmp_path: Path) -> None:
    data, exports, day = tmp_path / "data", tmp_path / "exports", ("--today", "2026-11-24")
    run_homeroom("sample", str(exports), "--students", str(STUDENTS), "--seed", "11", *day, data=tmp_path / "unused")
    run_homeroom("assess", str(exports), "--json", *day, data=data)
    plan = json.loads(run_homeroom("plan", "--hours", "16", "--json", *day, data=data).stdout)
    assert len(plan["items"]) + len(plan["left_out"]) > 150
    planned = [item["control"] for item in plan["items"]]
    assert set(planned[: len(DANGERS)]) == DANGERS
    assert set(_list_first_of_today(data, day[1])) == DANGERS


def _list_first_of_today(data: Path, today: str) -> list[str]:
    environment = os.environ | {"HOMEROOM_DATA": str(data), "DJANGO_SETTINGS_MODULE": "homeroom.config.settings"}
    command = [sys.executable, "-c", PRINT_TODAY, today]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    controls: list[str] = json.loads(process.stdout)
    return controls
