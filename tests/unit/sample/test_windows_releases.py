"""Windows 11 releases by day: an edition passes until its last day of updates and fails from the next day on."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from homeroom.sample import generate_sample
from homeroom.sample.plan.windows_releases import list_support_ends
from tests.unit.sample.exports import SampleExports
from tests.unit.sample.reference_endpoint_evaluation import EndpointEvaluation
from tests.unit.sample.reference_evaluation import Subjects, build_subjects

pytestmark = pytest.mark.scale

FACTS = Path(__file__).parents[4] / "shared" / "data" / "vulns" / "endoflife.json"
CONTROL = "windows-11-release"


def _generate_district(folder: Path, today: date) -> SampleExports:
    generate_sample(folder, students=500, seed=6, today=today)
    return SampleExports(folder)


def _get_subjects(district: SampleExports, state: str) -> Subjects:
    return build_subjects(district.truth["controls"][CONTROL][state])


def _find_devices(district: SampleExports, build: str, edition: str) -> Subjects:
    evaluation = EndpointEvaluation(district)
    return {
        subject
        for device, subject in evaluation.iter_computers()
        if device["osVersion"].startswith(f"10.0.{build}.") and evaluation.classify_edition(device) == edition
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
    district = _generate_district(tmp_path, today)
    failing, unknown = EndpointEvaluation(district).evaluate_releases()
    assert failing
    assert _get_subjects(district, "failing") == failing
    assert _get_subjects(district, "cannot_tell") == unknown


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
    on_it, after = (
        _generate_district(tmp_path / "on", last),
        _generate_district(tmp_path / "after", last.replace(day=last.day + 1)),
    )
    assert _find_devices(on_it, build, edition)
    assert not _find_devices(on_it, build, edition) & _get_subjects(on_it, "failing")
    assert _find_devices(after, build, edition) <= _get_subjects(after, "failing")
    names = [{entry["name"] for entry in district.truth["look_alikes"]} for district in (on_it, after)]
    assert "last-day-of-updates" in names[0]
    assert "last-day-of-updates" not in names[1]


def test_an_untold_edition_is_unknown_only_between_the_two_ends(tmp_path: Path) -> None:
    days = (date(2025, 11, 11), date(2025, 11, 12), date(2026, 11, 10), date(2026, 11, 11))
    outcomes = []
    for today in days:
        district = _generate_district(tmp_path / today.isoformat(), today)
        unknown_edition = _find_devices(district, "22631", "untold")
        assert unknown_edition
        outcomes.append(
            (
                unknown_edition <= _get_subjects(district, "cannot_tell"),
                unknown_edition <= _get_subjects(district, "failing"),
            )
        )
    assert outcomes == [(False, False), (True, False), (True, False), (False, True)]


def test_the_same_build_of_the_long_term_channel_outlives_the_others(tmp_path: Path) -> None:
    district = _generate_district(tmp_path, date(2028, 11, 1))
    long = _find_devices(district, "26100", "long")
    assert len(long) >= 2
    assert any(
        device["skuFamily"] == ""
        for device, subject in EndpointEvaluation(district).iter_computers()
        if subject in long
    )
    assert not long & _get_subjects(district, "failing")
    assert _find_devices(district, "26100", "school") <= _get_subjects(district, "failing")


def test_who_asks_of_an_edition_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="no such edition"):
        list_support_ends("10.0.22631.6060", "Server")


@pytest.mark.skipif(not FACTS.exists(), reason="the list of ends of support is not beside the repository")
def test_the_ends_are_those_that_are_published() -> None:
    releases = json.loads(FACTS.read_text(encoding="utf-8"))["windows"]["releases"]
    by_name = {release["releaseCycle"]: release for release in releases}
    checked = 0
    for name, release in by_name.items():
        match = re.fullmatch(r"11-2[1-5]h2-(e|w|e-lts)", name)
        if match:
            edition = {"e": "Education", "w": "ProEducation", "e-lts": "EnterpriseS"}[match[1]]
            assert list_support_ends(f"{release['latest']}.1", edition) == (date.fromisoformat(release["eol"]),), name
            checked += 1
    assert checked == 11
