"""The column report of a load is correct: an unread column changes nothing, and a missing one is named."""

from __future__ import annotations

import ast
from datetime import date
from pathlib import Path

import pytest

import homeroom.connectors
from homeroom.ingest.contract.column_usage import ColumnUsage, merge_usage
from homeroom.ingest.contract.connector import CsvKind, Reading
from homeroom.ingest.detection.detect import PackageFile, detect_packages
from homeroom.library.know.connectors import load_connectors
from homeroom.sample import generate_sample
from tests.connectors.raw_frames import build_frame, parse_csv
from tests.connectors.recordings import RECORDINGS

STUDENTS = 500
CONNECTORS = Path(homeroom.connectors.__file__).parent


@pytest.fixture(name="exports", scope="module")
def _generate_exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    generate_sample(folder, students=STUDENTS, seed=4, today=date(2026, 3, 3))
    return folder


def _read_without(file: PackageFile, *, without: frozenset[str]) -> tuple[list[Reading], ColumnUsage, list[str]]:
    reader = next(connector for connector in load_connectors() if file.kind in connector.kinds).readers[
        file.kind.reader
    ]
    readings, columns = list[Reading](), list[str]()
    for chunk in file.iter_chunks():
        columns = list(chunk.columns)
        readings.append(reader(chunk.drop(without, strict=False)))
    return readings, merge_usage(reading.usage for reading in readings), columns


def _are_equal(first: list[Reading], second: list[Reading]) -> bool:
    return len(first) == len(second) and all(
        a.tables.keys() == b.tables.keys()
        and all(frame.equals(b.tables[name]) for name, frame in a.tables.items())
        and a.rejects.equals(b.rejects)
        and dict(a.dropped) == dict(b.dropped)
        for a, b in zip(first, second, strict=True)
    )


def _detect_csv_files(paths: list[Path]) -> list[PackageFile]:
    detection = detect_packages(paths, connectors=load_connectors())
    return [file for package in detection.packages for file in package.files if isinstance(file.kind, CsvKind)]


def test_a_column_that_is_called_unread_changes_nothing(exports: Path) -> None:
    unread_count = 0
    for file in _detect_csv_files([exports, RECORDINGS]):
        complete, usage, columns = _read_without(file, without=frozenset())
        if not usage.matched:
            continue
        unread = frozenset(name for name in columns if name not in usage.matched and not name.startswith("_"))
        unread_count += len(unread)
        reduced, _, _ = _read_without(file, without=unread)
        assert _are_equal(complete, reduced), (file.name, sorted(unread))
    assert unread_count > 10


def _list_readings_without_usage(source: str) -> list[str]:
    """Return the functions that have raw rows, and build a reading without their usage."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    return [
        function.name
        for function in functions
        if any(isinstance(node, ast.Name) and node.id == "raw" for node in ast.walk(function))
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Reading"
        if "usage" not in {keyword.arg for keyword in call.keywords}
    ]


def test_a_reader_of_raw_rows_passes_their_usage_on() -> None:
    assert _list_readings_without_usage("def read(frame):\n    raw = RawRows(frame)\n    return Reading(tables={})\n")
    sources = {path: path.read_text(encoding="utf-8") for path in CONNECTORS.rglob("*.py")}
    assert {str(path): names for path, text in sources.items() if (names := _list_readings_without_usage(text))} == {}


def test_a_heading_that_was_renamed_is_named_on_both_sides() -> None:
    reader = next(connector for connector in load_connectors() if connector.name == "snipeit").readers["read_assets"]
    frame = parse_csv("""Asset Tag,Serial,Model,Purchase Dt.
                     1,SN1,M,2024-01-02""")
    usage = reader(frame).usage
    unread, missing = usage.describe(frame.columns)
    assert unread == "1 column is not read: Purchase Dt."
    assert missing.startswith("no column for: ")
    assert "Purchase Date" in usage.missing


def test_many_columns_are_counted_beyond_eight() -> None:
    usage = ColumnUsage(matched={"a": None})
    (message,) = usage.describe([f"c{n}" for n in range(12)] + ["a", "_line"])
    assert message == "12 columns are not read: c0, c1, c2, c3, c4, c5, c6, c7 and 4 more"


def test_a_reader_that_asks_for_nothing_by_name_is_not_spoken_of() -> None:
    assert ColumnUsage().describe(["a", "b"]) == ()


def test_a_column_of_days_in_several_forms_is_told_with_their_counts() -> None:
    reader = next(connector for connector in load_connectors() if connector.name == "snipeit").readers["read_assets"]
    days = ["2024-05-01", "5/2/2024", "2024-05-03 10:00", "31/12/2024", None, "soon"]
    frames = [
        build_frame([{"Asset Tag": str(n), "Purchase Date": day} for n, day in enumerate(part)])
        for part in (days, ["2024-06-01"] * 1500 + ["6/2/2024"] * 100)
    ]
    message = "Purchase Date: dates in 3 forms, 2026-05-01 (1,502), 5/1/2026 (101), 31/1/2026 (1)"
    assert merge_usage(reader(frame).usage for frame in frames).mixed_formats == (message,)


def test_a_column_of_days_in_one_form_is_not_spoken_of() -> None:
    reader = next(connector for connector in load_connectors() if connector.name == "snipeit").readers["read_assets"]
    frame = build_frame([{"Asset Tag": "1", "Purchase Date": "5/2/2024"}, {"Asset Tag": "2", "Purchase Date": None}])
    usage = reader(frame).usage
    assert (usage.mixed_formats, usage.find_other_formats("2026-05-01")) == ((), {"5/1/2026"})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (
            "student.studentNumber,student.lastName,student.startDate,sch.name,student.locker\n"
            "1,Doe,8/17/2026,Cedar,7\n2,Roe,2026-08-17,Cedar,8\n",
            "infinitecampus.students-grouped",
        ),
        (
            "STUDENTS.Student_Number,STUDENTS.Last_Name,STUDENTS.EntryDate,STUDENTS.SchoolID,STUDENTS.Locker\n"
            "1,Doe,8/17/2026,100,7\n2,Roe,2026-08-17,100,8\n",
            "powerschool.students-named",
        ),
    ],
)
def test_columns_with_a_tables_name_before_them_are_told_as_the_file_writes_them(
    tmp_path: Path, text: str, kind: str
) -> None:
    (tmp_path / "students.csv").write_text(text, encoding="utf-8")
    (file,) = _detect_csv_files([tmp_path / "students.csv"])
    assert file.kind.id == kind
    _, usage, columns = _read_without(file, without=frozenset())
    messages = usage.describe(columns)
    assert messages[0] == f"1 column is not read: {columns[4]}"
    assert messages[-1].startswith(f"{columns[2]}: dates in 2 forms")
