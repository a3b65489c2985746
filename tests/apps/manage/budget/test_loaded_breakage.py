"""Breakage of loaded devices: the words of an asset list say how a device left, a console until when it was there."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from homeroom.apps.manage.breakage.loaded_devices import load_breakage
from homeroom.cli.options import DEFAULT_DISTRICT
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

TODAY = date(2026, 11, 28)
STATUSES = (
    *(["Broken - Not Fixable"] * 12),
    *(["Broken, out for repair"] * 3),
    *(["Archived"] * 4),
    *(["Lost/Stolen"] * 2),
    *(["Deployed"] * 40),
)


def write_exports(folder: Path) -> None:
    """Write an asset list and a console's list of the same devices; two that left have no console."""
    assets = ["Asset Tag,Serial,Model,Category,Status,School,Purchase Date,Purchase Cost"]
    console = ["deviceId,serialNumber,model,status,orgUnitPath,osVersion,autoUpdateExpiration,lastSync"]
    for number, status in enumerate(STATUSES):
        serial = f"5CD{number:04}"
        bought_on = ("2022-08-01", "2023-08-01", "2025-03-01")[number % 3 if status == "Deployed" else 0]
        assets.append(f'{number},{serial},Acer Chromebook 311,Chromebooks,"{status}",Oak,{bought_on},300.00')
        last_sync = f"2025-{1 + number % 12:02}-10T08:00:00.000Z" if number < 21 else "2026-11-20T08:00:00.000Z"
        if number not in (0, 15):
            state = "ACTIVE" if status == "Deployed" else "DEPROVISIONED"
            console.append(f"d{number},{serial},Acer Chromebook 311,{state},/Oak,16093.68.0,2030-06,{last_sync}")
    folder.mkdir()
    (folder / "assets.csv").write_text("\n".join(assets) + "\n", encoding="utf-8")
    (folder / "chromebooks.csv").write_text("\n".join(console) + "\n", encoding="utf-8")


def test_asset_lists_and_consoles_become_breakage_by_model(tmp_path: Path, settings: Any) -> None:
    data = prepare_data_folder(tmp_path / "data")
    write_exports(tmp_path / "exports")
    for arguments in (("load", str(tmp_path / "exports"), "--today", "2026-11-28"), ("resolve",)):
        result = run_homeroom(*arguments, data=data)
        assert result.returncode in (0, 1), result.stderr
    settings.DATA = data
    district: Any = SimpleNamespace(slug=DEFAULT_DISTRICT)
    breakage = load_breakage(district=district, today=TODAY)
    (model,) = breakage.models
    counts = Counter(status.partition(" ")[0] for status in STATUSES)
    assert counts["Broken"] + counts["Broken,"] == 15
    assert model.model == "Acer Chromebook 311"
    assert model.broken == 11, "one was never seen by a console, and three are being repaired"
    assert breakage.left_out == {"no day on which it left": 2}
    assert model.devices == len(STATUSES) - 2
    assert model.by_age[3].interval is not None
    assert model.by_age[5].why, "no device is six years old"
    assert load_breakage(district=district, today=TODAY) is breakage, "it is remembered"
