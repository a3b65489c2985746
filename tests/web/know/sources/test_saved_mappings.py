"""A district's own spreadsheet: its columns are mapped once, and recognized by its headings afterwards."""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.know.sources import saved_mappings
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.models import LoadJob
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
HEADINGS = ["App", "Vendor Name", "# of Licenses", "Renewal Date", "Annual Cost"]


def build_workbook(*rows: list[Any], **extra_sheets: list[list[Any]]) -> bytes:
    """Build a workbook of licenses under the usual headings, with any extra sheets."""
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for title, lines in {"Licences": [HEADINGS, *rows], **extra_sheets}.items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(lines):
                sheet.write_row(number, 0, row)
    return buffer.getvalue()


def choose(headings: list[str], **headings_by_column: str) -> dict[str, str]:
    """Return the form in which each field is filled from a column of a list; `key` identifies its rows."""
    row_id = {"row_id": headings_by_column.pop("key")} if "key" in headings_by_column else {}
    return row_id | {f"column-{headings.index(heading)}": name for name, heading in headings_by_column.items()}


def find_choice(page: str, *, number: int) -> str:
    """Return the field that is chosen for a column of the list; empty if none is."""
    _, _, select = page.partition(f'<select id="column-{number}"')
    match = re.search(r'<option value="([^"]*)" selected>', select.partition("</select>")[0])
    return match[1] if match else ""


