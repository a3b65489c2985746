"""Test the logs of the demo: about the sample's own people, up to yesterday, with one incident two days ago."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from homeroom.sample import generate_sample
from homeroom.sample.fortnights.demo import write_demo_logs

ZONE = ZoneInfo("America/Chicago")
MONDAY = date(2026, 2, 9)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("sample")
    generate_sample(folder, students=1000, seed=7, today=MONDAY)
    return folder


@pytest.mark.parametrize("weekday", [0, 6])
def test_the_incident_is_two_days_old_and_over_and_its_people_are_the_samples(
    sample: Path, tmp_path: Path, weekday: int
) -> None:
    today = MONDAY + timedelta(days=weekday)
    story = write_demo_logs(tmp_path / "logs", sample=sample, today=today)
    with (sample / "google" / "users.csv").open(encoding="utf-8", newline="") as file:
        addresses = {row["primaryEmail"].lower() for row in csv.DictReader(file)}
    assert set(story.victims) <= addresses
    times = [entry.time.astimezone(ZONE).date() for entry in story.entries]
    assert min(times) == today - timedelta(days=2)
    assert max(times) <= today - timedelta(days=1)
    assert all(entry.keys for entry in story.entries)
    page = json.loads((tmp_path / "logs" / "google" / "login-01.json").read_text(encoding="utf-8"))
    assert {item["actor"]["email"] for item in page["items"]} <= addresses
    newest = max(datetime.fromisoformat(item["id"]["time"]) for item in page["items"])
    assert newest.astimezone(ZONE).date() < today


def test_the_demo_announces_its_ordinary_work(sample: Path, tmp_path: Path) -> None:
    write_demo_logs(tmp_path, sample=sample, today=MONDAY)
    assert 'reason: "New role of a technician"' in (tmp_path / "expected.yaml").read_text(encoding="utf-8")
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    assert [len(truth[kind]) for kind in ("intrusions", "look_alikes")] == [1, 3]
