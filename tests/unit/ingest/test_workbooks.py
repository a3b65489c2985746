"""Workbooks are read as the CSV files that their sheets would be."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter

from homeroom.ingest.containers.archives import SourceFiles, find_sources
from homeroom.ingest.contract.limits import STANDARD

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


def write_workbook(path: Path, **sheets: list[list[Any]] | None) -> Path:
    """Write a workbook. A sheet of None is hidden."""
    with xlsxwriter.Workbook(str(path), {"default_date_format": "yyyy-mm-dd"}) as workbook:
        for title, rows in sheets.items():
            sheet = workbook.add_worksheet(title)
            for row_number, row in enumerate(rows or [["secret", "list"], ["a", "b"]]):
                sheet.write_row(row_number, 0, row)
            if rows is None:
                sheet.hide()
    return path


def read_texts(sources: SourceFiles) -> dict[str, str]:
    contents = {}
    for origin in sources.origins:
        with origin.open() as stream:
            contents[origin.name] = stream.read().decode()
    return contents


def test_values_stand_as_a_person_reads_them(tmp_path: Path) -> None:
    moments = [date(2026, 5, 1), datetime(2026, 5, 1, 13, 30)]  # noqa: DTZ001 (a sheet knows no zone)
    row = ["0042", 42, 1.5, True, *moments, None, "two\nlines, and a comma"]
    rows = [["No", "Count", "Share", "On", "Day", "Time", "Empty", "Note"], row]
    sources = find_sources(write_workbook(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert read_texts(sources) == {
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
    sources = find_sources(write_workbook(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert read_texts(sources) == {"l.xlsx/Licences.csv": "\n\nProduct,Seats\nMath game,300\n\nAtlas,40\n"}


def test_a_column_without_a_heading_is_named_by_its_letters_where_it_holds_values(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Product", "", "", "Seats", "Cost"], ["Atlas", "x", "", 40, 5, *[""] * 21, "far off"]]
    sources = find_sources(write_workbook(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert read_texts(sources) == {
        "l.xlsx/Licences.csv": "Product,column B,Seats,Cost,column AA\nAtlas,x,40,5,far off\n"
    }


def test_a_heading_with_a_sign_that_could_part_columns_stays_one(tmp_path: Path) -> None:
    rows: list[list[Any]] = [["Cost; net", "Tag|Serial"], [1, "a"]]
    sources = find_sources(write_workbook(tmp_path / "l.xlsx", Licences=rows), limits=STANDARD)
    assert read_texts(sources) == {"l.xlsx/Licences.csv": '"Cost; net","Tag|Serial"\n1,a\n'}


def test_sheets_that_are_hidden_or_empty_are_left_out_and_named(tmp_path: Path) -> None:
    sources = find_sources(
        write_workbook(tmp_path / "l.xlsx", Used=[["A", "B"], [1, 2]], Old=None, Blank=[[]]), limits=STANDARD
    )
    assert list(read_texts(sources)) == ["l.xlsx/Used.csv"]
    assert sources.ignored == ("l.xlsx/Old.csv", "l.xlsx/Blank.csv")


def test_a_sheet_of_libre_office_is_read_alike(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "l.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr("content.xml", ODS)
    assert read_texts(find_sources(tmp_path / "l.ods", limits=STANDARD)) == {
        "l.ods/Licences.csv": "Product,Seats\nMath game,300\n"
    }


def test_a_workbook_that_is_none_is_refused_and_nothing_breaks(tmp_path: Path) -> None:
    data = write_workbook(tmp_path / "l.xlsx", A=[["A", "B"], [1, 2]]).read_bytes()
    parts = {"[Content_Types].xml": b"x", "xl/workbook.xml": b"<workbook"}
    with ZipFile(tmp_path / "hollow.xlsx", "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    with ZipFile(tmp_path / "word.docx", "w") as archive:
        archive.writestr("[Content_Types].xml", b"x")
        archive.writestr("word/document.xml", b"x")
    (tmp_path / "cut.xlsx").write_bytes(data[: len(data) // 2])
    empty = write_workbook(tmp_path / "empty.xlsx", A=[[]])
    damaged = bytearray(data)
    position = data.index(b"xl/worksheets/sheet1.xml") + 40
    damaged[position : position + 60] = bytes(60)
    (tmp_path / "spoilt.xlsx").write_bytes(damaged)
    for path in (
        tmp_path / "spoilt.xlsx",
        tmp_path / "hollow.xlsx",
        tmp_path / "word.docx",
        tmp_path / "cut.xlsx",
        empty,
    ):
        sources = find_sources(path, limits=STANDARD)
        assert sources.origins == ()
        assert len(sources.problems) == 1, path.name


def _build_sheet_xml(*rows: str) -> str:
    start, _, rest = ODS.partition("<table:table-row>")
    return start + "".join(rows) + "</table:table>" + rest.partition("</table:table>")[2]


CELL = '<table:table-cell office:value-type="string"{}><text:p>x</text:p></table:table-cell>'
ROW = "<table:table-row{}>{}</table:table-row>"
BLANKS = '<table:table-cell table:number-columns-repeated="16384"/>'


@pytest.mark.parametrize(
    ("rows", "read"),
    [
        ([ROW.format("", CELL.format("") * 2)] * 2, True),
        ([*[ROW.format("", CELL.format("") * 2)] * 2, ROW.format(' table:number-rows-repeated="1048574"', BLANKS)], True),
        ([ROW.format("", CELL.format("") + BLANKS)] * 2, True),
        ([ROW.format(' table:number-rows-repeated="1048576"', CELL.format(' table:number-columns-repeated="999"'))], False),
        ([ROW.format("", CELL.format("")), ROW.format(' table:number-rows-repeated="1000000"', BLANKS), ROW.format("", BLANKS + CELL.format(""))], False),
    ],
)  # fmt: skip
def test_an_open_document_is_as_large_as_its_last_value_says(tmp_path: Path, rows: list[str], read: bool) -> None:
    with ZipFile(tmp_path / "l.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", ODS_MANIFEST)
        archive.writestr("content.xml", _build_sheet_xml(*rows))
    sources = find_sources(tmp_path / "l.ods", limits=STANDARD)
    assert ([problem.reason.partition(" of ")[0] for problem in sources.problems]) == ([] if read else ["has a sheet"])


def test_a_stray_value_far_away_is_told_before_the_sheet_is_made(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    with xlsxwriter.Workbook(str(path)) as workbook:
        sheet = workbook.add_worksheet("S")
        sheet.write_row(0, 0, ["Product", "Seats"])
        sheet.write_row(1, 0, ["Atlas", 40])
        sheet.write(1_048_575, 16_383, " ")
    (problem,) = find_sources(path, limits=STANDARD).problems
    assert problem.reason == "has a sheet of 1,048,576 rows by 16,384 columns"
    assert "a stray value" in problem.fits
    with ZipFile(tmp_path / "bare.xlsx", "w") as archive:  # cells that do not say where they stand follow each other
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/s.xml", "<row r='9'>" + "<c/>" * 30 + "</row>")
    (problem,) = find_sources(tmp_path / "bare.xlsx", limits=replace(STANDARD, cells=269)).problems
    assert problem.reason == "has a sheet of 9 rows by 30 columns"


def test_a_sheet_of_excel_s_binary_form_is_measured_too(tmp_path: Path) -> None:
    def encode_record(kind: int, number: int) -> bytes:
        return bytes([kind, 8]) + number.to_bytes(4, "little") + bytes(4)

    with ZipFile(tmp_path / "b.xlsb", "w") as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.bin", b"")
        archive.writestr("xl/printerSettings/p.bin", encode_record(0, 999_999) + encode_record(2, 9_999))
        archive.writestr("xl/worksheets/s.bin", bytes([0x81, 0x01, 0]) + encode_record(0, 99) + encode_record(7, 19))
    (problem,) = find_sources(tmp_path / "b.xlsb", limits=replace(STANDARD, cells=1999)).problems
    assert problem.reason == "has a sheet of 100 rows by 20 columns"
    (problem,) = find_sources(tmp_path / "b.xlsb", limits=replace(STANDARD, cells=2000)).problems
    assert "cannot be read" in problem.reason
