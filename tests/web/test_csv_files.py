"""Every CSV is written by the same code, and a large one goes to the data folder while it is written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.web.shared import csv_files
from homeroom.web.shared.csv_files import write_csv_file
from tests.architecture.repository_files import PACKAGE, list_modules

ROWS = [["id", "Name"], ["1", 'a "quoted", long\nname'], ["2", "Núñez"]]


def test_a_file_has_every_row_and_is_read_back_alike() -> None:
    with write_csv_file(ROWS) as file:
        text = file.read().decode()
    assert text.startswith("id,Name\r\n")
    assert list(csv.reader(io.StringIO(text, newline=""))) == ROWS


def test_a_large_file_leaves_memory_while_it_is_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(csv_files, "MAX_IN_MEMORY_BYTES", 1_000)
    created: list[object] = []
    make_file = csv_files.SpooledTemporaryFile

    def record_file(**options: object) -> object:
        created.append(make_file(**{**options, "dir": str(tmp_path)}))
        return created[-1]

    monkeypatch.setattr(csv_files, "SpooledTemporaryFile", record_file)
    on_disk: list[bool] = []

    def iterate_rows() -> Iterator[list[str]]:
        for _ in range(200):
            yield ["x" * 100]
            on_disk.append(created[0]._rolled)  # type: ignore[attr-defined]

    with write_csv_file(iterate_rows()) as file:
        assert len(file.read()) == 200 * 102
    assert on_disk[5] is False
    assert on_disk[20] is True


def test_only_one_module_builds_lines_of_csv() -> None:
    writers = [path.relative_to(PACKAGE).as_posix() for path in list_modules() if _has_csv_writer(path)]
    assert [path for path in writers if path.startswith(("domain/", "apps/", "web/", "api/"))] == [
        "domain/spreadsheets.py"
    ]


def _has_csv_writer(path: Path) -> bool:
    return re.search(r"csv\.(Dict)?[wW]riter\(", path.read_text(encoding="utf-8")) is not None
