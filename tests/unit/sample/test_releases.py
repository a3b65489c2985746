"""Releases of Windows 11 by the day: until the last day of updates of an edition all is well, from the next day on not."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from homeroom.sample import make
from homeroom.sample.releases import ends
from tests.unit.sample.exports import Exports
from tests.unit.sample.judging import Subjects, subjects
from tests.unit.sample.watching import Watched

pytestmark = pytest.mark.scale

FACTS = Path(__file__).parents[4] / "shared" / "data" / "vulns" / "endoflife.json"
CONTROL = "windows-11-release"


def _made(folder: Path, today: date) -> Exports:
    make(folder, students=500, seed=6, today=today)
    return Exports(folder)


def _stated(district: Exports, what: str) -> Subjects:
    return subjects(district.truth["controls"][CONTROL][what])


def _of(district: Exports, build: str, edition: str) -> Subjects:
    watched = Watched(district)
    return {
        subject
        for device, subject in watched.computers()
        if device["osVersion"].startswith(f"10.0.{build}.") and watched.edition(device) == edition
    }


@pytest.mark.parametrize(
    "today",
    [
        date(2025, 9, 10),
        date(2025, 10, 14),
        date(2025, 10, 15),
        date(2026, 7, 15),
        date(2026, 10, 14),
        date(2026, 11, 24),
        date(2027, 10, 13),
        date(2028, 11, 1),
        date(2029, 10, 10),
    ],
)
def test_the_truth_of_any_day_is_what_the_files_say(tmp_path: Path, today: date) -> None:
    district = _made(tmp_path, today)
    failing, unknown = Watched(district).releases()
    assert failing
    assert _stated(district, "failing") == failing
    assert _stated(district, "cannot_tell") == unknown


@pytest.mark.parametrize(
    ("build", "edition", "last"),
    [
        ("22621", "school", date(2025, 10, 14)),
        ("22631", "short", date(2025, 11, 11)),
        ("26100", "short", date(2026, 10, 13)),
        ("22631", "school", date(2026, 11, 10)),
    ],
)
def test_the_last_day_still_counts(tmp_path: Path, build: str, edition: str, last: date) -> None:
    on_it, after = _made(tmp_path / "on", last), _made(tmp_path / "after", last.replace(day=last.day + 1))
    assert _of(on_it, build, edition)
    assert not _of(on_it, build, edition) & _stated(on_it, "failing")
    assert _of(after, build, edition) <= _stated(after, "failing")
    names = [{entry["name"] for entry in district.truth["look_alikes"]} for district in (on_it, after)]
    assert "last-day-of-updates" in names[0]
    assert "last-day-of-updates" not in names[1]


def test_an_untold_edition_is_unknown_only_between_the_two_ends(tmp_path: Path) -> None:
    days = (date(2025, 11, 11), date(2025, 11, 12), date(2026, 11, 10), date(2026, 11, 11))
    found = []
    for today in days:
        district = _made(tmp_path / today.isoformat(), today)
        untold = _of(district, "22631", "untold")
        assert untold
        found.append((untold <= _stated(district, "cannot_tell"), untold <= _stated(district, "failing")))
    assert found == [(False, False), (True, False), (True, False), (False, True)]


def test_the_same_build_of_the_long_term_channel_outlives_the_others(tmp_path: Path) -> None:
    district = _made(tmp_path, date(2028, 11, 1))
    long = _of(district, "26100", "long")
    assert len(long) >= 2
    assert any(device["skuFamily"] == "" for device, subject in Watched(district).computers() if subject in long)
    assert not long & _stated(district, "failing")
    assert _of(district, "26100", "school") <= _stated(district, "failing")


def test_who_asks_of_an_edition_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="no such edition"):
        ends("10.0.22631.6060", "Server")


@pytest.mark.skipif(not FACTS.exists(), reason="the list of ends of support is not beside the repository")
def test_the_ends_are_those_that_are_published() -> None:
    told = json.loads(FACTS.read_text(encoding="utf-8"))["windows"]["releases"]
    by_name = {release["releaseCycle"]: release for release in told}
    checked = 0
    for name, release in by_name.items():
        found = re.fullmatch(r"11-2[1-5]h2-(e|w|e-lts)", name)
        if found:
            edition = {"e": "Education", "w": "ProEducation", "e-lts": "EnterpriseS"}[found[1]]
            assert ends(f"{release['latest']}.1", edition) == (date.fromisoformat(release["eol"]),), name
            checked += 1
    assert checked == 11
