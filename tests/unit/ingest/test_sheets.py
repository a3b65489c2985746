"""Workbooks are read as the CSV files that their sheets would be."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import xlsxwriter

from homeroom.ingest.archives import Found, found_at
from homeroom.ingest.limits import STANDARD

ODS = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Licences">
<table:table-row><table:table-cell office:value-type="string"><text:p>Product</text:p></table:table-cell><table:table-cell office:value-type="string"><text:p>Seats</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell office:value-type="string"><text:p>Math game</text:p></table:table-cell><table:table-cell office:value-type="float" office:value="300"><text:p>300</text:p></table:table-cell></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""
ODS_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">
<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""


def book(path: Path, **sheets: list[list[Any]] | None) -> Path:
    """A workbook; a sheet of None is hidden."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            for place, row in enumerate(rows or [["secret", "list"], ["a", "b"]]):
                sheet.write_row(place, 0, row)
            if rows is None:
                sheet.hide()
    return path


def texts(found: Found) -> dict[str, str]:
    said = {}
    for origin in found.origins:
        with origin.open() as stream:
            said[origin.name] = stream.read().decode()
    return said


def test_values_stand_as_a_person_reads_them(tmp_path: Path) -> None:
    when = [date(2026, 5, 1), datetime(2026, 5, 1, 13, 30)]  # noqa: DTZ001 (a sheet knows no zone)
    row = ["0042", 42, 1.5, True, *when, None, "two\nlines, and a comma"]
    rows = [["No", "Count", "Share", "On", "Day", "Time", "Empty", "Note"], row]
    found = found_at(book(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert texts(found) == {
        "l.xlsx/Licences.csv": "No,Count,Share,On,Day,Time,Empty,Note\n"
        '0042,42,1.5,true,2026-05-01,2026-05-01T13:30:00,,"two lines, and a comma"\n'
    }


def test_a_row_of_the_sheet_is_the_line_of_its_number(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Licences of Maple Valley"],
        [],
        ["Product", "Seats"],
        ["Math\ngame", 300],
        [],
        ["Atlas", 40],
    ]
    found = found_at(book(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert texts(found) == {"l.xlsx/Licences.csv": "\n\nProduct,Seats\nMath game,300\n\nAtlas,40\n"}


def test_a_column_without_a_heading_is_named_by_its_letters_where_it_holds_values(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Product", "", "", "Seats", "Cost"], ["Atlas", "x", "", 40, 5, *[""] * 21, "far off"]]
    found = found_at(book(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert texts(found) == {"l.xlsx/Licences.csv": "Product,column B,Seats,Cost,column AA\nAtlas,x,40,5,far off\n"}


def test_a_heading_with_a_sign_that_could_part_columns_stays_one(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Cost; net", "Tag|Serial"], [1, "a"]]
    found = found_at(book(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert texts(found) == {"l.xlsx/Licences.csv": '"Cost; net","Tag|Serial"\n1,a\n'}


def test_sheets_that_are_hidden_or_empty_are_left_out_and_named(tmp_path: Path) -> None:
    found = found_at(book(tmp_path / "l.xlsx", Used=[["A", "B"], [1, 2]], Old=None, Blank=[[]]), limits=STANDARD)
    assert list(texts(found)) == ["l.xlsx/Used.csv"]
    assert found.ignored == ("l.xlsx/Old.csv", "l.xlsx/Blank.csv")


def test_a_sheet_of_libre_office_is_read_alike(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "l.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr("content.xml", ODS)
    assert texts(found_at(tmp_path / "l.ods", limits=STANDARD)) == {
        "l.ods/Licences.csv": "Product,Seats\nMath game,300\n"
    }


def test_a_workbook_that_is_none_is_refused_and_nothing_breaks(tmp_path: Path) -> None:
    whole = book(tmp_path / "l.xlsx", A=[["A", "B"], [1, 2]]).read_bytes()
    parts = {"[Content_Types].xml": b"x", "xl/workbook.xml": b"<workbook"}
    with ZipFile(tmp_path / "hollow.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with ZipFile(tmp_path / "word.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", b"x")
        archive.writestr("word/document.xml", b"x")
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    empty = book(tmp_path / "empty.xlsx", A=[[]])
    for path in (tmp_path / "hollow.xlsx", tmp_path / "word.docx", tmp_path / "cut.xlsx", empty):
        found = found_at(path, limits=STANDARD)
        assert found.origins == ()
        assert len(found.problems) == 1, path.name
