"""The program without a data folder: it adopts one that has nothing but the key, and checks files without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.evidence.files.data_folder import FolderRefused, load_secret_key, open_data_folder, read_folder_kind
from tests.apps.program import run_homeroom


def test_a_folder_with_nothing_but_the_key_is_taken(tmp_path: Path) -> None:
    key = load_secret_key(tmp_path)
    open_data_folder(tmp_path, kind="real")
    assert read_folder_kind(tmp_path) == "real"
    assert load_secret_key(tmp_path) == key


def test_a_folder_with_somebody_elses_files_is_refused(tmp_path: Path) -> None:
    load_secret_key(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear board", encoding="utf-8")
    with pytest.raises(FolderRefused, match="not Homeroom's"):
        open_data_folder(tmp_path, kind="real")
    assert read_folder_kind(tmp_path) == ""


def test_a_bundle_is_checked_without_a_data_folder(tmp_path: Path) -> None:
    bundle, data = tmp_path / "bundle", tmp_path / "data"
    bundle.mkdir()
    (bundle / "orgs.csv").write_text("sourcedId,name,type\n1,Aspen Elementary,school\n", encoding="utf-8")
    checked = run_homeroom("check", "oneroster", str(bundle), data=data)
    assert checked.returncode == 1
    assert "manifest.missing" in checked.stdout
    assert not data.exists()


def test_a_command_that_ends_leaves_its_databases_closed(tmp_path: Path) -> None:
    assert run_homeroom("connections", "--json", data=tmp_path).returncode == 0
    assert run_homeroom("loads", "--json", data=tmp_path).returncode == 0
    assert {path.name for path in tmp_path.glob("*.sqlite3*")} == {"state.sqlite3", "jobs.sqlite3"}
