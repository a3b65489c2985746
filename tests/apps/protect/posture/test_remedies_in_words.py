"""A remedy without a fix file counts as well: who retired the computer, or removed it as asked, has fixed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import Member
from homeroom.domain.protect.controls import Control
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from homeroom.library.protect.controls import load_controls
from homeroom.library.yaml_loader import BUILTIN_CONTENT
from tests.assessed_district import publish_load
from tests.cast import create_cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
CONTROLS = {control.id: control for control in load_controls(BUILTIN_CONTENT)}
WINDOWS_10, EXPIRED = CONTROLS["windows-10"], CONTROLS["chromeos-expired"]
OLD = {"platform": "windows", "kind": "laptop", "managed": True, "windows": "10", "known": True, "retired": False}
RETIRED = OLD | {"managed": False, "retired": True, "asset_status": "retired"}
LOST = RETIRED | {"asset_status": "lost"}
CHROMEBOOK = {"platform": "chromeos", "managed": True, "active": True, "expires_on": TODAY - timedelta(days=9)}
DEPROVISIONED = CHROMEBOOK | {"managed": False, "active": None}
DISABLED = CHROMEBOOK | {"active": False}
SOURCES = {"microsoft": "microsoft.devices", "snipeit": "snipeit.assets"}


class InventoryDistrict:
    """A district whose devices a console and an asset list report; a test changes what they say."""

    def __init__(self, folder: Path) -> None:
        self.district: District = create_cast().district
        self.store = EvidenceStore(folder, district=self.district.slug)
        self.runs = 0

    def run_assess(
        self,
        devices: Mapping[int, Mapping[str, Any]],
        *,
        control: Control = WINDOWS_10,
        loaded: tuple[str, ...] = ("microsoft", "snipeit"),
        reporting: tuple[str, ...] = ("microsoft", "snipeit"),
    ) -> None:
        """Assess these devices; the sources in `loaded` have a new load, those in `reporting` carry every device."""
        self.runs += 1
        at = AT + timedelta(hours=self.runs)
        for source in loaded:
            records = [{"key": f"{source}-{n}", "serial": f"S{n}"} for n in devices]
            publish_load(self.store, source, SOURCES[source], "device_records", records, at=at)
        rows: dict[str, list[dict[str, Any]]] = {
            "devices": [{"id": n, **device} for n, device in devices.items()],
            "links": [
                {
                    "subject_kind": "device", "id": n, "connector": source, "instance": source, "key": f"{source}-{n}",
                    "table_name": "device_records",
                }
                for n in devices
                for source in reporting
            ],
        }  # fmt: skip
        tables = {
            table.name: pa.Table.from_pylist(rows.get(table.name, []), schema=build_arrow_schema(table))
            for table in DERIVED_TABLES
        }
        at += timedelta(minutes=1)
        self.store.publish_derived(tables, inputs=f"run{self.runs}", today=TODAY, at=at)
        assess(district=self.district, store=self.store, today=TODAY, at=at, controls=[control])

    def list_reasons(self) -> list[tuple[int, str]]:
        """Return (device, why its member closed, or open)."""
        rows = Member.objects.of(self.district).order_by("subject", "opened")
        return [(row.subject, row.why or "open") for row in rows]


@pytest.fixture
def house(tmp_path: Path) -> InventoryDistrict:
    return InventoryDistrict(tmp_path)


def test_a_computer_that_was_retired_as_the_finding_asks_is_fixed(house: InventoryDistrict) -> None:
    house.run_assess({1: OLD, 2: OLD, 3: OLD})
    house.run_assess({1: RETIRED, 2: LOST, 3: OLD})
    assert house.list_reasons() == [(1, "fixed"), (2, "no_longer_applies"), (3, "open")]


def test_a_chromebook_that_was_deprovisioned_is_fixed_and_one_that_was_disabled_is_settled(
    house: InventoryDistrict,
) -> None:
    house.run_assess({1: CHROMEBOOK, 2: CHROMEBOOK}, control=EXPIRED)
    house.run_assess({1: DEPROVISIONED, 2: DISABLED}, control=EXPIRED)
    assert house.list_reasons() == [(1, "fixed"), (2, "no_longer_applies")]


def test_a_device_whose_console_reports_no_more_was_not_fixed(house: InventoryDistrict) -> None:
    house.run_assess({1: CHROMEBOOK}, control=EXPIRED)
    house.run_assess({1: DEPROVISIONED}, control=EXPIRED, loaded=("snipeit",), reporting=("snipeit",))
    (member,) = Member.objects.of(house.district)
    assert (member.why, member.closed, member.not_seen_since) == ("", None, TODAY)


@pytest.mark.parametrize(("removes", "reason"), [(True, "fixed"), (False, "gone")])
def test_what_is_gone_from_every_source_is_fixed_only_where_removing_it_is_the_remedy(
    house: InventoryDistrict, removes: bool, reason: str
) -> None:
    control = replace(WINDOWS_10, fixed_if_gone=removes)
    house.run_assess({1: OLD, 2: OLD}, control=control)
    house.run_assess({2: OLD}, control=control)
    assert house.list_reasons() == [(1, reason), (2, "open")]


def test_what_is_missing_because_a_source_was_not_loaded_was_not_fixed(house: InventoryDistrict) -> None:
    control = replace(WINDOWS_10, fixed_if_gone=True)
    house.run_assess({1: OLD, 2: OLD}, control=control)
    house.run_assess({2: OLD}, control=control, loaded=("microsoft",))
    (gone, _) = Member.objects.of(house.district).order_by("subject")
    assert (gone.why, gone.closed, gone.not_seen_since) == ("", None, TODAY)


def test_shipped_controls_say_which_words_take_a_subject_out() -> None:
    assert {name for name, control in CONTROLS.items() if control.fixed_if} >= {"windows-10", "chromeos-expired"}
    assert {name for name, control in CONTROLS.items() if control.fixed_if_gone} == {"unit-empty", "app-of-nobody-here"}
