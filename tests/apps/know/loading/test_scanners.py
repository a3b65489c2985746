"""Scanner and posture exports through ingest: detected by content, stored without what must not be stored."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
EXTERNAL_DATA = Path(__file__).parents[5] / "shared" / "data"
REAL_EXPORTS = {
    "scanners/nmap/issue4406.xml": ("nmap.scan", "service_records", 25),
    "scanners/nmap/nmap_multiple_port.xml": ("nmap.scan", "service_records", 13),
    "scanners/tenable/nessus/nessus_many_vuln.xml": ("nessus.report", "vulnerability_records", 7),
    "scanners/wazuh/v4-8_many_findings.json": ("wazuh.vulnerabilities", "vulnerability_records", 10),
    "posture/ScubaGear_ScubaResults.json": ("scuba.gear", "verdict_records", 92),
    "posture/ScubaGoggles_ScubaResults_3products.json": ("scuba.goggles", "verdict_records", 29),
    "vulns/kev_2025-08-25.json": ("cisa.kev", "known_exploited", 1404),
}


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def _load_paths(paths: list[Path], district: District, store: EvidenceStore) -> LoadReport:
    return load_files(paths, district=district, store=store, at=AT, actor="technician")


def _count_rows(store: EvidenceStore, table: str) -> int:
    row = open_session(store.pin_snapshot()).execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("name", list(REAL_EXPORTS))
def test_a_real_export_is_known_and_read_whole(name: str, district: District, store: EvidenceStore) -> None:
    if not (EXTERNAL_DATA / name).exists():
        pytest.skip("the exports that others made are not here")
    stream, table, rows = REAL_EXPORTS[name]
    report = _load_paths([EXTERNAL_DATA / name], district, store)
    (load_result,) = report.loaded
    assert (report.problems, load_result.outcome, load_result.stream) == ((), "new", stream)
    assert load_result.load is not None
    assert load_result.load.rows_rejected == 0
    assert _count_rows(store, table) == rows


def test_the_results_of_both_clouds_stand_beside_each_other(
    district: District, store: EvidenceStore, tmp_path: Path
) -> None:
    for tool, product in (("ScubaGear", "AAD"), ("ScubaGoggles", "gmail")):
        control = {"Control ID": f"{product}.1.1v1", "Result": "Fail", "Requirement": "<b>SHALL</b>"}
        result = {
            "MetaData": {"Tool": tool, "DomainName": "maple.example"},
            "Summary": {product: {"Failures": 1}},
            "Results": {product: [{"GroupName": "Invented", "Controls": [control]}]},
            "Raw": {"super_admins": [{"primaryEmail": "rosa.field@maple.example"}]},
        }
        (tmp_path / f"{tool}.json").write_text(json.dumps(result), encoding="utf-8-sig")
    report = _load_paths([tmp_path / "ScubaGear.json", tmp_path / "ScubaGoggles.json"], district, store)
    assert sorted(load_result.stream for load_result in report.loaded) == ["scuba.gear", "scuba.goggles"]
    assert all(load_result.load is not None and load_result.load.dropped == {"Raw": 1} for load_result in report.loaded)
    assert _count_rows(store, "verdict_records") == 2
    stored_files = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert stored_files
    assert not [path for path in stored_files if b"rosa.field" in path.read_bytes()]


def test_events_of_a_version_that_is_not_read_are_refused(
    district: District, store: EvidenceStore, tmp_path: Path
) -> None:
    path = tmp_path / "events.json"
    path.write_text('{"wazuh": {"agent": {"id": "007"}}, "event": {"kind": "event"}}\n', encoding="utf-8")
    (load_result,) = _load_paths([path], district, store).loaded
    assert load_result.outcome == "refused"
    assert "Wazuh 5" in load_result.problems[0].reason


RECORDINGS = Path(__file__).parents[3] / "recordings"
EMPTY_REPORT = (
    """<report format_id="x"><report><task id="{task}"/><results/><host><ip>192.0.2.30</ip></host></report></report>"""
)


def _list_check_ids(store: EvidenceStore) -> set[str]:
    return {
        row[0]
        for row in open_session(store.pin_snapshot()).execute("SELECT check_id FROM vulnerability_records").fetchall()
    }


def test_a_scan_decides_only_for_its_own_task_and_hosts(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load_paths([RECORDINGS / "openvas" / "report.xml", RECORDINGS / "testssl" / "flat.json"], district, store)
    before = _list_check_ids(store)
    (tmp_path / "other.xml").write_text(EMPTY_REPORT.format(task="another"), encoding="utf-8")
    second_host = json.dumps(
        [{"id": "TLS1", "ip": "b.example/192.0.2.9", "port": "443", "severity": "LOW", "finding": "on"}]
    )
    (tmp_path / "other.json").write_text(second_host, encoding="utf-8")
    report = _load_paths([tmp_path / "other.xml", tmp_path / "other.json"], district, store)
    assert {load_result.outcome for load_result in report.loaded} == {"new"}
    assert _list_check_ids(store) == before | {"TLS1"}


def test_a_newer_scan_of_the_same_task_without_a_finding_ends_it(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load_paths([RECORDINGS / "openvas" / "report.xml"], district, store)
    (tmp_path / "quiet.xml").write_text(
        EMPTY_REPORT.format(task="44444444-aaaa-4aaa-8aaa-444444444444"), encoding="utf-8"
    )
    (waiting_result,) = _load_paths([tmp_path / "quiet.xml"], district, store).loaded
    assert waiting_result.outcome == "held", "so many that go at once wait for a person"
    load_files([tmp_path / "quiet.xml"], district=district, store=store, at=AT, actor="technician", approved=True)
    assert _list_check_ids(store) == set()


def test_a_scan_at_another_hour_that_found_the_same_changed_nothing(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    text = (RECORDINGS / "openvas" / "report.xml").read_text(encoding="utf-8")
    for day in ("01", "08"):
        path = tmp_path / f"{day}.xml"
        path.write_text(text.replace("2026-03-01", f"2026-03-{day}"), encoding="utf-8")
        (load_result,) = _load_paths([path], district, store).loaded
        assert load_result.outcome == "new"
    assert load_result.load is not None
    assert {table: part.changed for table, part in load_result.load.tables.items()} == {
        "device_records": 0,
        "vulnerability_records": 0,
    }


LOCKFILE_RESULT = {
    "source": {"path": "/srv/app/yarn.lock", "type": "lockfile"},
    "packages": [
        {"package": {"name": "left", "version": "1.0", "ecosystem": "npm"}, "vulnerabilities": [{"id": "GHSA-1"}]}
    ],
}


def _write_results(tmp_path: Path, name: str, *results: object) -> Path:
    (tmp_path / name).write_text(json.dumps({"results": results, "experimental_config": {}}), encoding="utf-8")
    return tmp_path / name


def test_a_scan_that_found_nothing_ends_what_the_scan_before_it_found(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    _load_paths([_write_results(tmp_path, "before.json", LOCKFILE_RESULT)], district, store)
    empty = _write_results(tmp_path, "after.json")
    (waiting_result,) = _load_paths([empty], district, store).loaded
    assert (waiting_result.outcome, waiting_result.load.scope if waiting_result.load else "") == (
        "held",
        "sources:lockfile:/srv/app/yarn.lock",
    )
    load_files([empty], district=district, store=store, at=AT, actor="technician", approved=True)
    assert _list_check_ids(store) == set()


def test_a_scan_that_found_nothing_and_could_be_of_two_places_is_refused_until_somebody_says_of_which(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    second_lockfile = {**LOCKFILE_RESULT, "source": {"path": "/srv/other/go.mod", "type": "lockfile"}}
    _load_paths([_write_results(tmp_path, "one.json", LOCKFILE_RESULT)], district, store)
    _load_paths([_write_results(tmp_path, "two.json", second_lockfile)], district, store)
    empty = _write_results(tmp_path, "none.json")
    (refused,) = _load_paths([empty], district, store).loaded
    assert refused.outcome == "refused"
    assert "--scope with one of sources:lockfile:/srv/app/yarn.lock" in refused.problems[0].fits
    scope = "sources:lockfile:/srv/other/go.mod"
    load_files([empty], district=district, store=store, at=AT, actor="technician", approved=True, scope=scope)
    device_keys = open_session(store.pin_snapshot()).execute("SELECT device_key FROM vulnerability_records").fetchall()
    assert device_keys == [("lockfile:/srv/app/yarn.lock",)]
