"""The door under attack: a bad file is loaded exactly or refused with its reason, quickly, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.scale.attacks import ATTACKS, Attack, cases

ROOT = Path(__file__).resolve().parents[2]
SECONDS, MIB = 10.0, 512.0
PROCESSES = 8
SAID = (0, 1, 2)

pytestmark = pytest.mark.scale


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the program made of every attack, in a few processes: one that loads a hundred files keeps what each left behind."""
    folder = tmp_path_factory.mktemp("door")
    (folder / "tmp").mkdir()
    listed = list(json.loads(cases(folder).read_text(encoding="utf-8")).items())
    made: dict[str, Any] = {"told": {}, "peak": 0.0, "temporary": []}
    for number in range(PROCESSES):
        some = folder / f"cases-{number}.json"
        some.write_text(json.dumps(dict(listed[number::PROCESSES])), encoding="utf-8")
        run = subprocess.run(
            [sys.executable, "-m", "tests.scale.door", str(some), str(folder / "data")],
            cwd=ROOT,
            env={**os.environ, "HOMEROOM_DATA": str(folder / "data"), "TMPDIR": str(folder / "tmp")},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert run.returncode == 0, run.stderr[-3000:]
        told = json.loads(run.stdout.splitlines()[-1])
        made["told"] |= told["told"]
        made["peak"] = max(made["peak"], told["peak"])
        made["temporary"] += told["temporary"]
    return made


each = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)


def test_there_are_a_hundred_attacks_with_names_of_their_own() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 100


@each
def test_nothing_crashes_and_nothing_takes_ten_seconds(door: dict[str, Any], attack: Attack) -> None:
    told = door["told"][attack.name]
    assert not told["crash"]
    assert "Traceback" not in told["err"]
    assert told["code"] in SAID
    assert told["seconds"] < SECONDS


@each
def test_only_what_stands_in_the_file_is_kept(door: dict[str, Any], attack: Attack) -> None:
    told = door["told"][attack.name]
    assert told["rows"] == attack.keeps


@each
def test_what_was_wrong_is_said_with_its_place(door: dict[str, Any], attack: Attack) -> None:
    told = door["told"][attack.name]
    assert attack.says in told["out"] + told["err"]
    if attack.line is not None:
        lines = [problem["line"] for problem in json.loads(told["out"])["refused"]]
        assert attack.line in lines


@each
def test_a_refusal_says_the_file_and_the_reason_and_never_exits_0(door: dict[str, Any], attack: Attack) -> None:
    told = door["told"][attack.name]
    if told["code"] == 0 or not told["out"]:
        assert told["code"] != 0 or attack.keeps or attack.loads or attack.name == "header only"
        return
    report = json.loads(told["out"])
    rejects = [reject for one in report["loaded"] for reject in one["rejects"]]
    assert report["refused"] or rejects
    assert all(problem["file"] and problem["reason"] for problem in [*report["refused"], *rejects])


@each
def test_a_file_that_is_refused_leaves_no_load(door: dict[str, Any], attack: Attack) -> None:
    told = door["told"][attack.name]
    if not told["out"]:
        assert not told["files"]
        return
    loads = [one for one in json.loads(told["out"])["loaded"] if one["load"]]
    manifests = [name for name in told["files"] if "/loads/" in name or "/held/" in name]
    assert len(manifests) == len(loads)
    assert not [name for name in told["files"] if name.endswith((".part", ".tmp"))]


def test_no_attack_needs_more_memory_than_a_school_computer_has(door: dict[str, Any]) -> None:
    assert door["peak"] < MIB


def test_nothing_is_left_among_temporary_files(door: dict[str, Any]) -> None:
    assert door["temporary"] == []


@pytest.mark.parametrize("name", ["a NUL", "100,000 levels", "a bomb"])
def test_the_program_itself_refuses_in_a_process_of_its_own(name: str, tmp_path: Path) -> None:
    attack = next(attack for attack in ATTACKS if attack.name == name)
    (tmp_path / "given").mkdir()
    path = attack.make(tmp_path / "given")
    program: Callable[..., Any] = subprocess.run
    run = program(
        [str(Path(sys.executable).parent / "homeroom"), "load", str(path), "--json", "--data", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert run.returncode in (1, 2)
    assert attack.says in run.stdout
    assert "Traceback" not in run.stderr
    assert not list((tmp_path / "data").rglob("*users*.parquet"))
