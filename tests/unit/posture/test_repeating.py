"""Programs that differ in nothing that a control looks into are one row, and those that it looks into are each their own."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from homeroom.domain.matching import parse
from homeroom.engines.posture.repeating import Forms, distinct_rows
from homeroom.evidence.patterns import fields_of
from homeroom.evidence.session import session_over, view_schema
from homeroom.evidence.tables import TABLES

TODAY = date(2026, 1, 15)
CHROME = {"product": "google-chrome", "kind": "browser", "name": "Google Chrome"}


def forms(applies: Any, requires: Any) -> Forms:
    fields = fields_of(TABLES["software"])
    return Forms(applies=parse(applies, fields=fields), requires=parse(requires, fields=fields))


NEW_CHROME = forms({"kind|exists": True, "product": "google-chrome"}, {"version|version_gte": "139"})
NAMED = forms({"listing|maybe|not|contains": "extension"}, {"name|not": ""})


def grouped(*programs: dict[str, Any], controls: tuple[Forms, ...] = (NEW_CHROME, NAMED)) -> list[list[int]]:
    """Which devices (by the place of their program) stand together."""
    rows = pa.Table.from_pylist(
        [{"device": place, **one} for place, one in enumerate(programs)], schema=view_schema("software")
    )
    text = distinct_rows("software", controls, subject="device", varied=("name", "version"), beside=(), today=TODAY)
    found = session_over({"software": rows}).execute(text).to_arrow_table().column("subjects").to_pylist()
    return sorted(sorted(one) for one in found)


def test_programs_of_no_product_that_is_asked_about_are_one_row_whatever_they_are_called() -> None:
    paint, zoom = {"name": "Paint", "version": "1.0"}, {"name": "Zoom", "version": "6.2"}
    assert grouped(paint, zoom, {"name": "Paint"}) == [[0, 1, 2]]


def test_a_program_without_a_name_and_one_of_an_empty_name_stand_apart() -> None:
    assert grouped({"name": "Paint"}, {"name": ""}, {"version": "1.0"}) == [[0], [1], [2]]


def test_every_version_counts_where_a_control_may_look_into_it() -> None:
    versions = [{**CHROME, "version": version} for version in ("138.0", "139.0", "139.0", None)]
    assert grouped(*versions) == [[0], [1, 2], [3]]


def test_what_nobody_knows_may_apply_and_keeps_its_version() -> None:
    unsure = forms({"product": "google-chrome"}, {"version|version_gte": "139"})
    assert grouped({"version": "1.0"}, {"version": "2.0"}, controls=(unsure,)) == [[0], [1]]
    asked = forms({"version|contains": "snap", "kind": "browser"}, {"name|exists": True})
    assert grouped(
        {"kind": "archiver", "version": "1.0"}, {"kind": "archiver", "version": "2.0 snap"}, controls=(asked,)
    ) == [[0, 1]]


def test_a_device_stands_once_in_a_row() -> None:
    assert grouped({"name": "Paint"}, {"name": "Zoom", "device": 0}) == [[0]]
