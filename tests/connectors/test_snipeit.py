"""Snipe-IT's export and import form."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.connectors.snipeit import readers
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import build_frame, list_rejects, list_rows, parse_csv


def test_an_exported_asset() -> None:
    read = readers.read_assets(
        parse_csv("""
        Asset Tag,Asset Name,Serial,Model,Model No.,Category,Manufacturer,Status,Checked Out To,Email,Employee Number,Location,Purchase Date,Purchase Cost,Warranty,Notes,Funding Source,School
        MV-001,,5CD1,HP Chromebook 11 G9,3V2Y2,Chromebooks,HP,Ready to Deploy (Deployed),Se&aacute;n O&#039;Hara,OHara@maple.example,E9,Lincoln &amp; Annex,2024-02-29,"$1,234.50",36 months,bought with &amp;lt;grant&gt;,ESSER,Lincoln
        MV-002,,,Cart for Chromebooks,,Carts,,Spare (deployable),,,,,02/30/2024,lots,,,,
        MV-002,,,,,,,,,,,,,,,,,
        ,,,,,,,,,,,,,,,,,
        """)
    )
    assert list_rows(read, "device_records") == [
        {
            "key": "MV-001",
            "serial": "5CD1",
            "asset_tag": "MV-001",
            "kind": "chromebook",
            "platform": "chromeos",
            "manufacturer": "HP",
            "model": "HP Chromebook 11 G9",
            "category": "Chromebooks",
            "managed": False,
            "status": "active",
            "status_word": "Ready to Deploy (Deployed)",
            "location": "Lincoln & Annex",
            "school_name": "Lincoln",
            "holder_email": "ohara@maple.example",
            "holder_name": "Seán O'Hara",
            "holder_number": "E9",
            "purchased_on": date(2024, 2, 29),
            "cost_minor": 123450,
            "currency": "USD",
            "warranty_until": date(2027, 2, 28),
            "funding": "ESSER",
            "checked_out": True,
        },
        {
            "key": "MV-002",
            "asset_tag": "MV-002",
            "kind": "other",
            "platform": "chromeos",
            "model": "Cart for Chromebooks",
            "category": "Carts",
            "managed": False,
            "status": "spare",
            "status_word": "Spare (deployable)",
            "checked_out": False,
        },
    ]
    assert list_rejects(read) == [
        (3, "Purchase Date", False),
        (3, "Purchase Cost", False),
        (4, "Asset Tag", True),
        (5, "Asset Tag", True),
    ]


def test_the_import_form_in_small_letters_and_a_checkout_to_a_room() -> None:
    read = readers.read_assets(
        build_frame(
            [
                {"asset tag": "1", "item name": "LT", "model name": "Latitude 3420", "checkout type": "location",
                 "full name": "Room 204"},
                {"asset tag": "2", "item name": "LT", "model name": "Latitude 3420", "checkout type": "user",
                 "full name": "Ada Okoro"},
            ]
        )
    )  # fmt: skip
    room, ada = list_rows(read, "device_records")
    assert (room.get("holder_name"), room["location"], room["checked_out"]) == (None, "Room 204", True)
    assert (ada["holder_name"], ada.get("location"), ada["kind"]) == ("Ada Okoro", None, "laptop")


def test_the_custom_report_says_in_type_what_it_was_checked_out_to_and_a_district_s_own_type_says_nothing() -> None:
    read = readers.read_assets(
        build_frame(
            [
                {"ID": "907", "Asset Tag": "1", "Checked Out To": "Lincoln North", "Type": "location"},
                {
                    "ID": "908",
                    "Asset Tag": "2",
                    "Checked Out To": "Ada Room",
                    "Type": "user",
                    "Email": "ada@maple.example",
                },
                {"ID": "909", "Asset Tag": "3", "Checked Out To": "Ada Okoro", "Type": "Chromebook"},
            ]
        )
    )
    place, person, custom_type = list_rows(read, "device_records")
    assert (place["key"], place["location"], place.get("holder_name")) == ("907", "Lincoln North", None)
    assert (person["key"], person["holder_name"]) == ("908", "Ada Room")
    assert (custom_type["key"], custom_type["holder_name"]) == ("909", "Ada Okoro")


def read_devices(*rows: dict[str, str]) -> list[dict[str, Any]]:
    return list_rows(readers.read_assets(build_frame(list(rows))), "device_records")


def test_the_key_is_snipe_its_own_number_where_the_list_has_it_and_else_the_tag() -> None:
    by_report = readers.read_assets(build_frame([{"ID": "907", "Asset Tag": "MV-1", "Serial": "5CD1"}]))
    by_api = readers.read_api_assets(build_frame([{"id": "907", "asset_tag": "MV-1", "serial": "5CD1"}]))
    by_form = readers.read_assets(build_frame([{"asset tag": "MV-1", "serial number": "5CD1"}]))
    keys = [list_rows(read, "device_records")[0]["key"] for read in (by_report, by_api, by_form)]
    assert keys == ["907", "907", "MV-1"]


def test_assets_that_share_a_tag_all_load_where_each_has_its_number() -> None:
    rows = [{"ID": str(n), "Asset Tag": "CART-7", "Serial": f"5CD{n}"} for n in (1, 2, 3)]
    assert [(row["key"], row["asset_tag"]) for row in read_devices(*rows)] == [(str(n), "CART-7") for n in (1, 2, 3)]


@pytest.mark.parametrize("ids", [("9", "9"), ("A7", "A8"), ("9", "")])
def test_a_column_id_that_does_not_number_the_rows_is_no_key(ids: tuple[str, str]) -> None:
    rows = read_devices(*({"ID": number, "Asset Tag": f"T{n}"} for n, number in enumerate(ids)))
    assert [row["key"] for row in rows] == ["T0", "T1"]


@pytest.mark.parametrize("heading", ["MAC Address", "Wi-Fi MAC", "LAN_MAC_2", "macAddress", "Physical Address"])
def test_a_custom_field_of_any_name_for_network_addresses_is_read(heading: str) -> None:
    written = {
        "3C-52-82-6F-10-AA": ["3c52826f10aa"],
        "3c52.826f.10aa": ["3c52826f10aa"],
        "3C52826F10AA / 3C:52:82:6F:10:AB": ["3c52826f10aa", "3c52826f10ab"],
    }
    rows = read_devices(*({"ID": str(n), "Asset Tag": f"T{n}", heading: text} for n, text in enumerate(written, 1)))
    assert [row["macs"] for row in rows] == list(written.values())


def test_a_network_address_that_is_none_costs_itself_and_a_column_of_other_things_is_not_read() -> None:
    rows = [{"Asset Tag": f"T{n}", "MAC Address": text, "Mac OS": "14.3"} for n, text in enumerate(MACS)]
    read = readers.read_assets(build_frame(rows))
    assert [row.get("macs") for row in list_rows(read, "device_records")] == [["3c52826f10aa"], ["3c52826f10ab"], None]
    assert list_rejects(read) == [(4, "MAC Address", False)]


MACS = ("3C:52:82:6F:10:AA", "3C:52:82:6F:10:AB", "see label")


def test_rows_that_share_a_tag_are_told_apart_by_their_serials_where_the_export_has_no_ids() -> None:
    rows = read_devices(
        {"Asset Tag": "A1", "Serial": "5CD0000001"},
        {"Asset Tag": "A1", "Serial": "5CD0000002"},
        {"Asset Tag": "A1", "Serial": ""},
        {"Asset Tag": "A2", "Serial": "5CD0000003"},
        {"Asset Tag": "A2", "Serial": ""},
        {"Asset Tag": "A3", "Serial": "5CD0000004"},
    )
    assert [row["key"] for row in rows] == ["A1 5CD0000001", "A1 5CD0000002", "A1", "A2 5CD0000003", "A2", "A3"]
    assert [row["asset_tag"] for row in rows] == ["A1", "A1", "A1", "A2", "A2", "A3"]


@pytest.mark.parametrize("heading", ["PC Hostname", "AD Computer Name", "Host name (Windows)", "WindowsHostName"])
def test_a_custom_field_of_host_names_is_read_under_the_districts_own_name(heading: str) -> None:
    rows = read_devices(
        {"Asset Tag": "1", "Asset Name": "By the door", heading: "LAB-204-07"},
        {"Asset Tag": "2", "Asset Name": "LAB-204-08", heading: ""},
    )
    assert [row["name"] for row in rows] == ["LAB-204-07", "LAB-204-08"]


def test_a_column_of_other_names_is_no_column_of_host_names() -> None:
    (row,) = read_devices({"Asset Tag": "1", "Asset Name": "LAB-204-07", "Vendor Name": "CDW", "Ghost": "x"})
    assert row["name"] == "LAB-204-07"


def test_a_computers_own_name_comes_before_the_name_of_its_asset() -> None:
    rows = read_devices(
        {"Asset Tag": "1", "Asset Name": "Lab PC by the door", "Hostname": "LAB-204-07"},
        {"Asset Tag": "2", "Asset Name": "LAB-204-08", "Hostname": ""},
    )
    assert [row["name"] for row in rows] == ["LAB-204-07", "LAB-204-08"]


def test_hardware_ids_of_custom_fields_are_read() -> None:
    (row,) = read_devices({"Asset Tag": "1", "UUID": "4C4C4544-0042-3510", "IMEI": "356789012345678"})
    assert row["hardware_ids"] == ["imei:356789012345678", "udid:4c4c4544-0042-3510"]


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("Deployed", "active"),
        ("Lost/Stolen", "lost"),
        ("Out for Repair", "repair"),
        ("Out for Diagnostics (undeployable)", "repair"),
        ("Broken - Not Fixable", "retired"),
        ("Surplus Auction 2025", "retired"),
        ("In Storage", "storage"),
        ("Student 1:1 (deployable)", "active"),
        ("Pending", None),
    ],
)
def test_status_labels_are_read_by_their_words(label: str, status: str | None) -> None:
    read = readers.read_assets(build_frame([{"Asset Tag": "1", "Status": label}]))
    assert list_rows(read, "device_records")[0].get("status") == status


def test_nobody_knows_who_has_it_where_the_list_has_no_such_column() -> None:
    assert (
        "checked_out"
        not in list_rows(readers.read_assets(build_frame([{"Asset Tag": "1", "Model": "X"}])), "device_records")[0]
    )


def test_a_page_of_the_api_is_read_as_its_export_would_be() -> None:
    assigned, retired = (
        readers.read_api_assets(
            build_frame(
                [
                    {
                        "asset_tag": "MV-1",
                        "serial": "5CD1",
                        "name": "Cart &amp; Room 1",
                        "status_label.name": "Ready to Deploy",
                        "status_label.status_meta": "deployed",
                        "assigned_to.type": "user",
                        "assigned_to.email": "ada@maple.example",
                        "purchase_cost": "1,234.50",
                        "purchase_date.date": "2023-07-01",
                        "warranty_months": "36 months",
                        "custom_fields.Funding Source.value": "Title I",
                    },
                    {
                        "asset_tag": "MV-2",
                        "serial": "5CD2",
                        "status_label.name": "Old",
                        "status_label.status_meta": "archived",
                    },
                ]
            )
        )
        .tables["device_records"]
        .to_dicts()
    )
    assert (assigned["key"], assigned["name"], assigned["status"]) == ("MV-1", "Cart & Room 1", "active")
    assert (assigned["holder_email"], assigned["checked_out"], assigned["cost_minor"]) == (
        "ada@maple.example",
        True,
        123450,
    )
    assert (assigned["warranty_until"], assigned["funding"]) == (date(2026, 7, 1), "Title I")
    assert (retired["status"], retired["checked_out"]) == ("retired", False)


def test_an_antivirus_list_with_tags_and_serial_numbers_is_no_asset_list(tmp_path: Path) -> None:
    rows = {
        "antivirus.csv": "Endpoint ID,Serial,Asset Tag,Hostname,Group,State,Engine,Last "
        "Seen\nav-1,SN1,,LAB-1,Cedar,Protected,7.26,2026-01-02\n",
        "tags.csv": "Asset Tag,Serial,Protected\n1,SN1,yes\n",
        "assets.csv": "Asset Tag,Serial,Model\n1,SN1,Latitude\n",
    }
    for name, text in rows.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert [file.name for package in detection.packages for file in package.files] == ["assets.csv"]
