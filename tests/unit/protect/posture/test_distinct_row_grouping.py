"""Test that programs differing only in columns that no control reads are grouped into one row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from homeroom.domain.matching import parse_pattern
from homeroom.engines.protect.posture.distinct_rows import ControlPatterns, distinct_rows_sql
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.evidence.tables import TABLES

TODAY = date(2026, 1, 15)
CHROME = {"product": "google-chrome", "kind": "browser", "name": "Google Chrome"}


def build_patterns(applies: Any, requires: Any) -> ControlPatterns:
    fields = list_pattern_fields(TABLES["software"])
    return ControlPatterns(
        applies=parse_pattern(applies, fields=fields), requires=parse_pattern(requires, fields=fields)
    )


NEW_CHROME = build_patterns({"kind|exists": True, "product": "google-chrome"}, {"version|version_gte": "139"})
NAMED = build_patterns({"listing|maybe|not|contains": "extension"}, {"name|not": ""})


def group_programs(
    *programs: dict[str, Any], controls: tuple[ControlPatterns, ...] = (NEW_CHROME, NAMED)
) -> list[list[int]]:
    """Return the devices, by the position of their program, that share a row."""
    rows = pa.Table.from_pylist(
        [{"device": index, **item} for index, item in enumerate(programs)], schema=build_view_schema("software")
    )
    query = distinct_rows_sql(
        "software", controls, subject="device", varied=("name", "version"), extra_columns=(), today=TODAY
    )
    device_lists = open_session_over({"software": rows}).execute(query).to_arrow_table().column("subjects").to_pylist()
    return sorted(sorted(item) for item in device_lists)


def test_programs_of_no_product_that_is_asked_about_are_one_row_whatever_they_are_called() -> None:
    paint, zoom = {"name": "Paint", "version": "1.0"}, {"name": "Zoom", "version": "6.2"}
    assert group_programs(paint, zoom, {"name": "Paint"}) == [[0, 1, 2]]


def test_a_program_without_a_name_and_one_of_an_empty_name_stand_apart() -> None:
    assert group_programs({"name": "Paint"}, {"name": ""}, {"version": "1.0"}) == [[0], [1], [2]]


def test_every_version_counts_where_a_control_may_look_into_it() -> None:
    versions = [{**CHROME, "version": version} for version in ("138.0", "139.0", "139.0", None)]
    assert group_programs(*versions) == [[0], [1, 2], [3]]


def test_what_nobody_knows_may_apply_and_keeps_its_version() -> None:
    chrome = build_patterns({"product": "google-chrome"}, {"version|version_gte": "139"})
    assert group_programs({"version": "1.0"}, {"version": "2.0"}, controls=(chrome,)) == [[0], [1]]
    snap_browser = build_patterns({"version|contains": "snap", "kind": "browser"}, {"name|exists": True})
    assert group_programs(
        {"kind": "archiver", "version": "1.0"}, {"kind": "archiver", "version": "2.0 snap"}, controls=(snap_browser,)
    ) == [[0, 1]]


def test_a_device_stands_once_in_a_row() -> None:
    assert group_programs({"name": "Paint"}, {"name": "Zoom", "device": 0}) == [[0]]
