"""A refusal begins with Error, and with --json it is one document too, unless the result was already printed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from homeroom.apps.protect.vulnerabilities.published.queries import RemedySummary
from homeroom.cli.main import build_app
from homeroom.cli.options import format_local_time, print_json, refuse, start_json
from homeroom.cli.protect.vulnerabilities import build_remedy_grid
from homeroom.domain.schooldays import format_american_time


def test_a_refusal_is_a_sentence_with_a_limit() -> None:
    done = CliRunner().invoke(build_app(), ["plan", "--hours=-3"])
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", "Error: --hours must be between 0 and 10000\n")


def test_with_json_a_refusal_is_one_document() -> None:
    done = CliRunner().invoke(build_app(), ["plan", "--hours=-3", "--json"])
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {"exit_code": 2, "errors": ["--hours must be between 0 and 10000"]}
    assert done.stderr == "Error: --hours must be between 0 and 10000\n"


def test_a_command_that_printed_its_result_prints_no_second_document(capsys: pytest.CaptureFixture[str]) -> None:
    start_json(True)
    print_json({"loaded": 3})
    with pytest.raises(typer.Exit):
        refuse("one file could not be read")
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"loaded": 3}
    assert printed.err == "Error: one file could not be read\n"


def test_the_help_lists_the_commands_in_groups_and_none_in_no_group() -> None:
    lines = CliRunner().invoke(build_app(), ["--help"]).stdout.splitlines()
    titles = [line.strip("╭─╮ ") for line in lines if line.startswith("╭")]
    assert titles[:3] == ["Options", "Daily work", "Data"]
    assert "Commands" not in titles
    assert "Other commands" not in titles


@pytest.mark.parametrize(
    ("minute", "text"), [(0, "12:00 AM"), (73, "1:13 AM"), (719, "11:59 AM"), (720, "12:00 PM"), (1439, "11:59 PM")]
)
def test_a_time_of_day_has_am_or_pm(minute: int, text: str) -> None:
    assert format_american_time(minute) == text


def test_a_time_is_that_of_the_district() -> None:
    at = datetime(2026, 1, 15, 5, 10, tzinfo=UTC)
    assert format_local_time(at, ZoneInfo("America/Chicago")) == "Jan 14, 2026, 11:10 PM"


def test_vulnerabilities_are_readable_at_80_columns() -> None:
    remedy = RemedySummary.__new__(RemedySummary)
    values = {
        "title": "Mozilla Firefox Extended Support Release", "update_to": "128.14.0", "remedy": None, "closes": 1204,
        "worst": "critical", "reasons": ("exploited", "public"), "excepted": 12, "exploited": 37, "devices": 10_412,
        "overdue": 9_881, "due_on": "2026-01-19",
    }  # fmt: skip
    for name, value in values.items():
        object.__setattr__(remedy, name, value)
    console = Console(width=80, record=True, color_system=None)
    console.print(build_remedy_grid([remedy]))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["Fix", "Closes", "Exploited", "Devices", "Overdue", "Due"]
    assert lines[1].split()[-5:] == ["1,204", "37", "10,412", "9,881", "2026-01-19"]
    text = " ".join(" ".join(lines).split())
    assert "update to 128.14.0; critical; exploited; public; 12 accepted" in " ".join(
        part for part in text.split() if part not in {"1,204", "37", "10,412", "9,881", "2026-01-19"}
    )
