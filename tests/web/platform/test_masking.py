"""What a file masks for a role is masked on the pages of the same rows for that role too.

Each list is read twice as a file, by who reads what is about students and by who does not. A cell that differs was
masked, and the pages of the second reader have none of these cells.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.models import Decision, Projection
from homeroom.domain.ids import format_public_id
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.apps.know.inventory_queries.sample_inventory import (
    create_account,
    create_device,
    create_student,
    publish_projection,
)
from tests.assessed_district import publish_load
from tests.cast import Cast
from tests.unit.protect.vulnerabilities.engine_runs import build_source_table
from tests.web.conftest import MORNING
from tests.web.protect.test_posture import get_public_id
from tests.web.protect.test_vulnerabilities import publish_snapshot

ClientFactory = Callable[[str], Client]
NOT_SECRET = {"student", "Lincoln Elementary"}  # a word of every page, and the school of the device in its own file
DEVICES = [format_public_id("device", number) for number in (1, 2, 3, 4)]
MIN_LENGTH = 4
"""A shorter cell is a word of the page as well."""


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


def list_masked_cells(as_: ClientFactory, address: str) -> set[str]:
    """Return the cells that the auditor's file masks, without those that another row of it shows."""
    full, masked = (list(csv.reader(io.StringIO(read(as_(name), address)))) for name in ("director", "auditor"))
    pairs = [pair for rows in zip(full, masked, strict=True) for pair in zip(*rows, strict=True)]
    shown = {cell for row in masked for cell in row}
    return {cell for cell, other in pairs if cell != other and len(cell) >= MIN_LENGTH and cell not in shown}


def list_shown(as_: ClientFactory, name: str, pages: list[str], cells: set[str]) -> set[str]:
    """Return the cells that pages show, beside the choices of their filters."""
    text = "".join(re.sub(r"(?s)<select.*?</select>", "", read(as_(name), page)) for page in pages)
    return {cell for cell in cells if cell in text}


def test_inventory_pages_mask_what_their_files_mask(cast: Cast, as_: ClientFactory, empty_folder: None) -> None:
    create_student(cast.district, 7, name="Ada Lovelace", email="ada@maple.example", homeroom="Room 12b")
    create_account(cast.district, 1, person=7, name="Ada Lovelace", email="ada.l@maple.example")
    create_device(cast.district, 1, holder=7, holder_name="Ada Lovelace")
    publish_projection(cast.district)
    singles = {
        "people": format_public_id("person", 7),
        "accounts": format_public_id("account", 1),
        "devices": format_public_id("device", 1),
    }
    for plural, public in singles.items():
        cells = list_masked_cells(as_, f"/{plural}.csv")
        assert "Ada Lovelace" in cells
        pages = [f"/{plural}", f"/{plural}/{public}", "/inventory?q=maple"]
        assert list_shown(as_, "director", pages, cells)
        assert list_shown(as_, "auditor", pages, cells - NOT_SECRET) == set(), plural


@pytest.mark.parametrize("control", ["staff-second-factor", "unknown-person", "leaver-account"])
def test_the_rows_of_a_finding_mask_what_its_file_masks(
    judged_district: Cast, as_: ClientFactory, control: str
) -> None:
    public = get_public_id(judged_district, control)
    cells = list_masked_cells(as_, f"/findings/{public}/rows.csv")
    pages = [f"/findings/{public}", f"/findings/{public}?columns=all", f"/posture/{control}/fail"]
    shown = list_shown(as_, "director", pages, cells)
    assert bool(shown) is bool(cells)
    assert list_shown(as_, "auditor", pages, cells) == set()


def test_some_finding_of_the_district_has_rows_of_students(judged_district: Cast, as_: ClientFactory) -> None:
    public = get_public_id(judged_district, "staff-second-factor")
    assert list_masked_cells(as_, f"/findings/{public}/rows.csv")


