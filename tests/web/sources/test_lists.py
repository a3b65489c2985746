"""A spreadsheet of the district's own: its columns are said once, and remembered by its headings."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.sources import mapped
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.models import LoadJob
from homeroom.evidence.store import Store
from tests.cast import Cast
from tests.web.conftest import MORNING

As = Callable[[str], Client]
HEADINGS = ["App", "Vendor Name", "# of Licenses", "Renewal Date", "Annual Cost"]


def workbook(*rows: list[Any], **others: list[list[Any]]) -> bytes:
    """A workbook of licences under the usual headings, and other sheets as they are given."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        for title, lines in {"Licences": [HEADINGS, *rows], **others}.items():
            sheet = book.add_worksheet(title)
            for place, row in enumerate(lines):
                sheet.write_row(place, 0, row)
    return made.getvalue()


def sent(client: Client, content: bytes, *, name: str = "licences.xlsx", table: str = "contract_records") -> Any:
    return client.post("/sources/lists", {"file": SimpleUploadedFile(name, content), "table": table})


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of jobs that would be worked on."""
    numbers: list[int] = []
    from homeroom.web import sources_columns

    class Queue:
        @staticmethod
        def enqueue(_district: str, number: int) -> None:
            numbers.append(number)

    monkeypatch.setattr(sources_columns, "load_job", Queue)
    return numbers


def test_what_is_probably_meant_is_chosen_and_one_press_keeps_and_loads(
    as_: As, cast: Cast, store: Store, waiting: list[int], tmp_path: Path
) -> None:
    technician = as_("technician")
    answer = sent(technician, workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "$1,200.00"]))
    assert answer["Location"] == "/sources/lists/map/contract_records"
    page = technician.get(answer["Location"]).content.decode()
    for column, heading in {"product": "App", "vendor": "Vendor Name", "ends_on": "Renewal Date"}.items():
        place = page.index(f'name="c-{column}"')
        assert f'<option value="{heading}" selected>' in page[place : place + 900], column
    chosen = {"c-product": "App", "c-vendor": "Vendor Name", "c-seats": "# of Licenses", "c-cost_minor": "Annual Cost"}
    done = technician.post(answer["Location"], chosen | {"name": "licences"})
    assert done.status_code == 302
    assert waiting == [LoadJob.objects.of(cast.district).get().pk]
    (known,) = mapped.remembered(district=cast.district)
    assert (known.name, known.table) == ("licences", "contract_records")
    newer = tmp_path / "next year.xlsx"
    newer.write_bytes(workbook(["Atlas", "Maps Inc", 280, "2027-07-01", "$1,300.00"], ["Globe", "G", "", "", ""]))
    report = load([newer], district=cast.district, store=store, at=MORNING)
    assert [(one.outcome, one.problems) for one in report.loaded] == [("new", ())]
    rows = [
        row
        for one in report.loaded
        if one.load
        for part in [one.load.tables["contract_records"]]
        for row in pl.read_parquet(store.blob(part.blob)).to_dicts()
    ]
    assert sorted((row["product"], row["seats"], row["cost_minor"]) for row in rows) == [
        ("Atlas", 280, 130_000),
        ("Globe", None, None),
    ]


def test_what_tells_rows_apart_must_be_said(as_: As, cast: Cast, store: Store, waiting: list[int]) -> None:
    technician = as_("technician")
    address = sent(technician, workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"]))["Location"]
    answer = technician.post(address, {"name": "licences", "c-seats": "# of Licenses"})
    assert answer.status_code == 400
    assert "tells rows apart" in answer.content.decode()
    assert (mapped.remembered(district=cast.district), waiting) == ((), [])


def test_a_file_that_is_no_list_is_refused_with_its_reason(as_: As, cast: Cast, store: Store) -> None:
    technician = as_("technician")
    for name, content in {"a.pdf": b"%PDF-1.7", "a.json": b'[{"a": 1}]', "a.csv": b""}.items():
        answer = sent(technician, content, name=name)
        assert answer.status_code == 400, name
    assert technician.get("/sources/lists/map/contract_records").status_code == 404


def test_a_list_of_the_district_next_door_is_not_known_here(as_: As, cast: Cast, store: Store, tmp_path: Path) -> None:
    kept = mapped.remember(
        district=cast.next_district, name="licences", table="contract_records", columns={"product": "App"}, headings=HEADINGS,
        actor="stranger", at=MORNING,
    )  # fmt: skip
    path = tmp_path / "licences.xlsx"
    path.write_bytes(workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"]))
    report = load([path], district=cast.district, store=store, at=MORNING)
    assert report.loaded == ()
    assert len(report.problems) == 1
    assert as_("director").post(f"/sources/lists/{kept.id}/forget").status_code == 404
    assert mapped.remembered(district=cast.next_district) == (kept,)


def test_headings_are_known_in_any_order_and_case() -> None:
    assert mapped.fingerprint(HEADINGS) == mapped.fingerprint([one.upper() for one in reversed(HEADINGS)])
    assert mapped.fingerprint(HEADINGS) != mapped.fingerprint(HEADINGS[:-1])


def test_the_list_of_a_product_is_read_by_its_words_and_known_from_then_on(
    as_: As, cast: Cast, store: Store, waiting: list[int], tmp_path: Path
) -> None:
    director = as_("director")
    assert "GoGuardian Admin" in director.get("/sources/lists").content.decode()
    given = b"Serial,Device,School,Status\n5CD1,CB-1,Lincoln,Installed\n5CD2,CB-2,Lincoln,Not Installed\n"
    answer = sent(director, given, name="devices.csv", table="like:goguardian")
    assert answer["Location"] == "/sources/lists/map/coverage_records"
    page = director.get(answer["Location"]).content.decode()
    assert "Leave out reports of browsing." in page
    assert 'name="purpose"' not in page, "the product says what the tool does"
    chosen = {"c-key": "Serial", "c-serial": "Serial", "c-name": "Device", "c-covered": "Status"}
    assert director.post(answer["Location"], chosen | {"name": "goguardian"}).status_code == 302
    newer = tmp_path / "next week.csv"
    newer.write_bytes(given)
    report = load([newer], district=cast.district, store=store, at=MORNING)
    (one,) = report.loaded
    assert (one.outcome, one.connector, one.rejects) == ("new", "goguardian", ())
    assert one.load is not None
    rows = pl.read_parquet(store.blob(one.load.tables["coverage_records"].blob)).to_dicts()
    assert [(row["purpose"], row["covered"]) for row in rows] == [("filter", True), ("filter", False)]


def test_two_lists_of_the_same_headings_are_asked_about_and_never_mixed(
    as_: As, cast: Cast, store: Store, waiting: list[int]
) -> None:
    director = as_("director")
    given = b"Serial,Device,Status\n5CD1,CB-1,Installed\n"
    chosen = {"c-key": "Serial", "c-serial": "Serial", "c-name": "Device", "c-covered": "Status"}
    first = sent(director, given, name="devices.csv", table="like:goguardian")["Location"]
    assert director.post(first, chosen | {"name": "goguardian"}).status_code == 302
    second = sent(director, given, name="devices.csv", table="like:lightspeed")["Location"]
    assert "Another list has the same headings" in director.get(second).content.decode()
    answer = director.post(second, chosen | {"name": "lightspeed"})
    assert (answer.status_code, len(waiting)) == (400, 1)
    assert "goguardian, or this list in its place" in answer.content.decode()
    assert [one.name for one in mapped.remembered(district=cast.district)] == ["goguardian"]
    assert director.post(second, chosen | {"name": "lightspeed", "replaces": "yes"}).status_code == 302
    assert [one.name for one in mapped.remembered(district=cast.district)] == ["lightspeed"]


def test_of_several_sheets_one_is_chosen(as_: As, cast: Cast, store: Store, waiting: list[int]) -> None:
    technician = as_("technician")
    book = workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"], Codes=[["Product", "Seats"], ["Globe", 5]])
    address = sent(technician, book)["Location"]
    assert "Which sheet?" in technician.get(address).content.decode()
    codes = technician.get(address, {"sheet": "Codes.csv"}).content.decode()
    assert '<option value="Product" selected>' in codes
    assert "Renewal Date" not in codes
    assert technician.get(address, {"sheet": "None.csv"}).status_code == 400
    done = technician.post(f"{address}?sheet=Codes.csv", {"name": "codes", "c-product": "Product"})
    assert (done.status_code, len(waiting)) == (302, 1)
    assert [one.headings for one in mapped.remembered(district=cast.district)] == [("Product", "Seats")]
    job = LoadJob.objects.of(cast.district).get()
    assert [one["name"] for one in job.files] == ["Codes.csv"], "the other sheets are not loaded with it"
    assert [one.name for one in Path(job.folder).iterdir()] == ["Codes.csv"]


def test_what_stands_beside_the_list_this_year_is_not_asked_for_next_year(
    as_: As, cast: Cast, store: Store, waiting: list[int], tmp_path: Path
) -> None:
    technician = as_("technician")
    address = sent(technician, workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1", "", "ask Ann"]))["Location"]
    assert '<option value="column G">' in technician.get(address).content.decode()
    assert technician.post(address, {"name": "licences", "c-product": "App"}).status_code == 302
    newer = tmp_path / "next year.xlsx"
    newer.write_bytes(workbook(["Atlas", "Maps Inc", 280, "2027-07-01", "1"]))
    assert [one.outcome for one in load([newer], district=cast.district, store=store, at=MORNING).loaded] == ["new"]


def test_a_list_that_is_said_anew_keeps_its_name(as_: As, cast: Cast, store: Store, waiting: list[int]) -> None:
    technician = as_("technician")
    book = workbook(["Atlas", "Maps Inc", 300, "2026-07-01", "1"])
    chosen = {"c-product": "App"}
    first = sent(technician, book, name="licences 2026.xlsx")["Location"]
    assert technician.post(first, chosen | {"name": "licences"}).status_code == 302
    again = sent(technician, book, name="licences 2027.xlsx")["Location"]
    page = technician.get(again).content.decode()
    assert 'name="name" value="licences"' in page
    assert "Another list" not in page
    assert technician.post(again, chosen | {"c-vendor": "Vendor Name", "name": "licences"}).status_code == 302
    assert len(mapped.remembered(district=cast.district)) == 1
