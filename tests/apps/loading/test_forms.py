"""Texts and their companions as loads: two schools' calendars stand beside each other, and a refusal names its file."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
import pytest

from homeroom.apps.districts.commands import make_district
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.reading import Units
from homeroom.apps.sources.reports import LoadReport
from homeroom.cli.loads import show
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
CALENDAR = "* Default Week\n" + "".join(f"{day} normal\n" for day in ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"))
SPECIAL = "* Special Days\n01/05/2026-01/09/2026 normal\n"


@pytest.fixture
def district() -> District:
    return make_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


def school(folder: Path, name: str, *, bell: str = "8:00") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "calendar.bell").write_text(CALENDAR + SPECIAL, encoding="utf-8")
    (folder / "schedules.bell").write_text(f"* normal\n{bell} {{Period 1}}\n15:00 Free\n", encoding="utf-8")
    (folder / "meta.json").write_text(f'{{"name": "{name}"}}', encoding="utf-8")
    return folder


def loaded(path: Path, district: District, store: Store) -> LoadReport:
    return load([path], district=district, store=store, at=AT, actor="technician")


def bells(store: Store) -> dict[str, str]:
    rows = session_of(store.pinned()).execute("SELECT DISTINCT org_key, first_bell FROM calendar_days").fetchall()
    return dict(rows)


def test_two_schools_stand_beside_each_other_and_each_is_replaced_alone(
    tmp_path: Path, district: District, store: Store
) -> None:
    school(tmp_path / "in" / "a", "Maple 6/7")
    school(tmp_path / "in" / "b", "Oak High")
    report = loaded(tmp_path / "in", district, store)
    assert {one.load.scope for one in report.loaded if one.load} == {"unit:/Maple 6 7", "unit:/Oak High"}
    assert {(one.load.rows_read, one.load.rows_kept) for one in report.loaded if one.load} == {(12, 12)}
    school(tmp_path / "in" / "b", "Oak High", bell="9:15")
    again = load([tmp_path / "in"], district=district, store=store, at=AT, actor="technician", approved=True)
    assert {one.outcome for one in again.loaded} == {"unchanged", "new"}
    assert bells(store) == {"Maple 6/7": "08:00", "Oak High": "09:15"}


def test_a_change_beside_the_calendar_is_a_new_load_with_all_its_files(
    tmp_path: Path, district: District, store: Store
) -> None:
    folder = school(tmp_path / "in", "Oak High")
    (first,) = loaded(folder, district, store).loaded
    assert first.load is not None
    assert [(file.name, file.rows) for file in first.load.files] == [
        ("calendar.bell", 12),
        ("schedules.bell", 0),
        ("meta.json", 0),
    ]
    assert [one.outcome for one in loaded(folder, district, store).loaded] == ["unchanged"]


def test_a_refusal_is_said_of_the_file_that_is_wrong(tmp_path: Path, district: District, store: Store) -> None:
    folder = school(tmp_path / "in", "Oak High", bell="28:00")
    (one,) = loaded(folder, district, store).loaded
    assert [(problem.file, problem.line) for problem in one.problems] == [("schedules.bell", 2)]
    (folder / "calendar.bell").write_text(CALENDAR, encoding="utf-8")
    school(tmp_path / "other", "Oak High")
    (tmp_path / "other" / "calendar.bell").write_text(CALENDAR.replace("Tue", "Tag"), encoding="utf-8")
    (other,) = loaded(tmp_path / "other", district, store).loaded
    assert [problem.file for problem in other.problems] == ["calendar.bell"]
    assert not store.standing()


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
    seen = Units()
    seen.see(pl.Series(units, dtype=pl.String))
    assert seen.common == common


def test_files_that_are_read_together_are_counted_once(
    tmp_path: Path, district: District, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = school(tmp_path / "aspen", "Aspen")
    (folder / "calendar.bell").write_text(CALENDAR + SPECIAL + "02/02/2026 unheard\n", encoding="utf-8")
    report = loaded(folder, district, store)
    show(report)
    lines = capsys.readouterr().out.splitlines()
    counted = [re.findall(r"(\d+) (?:read|kept|rejected)", line) for line in lines if line.startswith("loaded")]
    (load,) = [one.load for one in report.loaded]
    assert load is not None
    assert [file[0] for file in counted] == [str(load.rows_read), "0", "0"]
    together = [str(count) for count in (load.rows_read, load.rows_kept, load.rows_rejected)]
    assert [str(sum(map(int, column))) for column in zip(*counted, strict=True)] == together
    assert all(line.endswith(" s") for line in lines if " kept" in line)
    assert [line for line in lines if line.startswith("    together ") and f"{load.rows_kept} kept" in line]
    assert any("1 rejected" in line for line in lines)
    assert any(line.startswith("    calendar.bell, line ") for line in lines)


def test_days_in_two_forms_are_told_of_pages_that_are_read_together_too(
    tmp_path: Path, district: District, store: Store
) -> None:
    for number, seen in enumerate(("2026-01-10T01:00:00Z", "2026-01-11T01:00:00Z", "1/12/2026 1:00")):
        more = ', "nextPageToken": "x"' if number < 2 else ""
        row = f'{{"deviceId": "d{number}", "serialNumber": "S{number}", "status": "ACTIVE", "lastSync": "{seen}"}}'
        page = f'{{"kind": "admin#directory#chromeosdevices", "chromeosdevices": [{row}]{more}}}'
        (tmp_path / f"p{number}.json").write_text(page, encoding="utf-8")
    (one,) = loaded(tmp_path, district, store).loaded
    assert one.load is not None
    notes = {file.name: file.notes for file in one.load.files}
    assert notes["p0.json"] == (
        "lastSync: dates in 2 forms, 2026-05-01 (2), 5/1/2026 (1), in 3 files from this one on",
    )
    assert not notes["p1.json"]


def test_how_large_a_file_and_how_much_a_zip_may_grow_are_settings(
    tmp_path: Path, district: District, store: Store, settings: Any
) -> None:
    rows = "deviceId,serialNumber,status\n" + "".join(f"d{number},S{number},ACTIVE\n" for number in range(2000))
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", rows)
    standing = settings.LIMITS
    limits = {"file": "more than 1,000 bytes", "unpacked": "unpacks to", "ratio": "grows more than 2 times"}
    for name, told in limits.items():
        few = {"file": 1000, "unpacked": 1000, "ratio": 2}[name]
        settings.LIMITS = replace(standing, ratio_from=1000, **{name: few})
        (problem,) = loaded(tmp_path / "a.zip", district, store).problems
        assert told in problem.reason
    settings.LIMITS = standing
    assert [one.outcome for one in loaded(tmp_path / "a.zip", district, store).loaded] == ["new"]