def test_vulnerable_devices_mask_what_their_file_masks(cast: Cast, as_: ClientFactory, store: EvidenceStore) -> None:
    publish_snapshot(store, exploited="CVE-2099-1001", inputs="vulnerable", chromes=6)
    address = "/vulnerabilities/devices.csv/google-chrome"
    full, masked = (list(csv.DictReader(io.StringIO(read(as_(name), address)))) for name in ("director", "auditor"))
    students = [
        row["id"] for row, other in zip(full, masked, strict=True) if row["Assigned to"] != other["Assigned to"]
    ]
    assert len(students) == 3
    for page in ("/vulnerabilities/remedies/google-chrome", "/vulnerabilities/flaws/CVE-2099-1001"):
        full_rows, masked_rows = (find_device_rows(read(as_(name), page)) for name in ("director", "auditor"))
        assert {public for public, row in full_rows.items() if "Ming Valdez" in row} == {row["id"] for row in full}
        assert {public for public, row in masked_rows.items() if "Ming Valdez" not in row} == set(students)


def find_device_rows(page: str) -> dict[str, str]:
    """Return the rows of a table of devices by the public id that each row links to."""
    rows = ((re.search(r'href="/devices/(d-\w+)"', row), row) for row in page.split("<tr>"))
    return {match[1]: row for match, row in rows if match}


PRIVATE_WORDS = ("Ada", "Lovelace", "ada@maple.example", "S-4711", "Poplar", "2014-05-06", "Room 12b")


