"""Labels of devices: one a line, each once in any case, bounded, and refused with what would fit."""

from __future__ import annotations

import pytest

from homeroom.domain.know.devices.labels import MAX_LABELS, LabelRefused, merge_device_labels, parse_device_labels


def test_labels_are_read_a_line_each_once_in_their_order():
    assert parse_device_labels("5CD1001\r\n\n  5CD 1002 \n5cd1001\n00417") == ("5CD1001", "5CD 1002", "00417")
    assert merge_device_labels(["A1", "B1"], ["b1", "C1"]) == ("A1", "B1", "C1")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A1\n" + "x" * 81, "Line 2 is too long"),
        ("A\x07B", "Line 1 has characters"),
        ("\n".join(f"A{number}" for number in range(MAX_LABELS + 1)), "There are 201 labels; at most 200"),
    ],
)
def test_what_is_no_label_is_refused_with_its_line(text: str, reason: str):
    with pytest.raises(LabelRefused, match=reason):
        parse_device_labels(text)
