"""An entry that is no object, among the objects of any JSON list, is one rejected row: never an empty list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.protect.detections.events import UNKNOWN_SOURCE
from homeroom.ingest.contract.connector import JsonKind
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.events.recognition import list_events
from homeroom.ingest.events.rejections import RecordRejected
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount

ODD_ENTRIES: tuple[Any, ...] = (None, 5, -1.5e3, "text", 'a "quoted, [text]"', [1, 2], [], True)
KINDS = [kind for connector in load_connectors() for kind in connector.kinds if isinstance(kind, JsonKind)]


def build_row(kind: JsonKind) -> dict[str, Any]:
    """Build an object with the names by which a kind is recognized."""
    row: dict[str, Any] = {}
    for name in sorted(kind.select_names(), key=lambda name: -name.count(".")):
        inner = row
        *parents, last = name.split(".")
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner.setdefault(last, "x")
    return row


def detect_file(path: Path, document: Any) -> tuple[str, int, Sequence[str]]:
    """Return the kind of a file, how many of its rows cannot be read, and why."""
    path.write_text(json.dumps(document), encoding="utf-8")
    result = detect_packages([path], connectors=load_connectors())
    assert not result.problems, (document, result.problems)
    (file,) = result.packages[0].files
    return file.kind.id, file.lost_rows.height if file.is_damaged else 0, file.lost_rows["reason"].to_list()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_an_entry_that_is_no_object_is_one_rejected_row(kind: JsonKind, tmp_path: Path) -> None:
    row, path = build_row(kind), tmp_path / "export.json"
    number = KINDS.index(kind)
    cases = choose_amount(
        brief=[(ODD_ENTRIES[number % len(ODD_ENTRIES)], number % 3)],
        thorough=[(odd, place) for odd in ODD_ENTRIES for place in range(3)],
    )
    for odd, place in cases:
        rows = [row, row]
        rows.insert(place, odd)
        document = {kind.envelope: rows} if kind.envelope else rows
        sound = {kind.envelope: [row, row]} if kind.envelope else [row, row]
        expected_kind, none, _ = detect_file(path, sound)
        assert none == 0
        kind_id, count, reasons = detect_file(path, document)
        assert (kind_id, count) == (expected_kind, 1), (odd, place)
        assert "is no object" in reasons[0], (odd, place)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.id)
def test_an_entry_of_a_list_is_no_record_of_a_log(kind: JsonKind) -> None:
    try:
        events = list(list_events(build_row(kind)))
    except RecordRejected:
        return
    assert {parts.source for parts, _ in events} <= {UNKNOWN_SOURCE}


def test_a_list_of_plain_values_is_still_no_list_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_text(json.dumps({"value": [1, 2, 3], "users": [{"a": 1}]}), encoding="utf-8")
    (problem,) = detect_packages([path], connectors=load_connectors()).problems
    assert "is not a recognized kind" in problem.reason