def upload_list(client: Client, content: bytes, *, name: str = "licences.xlsx", table: str = "contract_records") -> Any:
    return client.post("/sources/lists", {"file": SimpleUploadedFile(name, content), "table": table})


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return the numbers of jobs that were enqueued instead of run."""
    numbers: list[int] = []
    from homeroom.web.know.sources import columns

    class Queue:
        @staticmethod
        def enqueue(_district: str, number: int) -> None:
            numbers.append(number)

    monkeypatch.setattr(columns, "load_job", Queue)
    return numbers


def test_what_is_probably_meant_is_chosen_and_one_press_keeps_and_loads(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int], tmp_path: Path
) -> None:
    technician = as_("technician")
    response = upload_list(technician, build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "$1,200.00"]))
    assert response["Location"] == "/sources/lists/map/contract_records"
    page = technician.get(response["Location"]).content.decode()
    suggested = [find_choice(page, number=number) for number in range(len(HEADINGS))]
    assert suggested == ["product", "vendor", "seats", "ends_on", "cost_minor"]
    assert "Atlas" in page
    chosen = choose(HEADINGS, product="App", vendor="Vendor Name", seats="# of Licenses", cost_minor="Annual Cost")
    done = technician.post(response["Location"], chosen | {"name": "licences"})
    assert done.status_code == 302
    assert waiting == [LoadJob.objects.of(cast.district).get().pk]
    (mapping,) = saved_mappings.list_mappings(district=cast.district)
    assert (mapping.name, mapping.table) == ("licences", "contract_records")
    newer = tmp_path / "next year.xlsx"
    newer.write_bytes(build_workbook(["Atlas", "Maps Inc", 280, "2027-07-01", "$1,300.00"], ["Globe", "G", "", "", ""]))
    report = load_files([newer], district=cast.district, store=store, at=MORNING)
    assert [(loaded.outcome, loaded.problems) for loaded in report.loaded] == [("new", ())]
    rows = [
        row
        for loaded in report.loaded
        if loaded.load
        for part in [loaded.load.tables["contract_records"]]
        for row in pl.read_parquet(store.get_blob_path(part.blob)).to_dicts()
    ]
    assert sorted((row["product"], row["seats"], row["cost_minor"]) for row in rows) == [
        ("Atlas", 280, 130_000),
        ("Globe", None, None),
    ]


def test_a_list_of_an_antivirus_without_ids_loads_by_its_serial_numbers_as_suggested(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int], tmp_path: Path
) -> None:
    technician = as_("technician")
    content = b"Computer Name,Serial Number,State\nLAB-7,5CD1,On\nLAB-8,5CD2,On\n"
    response = upload_list(technician, content, name="agents.csv", table="coverage_records")
    page = technician.get(response["Location"]).content.decode()
    assert find_choice(page, number=1) == "serial"
    assert "<option selected>Serial Number</option>" in page.partition('<select id="row_id"')[2]
    headings = ["Computer Name", "Serial Number", "State"]
    chosen = choose(headings, key="Serial Number", serial="Serial Number") | {"name": "agents", "purpose": "antivirus"}
    assert technician.post(response["Location"], chosen).status_code == 302
    (tmp_path / "next.csv").write_bytes(content)
    report = load_files([tmp_path / "next.csv"], district=cast.district, store=store, at=MORNING)
    (loaded,) = report.loaded
    assert loaded.load is not None
    rows = pl.read_parquet(store.get_blob_path(loaded.load.tables["coverage_records"].blob)).to_dicts()
    assert sorted((row["key"], row["serial"]) for row in rows) == [("5CD1", "5CD1"), ("5CD2", "5CD2")]


def test_what_tells_rows_apart_must_be_said(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int]
) -> None:
    technician = as_("technician")
    address = upload_list(technician, build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"]))["Location"]
    answer = technician.post(address, {"name": "licences"} | choose(HEADINGS, seats="# of Licenses"))
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "It identifies each row" in page.partition('role="alert"')[2].partition("</ul>")[0]
    assert find_choice(page, number=2) == "seats", "what was chosen stays chosen"
    answer = technician.post(address, {"name": "licences", "column-2": "product"} | choose(HEADINGS, product="App"))
    assert (answer.status_code, "for 2 columns. Choose it for one." in answer.content.decode()) == (400, True)
    assert (saved_mappings.list_mappings(district=cast.district), waiting) == ((), [])


def test_a_file_that_is_no_list_is_refused_with_its_reason(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
) -> None:
    technician = as_("technician")
    for name, content in {"a.pdf": b"%PDF-1.7", "a.json": b'[{"a": 1}]', "a.csv": b""}.items():
        answer = upload_list(technician, content, name=name)
        assert answer.status_code == 400, name
    assert technician.get("/sources/lists/map/contract_records").status_code == 404


def test_a_list_of_the_district_next_door_is_not_known_here(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    mapping = saved_mappings.save_mapping(
        district=cast.next_district,
        name="licences",
        table="contract_records",
        columns={"product": "App"},
        headings=HEADINGS,
        actor="stranger",
        at=MORNING,
    )
    path = tmp_path / "licences.xlsx"
    path.write_bytes(build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"]))
    report = load_files([path], district=cast.district, store=store, at=MORNING)
    assert report.loaded == ()
    assert len(report.problems) == 1
    assert as_("director").post(f"/sources/lists/{mapping.id}/forget").status_code == 404
    assert saved_mappings.list_mappings(district=cast.next_district) == (mapping,)


def test_headings_are_known_in_any_order_and_case() -> None:
    assert saved_mappings.hash_headings(HEADINGS) == saved_mappings.hash_headings(
        [heading.upper() for heading in reversed(HEADINGS)]
    )
    assert saved_mappings.hash_headings(HEADINGS) != saved_mappings.hash_headings(HEADINGS[:-1])


def test_the_list_of_a_product_is_read_by_its_words_and_known_from_then_on(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int], tmp_path: Path
) -> None:
    director = as_("director")
    assert "GoGuardian Admin" in director.get("/sources/lists").content.decode()
    content = b"Serial,Device,School,Status\n5CD1,CB-1,Lincoln,Installed\n5CD2,CB-2,Lincoln,Not Installed\n"
    response = upload_list(director, content, name="devices.csv", table="like:goguardian")
    assert response["Location"] == "/sources/lists/map/coverage_records"
    page = director.get(response["Location"]).content.decode()
    assert "Leave out reports of browsing." in page
    assert 'name="purpose"' not in page, "the product says what the tool does"
    headings = ["Serial", "Device", "School", "Status"]
    chosen = choose(headings, key="Serial", serial="Serial", name="Device", covered="Status")
    assert director.post(response["Location"], chosen | {"name": "goguardian"}).status_code == 302
    newer = tmp_path / "next week.csv"
    newer.write_bytes(content)
    report = load_files([newer], district=cast.district, store=store, at=MORNING)
    (loaded,) = report.loaded
    assert (loaded.outcome, loaded.connector, loaded.rejects) == ("new", "goguardian", ())
    assert loaded.load is not None
    rows = pl.read_parquet(store.get_blob_path(loaded.load.tables["coverage_records"].blob)).to_dicts()
    assert [(row["purpose"], row["covered"]) for row in rows] == [("filter", True), ("filter", False)]


def test_two_lists_of_the_same_headings_are_asked_about_and_never_mixed(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int]
) -> None:
    director = as_("director")
    content = b"Serial,Device,Status\n5CD1,CB-1,Installed\n"
    headings = ["Serial", "Device", "Status"]
    chosen = choose(headings, key="Serial", serial="Serial", name="Device", covered="Status")
    first = upload_list(director, content, name="devices.csv", table="like:goguardian")["Location"]
    assert director.post(first, chosen | {"name": "goguardian"}).status_code == 302
    second = upload_list(director, content, name="devices.csv", table="like:lightspeed")["Location"]
    assert "Another list has the same headings" in director.get(second).content.decode()
    response = director.post(second, chosen | {"name": "lightspeed"})
    assert (response.status_code, len(waiting)) == (400, 1)
    assert "goguardian, or this list in its place" in response.content.decode()
    assert [mapping.name for mapping in saved_mappings.list_mappings(district=cast.district)] == ["goguardian"]
    assert director.post(second, chosen | {"name": "lightspeed", "replaces": "yes"}).status_code == 302
    assert [mapping.name for mapping in saved_mappings.list_mappings(district=cast.district)] == ["lightspeed"]


def test_of_several_sheets_one_is_chosen(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int]
) -> None:
    technician = as_("technician")
    book = build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"], Codes=[["Product", "Seats"], ["Globe", 5]])
    address = upload_list(technician, book)["Location"]
    assert "Which sheet?" in technician.get(address).content.decode()
    codes = technician.get(address, {"sheet": "Codes.csv"}).content.decode()
    assert (find_choice(codes, number=0), find_choice(codes, number=1)) == ("product", "seats")
    assert "Renewal Date" not in codes
    assert technician.get(address, {"sheet": "None.csv"}).status_code == 400
    done = technician.post(f"{address}?sheet=Codes.csv", {"name": "codes"} | choose(["Product"], product="Product"))
    assert (done.status_code, len(waiting)) == (302, 1)
    assert [entry.headings for entry in saved_mappings.list_mappings(district=cast.district)] == [("Product", "Seats")]
    job = LoadJob.objects.of(cast.district).get()
    assert [entry["name"] for entry in job.files] == ["Codes.csv"], "the other sheets are not loaded with it"
    assert [entry.name for entry in Path(job.folder).iterdir()] == ["Codes.csv"]


def test_what_stands_beside_the_list_this_year_is_not_asked_for_next_year(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int], tmp_path: Path
) -> None:
    technician = as_("technician")
    address = upload_list(technician, build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1", "", "ask Ann"]))[
        "Location"
    ]
    assert "<option>column G</option>" in technician.get(address).content.decode()
    assert technician.post(address, {"name": "licences"} | choose(HEADINGS, product="App")).status_code == 302
    newer = tmp_path / "next year.xlsx"
    newer.write_bytes(build_workbook(["Atlas", "Maps Inc", 280, "2027-07-01", "1"]))
    assert [
        loaded.outcome for loaded in load_files([newer], district=cast.district, store=store, at=MORNING).loaded
    ] == ["new"]


def test_a_list_that_is_said_again_keeps_its_name(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, waiting: list[int]
) -> None:
    technician = as_("technician")
    book = build_workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"])
    chosen = choose(HEADINGS, product="App")
    first = upload_list(technician, book, name="licences 2026.xlsx")["Location"]
    assert technician.post(first, chosen | {"name": "licences"}).status_code == 302
    again = upload_list(technician, book, name="licences 2027.xlsx")["Location"]
    page = technician.get(again).content.decode()
    assert 'name="name" value="licences"' in page
    assert "Another list" not in page
    assert (
        technician.post(again, chosen | choose(HEADINGS, vendor="Vendor Name") | {"name": "licences"}).status_code
        == 302
    )
    assert len(saved_mappings.list_mappings(district=cast.district)) == 1
