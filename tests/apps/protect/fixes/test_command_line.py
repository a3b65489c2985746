"""The command `fix`: it offers actions, shows the file, and writes only what somebody reviewed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.sample import generate_sample
from tests.apps.program import run_homeroom
from tests.apps.protect.fixes.desk import FIRST_DAY, parse_csv, read_zip
from tests.data_folders import prepare_data_folder

pytestmark = pytest.mark.scale
DAY = FIRST_DAY.isoformat()


def test_a_fix_file_is_offered_shown_reviewed_and_written(tmp_path: Path) -> None:
    generate_sample(tmp_path / "exports", students=500, seed=1, today=FIRST_DAY)
    paths = [str(tmp_path / "exports" / name) for name in ("google/users.csv", "hr", "oneroster", "district.yaml")]
    assert run_homeroom("assess", *paths, "--today", DAY, data=prepare_data_folder(tmp_path / "data")).returncode == 0
    offered = json.loads(run_homeroom("fixes", "prepare", "leaver-account", "--json", data=tmp_path / "data").stdout)
    assert "google.suspend-user" in [action["id"] for action in offered["actions"]]
    command = ("fixes", "prepare", "leaver-account", "--action", "google.suspend-user", "--today", DAY, "--json")
    prepared = json.loads(run_homeroom(*command, "--out", str(tmp_path / "out"), data=tmp_path / "data").stdout)
    assert (prepared["state"], prepared["file"]) == ("prepared", None)
    assert not (tmp_path / "out").exists(), "nothing leaves before a review"
    done = run_homeroom(*command, "--out", str(tmp_path / "out"), "--reviewed", "Dana", data=tmp_path / "data")
    released = json.loads(done.stdout)
    files = read_zip(Path(released["file"]).read_bytes())
    assert len(parse_csv(files["fix.csv"])) == released["rows"] == prepared["rows"]
    for wrong_command in (
        ("fix", "nowhere"),
        ("fix", "leaver-account", "--action", "google.wipe"),
        (*command, "--reviewed", "Dana"),
    ):
        refused = run_homeroom(*wrong_command, data=tmp_path / "data")
        assert refused.returncode == 2, refused.stdout
        assert "Error:" in refused.stderr
