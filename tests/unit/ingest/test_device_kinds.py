"""The kind of a device by the words of an asset list: gear of a building is no computer, and no computer is gear."""

from __future__ import annotations

import polars as pl
import pytest

from homeroom.domain.know.devices.kinds import COMPUTER_KINDS, DEVICE_KINDS, GEAR_KINDS, normalize_kind
from homeroom.ingest.values.device_types import classify_device
from homeroom.library.know.mappings import parse_mapping
from tests.connectors.raw_frames import build_frame, list_rows

KINDS = {
    "Network Switches Cisco WS-C2960X-48FPS-L": "switch",
    "Cisco Catalyst 9300-48P": "switch",
    "Access Points Meraki MR36": "access_point",
    "WAP Aruba AP-305": "access_point",
    "Firewall FortiGate 100F": "firewall",
    "UPS APC Smart-UPS 1500 battery backup": "ups",
    "Servers Dell PowerEdge R650": "server",
    "Monitors Dell P2422H": "display",
    "Interactive flat panel Promethean": "display",
    "Copiers Canon imageRUNNER": "printer",
    "Printer HP LaserJet 400": "printer",
    "Projector Epson": "other",
    "HDMI switch 4 port": "other",
    "Chromebook charging cart": "other",
}
NEAR_MISSES = {
    "Acer Aspire Switch 10": "tablet",
    "Acer Switch Alpha 12": "tablet",
    "Laptops MacBook Pro 13-inch, Retina display": "laptop",
    "iMac Retina 5K display": "desktop",
    "Chromebook with touch display": "chromebook",
    "AP Physics laptop cart": "other",
    "AP Physics laptops Dell Latitude 3310": "laptop",
    "Nintendo Switch": "other",
    "Apple TV 4K": "other",
    "Print server": "other",
}


@pytest.mark.parametrize(("words", "kind"), [*KINDS.items(), *NEAR_MISSES.items()])
def test_words_of_a_category_and_a_model_name_the_kind(words: str, kind: str) -> None:
    frame = pl.DataFrame({"words": [words]})
    platform = pl.lit(None, dtype=pl.String)
    assert frame.select(classify_device(pl.col("words"), platform=platform)).item() == kind
    assert kind in DEVICE_KINDS


def test_a_mapped_list_gets_kinds_from_its_category() -> None:
    connector = parse_mapping(
        """
homeroom: mapping
name: closets
table: device_records
columns: {key: {from: Tag}, category: {from: Group}, model: {from: Model}, kind: {from: Kind}}
""",
        file="closets.yaml",
    )
    rows = [
        {"Tag": "1", "Group": "Switches", "Model": "MS225", "Kind": None},
        {"Tag": "2", "Group": None, "Model": "Thing", "Kind": "Access Point"},
        {"Tag": "3", "Group": None, "Model": "Thing", "Kind": "robot"},
        {"Tag": "4", "Group": "Library", "Model": "Latitude 3310", "Kind": "Computers"},
    ]
    reading = connector.readers["mapped"](build_frame(rows))
    assert [row["kind"] for row in list_rows(reading, "device_records")] == [
        "switch",
        "access_point",
        "robot",
        "laptop",
    ]


def test_kinds_are_compared_in_any_case_and_number() -> None:
    written = ("Access Points", "SWITCHES", "UPS", "access-point", "APs", "Chromebooks", "Robots")
    assert [normalize_kind(text) for text in written] == [
        "access_point", "switch", "ups", "access_point", "access_point", "chromebook", "robots",
    ]  # fmt: skip


def test_gear_is_no_computer() -> None:
    assert not set(GEAR_KINDS) & set(COMPUTER_KINDS)
    assert {*GEAR_KINDS, *COMPUTER_KINDS} < set(DEVICE_KINDS)
