"""Trials from a table: rows that do not fit cost themselves, and an arm of few people is hidden."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from homeroom.cli.main import build_app


def _estimate(folder: Path, lines: list[str]) -> tuple[int, dict[str, Any], str]:
    path = folder / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = CliRunner().invoke(build_app(), ["awareness", "effect", str(path), "--json"])
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}, result.stderr


def _build_rows(arm: str, count: int, missed: int, prefix: str = "") -> list[str]:
    return [f"{arm[0]}{prefix}{number},{arm},{int(number < missed)}" for number in range(count)]


def test_a_table_of_two_arms_has_an_effect_with_its_interval(tmp_path: Path):
    lines = ["person,arm,missed", *_build_rows("trained", 200, 10), *_build_rows("held_out", 200, 50)]
    code, document, _ = _estimate(tmp_path, lines)
    (term,) = document["terms"]
    assert code == 0
    assert (term["estimate"], term["verdict"], term["suppressed"]) == (-0.2, "lower", False)
    assert term["people"] == term["units"] == {"trained": 200, "held_out": 200}
    assert term["low"] < -0.2 < term["high"] < 0


def test_undelivered_and_unknown_outcomes_count_for_nobody(tmp_path: Path):
    lines = ["person,arm,missed,delivered", *(f"{row},1" for row in _build_rows("trained", 20, 4))]
    lines += [*(f"{row},1" for row in _build_rows("held_out", 20, 8)), "x,held_out,1,0", "y,held_out,,1"]
    (term,) = _estimate(tmp_path, lines)[1]["terms"]
    assert term["people"] == {"trained": 20, "held_out": 20}
    assert term["estimate"] == -0.2


def test_terms_are_estimated_apart_and_a_small_one_is_hidden(tmp_path: Path):
    lines = ["term,person,arm,missed", *(f"fall,{row}" for row in _build_rows("trained", 30, 3))]
    lines += [
        *(f"fall,{row}" for row in _build_rows("held_out", 30, 3)),
        *(f"spring,{row}" for row in _build_rows("trained", 30, 3)),
    ]
    lines += [f"spring,{row}" for row in _build_rows("held_out", 9, 3)]
    fall, spring = _estimate(tmp_path, lines)[1]["terms"]
    assert (fall["term"], fall["verdict"]) == ("fall", "inconclusive")
    assert spring == {
        "term": "spring", "people": {"trained": None, "held_out": None}, "units": {"trained": None, "held_out": None},
        "estimate": None, "low": None, "high": None, "verdict": "inconclusive", "smallest_detectable": None,
        "suppressed": True,
    }  # fmt: skip


def test_rows_that_contradict_others_are_rejected_with_their_line(tmp_path: Path):
    lines = ["person,arm,missed,unit,drill", *(f"{row},oak,1" for row in _build_rows("trained", 12, 2))]
    lines += [f"{row},elm,1" for row in _build_rows("held_out", 12, 2)]
    bad = ["t0,held_out,1,oak,2", "t1,trained,1,fir,2", "z,held_out,1,oak,1", "t2,trained,1,oak,1", "q,both,1,oak,1",
           ",trained,1,oak,1", "r,trained,maybe,oak,1"]  # fmt: skip
    code, document, errors = _estimate(tmp_path, [*lines, *bad])
    assert (code, document["terms"][0]["units"]) == (1, {"trained": 1, "held_out": 1})
    for line, field in zip(range(26, 33), ("arm", "unit", "arm", "drill", "arm", "person", "missed"), strict=True):
        assert f"line {line}, {field}" in errors.replace("\n", " ")


def test_a_table_without_rows_or_columns_is_refused(tmp_path: Path):
    assert _estimate(tmp_path, ["person,arm,missed"])[0] == 2
    code, document, errors = _estimate(tmp_path, ["person,missed", "a,1"])
    assert (code, document["exit_code"]) == (2, 2)
    assert "arm" in errors
