"""Lists of named products are read by the mappings that come with Homeroom, and arrive where controls ask."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.inventory.commands import resolve
from homeroom.apps.sources import mapped
from homeroom.apps.sources.commands import load
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.library.shipped import shipped_mapping, shipped_mappings
from tests.houses import ROOT

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTS = ROOT / "tests" / "recordings" / "mappings"
COVERAGE = [one.name for one in shipped_mappings() if one.table == "coverage_records"]
STAFF = [one.name for one in shipped_mappings() if one.table == "person_records"]


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def asked(store: Store, query: str) -> list[tuple[Any, ...]]:
    derived = store.latest_derived()
    return session_of(store.pinned(derived=derived.id if derived else None)).execute(query).fetchall()


def loaded(name: str, district: District, store: Store) -> None:
    report = load([LISTS / f"{name}.csv"], district=district, store=store, at=AT, actor="technician", mapping=name)
    (one,) = report.loaded
    assert (report.problems, one.outcome, one.rejects, one.connector) == ((), "new", (), name)


def test_every_mapping_has_a_list_that_it_reads() -> None:
    assert {path.stem for path in LISTS.glob("*.csv")} == {one.name for one in shipped_mappings()}
    assert {*COVERAGE, *STAFF} >= {"securly", "goguardian", "lightspeed", "linewize", "sophos", "munis", "frontline", "eschool"}  # fmt: skip


@pytest.mark.parametrize("name", COVERAGE)
def test_what_a_tool_covers_arrives_at_the_device_that_the_control_asks_about(
    name: str, tmp_path: Path, district: District, store: Store
) -> None:
    devices = tmp_path / "devices.csv"
    rows = ["5CD0001AA,CB-1,d-1", "5CD0002AA,CB-2,d-2", "5CD0003AA,CB-3,d-3"]
    devices.write_text("\n".join(["serialNumber,annotatedAssetId,deviceId", *rows]), encoding="utf-8")
    computers = tmp_path / "computers.csv"
    names = [f"{number},LAPTOP-0{number},PF{number}XYZ9,Laptop,Deployed" for number in (1, 2, 3)]
    computers.write_text("\n".join(["Asset Tag,Asset Name,Serial,Category,Status", *names]), encoding="utf-8")
    load([devices, computers], district=district, store=store, at=AT, actor="technician")
    loaded(name, district, store)
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    purpose = shipped_mapping(name).document["columns"]["purpose"]["constant"]
    column = {"filter": "filtered"}.get(purpose, purpose)
    by, which = ("name", "LAPTOP%") if name == "sophos" else ("asset_tag", "CB-%")
    found = asked(store, f"SELECT {column} FROM devices WHERE {by} LIKE '{which}' ORDER BY {by}")
    assert found == [(True,), (False,), (False,)], "covered, switched off, and missing from the list"


@pytest.mark.parametrize("name", STAFF)
def test_a_staff_list_of_a_named_system_decides_who_works_here(name: str, district: District, store: Store) -> None:
    loaded(name, district, store)
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    people = asked(store, 'SELECT name, here, "left" FROM people ORDER BY name')
    assert people == [("Pat Lind", True, False), ("Sam Ode", False, True)]
    assert asked(store, "SELECT count(*) FROM role_records WHERE role = 'staff'") == [(2,)]


def test_a_list_without_anything_that_tells_its_rows_apart_is_refused(
    tmp_path: Path, district: District, store: Store
) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("Visited,Category\nexample.org,News\n", encoding="utf-8")
    report = load([path], district=district, store=store, at=AT, mapping="securly")
    assert report.loaded == ()
    assert [problem.file for problem in report.problems] == ["visits.csv"]


def test_a_product_that_no_mapping_knows_is_told_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="goguardian"):
        shipped_mapping("iboss")


def test_a_list_that_was_read_by_a_product_once_is_read_so_by_itself(district: District, store: Store) -> None:
    columns = mapped.columns_at(LISTS / "goguardian.csv")
    product = shipped_mapping("goguardian")
    mapped.remember(
        district=district, name="goguardian", table=product.table, columns=product.columns(columns.headings),
        headings=columns.headings, like="goguardian", actor="director", at=AT,
    )  # fmt: skip
    report = load([LISTS / "goguardian.csv"], district=district, store=store, at=AT)
    (one,) = report.loaded
    assert (one.outcome, one.connector, one.rejects) == ("new", "goguardian", ())
    rows = asked(store, "SELECT purpose, tool, covered FROM coverage_records ORDER BY serial")
    assert rows == [("filter", "GoGuardian Admin", True), ("filter", "GoGuardian Admin", False)]
