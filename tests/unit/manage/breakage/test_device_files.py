"""A list of devices: rows that fit are estimated, each other row is rejected with its place and what would fit."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.apps.manage.breakage.device_files import read_device_file
from homeroom.cli.main import build_app
from homeroom.domain.manage.estimates.breakage import Departure
from homeroom.ingest.contract.errors import FileRefused

TODAY = date(2027, 6, 30)
HEADER = "device,model,in_service,listed_since,left_on,how\n"


def write_list(path: Path, rows: str, *, header: str = HEADER) -> Path:
    """Write a file of rows under the header."""
    path.write_text(header + rows, encoding="utf-8")
    return path


def test_days_and_ways_to_leave_are_read(tmp_path: Path):
    path = write_list(tmp_path / "d.csv", "A1,C204,7/1/2022,,2025-01-31,Broken\nA2,C204,2022-07-01,2023-01-10,,\n")
    first, second = read_device_file(path, today=TODAY).devices
    assert (first.in_service, first.listed_since) == (date(2022, 7, 1), date(2022, 7, 1))
    assert (first.left_on, first.departure) == (date(2025, 1, 31), Departure.BROKEN)
    assert (second.listed_since, second.left_on, second.departure) == (date(2023, 1, 10), None, None)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("A2,C204,,,,", "in_service", "no first day"),
        ("A2,C204,2022-07-01,,2022-06-30,broken", "left_on", "left before it came"),
        ("A2,C204,2022-07-01,2023-07-01,2023-01-01,broken", "left_on", "left before it was listed"),
        ("A2,C204,2022-07-01,,2028-01-01,retired", "left_on", "is after"),
        ("A2,C204,2028-07-01,,,", "in_service", "is after"),
        ("A2,C204,summer,,,", "in_service", "is not a day"),
        ("A2,C204,2022-07-01,,2025-01-31,", "how", "is blank"),
        ("A2,C204,2022-07-01,,,broken", "left_on", "is blank"),
        ("A2,C204,2022-07-01,,2025-01-31,eaten", "how", "is no way to leave"),
        ("A2,,2022-07-01,,,", "model", "is blank"),
        (",C204,2022-07-01,,,", "device", "is blank"),
        ("A1,C204,2022-07-01,,,", "device", "is in the list twice"),
    ],
)
def test_a_row_that_does_not_fit_costs_only_itself(tmp_path: Path, row: str, field: str, reason: str):
    path = write_list(tmp_path / "d.csv", f"A1,C204,2022-07-01,,,\n{row}\nA3,C204,2022-07-01,,,\n")
    file = read_device_file(path, today=TODAY)
    assert [device.device for device in file.devices] == ["A1", "A3"]
    (problem,) = file.rejects
    assert (problem.line, problem.field) == (3, field)
    assert problem.reason.startswith(reason)
    assert problem.fits


def test_a_file_without_the_columns_is_refused(tmp_path: Path):
    with pytest.raises(FileRefused, match="has no column in_service"):
        read_device_file(write_list(tmp_path / "d.csv", "A1,C204\n", header="device,model\n"), today=TODAY)


def test_the_command_prints_one_document_and_counts_what_it_rejects(tmp_path: Path):
    came = date(2022, 7, 1)
    rows = [f"A{n},C204,{came},,{came + timedelta(days=40 * n)},broken" for n in range(1, 31)]
    rows += [f"B{n},C204,{came},,," for n in range(70)] + ["C1,C204,,,,", "C2,Old,2020-07-01,,,"]
    path = write_list(tmp_path / "d.csv", "\n".join(rows) + "\n")
    result = CliRunner().invoke(build_app(), ["breakage", str(path), "--json", "--today", str(TODAY)])
    assert result.exit_code == 1, result.output
    document = json.loads(result.stdout)
    assert document["rejected"] == 1
    model, old = document["models"]
    assert (model["model"], model["devices"], model["broken"]) == ("C204", 100, 30)
    assert list(model["by_age"][0]) == ["years", "share", "low", "high"]
    assert model["by_age"][0]["share"] == pytest.approx(0.09)
    assert model["by_age"][5] == {
        "years": 6, "verdict": "cannot tell", "why": "devices of that age were never watched"
    }  # fmt: skip
    assert old["by_age"][0]["verdict"] == "cannot tell"
    assert old["next_year"] is None


def test_without_json_a_table_has_a_line_for_each_model(tmp_path: Path):
    path = write_list(tmp_path / "d.csv", "A1,C204,2022-07-01,,,\nA2,C205,,,,\n")
    result = CliRunner().invoke(build_app(), ["breakage", str(path), "--today", str(TODAY)])
    assert result.exit_code == 1
    assert "C204" in result.output
    assert "d.csv, line 3, in_service: no first day" in result.output