@pytest.fixture
def doubtful(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    """Publish two records of a student with every field that a roster may have, and the question if they are one."""
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    person = {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@maple.example",
        "identifier": "S-4711",
        "birth_date": MORNING.date().replace(2014, 5, 6),
        "street": "12 Poplar Street",
        "homeroom": "Room 12b",
    }
    records = [{"key": f"S-4711-{number}", **person} for number in (7, 8)]
    publish_load(store, "oneroster", "oneroster.users", "person_records", records, at=MORNING)
    empty = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    source = {"connector": "oneroster", "instance": "oneroster"}
    links = [
        {"subject_kind": "person", "id": subject, **source, "table_name": "person_records", "key": key, "rule": rule}
        for subject, key, rule in (
            (7, "S-4711-7", "anchor"),
            (7, "S-4711-8", "e-mail ada@maple.example"),
            (8, "S-4711-8", "anchor"),
        )
    ]
    question = {"id": "q1", "kind": "person", "one": 7, "other": 8, "bits": 9, "why": "the same homeroom (+3)"} | {
        f"{side}_{name}": value
        for side, key in (("one", "S-4711-7"), ("other", "S-4711-8"))
        for name, value in {**source, "key": key}.items()
    }
    tables = empty | {
        "links": build_source_table("links", [{**link, "gone": False} for link in links]),
        "match_reviews": build_source_table("match_reviews", [question]),
    }
    derived = store.publish_derived(tables, inputs=store.compute_sources_id(), today=MORNING.date(), at=MORNING)
    create_student(cast.district, 7, name="Ada Lovelace", email="ada@maple.example")
    publish_projection(cast.district)
    Projection.objects.filter(district=cast.district).update(derived=derived.id)
    answered = {key: value for key, value in question.items() if key.startswith(("one_", "other_"))}
    Decision.objects.create(
        district=cast.district, kind="person", **answered, same=False, question="q0", actor="technician", at=MORNING
    )
    return cast


@pytest.mark.parametrize("address", ["/inventory/review", f"/people/{format_public_id('person', 7)}"])
def test_records_side_by_side_mask_what_is_about_students(doubtful: Cast, as_: ClientFactory, address: str) -> None:
    full, masked = read(as_("technician"), address), read(as_("auditor"), address)
    assert [word for word in PRIVATE_WORDS if word not in full] == ["2014-05-06"]  # which pages write as May 6, 2014
    assert "2014" in full
    assert [word for word in (*PRIVATE_WORDS, "2014") if word in masked] == []
    assert masked.count(">masked<") >= 12


@pytest.fixture
def named(cast: Cast, empty_folder: None) -> Cast:
    """Publish students with words to filter and sort by, and devices of a student, of staff and of nobody."""
    create_student(cast.district, 7, name="Zoe Aldous", sort="aldous zoe", email="zoe@maple.example", grade_band="3-5")
    create_student(cast.district, 8, name="Ada Zephyr", sort="zephyr ada", email="ada@maple.example", grade_band="9-12")
    create_student(cast.district, 9, name="Grace Hopper", kind="staff", grade="", grade_band="")
    create_account(cast.district, 1, person=8, name="Ada Zephyr", email="ada@maple.example", org_unit="/Students/12b")
    create_account(cast.district, 2, person=7, name="Zoe Aldous", enabled=False)
    names = ["zaldous-book", "ghopper-book", "cart-switch", "visitor-book"]
    holders: list[dict[str, Any]] = [
        {"holder": 7, "holder_name": "Zoe Aldous"},
        {"holder": 9, "holder_name": "Grace Hopper"},
        {},
        {"holder_name": "A Visitor"},
    ]
    for number, (name, holder) in enumerate(zip(names, holders, strict=True), 1):
        create_device(cast.district, number, name=name, sort=name, **holder)
    publish_projection(cast.district)
    return cast


def list_ids(page: str) -> list[str]:
    """Return the public ids of rows on a page in their order."""
    return re.findall(r'<a href="/(?:people|accounts|devices)/(\w-\w+)"', page.partition("<tbody")[2])


@pytest.mark.parametrize(
    "query",
    [
        "/people?band=9-12",
        "/people?sort=email",
        "/accounts?unit=/Students/12b",
        "/accounts?role=student",
        f"/accounts?person={format_public_id('person', 8)}",
        f"/devices?holder={format_public_id('person', 7)}",
    ],
)
def test_filters_and_orders_by_what_is_masked_are_not_used_and_the_page_says_so(
    named: Cast, as_: ClientFactory, query: str
) -> None:
    plain, _, parameters = query.partition("?")
    auditor = as_("auditor")
    page = read(auditor, query)
    assert "Not used: " in page
    assert list_ids(page) == list_ids(read(auditor, plain)) == sorted(list_ids(page))
    assert read(auditor, f"{plain}.csv?{parameters}") == read(auditor, f"{plain}.csv")
    assert "Not used: " not in read(as_("director"), query)
    offered = set(re.findall(r'<(?:select|input)[^>]* name="(\w+)"', read(auditor, plain)))
    assert parameters.partition("=")[0] not in offered


def test_schools_kinds_and_states_stay_filters_for_who_reads_masked_lists(named: Cast, as_: ClientFactory) -> None:
    auditor = as_("auditor")
    assert list_ids(read(auditor, "/accounts?enabled=no")) == [format_public_id("account", 2)]
    assert list_ids(read(auditor, "/people?kind=staff")) == [format_public_id("person", 9)]
    assert len(list_ids(read(auditor, "/people?school=Lincoln+Elementary&sort=school&down=1"))) == 3
    assert "Not used: " not in read(auditor, "/devices?status=active&sort=last_seen")


@pytest.mark.parametrize("text", ["ada", "zep", "zephyr ada", "ada@maple.example", "zaldous", "visitor"])
def test_no_search_of_a_masked_list_tells_whose_a_row_is(named: Cast, as_: ClientFactory, text: str) -> None:
    director, auditor = as_("director"), as_("auditor")
    shown = 0
    for address in ("/people?q=", "/accounts?q=", "/devices?q=", "/inventory?q="):
        answer = director.get(f"{address}{text}")
        shown += answer.status_code == 302 or len(list_ids(answer.content.decode()))
        assert list_ids(read(auditor, f"{address}{text}")) == []
    assert shown
    assert len(read(auditor, f"/people.csv?q={text}").splitlines()) == 1


def test_a_masked_list_is_searched_by_ids_and_by_what_it_shows_of_devices(named: Cast, as_: ClientFactory) -> None:
    auditor, ada, device = as_("auditor"), format_public_id("person", 8), format_public_id("device", 1)
    assert auditor.get(f"/inventory?q={ada}")["Location"] == f"/people/{ada}"
    assert list_ids(read(auditor, f"/people?q={ada}")) == [ada]
    assert auditor.get("/inventory?q=SN00001")["Location"] == f"/devices/{device}"
    assert list_ids(read(auditor, "/devices?q=sn00001")) == [device]


def test_the_name_of_a_device_is_masked_where_its_holder_is_or_may_be_a_student(
    named: Cast, as_: ClientFactory
) -> None:
    pages = ["/devices", "/devices.csv", "/inventory?q=sn0", *(f"/devices/{public}" for public in DEVICES)]
    auditor, director = ("".join(read(as_(name), page) for page in pages) for name in ("auditor", "director"))
    for name, is_shown in (
        ("zaldous-book", False),
        ("visitor-book", False),
        ("ghopper-book", True),
        ("cart-switch", True),
    ):
        assert (name in auditor) is is_shown, name
        assert name in director
