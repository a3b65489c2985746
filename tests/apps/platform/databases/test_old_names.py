"""Commands that have a new name work under the old one too, and say so on standard error."""

from __future__ import annotations

import json
from pathlib import Path

from tests.apps.program import run_homeroom
from tests.data_folders import prepare_data_folder


def test_a_command_works_under_its_old_and_its_new_name(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")
    old = run_homeroom("name-district", "Oak", "--json", data=data)
    new = run_homeroom("district", "set", "Oak", "--json", data=data)
    assert (old.returncode, json.loads(old.stdout)) == (new.returncode, json.loads(new.stdout))
    assert json.loads(new.stdout)["name"] == "Oak"
    assert "The command 'name-district' is deprecated. Run homeroom district set instead." in old.stderr
    assert new.stderr == ""


def test_a_command_in_two_words_works_under_its_old_and_its_new_name(tmp_path: Path) -> None:
    data, target = prepare_data_folder(tmp_path / "data"), str(tmp_path / "roster.zip")
    old = run_homeroom("export", "oneroster", target, "--source", "sis", data=data)
    new = run_homeroom("rosters", "export", target, "--source", "sis", data=data)
    assert old.returncode == new.returncode == 2
    assert old.stderr.splitlines()[-1] == new.stderr.splitlines()[-1]
    assert "Error:" in new.stderr
    assert "Run homeroom rosters export instead." in old.stderr
