"""Text files with companions as loads: schools' calendars side by side, and refusals that name their file."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.loading.read import CommonUnit
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.cli.know.loads import print_report
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
CALENDAR = "* Default Week\n" + "".join(f"{day} normal\n" for day in ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))
SPECIAL = "* Special Days\n01/05/2026-01/09/2026 normal\n"


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


def write_school(folder: Path, name: str, *, bell: str = "8:00") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calendar.bell").write_text(CALENDAR + SPECIAL, encoding="utf-8")
    (folder / "schedules.bell").write_text(f"* normal\n{bell} {{Period 1}}\n15:00 Free\n", encoding="utf-8")
    (folder / "meta.json").write_text(f'{{"name": "{name}"}}', encoding="utf-8")
    return folder


def load_path(path: Path, district: District, store: EvidenceStore) -> LoadReport:
    return load_files([path], district=district, store=store, at=AT, actor="technician")


def load_first_bells(store: EvidenceStore) -> dict[str, str]:
    rows = (
        open_session(store.pin_snapshot()).execute("SELECT DISTINCT org_key, first_bell FROM calendar_days").fetchall()
    )
    return dict(rows)


def test_two_schools_stand_beside_each_other_and_each_is_replaced_alone(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    write_school(tmp_path / "in" / "a", "Maple 6/7")
    write_school(tmp_path / "in" / "b", "Oak High")
    report = load_path(tmp_path / "in", district, store)
    assert {load_result.load.scope for load_result in report.loaded if load_result.load} == {
        "unit:/Maple 6 7",
        "unit:/Oak High",
    }
    assert {
        (load_result.load.rows_read, load_result.load.rows_kept) for load_result in report.loaded if load_result.load
    } == {(13, 13)}
    write_school(tmp_path / "in" / "b", "Oak High", bell="9:15")
    again = load_files([tmp_path / "in"], district=district, store=store, at=AT, actor="technician", approved=True)
    assert {load_result.outcome for load_result in again.loaded} == {"unchanged", "new"}
    assert load_first_bells(store) == {"Maple 6/7": "08:00", "Oak High": "09:15"}


def test_a_change_beside_the_calendar_is_a_new_load_with_all_its_files(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    folder = write_school(tmp_path / "in", "Oak High")
    (first,) = load_path(folder, district, store).loaded
    assert first.load is not None
    assert [(file.name, file.rows) for file in first.load.files] == [
        ("calendar.bell", 13),
        ("schedules.bell", 0),
        ("meta.json", 0),
    ]
    assert [load_result.outcome for load_result in load_path(folder, district, store).loaded] == ["unchanged"]


def test_a_refusal_is_said_of_the_file_that_is_wrong(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    folder = write_school(tmp_path / "in", "Oak High", bell="28:00")
    (load_result,) = load_path(folder, district, store).loaded
    assert [(problem.file, problem.line) for problem in load_result.problems] == [("schedules.bell", 2)]
    (folder / "calendar.bell").write_text(CALENDAR, encoding="utf-8")
    write_school(tmp_path / "other", "Oak High")
    (tmp_path / "other" / "calendar.bell").write_text(CALENDAR.replace("Tue", "Tag"), encoding="utf-8")
    (second_result,) = load_path(tmp_path / "other", district, store).loaded
    assert [problem.file for problem in second_result.problems] == ["calendar.bell"]
    assert not store.list_current_loads()


@pytest.mark.parametrize(
    ("units", "common"),
    [
        (["/Staff/A", "/Staff/B"], "/Staff"),
        (["Oak High", "Oak High"], "/Oak High"),
        (["Oak High", "Oak Lower"], "/"),
        (["Oak High", ""], "/"),
        ([""], "/"),
        (["6/7"], "/6 7"),
        (["Oak High", None], "/"),
    ],
)
def test_a_name_is_a_unit_right_under_the_root(units: list[str | None], common: str) -> None:
    common_unit = CommonUnit()
    common_unit.add_units(pl.Series(units, dtype=pl.String))
    assert common_unit.common == common


def test_files_that_are_read_together_are_counted_once(
    tmp_path: Path, district: District, store: EvidenceStore, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_school(tmp_path / "aspen", "Aspen")
    (folder / "calendar.bell").write_text(CALENDAR + SPECIAL + "02/02/2026 unheard\n", encoding="utf-8")
    report = load_path(folder, district, store)
    print_report(report)
    lines = capsys.readouterr().out.splitlines()
    (load,) = [load_result.load for load_result in report.loaded]
    assert load is not None
    counts = [
        [int(line.split(f"{file.kind}  ")[1].split()[0]) for line in lines if line.startswith(f"    {file.name} ")]
        for file in load.files
    ]
    assert [sum(count) for count in counts] == [load.rows_kept, 0, 0]
    assert lines[0].startswith("loaded ")
    assert f"{load.rows_kept} of {load.rows_read} rows; 1 was rejected" in lines[0]
    assert lines[0].endswith(" s")
    assert any(line.startswith("    calendar.bell, line ") for line in lines)


def test_days_in_two_forms_are_told_of_pages_that_are_read_together_too(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    for number, last_sync in enumerate(("2026-01-10T01:00:00Z", "2026-01-11T01:00:00Z", "1/12/2026 1:00")):
        next_page = ', "nextPageToken": "x"' if number < 2 else ""
        row = f'{{"deviceId": "d{number}", "serialNumber": "S{number}", "status": "ACTIVE", "lastSync": "{last_sync}"}}'
        page = f'{{"kind": "admin#directory#chromeosdevices", "chromeosdevices": [{row}]{next_page}}}'
        (tmp_path / f"p{number}.json").write_text(page, encoding="utf-8")
    (load_result,) = load_path(tmp_path, district, store).loaded
    assert load_result.load is not None
    notes = {file.name: file.notes for file in load_result.load.files}
    assert notes["p0.json"] == (
        "lastSync: dates in 2 forms, 2026-05-01 (2), 5/1/2026 (1), in 3 files from this one on",
    )
    assert not notes["p1.json"]


def test_how_large_a_file_and_how_much_a_zip_may_grow_are_settings(
    tmp_path: Path, district: District, store: EvidenceStore, settings: Any
) -> None:
    rows = "deviceId,serialNumber,status\n" + "".join(f"d{number},S{number},ACTIVE\n" for number in range(2000))
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", rows)
    default_limits = settings.LIMITS
    limits = {"file": "more than 1,000 bytes", "unpacked": "unpacks to", "ratio": "grows more than 2 times"}
    for name, expected_reason in limits.items():
        limit = {"file": 1000, "unpacked": 1000, "ratio": 2}[name]
        settings.LIMITS = replace(default_limits, ratio_from=1000, **{name: limit})
        (problem,) = load_path(tmp_path / "a.zip", district, store).problems
        assert expected_reason in problem.reason
    settings.LIMITS = default_limits
    assert [load_result.outcome for load_result in load_path(tmp_path / "a.zip", district, store).loaded] == ["new"]
