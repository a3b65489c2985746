"""OneRoster providers of both versions, with and without Link headers, and what is gone from a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.services.oneroster import OneRoster
from tests.services.trying import Rows, Trial
from tests.services.world import World

pytestmark = pytest.mark.scale


def _trial(folder: Path, **how: Any) -> Trial:
    return Trial(console=OneRoster(World(), **how), folder=folder)


def _keys(rows: Rows, table: str) -> set[str]:
    return {row["key"] for row in rows[table]}


def test_both_versions_with_and_without_links_bring_the_same_people_and_roles(tmp_path: Path) -> None:
    brought = {}
    for version in ("v1p1", "v1p2"):
        for links in (True, False):
            trial = _trial(tmp_path / f"{version} {links}", version=version, links=links)
            trial.run()
            rows = trial.rows()
            roles = {(row["person_key"], row["role"], row["org_key"]) for row in rows["role_records"]}
            brought[version, links] = (_keys(rows, "person_records"), roles, _keys(rows, "enrollments"))
    assert all(one == brought["v1p2", True] for one in brought.values())
    assert len(brought["v1p2", True][0]) == 130


def test_who_is_to_be_deleted_is_told_at_once_and_who_is_in_no_list_any_more_is_gone_from_a_whole_walk(
    tmp_path: Path,
) -> None:
    trial = _trial(tmp_path)
    trial.run()
    trial.console.world.pass_by(days=1)
    trial.console.change()
    trial.run()
    gone = [row["key"] for row in trial.rows()["person_records"] if row["status"] == "tobedeleted"]
    assert len(gone) == 1
    assert isinstance(trial.console, OneRoster)
    trial.console.purge()
    trial.run()
    assert gone[0] in _keys(trial.rows(), "person_records"), "a walk for changes shows nothing that is gone"
    trial.run(whole=True)
    assert gone[0] not in _keys(trial.rows(), "person_records")
    assert "u-9001" in _keys(trial.rows(), "person_records")
