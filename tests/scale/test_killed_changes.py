"""A change to a file whose writer is killed is in the audit trail if it happened, and is not if it did not."""

from __future__ import annotations

import csv
import json
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.kill_points import choose_seed
from bench.support.erasure_district import DAYS
from bench.support.killed_runs import find_unsound, run_and_kill
from bench.support.program import require_exit_code, run_homeroom
from tests.amounts import choose_amount
from tests.prepared_erasure import prepare_erasure_district

POINTS, SEED = choose_amount(brief=(0, 1), thorough=(10, 0))
"""How many runs of each change are killed at a random write, and the seed of the points; 0 draws new ones."""
LAST_WRITE = ("INSERT INTO audit_entry", 1)
"""The write after that to the file: where a run is killed that has changed the file and has no entry yet."""
TODAY = ("--today", DAYS[-1], "--json")
RULE = "title: Log cleared\nid: cleared\nstatus: stable\nlevel: high\nauthor: Mara Quill\n"
RULE += (
    "logsource: {product: windows, service: security}\ndetection:\n  cleared: {EventID: 1102}\n  condition: cleared\n"
)
MAPPING = "homeroom: mapping\nname: people\nconnector: north\ntable: person_records\ncolumns:\n"
MAPPING += "  key: {from: No}\n  given_name: {from: First}\n  family_name: {from: Last}\n"

