"""Ingest under attack: a bad file is loaded exactly or refused with its reason, quickly, leaving nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.data_folders import prepare_data_folder
from tests.scale.attacks import ATTACKS, Attack, write_cases

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MIB = 10.0, 512.0
"""What an attack may take: CPU-seconds, so that a busy machine fails no test, and memory."""
DEADLINE = 600
PROCESSES = 4
ALLOWED_EXIT_CODES = (0, 1, 2)

pytestmark = pytest.mark.scale


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the outcome of every attack, from a few processes: one process for all would hold too much memory."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "tmp").mkdir()
    prepare_data_folder(folder / "data")
    named_paths = list(json.loads(write_cases(folder).read_text(encoding="utf-8")).items())
    results: dict[str, Any] = {"told": {}, "peak": 0.0, "temporary": []}
    for number in range(PROCESSES):
        cases_file = folder / f"cases-{number}.json"
        cases_file.write_text(json.dumps(dict(named_paths[number::PROCESSES])), encoding="utf-8")
        process = subprocess.run(
            [sys.executable, "-m", "tests.scale.load_attacks", str(cases_file), str(folder / "data")],
            cwd=ROOT,
            env={**os.environ, "HOMEROOM_DATA": str(folder / "data"), "TMPDIR": str(folder / "tmp")},
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=False,
        )
        assert process.returncode == 0, process.stderr[-3000:]
        output = json.loads(process.stdout.splitlines()[-1])
        results["told"] |= output["told"]
        results["peak"] = max(results["peak"], output["peak"])
        results["temporary"] += output["temporary"]
    return results


for_each_attack = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def test_there_are_a_hundred_attacks_with_names_of_their_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 100


@for_each_attack
def test_nothing_crashes_and_nothing_takes_ten_seconds(outcomes: dict[str, Any], attack: Attack) -> None:
    outcome = outcomes["told"][attack.name]
    assert not outcome["crash"]
    assert "Traceback" not in outcome["err"]
    assert outcome["code"] in ALLOWED_EXIT_CODES
    assert outcome["seconds"] < SECONDS


@for_each_attack
def test_only_what_stands_in_the_file_is_kept(outcomes: dict[str, Any], attack: Attack) -> None:
    outcome = outcomes["told"][attack.name]
    assert outcome["rows"] == attack.expected_rows


@for_each_attack
def test_what_was_wrong_is_said_with_its_place(outcomes: dict[str, Any], attack: Attack) -> None:
    outcome = outcomes["told"][attack.name]
    assert attack.message in outcome["out"] + outcome["err"]
    if attack.line is not None:
        report = json.loads(outcome["out"])
        rejects = [reject for package in report["loaded"] for reject in package["rejects"]]
        lines = [problem["line"] for problem in [*report["refused"], *rejects]]
        assert attack.line in lines


@for_each_attack
def test_a_refusal_says_the_file_and_the_reason_and_never_exits_0(outcomes: dict[str, Any], attack: Attack) -> None:
    outcome = outcomes["told"][attack.name]
    if outcome["code"] == 0 or not outcome["out"]:
        assert (
            outcome["code"] != 0 or attack.expected_rows or attack.loads_without_people or attack.name == "header only"
        )
        return
    report = json.loads(outcome["out"])
    rejects = [reject for package in report["loaded"] for reject in package["rejects"]]
    assert report["refused"] or rejects
    assert all(problem["file"] and problem["reason"] for problem in [*report["refused"], *rejects])


@for_each_attack
def test_a_file_that_is_refused_leaves_no_load(outcomes: dict[str, Any], attack: Attack) -> None:
    outcome = outcomes["told"][attack.name]
    if not outcome["out"]:
        assert not outcome["files"]
        return
    loads = [package for package in json.loads(outcome["out"])["loaded"] if package["load"]]
    manifests = [name for name in outcome["files"] if "/loads/" in name or "/held/" in name]
    assert len(manifests) == len(loads)
    assert not [name for name in outcome["files"] if name.endswith((".part", ".tmp"))]


def test_no_attack_needs_more_memory_than_a_school_computer_has(outcomes: dict[str, Any]) -> None:
    assert outcomes["peak"] < MIB


def test_nothing_is_left_among_temporary_files(outcomes: dict[str, Any]) -> None:
    assert outcomes["temporary"] == []


@pytest.mark.parametrize("name", ["a NUL", "100,000 levels", "a bomb"])
def test_the_program_itself_refuses_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    attack = next(attack for attack in ATTACKS if attack.name == name)
    (tmp_path / "given").mkdir()
    path = attack.make(tmp_path / "given")
    prepare_data_folder(tmp_path / "data")
    before = sum(os.times()[2:4])
    run = subprocess.run(
        [str(Path(sys.executable).parent / "homeroom"), "load", str(path), "--json", "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert sum(os.times()[2:4]) - before < SECONDS
    assert run.returncode in (1, 2)
    assert attack.message in run.stdout
    assert "Traceback" not in run.stderr
    assert not list((tmp_path / "data").rglob("*users*.parquet"))
