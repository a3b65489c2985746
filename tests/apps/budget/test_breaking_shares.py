"""Spares from asset lists: devices that left as broken show how many break; nothing else is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.breakage.breaking_shares import estimate_breaking_shares
from homeroom.apps.districts.commands import create_district
from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.districts.models import District
from homeroom.apps.sources.commands import load_files

pytestmark = pytest.mark.django_db
HEADER = "Asset Tag,Serial,Model,Category,Status,School,Purchase Date"


def load_assets(folder: Path, district: District, day: date, rows: list[str]) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / "assets.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    store = get_evidence_store(district=district)
    report = load_files([path], district=district, store=store, at=at, actor="technician", approved=True)
    assert report.problems == ()


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
    shares, remarks = estimate_breaking_shares(district=district, today=date(2026, 11, 28))
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
    shares, remarks = estimate_breaking_shares(district=district, today=date(2026, 11, 28))
    assert shares == {}
    assert remarks == ("3 devices that the list has as retired or lost have no day: they tell no breakage",)
