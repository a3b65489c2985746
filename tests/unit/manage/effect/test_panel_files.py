"""A file of weeks by school is read exactly, or refused with file, line, field, value and what would fit."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.apps.manage.effects.panel_files import read_studies
from homeroom.cli.main import build_app
from homeroom.ingest.contract.errors import FileRefused
from tests.unit.manage.effect.invented_studies import write_panel

GOOD = "mfa,Oak,2027-01-06,2027-02-01,12,300\n"


def test_a_week_is_any_day_of_it_and_a_value_is_divided(tmp_path: Path):
    path = write_panel(tmp_path / "panel.csv", f"{GOOD}mfa,Oak,1/15/2027,2/1/2027,,300\nother,Elm,2027-01-10,,7,\n")
    first, second = read_studies(path)
    assert [(row.week, row.value) for row in first.weeks] == [(date(2027, 1, 4), 0.04), (date(2027, 1, 11), None)]
    assert first.starts == {"Oak": date(2027, 2, 1)}
    assert second.starts == {"Elm": None}
    assert second.weeks[0].value == 7


def test_the_column_per_may_be_missing(tmp_path: Path):
    path = write_panel(tmp_path / "p.csv", "mfa,Oak,2027-01-06,,12\n", header="study,school,week,started,value\n")
    assert read_studies(path)[0].weeks[0].value == 12


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ("mfa,Oak,2027-01-13,2027-02-15,1,300", "started", "2027-02-15"),
        ("mfa,Oak,2027-01-13,,1,300", "started", None),
        ("mfa,Oak,2027-01-08,2027-02-01,1,300", "week", "2027-01-08"),
        ("mfa,Oak,2027-01-13,2027-02-01,many,300", "value", "many"),
        ("mfa,Oak,2027-01-13,2027-02-01,NaN,300", "value", "NaN"),
        ("mfa,Oak,2027-01-13,2027-02-01,inf,300", "value", "inf"),
        ("mfa,Oak,2027-01-13,2027-02-01,1e999,300", "value", "1e999"),
        ("mfa,Oak,2027-01-13,2027-02-01,1e18,300", "value", "1e18"),
        ("mfa,Oak,2027-01-13,2027-02-01,1e9,1e-9", "value", "1e9"),
        ("mfa,Oak,2027-01-13,2027-02-01,,all", "per", "all"),
        ("mfa,Oak,2027-01-13,2027-02-01,1,0", "per", "0"),
        ("mfa,Oak,2027-01-13,2027-02-01,1,-3", "per", "-3"),
        ("mfa,Oak,2027-01-13,2027-02-01,1,all", "per", "all"),
        ("mfa,Oak,2027-01-13,2027-02-01,1,", "per", None),
        ("mfa,Oak,2027-13-13,2027-02-01,1,300", "week", "2027-13-13"),
        ("mfa,Oak,,2027-02-01,1,300", "week", None),
        ("mfa,Oak,2027-01-13,soon,1,300", "started", "soon"),
        (",Oak,2027-01-13,2027-02-01,1,300", "study", None),
        ("mfa,,2027-01-13,2027-02-01,1,300", "school", None),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, row: str, field: str, value: str | None):
    with pytest.raises(FileRefused) as refusal:
        read_studies(write_panel(tmp_path / "panel.csv", f"{GOOD}{row}\n"))
    (problem,) = refusal.value.problems
    assert (problem.file, problem.line, problem.field, problem.value) == ("panel.csv", 3, field, value)
    assert problem.fits


@pytest.mark.parametrize("content", ["", "study,school\n", "study,school,week,started,value\n", 'a,b\n"open\n'])
def test_a_file_that_is_no_panel_is_refused(tmp_path: Path, content: str):
    path = tmp_path / "panel.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FileRefused):
        read_studies(path)


def test_the_command_prints_one_document_and_refuses_with_code_2(tmp_path: Path):
    rows = "".join(
        f"mfa,s{school},2027-{1 + week // 4:02}-{1 + week % 4 * 7:02},{start},{(school * 7 + week * 5) % 11},\n"
        for school, start in enumerate(["2027-02-01"] * 3 + [""] * 5)
        for week in range(12)
    )
    path = write_panel(tmp_path / "panel.csv", rows)
    result = CliRunner().invoke(build_app(), ["effect", str(path), "--json"])
    assert result.exit_code == 0, result.output
    (study,) = json.loads(result.output)["studies"]
    keys = "study verdict estimate low high schools school_weeks seen_if_at_least why"
    assert list(study) == keys.split()
    assert study["verdict"] == "not seen"
    assert study["low"] <= 0 <= study["high"]
    bad = write_panel(tmp_path / "bad.csv", "mfa,Oak,2027-01-06,,many,\n")
    refused = CliRunner().invoke(build_app(), ["effect", str(bad), "--json"])
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["exit_code"] == 2


def test_without_json_a_table_names_verdict_and_reason(tmp_path: Path):
    path = write_panel(tmp_path / "panel.csv", GOOD)
    result = CliRunner().invoke(build_app(), ["effect", str(path)])
    assert result.exit_code == 0
    assert "cannot tell" in result.output
    assert "nothing to compare with" in result.output
