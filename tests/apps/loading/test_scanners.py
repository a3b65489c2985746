"""Exports of scanners and posture tools through the whole door: known by content, kept without what nobody may keep."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.reports import LoadReport
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
GIVEN = Path(__file__).parents[4] / "shared" / "data"
REAL = {
    "scanners/nmap/issue4406.xml": ("nmap.scan", "service_records", 25),
    "scanners/nmap/nmap_multiple_port.xml": ("nmap.scan", "service_records", 13),
    "scanners/tenable/nessus/nessus_many_vuln.xml": ("nessus.report", "flaw_records", 7),
    "scanners/wazuh/v4-8_many_findings.json": ("wazuh.vulnerabilities", "flaw_records", 10),
    "posture/ScubaGear_ScubaResults.json": ("scuba.gear", "verdict_records", 92),
    "posture/ScubaGoggles_ScubaResults_3products.json": ("scuba.goggles", "verdict_records", 29),
    "vulns/kev_2025-08-25.json": ("cisa.kev", "known_exploited", 1404),
}


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def _loaded(paths: list[Path], district: District, store: Store) -> LoadReport:
    return load(paths, district=district, store=store, at=AT, actor="technician")


def _count(store: Store, table: str) -> int:
    found = session_of(store.pinned()).execute(f"SELECT count(*) FROM {table}").fetchone()
    assert found is not None
    return int(found[0])


@pytest.mark.parametrize("name", list(REAL))
def test_a_real_export_is_known_and_read_whole(name: str, district: District, store: Store) -> None:
    if not (GIVEN / name).exists():
        pytest.skip("the exports that others made are not here")
    stream, table, rows = REAL[name]
    report = _loaded([GIVEN / name], district, store)
    (one,) = report.loaded
    assert (report.problems, one.outcome, one.stream) == ((), "new", stream)
    assert one.load is not None
    assert one.load.rows_rejected == 0
    assert _count(store, table) == rows


def test_the_results_of_both_clouds_stand_beside_each_other(district: District, store: Store, tmp_path: Path) -> None:
    for tool, product in (("ScubaGear", "AAD"), ("ScubaGoggles", "gmail")):
        control = {"Control ID": f"{product}.1.1v1", "Result": "Fail", "Requirement": "<b>SHALL</b>"}
        result = {
            "MetaData": {"Tool": tool, "DomainName": "maple.example"},
            "Summary": {product: {"Failures": 1}},
            "Results": {product: [{"GroupName": "Invented", "Controls": [control]}]},
            "Raw": {"super_admins": [{"primaryEmail": "rosa.field@maple.example"}]},
        }
        (tmp_path / f"{tool}.json").write_text(json.dumps(result), encoding="utf-8-sig")
    report = _loaded([tmp_path / "ScubaGear.json", tmp_path / "ScubaGoggles.json"], district, store)
    assert sorted(one.stream for one in report.loaded) == ["scuba.gear", "scuba.goggles"]
    assert all(one.load is not None and one.load.dropped == {"Raw": 1} for one in report.loaded)
    assert _count(store, "verdict_records") == 2
    kept = [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"rosa.field" in path.read_bytes()]


def test_events_of_a_version_that_is_not_read_are_refused(district: District, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text('{"wazuh": {"agent": {"id": "007"}}, "event": {"kind": "event"}}\n', encoding="utf-8")
    (one,) = _loaded([path], district, store).loaded
    assert one.outcome == "refused"
    assert "Wazuh 5" in one.problems[0].reason


RECORDINGS = Path(__file__).parents[2] / "recordings"
QUIET = (
    """<report format_id="x"><report><task id="{task}"/><results/><host><ip>192.0.2.30</ip></host></report></report>"""
)


def _checks(store: Store) -> set[str]:
    return {row[0] for row in session_of(store.pinned()).execute("SELECT check_id FROM flaw_records").fetchall()}


def test_a_scan_decides_only_for_its_own_task_and_hosts(tmp_path: Path, district: District, store: Store) -> None:
    _loaded([RECORDINGS / "openvas" / "report.xml", RECORDINGS / "testssl" / "flat.json"], district, store)
    before = _checks(store)
    (tmp_path / "other.xml").write_text(QUIET.format(task="another"), encoding="utf-8")
    other_host = json.dumps(
        [{"id": "TLS1", "ip": "b.example/192.0.2.9", "port": "443", "severity": "LOW", "finding": "on"}]
    )
    (tmp_path / "other.json").write_text(other_host, encoding="utf-8")
    report = _loaded([tmp_path / "other.xml", tmp_path / "other.json"], district, store)
    assert {one.outcome for one in report.loaded} == {"new"}
    assert _checks(store) == before | {"TLS1"}


def test_a_newer_scan_of_the_same_task_without_a_weakness_ends_it(
    tmp_path: Path, district: District, store: Store
) -> None:
    _loaded([RECORDINGS / "openvas" / "report.xml"], district, store)
    (tmp_path / "quiet.xml").write_text(QUIET.format(task="44444444-aaaa-4aaa-8aaa-444444444444"), encoding="utf-8")
    (held,) = _loaded([tmp_path / "quiet.xml"], district, store).loaded
    assert held.outcome == "held", "so many that go at once wait for a person"
    load([tmp_path / "quiet.xml"], district=district, store=store, at=AT, actor="technician", approved=True)
    assert _checks(store) == set()


def test_a_scan_at_another_hour_that_found_the_same_changed_nothing(
    tmp_path: Path, district: District, store: Store
) -> None:
    text = (RECORDINGS / "openvas" / "report.xml").read_text(encoding="utf-8")
    for day in ("01", "08"):
        path = tmp_path / f"{day}.xml"
        path.write_text(text.replace("2026-03-01", f"2026-03-{day}"), encoding="utf-8")
        (one,) = _loaded([path], district, store).loaded
        assert one.outcome == "new"
    assert one.load is not None
    assert {table: part.changed for table, part in one.load.tables.items()} == {"device_records": 0, "flaw_records": 0}


LOCKED = {"source": {"path": "/srv/app/yarn.lock", "type": "lockfile"}, "packages": [
    {"package": {"name": "left", "version": "1.0", "ecosystem": "npm"}, "vulnerabilities": [{"id": "GHSA-1"}]}]}  # fmt: skip


def _results(tmp_path: Path, name: str, *found: object) -> Path:
    (tmp_path / name).write_text(json.dumps({"results": found, "experimental_config": {}}), encoding="utf-8")
    return tmp_path / name


def test_a_scan_that_found_nothing_ends_what_the_scan_before_it_found(
    tmp_path: Path, district: District, store: Store
) -> None:
    _loaded([_results(tmp_path, "before.json", LOCKED)], district, store)
    empty = _results(tmp_path, "after.json")
    (held,) = _loaded([empty], district, store).loaded
    assert (held.outcome, held.load.scope if held.load else "") == ("held", "sources:lockfile:/srv/app/yarn.lock")
    load([empty], district=district, store=store, at=AT, actor="technician", approved=True)
    assert _checks(store) == set()


def test_a_scan_that_found_nothing_and_could_be_of_two_places_is_refused_until_somebody_says_of_which(
    tmp_path: Path, district: District, store: Store
) -> None:
    other = {**LOCKED, "source": {"path": "/srv/other/go.mod", "type": "lockfile"}}
    _loaded([_results(tmp_path, "one.json", LOCKED)], district, store)
    _loaded([_results(tmp_path, "two.json", other)], district, store)
    empty = _results(tmp_path, "none.json")
    (refused,) = _loaded([empty], district, store).loaded
    assert refused.outcome == "refused"
    assert "--scope with one of sources:lockfile:/srv/app/yarn.lock" in refused.problems[0].fits
    scope = "sources:lockfile:/srv/other/go.mod"
    load([empty], district=district, store=store, at=AT, actor="technician", approved=True, scope=scope)
    found = session_of(store.pinned()).execute("SELECT device_key FROM flaw_records").fetchall()
    assert found == [("lockfile:/srv/app/yarn.lock",)]
