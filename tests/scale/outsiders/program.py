"""Write exports as vendors do, and run the program on them from outside."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.data_folders import prepare_data_folder
from tests.warm_program import run_program

type ExportRow = Mapping[str, Any]
type FailingKeys = dict[str, set[str]]


def format_csv(
    rows: Sequence[ExportRow], *, columns: Sequence[str] = (), line_end: str = "\r\n", quote_all: bool = False
) -> str:
    """Return the rows as CSV with the given columns, else those of the first row."""
    buffer = io.StringIO(newline="")
    names = columns or list(rows[0])
    if quote_all:
        writer = csv.DictWriter(buffer, names, lineterminator=line_end, restval="", quoting=csv.QUOTE_ALL)
    else:
        writer = csv.DictWriter(buffer, names, lineterminator=line_end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def split_header(header: str) -> list[str]:
    """Return the names in a header line."""
    return header.split(",")


def write_text(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """Write the text into that file, line ends unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def format_days_before(today: date, days: int, *, hour: int = 15) -> str:
    """Return the time that many days before today, as Google writes times."""
    return f"{(today - timedelta(days=days)).isoformat()}T{hour:02}:00:00.000Z"


def run_homeroom(*arguments: object, data: Path) -> subprocess.CompletedProcess[str]:
    """Run the program with those arguments and that data folder."""
    return run_program(*map(str, arguments), "--data", str(prepare_data_folder(data)), environment=os.environ)


def assess(exports: Iterable[Path], *, data: Path, today: date, options: Sequence[str] = ()) -> dict[str, Any]:
    """Return the output of `homeroom assess --json --subjects` for those exports."""
    process = run_homeroom("assess", *exports, "--json", "--subjects", "--today", today, *options, data=data)
    assert process.returncode in (0, 1), process.stderr
    report: dict[str, Any] = json.loads(process.stdout)
    return report


def list_failing(report: Mapping[str, Any], control: str) -> list[set[str]]:
    """Return the keys of the records of each subject that fails the control."""
    (control_report,) = [entry for entry in report["controls"] if entry["id"] == control]
    subjects = [{record["key"] for record in subject["records"]} for subject in control_report["subjects"]]
    assert len(subjects) == control_report["failing"]
    return subjects


def find_differences(report: Mapping[str, Any], expected: FailingKeys) -> dict[str, tuple[set[str], list[set[str]]]]:
    """Return, by control, the expected keys without a failing subject, and the unexpected failing subjects."""
    differing = {}
    for control, keys in expected.items():
        subjects = list_failing(report, control)
        missed = keys - set().union(*subjects)
        extra = [subject for subject in subjects if not subject & keys]
        if missed or extra:
            differing[control] = (missed, extra)
    return differing
