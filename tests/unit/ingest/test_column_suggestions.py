"""What is suggested as the id of a row in lists of what a tool covers, as consoles and spreadsheets have them."""

from __future__ import annotations

import pytest

from homeroom.ingest.mappings.column_suggestions import suggest_columns

TABLE = "coverage_records"


@pytest.mark.parametrize(
    ("header", "heading"),
    [
        ("Device ID,Serial Number,Asset Tag,User,School,Filtering,Last Seen", "Device ID"),
        ("Agent ID,Serial Number,Asset,Device Name,User,School,Protection,Agent Version,Last Check-In", "Agent ID"),
        ("Hostname,State,Endpoint ID,Serial,Agent Version", "Endpoint ID"),
        ("Agent No.,Serial,Asset,Computer,Last Contact", "Agent No."),
        ("deviceId,serialNumber,status", "deviceId"),
        ("Computer Name,Jamf Pro Computer ID,Serial Number", "Jamf Pro Computer ID"),
        ("User ID,Policy ID,Agent_ID,Serial", "Agent_ID"),
        ("ID,Name,Device ID", "Device ID"),
        ("UUID,Name", "UUID"),
        ("Agent Name,Agent Version,Microsoft Entra Device ID,Device ID", "Device ID"),
    ],
)
def test_the_id_of_a_row_is_suggested_as_lists_of_coverage_have_it(header: str, heading: str) -> None:
    assert suggest_columns(header.split(","), table=TABLE)["key"] == heading


@pytest.mark.parametrize("heading", ["Serial Number", "Serial", "S/N"])
def test_serial_numbers_are_ids_too_where_a_list_has_no_others(heading: str) -> None:
    suggestions = suggest_columns(["Device Name", heading, "Room Number"], table=TABLE)
    assert (suggestions["key"], suggestions["serial"], suggestions["name"]) == (heading, heading, "Device Name")


@pytest.mark.parametrize(
    "heading",
    [
        "Device", "Device Name", "Device Type", "Device IDs Seen", "Device ID Source", "Device Policy ID", "Agent",
        "Agent Version", "Agent State", "User ID", "Student ID", "Group ID", "School ID", "Policy ID", "License ID",
        "Room Number", "Phone Number", "Record", "Identity", "Paid", "Idle Days", "Hosted", "Sensor Grouping Tags",
    ],
)  # fmt: skip
def test_what_only_looks_like_the_id_of_a_row_is_not_suggested(heading: str) -> None:
    assert "key" not in suggest_columns([heading, "School"], table=TABLE)


def test_the_kind_of_a_device_before_a_heading_does_not_hide_its_meaning() -> None:
    headings = ["Tablet S/N", "Tablet Tag", "Tablet Room", "Tablet Make"]
    assert suggest_columns(headings, table="device_records") == {
        "key": "Tablet S/N", "serial": "Tablet S/N", "asset_tag": "Tablet Tag", "location": "Tablet Room", "manufacturer": "Tablet Make",
    }  # fmt: skip
    assert suggest_columns(["Serial Number", "Tablet S/N"], table="device_records") == {
        "key": "Serial Number", "serial": "Serial Number",
    }  # fmt: skip
    assert suggest_columns(["Tablet Plan", "Laptop"], table="device_records") == {}


def test_other_tables_have_the_suggestions_that_they_had() -> None:
    assert suggest_columns(["License ID", "Software", "Vendor"], table="contract_records")["key"] == "License ID"
    assert "key" not in suggest_columns(["Software", "Serial"], table="contract_records")
