"""Test that a device keeps one identity despite labels, typing errors, new boards and new enrollments."""

from __future__ import annotations

import pytest

from tests.unit.know.resolve.source_records import group_record_keys, resolve_records
from tests.unit.know.resolve.test_scoring import (
    RecordRow,
    are_same_device,
    are_separate_devices,
    build_asset_record,
    build_console_record,
)

pytestmark = pytest.mark.scale  # each test resolves a district
SCANNED = {
    "PF3RQ7YD": "1S20VE004AUSPF3RQ7YD",  # Lenovo's barcode: the machine type before it
    "5CD04820KX": "S/N: 5CD04820KX",
    "8BW3LM1": "'8BW3LM1",
    "C02XL7HQJK": "Serial No. C02XL7HQJK*",
}


@pytest.mark.parametrize(("true", "scanned"), SCANNED.items())
def test_what_a_label_says_before_a_serial_is_no_part_of_it(true: str, scanned: str) -> None:
    assert are_same_device(build_console_record("c1", serial=true), build_asset_record("a1", serial=scanned))


WRONG = {"5CD04820KX": "5CD04821KX", "LRN421149219542": "SNLRN421149219542", "DMPVNSYW7KAA": "DMPVNSYW7KA"}
AGREES: dict[str, tuple[RecordRow, RecordRow]] = {
    "holder": ({"holder_email": "a@maple.example"}, {"holder_email": "A@maple.example "}),
    "place and "
    "model": ({"location": "Oak School", "model": "Spin 512"}, {"school_name": "Oak School", "model": "Spin 512"}),
    "name": ({"name": "OAK-0071"}, {"name": "oak-0071"}),
}  # fmt: skip


@pytest.mark.parametrize("sign", AGREES)
@pytest.mark.parametrize(("true", "typed"), WRONG.items())
def test_a_wrong_sign_in_a_serial_is_seen_through_where_one_more_thing_agrees(true: str, typed: str, sign: str) -> None:
    console_fields, asset_fields = AGREES[sign]
    assert are_same_device(
        build_console_record("c1", serial=true, **console_fields),
        build_asset_record("a1", serial=typed, **asset_fields),
    )


def test_machines_of_one_box_are_not_taken_for_typing_mistakes_of_each_other() -> None:
    box = [
        build_console_record(f"c{n}", serial=f"5CD90004{n}1", holder_email=f"{n}@maple.example") for n in range(1, 6)
    ]
    lone = build_asset_record("a1", serial="5CD9000491", location="Oak School")
    assert len(group_record_keys(resolve_records(device_records=[*box, lone]), "device")) == 6


def test_the_same_holder_is_enough_only_where_nobody_typed_a_serial_and_it_is_their_only_device() -> None:
    console_record, asset_fields = (
        build_console_record("c1", serial="4XK9QT2", holder_email="a@maple.example", model="Latitude 3310"),
        {"holder_email": "a@maple.example", "model": "Dell 3310"},
    )
    assert are_same_device(console_record, build_asset_record("a1", serial="", **asset_fields))
    assert are_separate_devices(console_record, build_asset_record("a1", serial="8BW3LM1", **asset_fields))
    both = [
        console_record,
        build_console_record("c2", serial="7TR2WW9", holder_email="a@maple.example", model="Latitude 3310"),
    ]
    assert (
        len(
            group_record_keys(
                resolve_records(device_records=[*both, build_asset_record("a1", serial="", **asset_fields)]), "device"
            )
        )
        == 3
    )


def test_a_new_board_under_the_old_label_is_the_same_machine_for_the_same_holder() -> None:
    label = {"asset_tag": "020466", "holder_email": "a@maple.example", "model": "Spin 512"}
    assert are_same_device(
        build_console_record("c1", serial="7TK54AR8YM", **label), build_asset_record("a1", serial="NXK74AA002", **label)
    )
    label["holder_email"] = "b@maple.example"
    assert are_separate_devices(
        build_console_record("c1", serial="7TK54AR8YM", **label),
        build_asset_record("a1", serial="NXK74AA002", **{**label, "holder_email": "a@x.example"}),
    )


def test_a_machine_that_was_enrolled_four_times_is_one_and_a_serial_of_forty_is_nobodys() -> None:
    again = [
        build_console_record(f"c{n}", serial="4XK9QT2", macs=["3c52826f10aa"], name=f"DESKTOP-{n}") for n in range(4)
    ]
    assert (
        len(
            group_record_keys(
                resolve_records(device_records=[*again, build_asset_record("a1", serial="4XK9QT2")]), "device"
            )
        )
        == 1
    )
    boards = [
        build_console_record(f"c{n}", serial="4XK9QT2", macs=[f"3c52826f10{n:02x}"], asset_tag=f"{1000 + n}")
        for n in range(40)
    ]
    result = resolve_records(device_records=boards)
    assert len(group_record_keys(result, "device")) == 40
    assert {(row["identifier"], row["count"]) for row in result.worthless.to_pylist()} == {("serial", 40)}


def test_tags_of_one_number_in_two_spellings_agree() -> None:
    assert are_same_device(
        build_console_record("c1", serial="4XK9QT2", asset_tag="020466"),
        build_asset_record("a1", serial="", asset_tag="20466"),
    )
    label = {"model": "Latitude 3310", "location": "Oak School"}
    assert are_same_device(
        build_console_record("c1", serial="4XK9QT2", asset_tag="KC-020466", **label),
        build_asset_record("a1", serial="", asset_tag="20466", **label),
    )


def test_a_name_with_blanks_is_a_name_and_a_makers_word_is_none() -> None:
    assert are_same_device(
        build_console_record("c1", serial="4XK9QT2", name="Cart 9 iPad 18"),
        build_asset_record("a1", serial="", name="cart 9 ipad 18"),
    )
    assert are_separate_devices(
        build_console_record("c1", serial="4XK9QT2", name="MacBook Pro"),
        build_asset_record("a1", serial="", name="MacBook Pro"),
    )
