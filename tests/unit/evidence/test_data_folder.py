"""Test which folders are opened as data folders: an older demo is made again, older real data are refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.evidence.files.data_folder import FORMAT, FolderRefused, open_data_folder


def write_folder(folder: Path, *, kind: str, version: int) -> Path:
    """Write a folder with a database, evidence and a key, marked as of that kind and format."""
    (folder / "evidence" / "maple").mkdir(parents=True)
    (folder / "state.sqlite3").write_text("rows", encoding="utf-8")
    (folder / "secret.key").write_text("key", encoding="utf-8")
    (folder / "store.json").write_text(json.dumps({"kind": kind, "format": version}), encoding="utf-8")
    return folder


def test_a_demo_of_an_older_format_is_emptied_and_made_again(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "demo", kind="demo", version=FORMAT - 1)
    open_data_folder(folder, kind="demo")
    assert {path.name for path in folder.iterdir()} == {"secret.key", "store.json"}
    assert json.loads((folder / "store.json").read_text(encoding="utf-8"))["format"] == FORMAT


def test_a_demo_of_this_format_keeps_what_is_in_it(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "demo", kind="demo", version=FORMAT)
    open_data_folder(folder, kind="demo")
    assert (folder / "state.sqlite3").exists()


@pytest.mark.parametrize(
    ("kind", "opened_as", "version"),
    [
        ("real", "real", FORMAT - 1),
        ("real", "demo", FORMAT - 1),
        ("demo", "real", FORMAT - 1),
        ("demo", "demo", FORMAT + 1),
    ],
)
def test_nothing_else_of_another_format_is_touched(tmp_path: Path, kind: str, opened_as: str, version: int) -> None:
    folder = write_folder(tmp_path / "data", kind=kind, version=version)
    with pytest.raises(FolderRefused):
        open_data_folder(folder, kind=opened_as)
    assert (folder / "state.sqlite3").exists()
