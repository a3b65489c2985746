"""People past the last age of their records are erased at night, and the duty of retention is then met by data."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.support.byte_search import search_folder
from bench.support.erasure_district import UNIQUE_VALUES
from tests.apps.program import run_homeroom
from tests.prepared_erasure import prepare_erasure_district

DUTY = "district-retention:disposal-each-year"
POLICY = Path(__file__).parents[4] / "docs" / "examples" / "policies" / "retention.yaml"
NIGHT = "2026-12-05T03:00:00-06:00"
RUN_NIGHT = """
import sys, django
from datetime import datetime
django.setup()
from homeroom.apps.comply.erasing.last_ages import LastAgeClock
print(LastAgeClock().apply(at=datetime.fromisoformat(sys.argv[1])))
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepare_erasure_district(), tmp_path / "data"))


def run(data: Path, *arguments: str) -> Any:
    result = run_homeroom(*arguments, "--json", data=data)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def set_ages(data: Path, days: str) -> list[dict[str, Any]]:
    run_homeroom("laws", "import", str(POLICY), "--by", "director", data=data)
    for source in ("oneroster", "google"):
        lines = run(data, "last-ages", source, "--days", days, "--because", "Board policy 5500", "--duty", DUTY)
    return list(lines)


def find_duty(data: Path) -> dict[str, Any]:
    duties = run(data, "duties", "--law", "district-retention", "--today", "2026-12-05")["duties"]
    (duty,) = [duty for duty in duties if duty["duty"] == DUTY]
    return dict(duty)


def erase_at_night(data: Path, moment: str) -> int:
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DJANGO_SETTINGS_MODULE": "homeroom.config.settings"}
    result = subprocess.run(
        [sys.executable, "-c", RUN_NIGHT, moment], env=environment, capture_output=True, text=True, check=True
    )
    return int(result.stdout)


def test_who_is_past_the_last_age_is_erased_at_night_and_the_duty_is_met_by_data(data: Path) -> None:
    assert [(line["state"], line["overdue"]) for line in set_ages(data, "1")] == [("late", 1)] * 2
    assert [proof["holds"] for proof in find_duty(data)["evidence"]] == [False, False]
    assert erase_at_night(data, "2026-12-05T15:00:00-06:00") == 0
    assert erase_at_night(data, NIGHT) == 1
    assert search_folder(data, UNIQUE_VALUES) == []
    duty = find_duty(data)
    assert (duty["state"], [proof["kind"] for proof in duty["evidence"]]) == ("met by data", ["last age"] * 2)


def test_who_is_not_past_it_yet_stays(data: Path) -> None:
    assert [line["state"] for line in set_ages(data, "2000")] == ["met by data"] * 2
    assert erase_at_night(data, NIGHT) == 0
    assert search_folder(data, UNIQUE_VALUES)


def test_a_last_age_of_an_unknown_duty_names_those_that_fit(data: Path) -> None:
    run_homeroom("laws", "import", str(POLICY), "--by", "director", data=data)
    refused = run_homeroom("last-ages", "oneroster", "--days", "9", "--duty", "district-retention:disposal", data=data)
    assert refused.returncode == 2
    assert DUTY in refused.stderr
