"""The verb `fix`: it offers, shows, and writes only what somebody reviewed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.sample import make
from tests.apps.fixes.desk import FIRST_DAY, inside, rows
from tests.apps.program import homeroom
from tests.begun import begun

pytestmark = pytest.mark.scale
DAY = FIRST_DAY.isoformat()


def test_a_fix_file_is_offered_shown_reviewed_and_written(tmp_path: Path) -> None:
    make(tmp_path / "exports", students=500, seed=1, today=FIRST_DAY)
    named = [str(tmp_path / "exports" / name) for name in ("google/users.csv", "hr", "oneroster", "district.yaml")]
    assert homeroom("assess", *named, "--today", DAY, data=begun(tmp_path / "data")).returncode == 0
    offered = json.loads(homeroom("fix", "leaver-account", "--json", data=tmp_path / "data").stdout)
    assert "google.suspend-user" in [one["id"] for one in offered["actions"]]
    words = ("fix", "leaver-account", "--action", "google.suspend-user", "--today", DAY, "--json")
    shown = json.loads(homeroom(*words, "--out", str(tmp_path / "out"), data=tmp_path / "data").stdout)
    assert (shown["state"], shown["file"]) == ("prepared", None)
    assert not (tmp_path / "out").exists(), "nothing leaves before a review"
    done = homeroom(*words, "--out", str(tmp_path / "out"), "--reviewed", "Dana", data=tmp_path / "data")
    written = json.loads(done.stdout)
    files = inside(Path(written["file"]).read_bytes())
    assert len(rows(files["fix.csv"])) == written["rows"] == shown["rows"]
    for wrong in (
        ("fix", "nowhere"),
        ("fix", "leaver-account", "--action", "google.wipe"),
        (*words, "--reviewed", "Dana"),
    ):
        refused = homeroom(*wrong, data=tmp_path / "data")
        assert refused.returncode == 2, refused.stdout
        assert "Refused" in refused.stderr
