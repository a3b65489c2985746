"""A lot is drawn again from its file: the same, another, and rows that do not fit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.apps.teach.awareness.lot_files import redraw_file
from homeroom.cli.main import build_app
from homeroom.domain.teach.awareness.lots import LotUnit
from homeroom.engines.teach.awareness.lots import draw_lot
from homeroom.ingest.contract.errors import FileRefused

SEED = "a7" * 32


def _write_lot(path: Path, *, erased: int = 0) -> list[str]:
    units = draw_lot([LotUnit(name=f"p-{n}", stratum=f"s{n % 2}") for n in range(60)], seed=SEED, percent=20)
    lines = [
        f",{unit.arm},{unit.stratum},{unit.score}" if n < erased else f"{unit.name},{unit.arm},{unit.stratum},"
        for n, unit in enumerate(units)
    ]
    path.write_text("\n".join(["unit,arm,stratum,score", *lines]) + "\n", encoding="utf-8")
    return lines


def test_the_same_seed_gives_the_same_lot_also_with_erased_people(tmp_path: Path):
    _write_lot(tmp_path / "lot.csv", erased=5)
    lot = redraw_file(tmp_path / "lot.csv", seed=SEED, percent=20)
    assert (lot.units, lot.held_out, lot.different, lot.problems) == (60, 12, (), ())


def test_a_changed_arm_is_found_by_its_line(tmp_path: Path):
    lines = _write_lot(tmp_path / "lot.csv")
    changed = lines[7].replace("trained", "x").replace("held_out", "trained").replace("x", "held_out")
    text = "\n".join(["unit,arm,stratum,score", *lines[:7], changed, *lines[8:]])
    (tmp_path / "lot.csv").write_text(text, encoding="utf-8")
    assert redraw_file(tmp_path / "lot.csv", seed=SEED, percent=20).different == (9,)


def test_rows_that_do_not_fit_are_rejected_and_the_others_drawn(tmp_path: Path):
    _write_lot(tmp_path / "lot.csv")
    with (tmp_path / "lot.csv").open("a", encoding="utf-8") as handle:
        handle.write("p-90,perhaps,s0,\n,trained,s0,\np-1,held_out,s1,\np-1,trained,s1,\n")
    lot = redraw_file(tmp_path / "lot.csv", seed=SEED, percent=20)
    assert lot.units == 60
    assert [problem.field for problem in lot.problems] == ["arm", "unit", "arm"]


def test_a_school_with_the_name_of_a_formula_is_drawn_again_from_its_escaped_cell(tmp_path: Path):
    units = draw_lot([LotUnit(name=f"=School {n}") for n in range(12)], seed=SEED, percent=50)
    lines = [f"'{unit.name},{unit.arm}" for unit in units]
    (tmp_path / "lot.csv").write_text("\n".join(["unit,arm", *lines]), encoding="utf-8")
    assert redraw_file(tmp_path / "lot.csv", seed=SEED, percent=50).different == ()


def test_a_file_without_a_row_is_refused(tmp_path: Path):
    (tmp_path / "lot.csv").write_text("unit,arm\n", encoding="utf-8")
    with pytest.raises(FileRefused):
        redraw_file(tmp_path / "lot.csv", seed=SEED, percent=20)


def test_the_command_prints_one_document_and_names_a_seed_that_is_none(tmp_path: Path):
    _write_lot(tmp_path / "lot.csv")
    command = ["awareness", "redraw", str(tmp_path / "lot.csv"), "--percent", "20", "--json", "--seed"]
    answer = CliRunner().invoke(build_app(), [*command, SEED])
    assert answer.exit_code == 0
    assert json.loads(answer.stdout) == {"units": 60, "held_out": 12, "same": True, "different_lines": []}
    other = CliRunner().invoke(build_app(), [*command, "b7" * 32])
    assert other.exit_code == 1
    assert json.loads(other.stdout)["same"] is False
    assert CliRunner().invoke(build_app(), [*command, "seed"]).exit_code == 2
