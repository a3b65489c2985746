"""`homeroom aging`: what is loaded becomes counts by school, and what nobody recorded is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder

ASSETS = """Asset Tag,Serial,Model,Category,Status,School,Purchase Date,Purchase Cost
1001,5CD1001,Acer Chromebook 311,Chromebooks,Deployed,Oak,2024-08-01,300.00
1002,5CD1002,Acer Chromebook 311,Chromebooks,Deployed,Oak,2024-08-01,310.00
1003,5CD1003,Acer Chromebook 311,Chromebooks,Spare,Oak,2024-08-01,
1004,5CD1004,Acer Chromebook 311,Chromebooks,Deployed,Oak,2014-08-01,280.00
3001,FOC3001,Cisco WS-C3850-48P-S,Network Switches,Deployed,Elm,2024-07-01,
3002,FOC3002,Cisco WS-C2960X-24PS-L,Network Switches,Deployed,Elm,2014-07-01,
3003,FOC3003,Cisco WS-C3850-12S-S,Network Switches,Deployed,Elm,,
"""
LINES = """Building,Carrier,Mbps,Until
Oak,Fiber One,100,2030-06-30
OAK Elementary School,Cable Two,50,
Oak,Copper Three,1000,2020-06-30
Elm,Fiber One,fast,
"""
LINE_MAPPING = """homeroom: mapping
name: lines
connector: circuits
table: line_records
columns:
  school_name: {from: Building}
  provider: {from: Carrier}
  megabits: {from: Mbps}
  ends_on: {from: Until}
"""
PURCHASES = """PO,Item,Serial,Price,Day
P1,Acer Chromebook 311,5CD1001,300.00,2024-08-05
P2,Screen,5CD1001,60.00,2026-02-01
P3,Screen,NOBODY,60.00,2026-02-01
"""
PURCHASE_MAPPING = """homeroom: mapping
name: purchases
connector: orders
table: purchase_records
columns:
  order_number: {from: PO}
  item: {from: Item}
  serial: {from: Serial}
  cost_minor: {from: Price, as: money}
  bought_on: {from: Day, as: date}
"""


def load_aging(tmp_path: Path) -> dict[str, Any]:
    data, exports = prepare_data_folder(tmp_path / "data"), tmp_path / "exports"
    exports.mkdir()
    files = {
        "assets.csv": ASSETS,
        "lines.csv": LINES,
        "lines.yaml": LINE_MAPPING,
        "purchases.csv": PURCHASES,
        "purchases.yaml": PURCHASE_MAPPING,
    }
    for name, text in files.items():
        (exports / name).write_text(text, encoding="utf-8")
    for arguments in (("load", str(exports), "--today", "2026-11-28"), ("resolve",)):
        result = run_homeroom(*arguments, data=data)
        assert result.returncode in (0, 1), result.stderr
    printed = run_homeroom("aging", "--json", "--today", "2026-11-28", data=data)
    assert printed.returncode == 0, printed.stderr
    document: dict[str, Any] = json.loads(printed.stdout)
    return document


def test_loaded_lists_become_counts_by_school_and_costs(tmp_path: Path) -> None:
    document = load_aging(tmp_path)
    (oak,) = [school for school in document["schools"] if school["school"] == "Oak"]
    devices = oak["devices"]
    assert (devices["in_support"], devices["spare"], devices["past_support"]) == (2, 1, 1)
    assert oak["students"] == {"count": None, "why": "no roster lists students of this school"}
    assert oak["line"]["megabits"] == 150, "two lines run, and the third has ended"
    assert oak["switches"] == {"total": 0, "past_support": 0, "unknown": 0}
    (elm,) = [school for school in document["schools"] if school["school"] == "Elm"]
    assert elm["switches"] == {"total": 3, "past_support": 1, "unknown": 1}, "the end of the model, not the purchase"
    (model,) = [item for item in document["ownership"]["models"] if item["kind"] == "chromebook"]
    parts = {part["part"]: part for part in model["parts"]}
    assert (parts["price"]["minor"], parts["price"]["recorded"], parts["price"]["of"]) == (29667, 3, 4)
    assert (parts["repairs"]["minor"], parts["repairs"]["recorded"]) == (1500, 1), "a purchase of the device is none"
    assert parts["licenses"]["minor"] is None
    assert parts["licenses"]["why"]
    assert parts["minutes"]["minutes"] is None


def test_a_district_without_evidence_is_refused(tmp_path: Path) -> None:
    result = run_homeroom("aging", "--json", data=prepare_data_folder(tmp_path / "data"))
    assert result.returncode == 2
    assert "nothing was loaded yet" in result.stderr
    assert json.loads(result.stdout)["exit_code"] == 2
