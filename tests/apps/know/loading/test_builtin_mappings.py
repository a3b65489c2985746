"""Lists of named products are read by the built-in mappings and arrive where controls query them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources import saved_mappings
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.library.know.builtin_mappings import get_builtin_mapping, load_builtin_mappings
from tests.sample_server import ROOT

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTS = ROOT / "tests" / "recordings" / "mappings"
COVERAGE = [mapping.name for mapping in load_builtin_mappings() if mapping.table == "coverage_records"]
TRAINING = [mapping.name for mapping in load_builtin_mappings() if mapping.table == "training_records"]
STAFF = [mapping.name for mapping in load_builtin_mappings() if mapping.table == "person_records"]


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def query_rows(store: EvidenceStore, query: str) -> list[tuple[Any, ...]]:
    snapshot = store.get_latest_derived()
    return open_session(store.pin_snapshot(derived=snapshot.id if snapshot else None)).execute(query).fetchall()


def load_list(name: str, district: District, store: EvidenceStore) -> None:
    report = load_files(
        [LISTS / f"{name}.csv"], district=district, store=store, at=AT, actor="technician", mapping=name
    )
    assert report.problems == ()
    (load_result,) = report.loaded
    assert (report.problems, load_result.outcome, load_result.rejects, load_result.connector) == ((), "new", (), name)


def test_every_mapping_has_a_list_that_it_reads() -> None:
    assert {path.stem for path in LISTS.glob("*.csv")} == {mapping.name for mapping in load_builtin_mappings()}
    assert {*COVERAGE, *STAFF} >= {
        "securly",
        "goguardian",
        "lightspeed",
        "linewize",
        "sophos",
        "munis",
        "frontline",
        "eschool",
    }


@pytest.mark.parametrize("name", COVERAGE)
def test_what_a_tool_covers_arrives_at_the_device_that_the_control_asks_about(
    name: str, tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    devices = tmp_path / "devices.csv"
    rows = ["5CD0001AA,CB-1,d-1", "5CD0002AA,CB-2,d-2", "5CD0003AA,CB-3,d-3"]
    devices.write_text("\n".join(["serialNumber,annotatedAssetId,deviceId", *rows]), encoding="utf-8")
    computers = tmp_path / "computers.csv"
    names = [f"{number},LAPTOP-0{number},PF{number}XYZ9,Laptop,Deployed" for number in (1, 2, 3)]
    computers.write_text("\n".join(["Asset Tag,Asset Name,Serial,Category,Status", *names]), encoding="utf-8")
    load_files([devices, computers], district=district, store=store, at=AT, actor="technician")
    load_list(name, district, store)
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    purpose = get_builtin_mapping(name).document["columns"]["purpose"]["constant"]
    column = {"filter": "filtered"}.get(purpose, purpose)
    match_column, pattern = ("name", "LAPTOP%") if name == "sophos" else ("asset_tag", "CB-%")
    covered_rows = query_rows(
        store, f"SELECT {column} FROM devices WHERE {match_column} LIKE '{pattern}' ORDER BY {match_column}"
    )
    assert covered_rows == [(True,), (False,), (False,)], "covered, switched off, and missing from the list"


@pytest.mark.parametrize("name", STAFF)
def test_a_staff_list_of_a_named_system_decides_who_works_here(
    name: str, district: District, store: EvidenceStore
) -> None:
    load_list(name, district, store)
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    people = query_rows(store, 'SELECT name, here, "left" FROM people ORDER BY name')
    assert people == [("Pat Lind", True, False), ("Sam Ode", False, True)]
    assert query_rows(store, "SELECT count(*) FROM role_records WHERE role = 'staff'") == [(2,)]


@pytest.mark.parametrize("name", TRAINING)
def test_what_a_training_tool_knows_arrives_at_the_person(name: str, district: District, store: EvidenceStore) -> None:
    load_list("munis", district, store)
    load_list(name, district, store)
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    rows = query_rows(store, "SELECT email, course, kind, assigned_on, due_on, done_on FROM training_records")
    assigned, due, done = date(2026, 8, 3), date(2026, 9, 30), date(2026, 8, 14)
    assert {row[:1] + row[2:] for row in rows} == {
        ("pat.lind@maple.example", "policy", assigned, due, done),
        ("pat.lind@maple.example", "training", assigned, due, done),
        ("sam.ode@maple.example", "training", assigned, due, None),
    }
    columns = "name, trained_this_year, policy_acknowledged, training_overdue"
    people = query_rows(store, f"SELECT {columns} FROM people ORDER BY name")
    assert people == [("Pat Lind", True, True, 0), ("Sam Ode", False, None, 1)]


def test_files_of_several_campaigns_are_one_list(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    header, *rows = (LISTS / "knowbe4-training.csv").read_text(encoding="utf-8").splitlines()
    for number, row in enumerate(rows):
        (tmp_path / f"campaign-{number}.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
    paths = sorted(tmp_path.glob("campaign-*.csv"))
    report = load_files(
        paths, district=district, store=store, at=AT, actor="technician", mapping="knowbe4-training"
    )  # fmt: skip
    assert [(result.outcome, len(result.files)) for result in report.loaded] == [("new", 3)]
    assert query_rows(store, "SELECT count(*) FROM training_records") == [(3,)]


def test_a_list_without_anything_that_tells_its_rows_apart_is_refused(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("Visited,Category\nexample.org,News\n", encoding="utf-8")
    report = load_files([path], district=district, store=store, at=AT, mapping="securly")
    assert report.loaded == ()
    assert [problem.file for problem in report.problems] == ["visits.csv"]


def test_a_product_that_no_mapping_knows_is_told_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="goguardian"):
        get_builtin_mapping("iboss")


def test_a_list_that_was_read_by_a_product_once_is_read_so_by_itself(district: District, store: EvidenceStore) -> None:
    columns = saved_mappings.read_columns(LISTS / "goguardian.csv")
    product = get_builtin_mapping("goguardian")
    saved_mappings.save_mapping(
        district=district, name="goguardian", table=product.table, columns=product.match_columns(columns.headings),
        headings=columns.headings, like="goguardian", actor="director", at=AT,
    )  # fmt: skip
    report = load_files([LISTS / "goguardian.csv"], district=district, store=store, at=AT)
    assert report.problems == ()
    (load_result,) = report.loaded
    assert (load_result.outcome, load_result.connector, load_result.rejects) == ("new", "goguardian", ())
    rows = query_rows(store, "SELECT purpose, tool, covered FROM coverage_records ORDER BY serial")
    assert rows == [("filter", "GoGuardian Admin", True), ("filter", "GoGuardian Admin", False)]


def test_lists_of_funds_and_prices_are_read_with_years_shares_and_kinds(
    district: District, store: EvidenceStore
) -> None:
    load_list("refresh-funds", district, store)
    load_list("refresh-prices", district, store)
    funds = "SELECT name, fiscal_year, amount_minor, carries_over, pays_percent, students, schools, kinds, program"
    assert query_rows(store, f"{funds} FROM fund_records ORDER BY name, fiscal_year, kinds") == [
        ("bond", 2028, 40_000_000, True, None, None, ["Elm", "Oak"], ["chromebook", "switch"], None),
        ("e-rate", None, None, None, 80, 1500, None, None, "e-rate-c2"),
        ("general", 2028, 18_000_000, False, None, None, None, None, None),
        ("general", 2029, 18_000_050, None, None, None, None, None, None),
    ]
    prices = "SELECT kind, price_minor, life_years, visit_minutes, weight, per_100_students FROM price_records"
    assert query_rows(store, f"{prices} ORDER BY kind") == [
        ("access_point", 105_000, 7, 45, 3, None),
        ("chromebook", 31_000, 8, 20, 2, 100),
    ]
