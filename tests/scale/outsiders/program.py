"""Writes exports as vendors do, and asks the program about them from outside."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.begun import begun

type Row = Mapping[str, Any]
type Failing = dict[str, set[str]]


def csv_text(rows: Sequence[Row], *, columns: Sequence[str] = (), end: str = "\r\n", quoted: bool = False) -> str:
    """The rows as CSV with the given columns, else those of the first row."""
    page = io.StringIO(newline="")
    names = columns or list(rows[0])
    if quoted:
        writer = csv.DictWriter(page, names, lineterminator=end, restval="", quoting=csv.QUOTE_ALL)
    else:
        writer = csv.DictWriter(page, names, lineterminator=end, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return page.getvalue()


def columns(header: str) -> list[str]:
    """The names in a header line."""
    return header.split(",")


def write(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    """The text in that file, line ends as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))
    return path


def before(today: date, days: int, *, hour: int = 15) -> str:
    """That many days before today, as Google writes times."""
    return f"{(today - timedelta(days=days)).isoformat()}T{hour:02}:00:00.000Z"


def homeroom(*words: object, data: Path) -> subprocess.CompletedProcess[str]:
    """The program, run with those words and that data folder."""
    line = [sys.executable, "-m", "homeroom", *map(str, words)]
    return subprocess.run(
        [*line, "--data", str(begun(data))], capture_output=True, text=True, encoding="utf-8", check=False
    )


def assessed(exports: Iterable[Path], *, data: Path, today: date, more: Sequence[str] = ()) -> dict[str, Any]:
    """What `homeroom assess --json --subjects` prints about those exports."""
    ran = homeroom("assess", *exports, "--json", "--subjects", "--today", today, *more, data=data)
    assert ran.returncode in (0, 1), ran.stderr
    given: dict[str, Any] = json.loads(ran.stdout)
    return given


def failing(report: Mapping[str, Any], control: str) -> list[set[str]]:
    """The keys of the records of each subject that fails the control."""
    (found,) = [one for one in report["controls"] if one["id"] == control]
    subjects = [{record["key"] for record in subject["records"]} for subject in found["subjects"]]
    assert len(subjects) == found["failing"]
    return subjects


def differences(report: Mapping[str, Any], expected: Failing) -> dict[str, tuple[set[str], list[set[str]]]]:
    """By control: the expected keys that no failing subject has, and the failing subjects that have none of them."""
    told = {}
    for control, keys in expected.items():
        subjects = failing(report, control)
        missed = keys - set().union(*subjects)
        extra = [subject for subject in subjects if not subject & keys]
        if missed or extra:
            told[control] = (missed, extra)
    return told
