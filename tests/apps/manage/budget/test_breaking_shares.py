"""Spares from asset lists: devices that left as broken show how many break; nothing else is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.manage.breakage.loaded_devices import estimate_breaking_shares, load_breakage
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.models import District

pytestmark = pytest.mark.django_db
HEADER = "Asset Tag,Serial,Model,Category,Status,School,Purchase Date"
CONSOLE = "deviceId,serialNumber,model,status,orgUnitPath,osVersion,autoUpdateExpiration,lastSync"
TODAY = date(2026, 11, 28)


def load_assets(folder: Path, district: District, day: date, rows: list[str], *, console: tuple[str, ...] = ()) -> None:
    folder.mkdir(exist_ok=True)
    paths = [folder / "assets.csv", *([folder / "chromebooks.csv"] if console else [])]
    for path, lines in zip(paths, ([HEADER, *rows], [CONSOLE, *console]), strict=False):
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    store = get_evidence_store(district=district)
    report = load_files(paths, district=district, store=store, at=at, actor="technician", approved=True)
    assert report.problems == ()
    resolve(district=district, store=store, today=day, at=at)


def list_rows(model: str, count: int, *, first: int, status: str = "Deployed") -> list[str]:
    return [
        f"{number},5CD{number},{model},Chromebooks,{status},Oak,{2024 + number % 2}-08-01"
        for number in range(first, first + count)
    ]


@pytest.mark.parametrize(("word", "is_known"), [("Broken - Not Fixable", True), ("Surplus", False)])
def test_devices_that_left_as_broken_tell_what_breaks(tmp_path: Path, settings: Any, word: str, is_known: bool) -> None:
    settings.DATA = tmp_path / "data"
    district = create_district(slug="maple", name="Maple Valley")
    current, gone = list_rows("Acer 315", 60, first=1000), list_rows("Acer 315", 12, first=2000)
    broken = list_rows("Acer 315", 12, first=2000, status=word)
    load_assets(tmp_path / "lists", district, date(2025, 9, 1), [*current, *gone])
    load_assets(tmp_path / "lists", district, date(2026, 8, 1), [*current, *broken])
    load_assets(tmp_path / "lists", district, date(2026, 9, 1), current)
    shares, remarks = estimate_breaking_shares(district=district, today=TODAY)
    assert remarks == ()
    if is_known:
        assert 0.05 < shares["Acer 315"] < 0.35
    else:
        assert shares == {}


def test_devices_that_are_listed_as_retired_tell_nothing_and_are_counted(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path / "data"
    district = create_district(slug="maple", name="Maple Valley")
    rows = [*list_rows("Acer 315", 5, first=1000), *list_rows("Acer 315", 3, first=2000, status="Retired")]
    load_assets(tmp_path / "lists", district, date(2025, 9, 1), rows)
    shares, remarks = estimate_breaking_shares(district=district, today=TODAY)
    assert shares == {}
    assert remarks == ("3 devices that the list has as retired, lost or broken have no day, and tell nothing",)


def test_devices_that_are_gone_and_those_that_are_listed_as_broken_count_once(tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path / "data"
    district = create_district(slug="maple", name="Maple Valley")
    current, tagged = list_rows("Acer 315", 60, first=1000), list_rows("Acer 315", 1, first=3001)
    broken = list_rows("Acer 315", 12, first=2000, status="Broken - Not Fixable")
    listed = list_rows("Acer 315", 1, first=5000, status="Broken - Not Fixable")
    console = ("d1,5CD5000,Acer 315,DEPROVISIONED,/Oak,16093.68.0,2030-06,2026-03-10T08:00:00.000Z",)
    load_assets(tmp_path / "lists", district, date(2025, 9, 1), [*current, *broken, *tagged, *listed], console=console)
    load_assets(tmp_path / "lists", district, date(2026, 8, 1), [*current, *broken, *tagged, *listed])
    retagged = [row.replace("3001,", "4001,", 1) for row in tagged]
    load_assets(tmp_path / "lists", district, date(2026, 9, 1), [*current, *retagged, *listed])
    breakage = load_breakage(district=district, today=TODAY)
    (model,) = breakage.models
    assert (model.devices, model.broken) == (60 + 12 + 1 + 1, 12 + 1)
    assert breakage.remaining == {"Acer 315": 60 + 1}, "a device with a new tag is there"
    assert breakage.left_out == {}
    shares, _ = estimate_breaking_shares(district=district, today=TODAY)
    assert model.expected is not None
    assert shares == {"Acer 315": model.expected / 61}