pytestmark = [pytest.mark.scale, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A command, the files of the data folder that it adds or removes, and the action of its entry."""

    arguments: tuple[str, ...]
    files: str
    action: str


@dataclass(frozen=True, kw_only=True)
class PreparedChanges:
    """A data folder and the changes of it by name."""

    data: Path
    changes: Mapping[str, Change]


def write_people(folder: Path, *, people: int) -> Path:
    folder.mkdir()
    with (folder / "north.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["No", "First", "Last"], *([str(n), f"Given{n}", "Moss"] for n in range(people))])
    (folder / "people.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


def write_oscal(path: Path) -> Path:
    groups = [{"id": "ac", "controls": [{"id": "ac-2", "title": "Accounts"}]}]
    path.write_text(json.dumps({"catalog": {"metadata": {"title": "State"}, "groups": groups}}), encoding="utf-8")
    return path


def load_people(data: Path, folder: Path) -> str:
    """Load a list, and return the id that the load has, published or held."""
    cost = require_exit_code(run_homeroom("load", str(folder), *TODAY, data=data), codes=(0, 1))
    (loaded,) = json.loads(cost.out)["loaded"]
    return str(loaded["load"]["id"])


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> PreparedChanges:
    folder = tmp_path_factory.mktemp("changes")
    data = Path(shutil.copytree(prepare_erasure_district(), folder / "data"))
    published = load_people(data, write_people(folder / "many", people=20))
    held = load_people(data, write_people(folder / "few", people=5))
    (log,) = (path.stem for path in (data / "evidence").glob("*/event_loads/*.json"))
    (folder / "rules").mkdir()
    (folder / "rules" / "cleared.yml").write_text(RULE, encoding="utf-8")
    sheet = folder / "sheet.csv"
    sheet.write_text("Student Name,DOB\nMarisol Vega,2012-03-04\n", encoding="utf-8")
    oscal = write_oscal(folder / "state.json")
    loads, rules = "evidence/*/loads/*.json", "content/*/rules/index.json"
    last_age = ("person_records", "--days", "700", "--because", "The policy.", "--by", "Dana Whitfield", "--json")
    changes = {
        "approve": Change(arguments=("approve", held, "--json"), files=loads, action="approve load"),
        "discard": Change(
            arguments=("discard", held, "--json"), files="evidence/*/pending/*.json", action="discard load"
        ),
        "undo": Change(arguments=("undo", published, "--json"), files="evidence/*/undone/*.json", action="undo load"),
        "undo of a log": Change(
            arguments=("undo", log, "--json"), files="evidence/*/events/*.json", action="undo load"
        ),
        "last age": Change(
            arguments=("last-ages", *last_age), files="evidence/*/last-ages.json", action="set last age"
        ),
        "framework": Change(
            arguments=("frameworks", "import", str(oscal), "--id", "state-1", "--json"),
            files="content/*/frameworks/*.yaml",
            action="take in framework",
        ),
        "rules": Change(
            arguments=("rules", "import", str(folder / "rules"), "--json"), files=rules, action="import rules"
        ),
        "sent data": Change(
            arguments=("sent", str(sheet), "--to", "Acme Reading", *TODAY),
            files=loads,
            action="record what was sent",
        ),
    }
    return PreparedChanges(data=data, changes=changes)


CHANGES = ("approve", "discard", "undo", "undo of a log", "last age", "framework", "rules", "sent data")


def list_files(data: Path, change: Change) -> set[str]:
    return {path.relative_to(data).as_posix() for path in data.glob(change.files)}


def count_entries(data: Path, change: Change) -> int:
    with closing(sqlite3.connect(f"file:{data / 'state.sqlite3'}?mode=ro", uri=True)) as database:
        sql = "SELECT count(*) FROM audit_entry WHERE action = ?"
        return int(database.execute(sql, (change.action,)).fetchone()[0])


def count_announced(data: Path) -> int:
    with closing(sqlite3.connect(f"file:{data / 'state.sqlite3'}?mode=ro", uri=True)) as database:
        return int(database.execute("SELECT count(*) FROM audit_announcedentry").fetchone()[0])


def describe_loss(before: Path, data: Path, change: Change) -> str:
    """Start the program in the folder of a killed run, and return what is wrong; empty if nothing is."""
    unsound = find_unsound(data)
    is_changed = list_files(data, change) != list_files(before, change)
    added = count_entries(data, change) - count_entries(before, change)
    problems = [*unsound, "a row stays announced"] if count_announced(data) else unsound
    problems += [] if added == int(is_changed) else [f"changed: {is_changed}, entries: {added}"]
    return "; ".join(problems)


def kill_once(prepared: PreparedChanges, data: Path, change: Change, *blow: Any, has_power_loss: bool = False) -> bool:
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(prepared.data, data)
    return run_and_kill(*blow, data=data, arguments=change.arguments, has_power_loss=has_power_loss).code < 0


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_whose_writer_is_killed_before_its_entry_has_it_after_the_next_start(
    name: str, prepared: PreparedChanges, tmp_path: Path
) -> None:
    change, data = prepared.changes[name], tmp_path / "killed"
    assert kill_once(prepared, data, change, *LAST_WRITE, 0)
    assert list_files(data, change) != list_files(prepared.data, change)
    assert count_entries(data, change) == count_entries(prepared.data, change)
    assert describe_loss(prepared.data, data, change) == ""


@pytest.mark.thorough
@pytest.mark.fault(area="{name}", fault="killed at a random write, alone or with the power")
@pytest.mark.parametrize("name", CHANGES)
def test_a_killed_change_is_in_the_trail_if_it_happened_and_is_not_if_it_did_not(
    name: str, prepared: PreparedChanges, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    change, data, seed = prepared.changes[name], tmp_path / "killed", choose_seed(SEED)
    chance, losses, killed = random.Random(seed), [], 0
    shutil.copytree(prepared.data, tmp_path / "undisturbed")
    cost = run_and_kill("", 0, 0, data=tmp_path / "undisturbed", arguments=change.arguments)
    writes = json.loads(cost.err.rsplit("\nwrites ", 1)[1])
    for number in range(POINTS):
        kind = chance.choice(sorted(writes))
        blow = (kind, chance.randint(1, writes[kind]), chance.choice((0, round(10 ** chance.uniform(1, 4)))))
        killed += kill_once(prepared, data, change, *blow, has_power_loss=number % 2 == 1)
        losses += [f"{blow}: {loss}" for loss in (describe_loss(prepared.data, data, change),) if loss]
    for label, value in (("tried", killed), ("lost", len(losses)), ("seed", seed)):
        record_property(label, value)
    assert killed > 0
    assert losses == []
