"""A mapping file reads a district's own CSV."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.mappings.mapping_file import build_mapped_connector
from homeroom.library.know.mappings import parse_mapping
from tests.connectors.raw_frames import build_frame, list_rejects, list_rows

DRIVERS = """
homeroom: mapping
name: bus-drivers
table: person_records
columns:
  key: {from: Driver No}
  family_name: {from: Last}
  email: {from: Mail}
  end_date: {from: Through, format: "%d.%m.%Y"}
  status: {from: State, values: {current: active, gone: tobedeleted}}
  employment: {constant: contract}
roles: {role: staff, job: Bus Driver}
"""


def test_a_mapping_fills_people_and_their_role() -> None:
    connector = parse_mapping(DRIVERS, file="drivers.yaml")
    reading = connector.readers["mapped"](
        build_frame(
            [
                {
                    "Driver No": "7",
                    "Last": "Lind",
                    "Mail": "PL@maple.example",
                    "Through": "30.06.2026",
                    "State": "Current",
                },
                {"Driver No": "8", "Last": "Ode", "Mail": "none here", "Through": "6/30/2026", "State": "odd"},
                {"Driver No": "7"},
            ]
        )
    )
    assert list_rows(reading, "person_records") == [
        {
            "key": "7",
            "family_name": "Lind",
            "email": "pl@maple.example",
            "end_date": date(2026, 6, 30),
            "status": "active",
            "employment": "contract",
        },
        {"key": "8", "family_name": "Ode", "employment": "contract"},
    ]
    assert list_rows(reading, "role_records")[0] == {
        "person_key": "7",
        "role": "staff",
        "job": "Bus Driver",
        "end_date": date(2026, 6, 30),
        "status": "active",
    }
    assert sorted(list_rejects(reading)) == [
        (3, "Mail", False),
        (3, "State", False),
        (3, "Through", False),
        (4, "Driver No", True),
    ]


def test_the_file_is_known_by_the_headings_that_its_columns_take() -> None:
    (kind,) = parse_mapping(DRIVERS, file="drivers.yaml").kinds
    assert kind.needs == ("Driver No", "Last", "Mail", "Through", "State")
    assert (kind.stream, kind.tables) == ("csv.bus-drivers", ("person_records", "role_records"))


def test_a_calendar_of_the_districts_own() -> None:
    mapping: dict[str, Any] = {
        "homeroom": "mapping",
        "name": "days",
        "table": "calendar_days",
        "columns": {"date": {"from": "Day"}, "kind": {"from": "What", "values": {"in": "school", "out": "closed"}}},
    }
    reading = build_mapped_connector(mapping, file="m.yaml").readers["mapped"](
        build_frame([{"Day": "9/2/2025", "What": "IN"}])
    )
    assert list_rows(reading, "calendar_days") == [{"date": date(2025, 9, 2), "org_key": "", "kind": "school"}]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("table: person_records", "table: people", "table"),
        ("name: bus-drivers", "name: Bus Drivers", "name"),
        ("family_name:", "surname:", "columns.surname"),
        ("{from: Last}", "{from: Last, as: date}", "columns.family_name.as"),
        ("{from: Last}", "{constant: 4}", "columns.family_name.constant"),
        ("{from: Last}", "{form: Last}", "columns.family_name"),
        ("{from: Last}", "{from: Last, upper: yes}", "columns.family_name.upper"),
        ('format: "%d.%m.%Y"', "format: 4", "columns.end_date.format"),
        ("key: {from: Driver No}", "username: {from: Driver No}", "columns.key"),
        ("role: staff", "role: driver", "roles.role"),
        ("columns:", "colums: {}\ncolumns:", "colums"),
    ],
)
def test_what_does_not_fit_is_refused_with_file_and_field(old: str, new: str, field: str) -> None:
    assert old in DRIVERS
    with pytest.raises(FileRefused) as refusal:
        parse_mapping(DRIVERS.replace(old, new, 1), file="drivers.yaml")
    assert [(problem.file, problem.field) for problem in refusal.value.problems] == [("drivers.yaml", field)]
    assert refusal.value.problems[0].fits


def test_a_list_of_coverage_may_be_for_any_capability() -> None:
    columns = {"purpose": {"constant": "device-management"}, "key": {"from": "Device ID"}}
    mapping = {"homeroom": "mapping", "name": "list", "table": "coverage_records", "columns": columns}
    assert build_mapped_connector(mapping, file="list.yaml").kinds[0].tables == ("coverage_records",)
    mapping["columns"] = {**columns, "purpose": {"constant": "device-managment"}}
    with pytest.raises(FileRefused) as refusal:
        build_mapped_connector(mapping, file="list.yaml")
    (problem,) = refusal.value.problems
    assert problem.field == "columns.purpose"
    assert problem.fits.startswith("device-management")


@pytest.mark.parametrize("purpose", [None, {"from": "Purpose"}])
def test_a_list_of_coverage_says_what_it_is_for(purpose: dict[str, str] | None) -> None:
    columns: dict[str, Any] = {"key": {"from": "Device ID"}, "serial": {"from": "Serial"}}
    if purpose is not None:
        columns["purpose"] = purpose
    mapping = {"homeroom": "mapping", "name": "list", "table": "coverage_records", "columns": columns}
    with pytest.raises(FileRefused) as refusal:
        build_mapped_connector(mapping, file="list.yaml")
    (problem,) = refusal.value.problems
    assert (problem.field, problem.fits) == ("columns.purpose", "{constant: filter or antivirus or classroom}")


def test_a_word_for_protection_that_is_not_known_is_told_and_leaves_the_row_unclear() -> None:
    columns = {
        "purpose": {"constant": "filter"}, "key": {"from": "Serial"},
        "covered": {"from": "State", "values": {"On": True, "Off": False, "Pending": None}},
    }  # fmt: skip
    mapping = {"homeroom": "mapping", "name": "list", "table": "coverage_records", "columns": columns}
    states = ["on", "OFF", "Limbo", "Pending", None, "n/a"]
    frame = build_frame([{"Serial": f"S{number}", "State": state} for number, state in enumerate(states)])
    reading = build_mapped_connector(mapping, file="list.yaml").readers["mapped"](frame)
    coverage = reading.tables["coverage_records"].select("covered", "unclear").rows()
    assert coverage == [(True, None), (False, None), (None, True), (None, True), (None, None), (None, None)]
    assert [reject[:2] for reject in reading.rejects.select("line", "field").rows()] == [(4, "State")]


def test_a_row_of_coverage_without_an_id_of_its_own_is_left_out() -> None:
    columns = {"purpose": {"constant": "classroom"}, "key": {"from": "Serial"}, "serial": {"from": "Serial"}}
    mapping = {"homeroom": "mapping", "name": "list", "table": "coverage_records", "columns": columns}
    reading = build_mapped_connector(mapping, file="list.yaml").readers["mapped"](
        build_frame([{"Serial": "5CD1"}, {"Serial": None}, {"Serial": "5CD1"}])
    )
    assert list_rows(reading, "coverage_records") == [{"purpose": "classroom", "key": "5CD1", "serial": "5CD1"}]
    assert list_rejects(reading) == [(3, "Serial", True), (4, "Serial", True)]


def test_a_list_of_contracts_needs_no_ids_and_a_row_without_a_product_is_told() -> None:
    connector = build_mapped_connector(
        {
            "homeroom": "mapping",
            "name": "licences",
            "table": "contract_records",
            "columns": {
                "product": {"from": "App"},
                "vendor": {"from": "Vendor"},
                "cost_minor": {"from": "Price"},
                "seats": {"from": "Seats"},
            },
        },
        file="licences.yaml",
    )
    sheet = pl.DataFrame(
        {
            "_line": [2, 3],
            "App": ["Atlas", None],
            "Vendor": ["Maps", "B"],
            "Price": ["$1,200.00", "5"],
            "Seats": ["30", "4"],
        }
    )
    reading = connector.readers["mapped"](sheet)
    (row,) = reading.tables["contract_records"].to_dicts()
    assert (row["key"], row["cost_minor"], row["seats"]) == ("atlas | maps", 120_000, 30)
    assert reading.rejects["line"].to_list() == [3]


def test_what_tells_rows_of_a_list_apart_may_be_missing_only_where_it_can_be_blank() -> None:
    columns = {"app": {"from": "App"}, "users": {"from": "Users"}}
    connector = build_mapped_connector(
        {"homeroom": "mapping", "name": "use", "table": "app_use_records", "columns": columns}, file="u"
    )
    reading = connector.readers["mapped"](pl.DataFrame({"_line": [2], "App": ["Atlas"], "Users": ["3"]}))
    (row,) = reading.tables["app_use_records"].to_dicts()
    assert (row["app"], row["users"], row["email"], row["school_name"], row["since"]) == ("Atlas", 3, "", "", None)
    with pytest.raises(FileRefused, match=r"columns\.app"):
        build_mapped_connector(
            {"homeroom": "mapping", "name": "use", "table": "app_use_records", "columns": {"users": {"from": "U"}}},
            file="u",
        )


def test_a_line_of_totals_is_no_row_of_the_list_and_is_told() -> None:
    text = (
        "homeroom: mapping\nname: licences\ntable: contract_records\ncolumns:\n"
        "  product: {from: Product}\n  vendor: {from: Vendor}\n  cost_minor: {from: Cost}\n"
    )
    reading = parse_mapping(text, file="licences.yaml").readers["mapped"](
        build_frame(
            [
                {"Product": "Atlas", "Vendor": "Maps Inc", "Cost": "100"},
                {"Product": "Total", "Vendor": "A vendor of Total", "Cost": "5"},
                {"Vendor": "Grand Total:", "Cost": "105"},
            ]
        )
    )
    assert [row["product"] for row in list_rows(reading, "contract_records")] == ["Atlas", "Total"]
    assert [reject[:2] for reject in list_rejects(reading)] == [(4, "Product")]
