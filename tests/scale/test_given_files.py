"""Real files that others published: every export loads, and holds as many findings as another project counts in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from homeroom.ingest.connector import Reading
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors
from tests.connectors.recorded import GIVEN, picked, readings
from tests.scale.running import homeroom

pytestmark = pytest.mark.scale

FOLDERS = ("scanners", "posture", "inventory")
NO_EXPORTS = (
    "expected_findings.json",  # the counts themselves
    "policies.json",  # a catalogue of policies, made by hand
    "scubagear_cases.jsonl",  # inputs and results of the tools' own tests
    "scubagoggles_cases.jsonl",
    "admin.directory_v1.schemas.json",  # descriptions of interfaces
    "admin.reports_v1.schemas.json",
    "chromemanagement.v1.schemas.json",
    "classroom.v1.schemas.json",
)


def _rows(table: str) -> Callable[[Reading], int]:
    return lambda reading: reading.tables[table].height if table in reading.tables else 0


def _checks(reading: Reading) -> int:
    return len(set(picked(reading, "flaw_records", "check_id")))


def _nodes_ports_and_checks(reading: Reading) -> int:
    """The other project makes a finding of each vulnerability, and one of each node and of each open port."""
    return _checks(reading) + _rows("device_records")(reading) + _rows("service_records")(reading)


def _a_cve_each(reading: Reading) -> int:
    return sum(max(1, len(cves or ())) for (cves,) in picked(reading, "flaw_records", "cves"))


FLAWS = _rows("flaw_records")
COUNTED: dict[str, Callable[[Reading], int]] = {
    "anchore_grype": FLAWS,
    "ms_defender": FLAWS,
    "nexpose": _nodes_ports_and_checks,
    "nikto": FLAWS,
    "openscap": FLAWS,
    "openvas": FLAWS,
    "osv_scanner": FLAWS,
    "prowler": _rows("verdict_records"),
    "ssh_audit": FLAWS,
    "sslscan": FLAWS,
    "tenable/nessus/nessus_many_vuln.csv": FLAWS,
    "tenable/nessus/nessus_many_vuln.xml": _checks,
    "tenable/tenable_many_vuln.csv": FLAWS,
    "testssl": _a_cve_each,
    "wazuh": FLAWS,
    "nmap": lambda reading: sum(state == "open" for (state,) in picked(reading, "service_records", "state")),
}


def _given(folder: str) -> list[Path]:
    if not (GIVEN / folder).is_dir():
        pytest.skip("the files that others made are not here")
    every = sorted(path for path in (GIVEN / folder).rglob("*") if path.is_file())
    return [path for path in every if path.name not in NO_EXPORTS and not path.name.startswith("LICENSE")]


def _beside_ports(path: Path) -> int:
    """What the other project counts in a scan of Nmap beyond its ports: flaws that a script derived from a banner."""
    if path.parent.name != "nmap":
        return 0
    return len(etree.parse(path).xpath("//script[@id='vulners']//elem[@key='id']"))


def test_every_export_holds_as_many_findings_as_another_project_counts() -> None:
    _given("scanners")
    told = json.loads((GIVEN / "scanners" / "expected_findings.json").read_text(encoding="utf-8"))
    expected = {name: one["findings"] for name, one in told.items() if one is not None}
    counted = {}
    for name in expected:
        path = GIVEN / "scanners" / name
        count = COUNTED.get(name) or COUNTED[name.partition("/")[0]]
        counted[name] = sum(count(reading) for _, reading in readings(path)) + _beside_ports(path)
    assert counted == expected


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_export_of_a_folder_is_loaded(folder: str, tmp_path: Path) -> None:
    given = _given(folder)
    report = json.loads(homeroom("load", *map(str, given), "--json", data=tmp_path / "data").stdout)
    assert report["refused"] == []
    assert {Path(name).name for one in report["loaded"] for name in one["files"]} >= {
        path.name for path in given if path.suffix != ".zip"
    }


@pytest.mark.parametrize("folder", FOLDERS)
def test_of_a_whole_folder_only_what_is_no_export_is_left(folder: str) -> None:
    _given(folder)
    found = packages([GIVEN / folder], connectors=connectors())
    assert {problem.file.rpartition("/")[2] for problem in found.problems} <= set(NO_EXPORTS)
    assert all(Path(name).name.startswith("LICENSE") for name in found.ignored)
