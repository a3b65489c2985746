"""`homeroom refresh --write`: the loaded devices become a problem that can be changed and given back."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pytest

from homeroom.apps.manage.budget.last_good_days import EvidenceDevices, find_devices_end
from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

CHROMEBOOKS = """deviceId,serialNumber,model,status,orgUnitPath,osVersion,autoUpdateExpiration,lastSync
d1,5CD1001,Acer Chromebook 311,ACTIVE,/Oak,16093.68.0,2029-06,2026-11-20T08:00:00.000Z
d2,5CD1002,Acer Chromebook 311,ACTIVE,/Oak,16093.68.0,2029-06,2026-11-20T08:00:00.000Z
d3,5CD1003,Acer Chromebook 311,DEPROVISIONED,/Oak,16093.68.0,2029-06,2026-11-20T08:00:00.000Z
"""
ASSETS = """Asset Tag,Serial,Model,Category,Status,Location,Purchase Date,Purchase Cost
1001,5CD1001,Acer Chromebook 311,Chromebooks,Deployed,Oak,2021-08-01,300.00
1002,5CD1002,Acer Chromebook 311,Chromebooks,Deployed,Oak,2021-08-01,310.00
2001,PF2001,ThinkPad L13,Laptops,Deployed,Oak,2022-02-28,850.00
2002,PF2002,ThinkPad L13,Laptops,Deployed,Oak,,
"""


def test_loaded_devices_become_a_problem_that_is_planned(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "chromebooks.csv").write_text(CHROMEBOOKS, encoding="utf-8")
    (exports / "assets.csv").write_text(ASSETS, encoding="utf-8")
    for arguments in (("load", str(exports), "--today", "2026-11-28"), ("resolve",)):
        result = run_homeroom(*arguments, data=data)
        assert result.returncode in (0, 1), result.stderr
    folder = tmp_path / "plan"
    written = run_homeroom("refresh", "--write", str(folder), "--today", "2026-11-28", "--json", data=data)
    assert written.returncode == 0, written.stderr
    document = json.loads(written.stdout)
    assert document["last_good_from"] == {"end of updates": 2, "age rule": 1, "nothing known": 1}
    with (folder / "fleet.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row["kind"], row["count"], row["last_good"]) for row in csv.DictReader(file)]
    assert rows == [("chromebook", "2", "2029-06-30"), ("laptop", "1", "2027-02-28"), ("laptop", "1", "")]
    planned = run_homeroom("refresh", document["plan"], "--json", "--seconds", "10", data=data)
    assert planned.returncode == 0, planned.stderr
    assert json.loads(planned.stdout)["years"] == [2028, 2029, 2030, 2031, 2032]
    again = run_homeroom("refresh", "--write", str(folder), data=data)
    assert again.returncode == 2
    assert "is there already" in again.stderr


def test_a_district_without_devices_writes_nothing(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    result = run_homeroom("refresh", "--write", str(tmp_path / "plan"), data=data)
    assert result.returncode == 2
    assert "no devices are loaded" in result.stderr
    assert not (tmp_path / "plan").exists()


ESU = "Windows 10 Extended Security Updates for schools"


def build_devices(**values: object) -> EvidenceDevices:
    facts = dict.fromkeys(("expires_on", "expires_with", "support_until", "bought_on"))
    usual = {"school": "Oak", "kind": "laptop", "model": "", "platform": "windows", "release": "10", "count": 1}
    return EvidenceDevices(**{**facts, **usual, "offered": False, **values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("devices", "taken", "expected"),
    [
        (build_devices(), (), (date(2025, 10, 14), "end of Windows 10")),
        (build_devices(), ("windows-10-esu",), (date(2028, 10, 10), ESU)),
        (build_devices(support_until=date(2026, 10, 13)), (), (date(2026, 10, 13), "recorded support")),
        (build_devices(support_until=date(2029, 1, 9)), ("windows-10-esu",), (date(2029, 1, 9), "recorded support")),
        (build_devices(release="11"), ("windows-10-esu",), (None, "nothing known")),
        (build_devices(release="11", bought_on=date(2024, 1, 9)), (), (date(2029, 1, 9), "age rule")),
        (build_devices(platform="", release="", bought_on=date(2020, 2, 29)), (), (date(2025, 2, 28), "age rule")),
        (build_devices(expires_on=date(2030, 6, 30)), (), (date(2030, 6, 30), "end of updates")),
        (
            build_devices(kind="chromebook", platform="chromeos", release="", expires_on=date(2027, 6, 30),
                          expires_with=date(2029, 6, 30)),
            ("chromeos-extended-updates",),
            (date(2027, 6, 30), "end of updates"),
        ),
    ],
)  # fmt: skip
def test_support_beyond_the_usual_end_counts_where_devices_can_get_it(
    devices: EvidenceDevices, taken: tuple[str, ...], expected: tuple[date | None, str]
) -> None:
    assert find_devices_end(devices, taken) == expected
