"""GLPI's asset lists, in English and French, with the three forms of its dates."""

from __future__ import annotations

from datetime import UTC, datetime

from homeroom.connectors.glpi.readers import read_assets, read_french_assets
from tests.connectors.raw_frames import list_rejects, list_rows, parse_csv
from tests.connectors.recordings import read_recording, select_columns


def test_a_list_with_english_headings() -> None:
    kind, read = read_recording("glpi/computers.csv")
    assert kind == "glpi.assets"
    assert list_rows(read, "device_records")[0] == {
        "key": "14",
        "serial": "5CD0014",
        "asset_tag": "MV-0014",
        "hardware_ids": ["udid:4c4c4544-0051-3510-8052-b4c04f4a4e32"],
        "name": "LIN-PC-014",
        "kind": "desktop",
        "platform": "windows",
        "manufacturer": "Dell Inc.",
        "model": "OptiPlex 7010",
        "category": "Desktop",
        "os_version": "23H2",
        "managed": False,
        "status": "active",
        "status_word": "In use",
        "org_unit": "/Maple/Lincoln",
        "location": "Lincoln > Room 12",
        "holder_name": "Okoro Ada",
        "last_seen": datetime(2026, 11, 19, 14, 3, tzinfo=UTC),
    }
    assert select_columns(read, "device_records", "key", "status", "org_unit", "holder_email", "last_seen")[1:] == [
        ("15", "repair", "/", "bwright@maple.example", datetime(2026, 11, 5, 8, 30, tzinfo=UTC)),
        ("16", "storage", "/Maple", None, None),
    ]
    assert list_rejects(read) == [(4, "Last inventory date", False)]


def test_a_list_with_french_headings_has_the_day_first() -> None:
    kind, read = read_recording("glpi/ordinateurs.csv")
    assert kind == "glpi.assets.french"
    assert select_columns(read, "device_records", "key", "status", "org_unit", "platform", "last_seen") == [
        ("5CD0014", "active", "/Érables", "windows", datetime(2026, 11, 3, 14, 3, tzinfo=UTC)),
        ("5CD0015", "repair", "/", "windows", datetime(2026, 11, 4, 9, tzinfo=UTC)),
    ]
    assert read.rejects.is_empty()


def test_a_value_proves_which_of_day_and_month_stands_first() -> None:
    french = "Nom,Numéro de série,Date de dernier inventaire\nA,1,11-03-2026 14:03\nB,2,11-20-2026 09:00"
    english = "Name,Serial number,Last inventory date\nA,1,11-03-2026 14:03\nB,2,2026-11-20 09:00:01"
    for read in (read_french_assets(parse_csv(french)), read_assets(parse_csv(english))):
        first, second = (when for (when,) in select_columns(read, "device_records", "last_seen"))
        assert (first.month, first.day, first.hour, second.day) == (11, 3, 14, 20)
