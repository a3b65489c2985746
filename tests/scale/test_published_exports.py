"""Real files that others published: every export loads, with as many findings as another project counts in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.recordings import SHARED_DATA, read_files, select_columns
from tests.scale.driven_district import run_homeroom

pytestmark = pytest.mark.scale

FOLDERS = ("scanners", "posture", "inventory")
NOT_EXPORTS = (
    "expected_findings.json",  # the counts themselves
    "policies.json",  # a catalog of policies, made by hand
    "scubagear_cases.jsonl",  # inputs and results of the tools' own tests
    "scubagoggles_cases.jsonl",
    "admin.directory_v1.schemas.json",  # descriptions of interfaces
    "admin.reports_v1.schemas.json",
    "chromemanagement.v1.schemas.json",
    "classroom.v1.schemas.json",
)


def _build_row_counter(table: str) -> Callable[[Reading], int]:
    return lambda reading: reading.tables[table].height if table in reading.tables else 0


def _count_checks(reading: Reading) -> int:
    return len(set(select_columns(reading, "vulnerability_records", "check_id")))


def _count_nodes_ports_and_checks(reading: Reading) -> int:
    """Count as the other project does: a finding per vulnerability, per node and per open port."""
    return (
        _count_checks(reading)
        + _build_row_counter("device_records")(reading)
        + _build_row_counter("service_records")(reading)
    )


def _count_open_ports(reading: Reading) -> int:
    return sum(state == "open" for (state,) in select_columns(reading, "service_records", "state"))


def _count_cves(reading: Reading) -> int:
    return sum(max(1, len(cves or ())) for (cves,) in select_columns(reading, "vulnerability_records", "cves"))


COUNT_VULNERABILITIES = _build_row_counter("vulnerability_records")
COUNTERS: dict[str, Callable[[Reading], int]] = {
    "anchore_grype": COUNT_VULNERABILITIES,
    "ms_defender": COUNT_VULNERABILITIES,
    "nexpose": _count_nodes_ports_and_checks,
    "nikto": COUNT_VULNERABILITIES,
    "openscap": COUNT_VULNERABILITIES,
    "openvas": COUNT_VULNERABILITIES,
    "osv_scanner": COUNT_VULNERABILITIES,
    "prowler": _build_row_counter("verdict_records"),
    "ssh_audit": COUNT_VULNERABILITIES,
    "sslscan": COUNT_VULNERABILITIES,
    "tenable/nessus/nessus_many_vuln.csv": COUNT_VULNERABILITIES,
    "tenable/nessus/nessus_many_vuln.xml": _count_checks,
    "tenable/tenable_many_vuln.csv": COUNT_VULNERABILITIES,
    "testssl": _count_cves,
    "wazuh": COUNT_VULNERABILITIES,
    "nmap": lambda reading: _count_open_ports(reading) + COUNT_VULNERABILITIES(reading),
}


def _list_exports(folder: str) -> list[Path]:
    if not (SHARED_DATA / folder).is_dir():
        pytest.skip("the files that others made are not here")
    files = sorted(path for path in (SHARED_DATA / folder).rglob("*") if path.is_file())
    return [path for path in files if path.name not in NOT_EXPORTS and not path.name.startswith("LICENSE")]


def test_every_export_holds_as_many_findings_as_another_project_counts() -> None:
    _list_exports("scanners")
    published = json.loads((SHARED_DATA / "scanners" / "expected_findings.json").read_text(encoding="utf-8"))
    expected = {name: entry["findings"] for name, entry in published.items() if entry is not None}
    counted = {}
    for name in expected:
        path = SHARED_DATA / "scanners" / name
        count = COUNTERS.get(name) or COUNTERS[name.partition("/")[0]]
        counted[name] = sum(count(reading) for _, reading in read_files(path))
    assert counted == expected


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_export_of_a_folder_is_loaded(folder: str, tmp_path: Path) -> None:
    exports = _list_exports(folder)
    report = json.loads(run_homeroom("load", *map(str, exports), "--json", data=tmp_path / "data").stdout)
    assert report["refused"] == []
    assert {Path(name).name for package in report["loaded"] for name in package["files"]} >= {
        path.name for path in exports if path.suffix != ".zip"
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_of_a_whole_folder_only_what_is_no_export_is_left(folder: str) -> None:
    _list_exports(folder)
    detection = detect_packages([SHARED_DATA / folder], connectors=load_connectors())
    assert {problem.file.rpartition("/")[2] for problem in detection.problems} <= set(NOT_EXPORTS)
    assert all(Path(name).name.startswith("LICENSE") for name in detection.ignored)
