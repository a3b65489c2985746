"""The exports of the demo's consoles after fix files: their rows change, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.library.protect.remedies import load_actions
from homeroom.sample.next_exports import EXPORTS, RULES, ExportChange, render_next_exports, store_exports

GOOGLE = 'primaryEmail,suspended,orgUnitPath\nann@oak.example,False,/Staff\nann@oak.example.org,False,"/Staff, East"\n'
DIRECTORY = '#TYPE X\r\n"Enabled","Name","ObjectGUID"\r\n"True","Ng, Ann","AB-1"\r\n"True","Ng, Ann","AB-12"\r\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contents = {"google/users.csv": GOOGLE.encode(), "activedirectory/users.csv": DIRECTORY.encode("utf-16")}
    for name in EXPORTS:
        (tmp_path / "sample" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "sample" / name).write_bytes(contents.get(name, b"deviceId,status\n1,ACTIVE\n"))
    store_exports(tmp_path / "sample", tmp_path / "stored")
    return tmp_path / "stored"


def test_a_suspended_user_is_suspended_in_the_next_export_and_a_longer_address_is_not(folder: Path) -> None:
    changes = [
        ExportChange(action="google.suspend-user", handle="Ann@oak.example", to="on"),
        ExportChange(action="google.move-user", handle="ann@oak.example.org", to="/Former, staff"),
    ]
    ((name, content),) = render_next_exports(folder, changes)
    assert name == "google/users.csv"
    assert content.decode().splitlines() == [
        "primaryEmail,suspended,orgUnitPath",
        "ann@oak.example,True,/Staff",
        'ann@oak.example.org,False,"/Former, staff"',
    ]


def test_an_export_of_powershell_stays_in_its_encoding_with_its_first_line(folder: Path) -> None:
    change = ExportChange(action="activedirectory.disable-account", handle="ab-1", to="false")
    ((_, content),) = render_next_exports(folder, [change])
    assert content.decode("utf-16") == DIRECTORY.replace('"True","Ng, Ann","AB-1"', '"False","Ng, Ann","AB-1"')


def test_what_no_console_of_the_demo_does_changes_no_export(folder: Path) -> None:
    assert list(render_next_exports(folder, [ExportChange(action="microsoft.block-sign-in", handle="1", to="x")])) == []
    assert list(render_next_exports(folder, [])) == []


def test_each_rule_is_of_an_action_that_a_connector_offers() -> None:
    assert set(RULES) <= set(load_actions())
