"""What a load says of a file's columns is so: a column that it calls unread changes nothing, and one that is missing is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homeroom.ingest.connector import Reading
from homeroom.ingest.headings import Headings, listened
from homeroom.ingest.recognise import PackageFile, packages
from homeroom.library.connectors import connectors
from homeroom.sample import make
from tests.connectors.raw import rows, sheet
from tests.connectors.recorded import RECORDINGS

STUDENTS = 500


@pytest.fixture(name="exports", scope="module")
def _exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    make(folder, students=STUDENTS, seed=4, today=date(2026, 3, 3))
    return folder


def _read(file: PackageFile, *, without: frozenset[str]) -> tuple[list[Reading], Headings, list[str]]:
    reader = next(one for one in connectors() if file.kind in one.kinds).readers[file.kind.reader]
    asked, found, columns = Headings(), list[Reading](), list[str]()
    for chunk in file.chunks():
        columns = list(chunk.columns)
        with listened(asked):
            found.append(reader(chunk.drop(without, strict=False)))
    return found, asked, columns


def _same(one: list[Reading], other: list[Reading]) -> bool:
    return len(one) == len(other) and all(
        a.tables.keys() == b.tables.keys()
        and all(frame.equals(b.tables[name]) for name, frame in a.tables.items())
        and a.rejects.equals(b.rejects)
        and dict(a.dropped) == dict(b.dropped)
        for a, b in zip(one, other, strict=True)
    )


def _files(paths: list[Path]) -> list[PackageFile]:
    found = packages(paths, connectors=connectors())
    return [file for package in found.packages for file in package.files if file.kind.form == "csv"]


def test_a_column_that_is_called_unread_changes_nothing(exports: Path) -> None:
    told = 0
    for file in _files([exports, RECORDINGS]):
        whole, asked, columns = _read(file, without=frozenset())
        if not asked.found:
            continue
        unread = frozenset(name for name in columns if name not in asked.found and not name.startswith("_"))
        told += len(unread)
        less, _, _ = _read(file, without=unread)
        assert _same(whole, less), (file.name, sorted(unread))
    assert told > 10


def test_a_heading_that_was_renamed_is_named_on_both_sides() -> None:
    reader = next(one for one in connectors() if one.name == "snipeit").readers["assets"]
    asked = Headings()
    frame = sheet("""Asset Tag,Serial,Model,Purchase Dt.
                     1,SN1,M,2024-01-02""")
    with listened(asked):
        reader(frame)
    unread, missing = asked.told(frame.columns)
    assert unread == "1 column is not read: Purchase Dt."
    assert missing.startswith("no column for: ")
    assert "Purchase Date" in asked.missed


def test_many_columns_are_counted_beyond_eight() -> None:
    asked = Headings(found={"a": None})
    (said,) = asked.told([f"c{n}" for n in range(12)] + ["a", "_line"])
    assert said == "12 columns are not read: c0, c1, c2, c3, c4, c5, c6, c7 and 4 more"


def test_a_reader_that_asks_for_nothing_by_name_is_not_spoken_of() -> None:
    assert Headings().told(["a", "b"]) == ()


def test_a_column_of_days_in_several_forms_is_told_with_their_counts() -> None:
    reader = next(one for one in connectors() if one.name == "snipeit").readers["assets"]
    asked = Headings()
    days = ["2024-05-01", "5/2/2024", "2024-05-03 10:00", "31/12/2024", None, "soon"]
    for part in (days, ["2024-06-01"] * 1500 + ["6/2/2024"] * 100):
        frame = rows([{"Asset Tag": str(n), "Purchase Date": day} for n, day in enumerate(part)])
        with listened(asked):
            reader(frame)
    said = "Purchase Date: dates in 3 forms, 2026-05-01 (1,502), 5/1/2026 (101), 31/1/2026 (1)"
    assert asked.mixed == (said,)


def test_a_column_of_days_in_one_form_is_not_spoken_of() -> None:
    reader = next(one for one in connectors() if one.name == "snipeit").readers["assets"]
    asked = Headings()
    with listened(asked):
        reader(rows([{"Asset Tag": "1", "Purchase Date": "5/2/2024"}, {"Asset Tag": "2", "Purchase Date": None}]))
    assert (asked.mixed, asked.forms_but("2026-05-01")) == ((), {"5/1/2026"})


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
    (tmp_path / "pupils.csv").write_text(text, encoding="utf-8")
    (file,) = _files([tmp_path / "pupils.csv"])
    assert file.kind.id == kind
    _, asked, columns = _read(file, without=frozenset())
    told = asked.told(columns)
    assert told[0] == f"1 column is not read: {columns[4]}"
    assert told[-1].startswith(f"{columns[2]}: dates in 2 forms")
