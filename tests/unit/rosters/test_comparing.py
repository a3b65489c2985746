"""What a receiver has otherwise than the student information system is told once, with its school."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl

from homeroom.engines.rosters.comparing import NEEDED, Differences, by_school, compare_rosters
from homeroom.evidence.schema import POLARS
from homeroom.evidence.tables import TABLES

TODAY = date(2026, 11, 24)
ORGS = [{"key": "310", "name": "Maple Upper"}, {"key": "320", "name": "Maple Lower"}]


def _rows(**given: list[dict[str, Any]]) -> dict[str, pl.DataFrame]:
    def frame(name: str) -> pl.DataFrame:
        schema = {column.name: POLARS[column.type] for column in TABLES[name].columns}
        return pl.DataFrame(given.get(name, []), schema=schema)

    return {name: frame(name) for name in NEEDED}


def _person(key: str, name: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "given_name": name, "family_name": "Vega", **more}


def _role(key: str, org: str, role: str = "student", **more: Any) -> dict[str, Any]:
    return {"person_key": key, "role": role, "org_key": org, **more}


def _told(found: Differences) -> list[tuple[Any, ...]]:
    return found.rows.select("kind", "school", "key", "said", "received").rows()


def test_people_are_missing_extra_moved_and_promoted() -> None:
    sis = _rows(
        orgs=ORGS,
        person_records=[
            _person("1", "Bo", grade="09", email="bo@maple.example"), _person("2", "Ada"), _person("3", "Per", identifier="773"),
            _person("4", "Gone", status="tobedeleted"), _person("5", "Left"), _person("6", "Mother"),
        ],
        role_records=[
            _role("1", "310"), _role("2", "310", "teacher"), _role("3", "320"), _role("5", "310", end_date=date(2026, 11, 1)),
            _role("6", "310", "guardian"),
        ],
    )  # fmt: skip
    received = _rows(
        orgs=[{"key": "x", "name": "maple upper"}, {"key": "y", "name": "Maple Lower"}],
        person_records=[
            _person("1", "Bo", grade="10", email="BO@maple.example"), _person("773", "Per"), _person("9", "Nobody"),
            _person("5", "Left"),
        ],
        role_records=[_role("1", "x"), _role("773", "x"), _role("9", "y"), _role("5", "x")],
    )  # fmt: skip
    found = compare_rosters(sis=sis, received=received, today=TODAY)
    assert found.matched == 3
    assert _told(found) == [
        ("extra", "Maple Lower", "9", None, None),
        ("moved", "Maple Lower", "3", "Maple Lower", "maple upper"),
        ("missing", "Maple Upper", "2", None, None),
        ("grade", "Maple Upper", "1", "09", "10"),
    ]
    assert by_school(found).select("school", "missing", "extra", "grade").rows() == [
        ("Maple Lower", 0, 1, 0), ("Maple Upper", 1, 0, 1),
    ]  # fmt: skip


def test_an_address_matches_where_no_number_does_and_only_one_to_one() -> None:
    sis = _rows(
        person_records=[_person("1", "Bo", email="b@maple.example"), _person("2", "Ada", email="twin@maple.example")]
    )
    received = _rows(
        person_records=[
            _person("a", "Bo", email="b@maple.example"), _person("b", "T", email="twin@maple.example"),
            _person("c", "T", email="twin@maple.example"),
        ]
    )  # fmt: skip
    found = compare_rosters(sis=sis, received=received, today=TODAY)
    assert found.matched == 1
    assert sorted(row[0] for row in _told(found)) == ["extra", "extra", "missing"]


def test_places_in_classes_are_compared_where_both_have_the_class() -> None:
    people = {"person_records": [_person("1", "Bo"), _person("2", "Ada")]}
    sis = _rows(
        **people, classes=[{"key": "c1", "title": "Algebra"}, {"key": "c2", "title": "Art"}],
        enrollments=[{"key": "e1", "person_key": "1", "class_key": "c1"}, {"key": "e2", "person_key": "2", "class_key": "c2"}],
    )  # fmt: skip
    received = _rows(
        **people, classes=[{"key": "c1", "title": "Algebra 1"}],
        enrollments=[{"key": "z", "person_key": "2", "class_key": "c1"}],
    )  # fmt: skip
    found = compare_rosters(sis=sis, received=received, today=TODAY)
    assert found.sections
    assert _told(found) == [
        ("section missing", None, "1", "Algebra", None), ("section extra", None, "2", None, "Algebra"),
    ]  # fmt: skip
    apart = compare_rosters(sis=sis, received=_rows(**people), today=TODAY)
    assert not apart.sections
    assert _told(apart) == []
