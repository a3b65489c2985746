"""Test that each difference of a receiver from the student information system is reported once, by school."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from homeroom.engines.comply.rosters.roster_diff import (
    REQUIRED_ROSTER_TABLES,
    RosterDifferences,
    compare_rosters,
    count_differences,
)
from homeroom.evidence.files.polars_schema import POLARS_TYPES
from homeroom.evidence.tables import TABLES

TODAY = date(2026, 11, 24)
ORGS = [{"key": "310", "name": "Maple Upper"}, {"key": "320", "name": "Maple Lower"}]


def _build_tables(**rows_by_table: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    def build_frame(name: str) -> pl.DataFrame:
        schema = {column.name: POLARS_TYPES[column.type] for column in TABLES[name].columns}
        return pl.DataFrame(rows_by_table.get(name, []), schema=schema)

    return {name: build_frame(name) for name in REQUIRED_ROSTER_TABLES}


def _build_person(key: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"key": key, "given_name": name, "family_name": "Vega", **fields}


def _build_role(key: str, org: str, role: str = "student", **fields: Any) -> dict[str, Any]:
    return {"person_key": key, "role": role, "org_key": org, **fields}


def _list_differences(differences: RosterDifferences) -> list[tuple[Any, ...]]:
    return differences.rows.select("kind", "school", "key", "said", "received").rows()


def test_people_are_missing_extra_moved_and_promoted() -> None:
    sis = _build_tables(
        orgs=ORGS,
        person_records=[
            _build_person("1", "Bo", grade="09", email="bo@maple.example"),
            _build_person("2", "Ada"),
            _build_person("3", "Per", identifier="773"),
            _build_person("4", "Gone", status="tobedeleted"),
            _build_person("5", "Left"),
            _build_person("6", "Mother"),
        ],
        role_records=[
            _build_role("1", "310"),
            _build_role("2", "310", "teacher"),
            _build_role("3", "320"),
            _build_role("5", "310", end_date=date(2026, 11, 1)),
            _build_role("6", "310", "guardian"),
        ],
    )
    received = _build_tables(
        orgs=[{"key": "x", "name": "maple upper"}, {"key": "y", "name": "Maple Lower"}],
        person_records=[
            _build_person("1", "Bo", grade="10", email="BO@maple.example"),
            _build_person("773", "Per"),
            _build_person("9", "Nobody"),
            _build_person("5", "Left"),
        ],
        role_records=[_build_role("1", "x"), _build_role("773", "x"), _build_role("9", "y"), _build_role("5", "x")],
    )
    differences = compare_rosters(sis=sis, received=received, today=TODAY)
    assert differences.matched == 3
    assert _list_differences(differences) == [
        ("extra", "Maple Lower", "9", None, None),
        ("moved", "Maple Lower", "3", "Maple Lower", "maple upper"),
        ("missing", "Maple Upper", "2", None, None),
        ("grade", "Maple Upper", "1", "09", "10"),
    ]
    assert count_differences(differences).select("school", "missing", "extra", "grade").rows() == [
        ("Maple Lower", 0, 1, 0), ("Maple Upper", 1, 0, 1),
    ]  # fmt: skip


def test_an_address_matches_where_no_number_does_and_only_one_to_one() -> None:
    sis = _build_tables(
        person_records=[
            _build_person("1", "Bo", email="b@maple.example"),
            _build_person("2", "Ada", email="twin@maple.example"),
        ]
    )
    received = _build_tables(
        person_records=[
            _build_person("a", "Bo", email="b@maple.example"), _build_person("b", "T", email="twin@maple.example"),
            _build_person("c", "T", email="twin@maple.example"),
        ]
    )  # fmt: skip
    differences = compare_rosters(sis=sis, received=received, today=TODAY)
    assert differences.matched == 1
    assert sorted(row[0] for row in _list_differences(differences)) == ["extra", "extra", "missing"]


def test_places_in_classes_are_compared_where_both_have_the_class() -> None:
    people = {"person_records": [_build_person("1", "Bo"), _build_person("2", "Ada")]}
    sis = _build_tables(
        **people,
        classes=[{"key": "c1", "title": "Algebra"}, {"key": "c2", "title": "Art"}],
        enrollments=[
            {"key": "e1", "person_key": "1", "class_key": "c1"},
            {"key": "e2", "person_key": "2", "class_key": "c2"},
        ],
    )
    received = _build_tables(
        **people, classes=[{"key": "c1", "title": "Algebra 1"}],
        enrollments=[{"key": "z", "person_key": "2", "class_key": "c1"}],
    )  # fmt: skip
    differences = compare_rosters(sis=sis, received=received, today=TODAY)
    assert differences.sections
    assert _list_differences(differences) == [
        ("section missing", None, "1", "Algebra", None), ("section extra", None, "2", None, "Algebra"),
    ]  # fmt: skip
    without_classes = compare_rosters(sis=sis, received=_build_tables(**people), today=TODAY)
    assert not without_classes.sections
    assert _list_differences(without_classes) == []
