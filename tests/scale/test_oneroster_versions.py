"""OneRoster providers of both versions, with and without Link headers, and what is gone from a list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.services.console_trial import ConsoleTrial, TableRows
from tests.services.oneroster import OneRoster
from tests.services.world import World

pytestmark = pytest.mark.scale


def _build_trial(folder: Path, **options: Any) -> ConsoleTrial:
    return ConsoleTrial(console=OneRoster(World(), **options), folder=folder)


def _collect_keys(rows: TableRows, table: str) -> set[str]:
    return {row["key"] for row in rows[table]}


def test_both_versions_with_and_without_links_bring_the_same_people_and_roles(tmp_path: Path) -> None:
    results = {}
    for version in ("v1p1", "v1p2"):
        for links in (True, False):
            trial = _build_trial(tmp_path / f"{version} {links}", version=version, links=links)
            trial.run()
            rows = trial.read_rows()
            roles = {(row["person_key"], row["role"], row["org_key"]) for row in rows["role_records"]}
            results[version, links] = (_collect_keys(rows, "person_records"), roles, _collect_keys(rows, "enrollments"))
    assert all(result == results["v1p2", True] for result in results.values())
    assert len(results["v1p2", True][0]) == 130


def test_who_is_to_be_deleted_is_told_at_once_and_who_is_in_no_list_any_more_is_gone_from_a_whole_walk(
    tmp_path: Path,
) -> None:
    trial = _build_trial(tmp_path)
    trial.run()
    trial.console.world.advance(days=1)
    trial.console.change_rows()
    trial.run()
    deleted_keys = [row["key"] for row in trial.read_rows()["person_records"] if row["status"] == "tobedeleted"]
    assert len(deleted_keys) == 1
    assert isinstance(trial.console, OneRoster)
    trial.console.purge()
    trial.run()
    assert deleted_keys[0] in _collect_keys(trial.read_rows(), "person_records"), (
        "a walk for changes shows nothing that is gone"
    )
    trial.run(full=True)
    assert deleted_keys[0] not in _collect_keys(trial.read_rows(), "person_records")
    assert "u-9001" in _collect_keys(trial.read_rows(), "person_records")
