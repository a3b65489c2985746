"""A bundle for some schools has nothing of the others, refers to nothing that is left out, and counts that."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.ingest.oneroster.bundle_writer import write_bundle_folder
from homeroom.ingest.oneroster.exporter import ExportedBundle, export_bundle
from homeroom.ingest.oneroster.school_scope import restrict_to_schools
from homeroom.ingest.oneroster.validator import check_bundle
from homeroom.ingest.oneroster.withholding import withhold_elements
from homeroom.library.comply.privacy.elements import load_elements

ORGS = [("d", "Maple Valley", "district", None), ("oak", "Oak School", "school", "d"),
        ("elm", "Elm School", "school", "d"), ("lab", "Lab", "department", "oak")]  # fmt: skip
# Person, role, organization, agents
PEOPLE = [
    ("at-oak", "student", "oak", ["g-oak"]),
    ("at-elm", "student", "elm", ["g-elm"]),
    ("at-both", "student", "elm", ["g-both"]),
    ("at-lab", "student", "lab", []),
    ("nowhere", "student", "d", []),
    ("g-oak", "guardian", "d", []),
    ("g-elm", "guardian", "d", []),
    ("g-both", "guardian", "elm", []),
    ("g-nobody", "guardian", "d", []),
    ("t-oak", "teacher", "oak", []),
    ("t-elm", "teacher", "elm", []),
    ("head", "administrator", "d", []),
]
MORE_ROLES = [("at-both", "student", "oak")]
CLASSES = [("c-oak", "oak", "algebra"), ("c-elm", "elm", "algebra"), ("c-own", "elm", "elm-only"),
           ("c-shared", "oak", "elm-course")]  # fmt: skip
COURSES = [("algebra", "d"), ("elm-only", "elm"), ("elm-course", "elm")]
PLACES = [("at-oak", "c-oak"), ("at-both", "c-oak"), ("at-both", "c-elm"), ("at-elm", "c-elm"), ("at-elm", "c-oak"),
          ("at-oak", "c-shared")]  # fmt: skip


def build_tables() -> Mapping[str, pl.DataFrame]:
    roles = [(key, role, org) for key, role, org, _ in PEOPLE] + MORE_ROLES
    return {
        "orgs": pl.DataFrame(ORGS, schema=["key", "name", "kind", "parent_key"], orient="row"),
        "person_records": pl.DataFrame(
            {
                "key": [key for key, *_ in PEOPLE],
                "given_name": ["Marisol"] * len(PEOPLE),
                "family_name": ["Vega"] * len(PEOPLE),
                "email": [f"{key}@maple.example" for key, *_ in PEOPLE],
                "org_key": [org for _, _, org, _ in PEOPLE],
                "agent_keys": [agents for *_, agents in PEOPLE],
            },
            schema_overrides={"agent_keys": pl.List(pl.String)},
        ),
        "role_records": pl.DataFrame(roles, schema=["person_key", "role", "org_key"], orient="row"),
        "courses": pl.DataFrame(
            [(key, org, key) for key, org in COURSES], schema=["key", "org_key", "title"], orient="row"
        ),
        "classes": pl.DataFrame(
            [(key, org, course, key) for key, org, course in CLASSES],
            schema=["key", "org_key", "course_key", "title"],
            orient="row",
        ),
        "enrollments": pl.DataFrame(
            [(f"{person}~{group}", person, group, "student") for person, group in PLACES],
            schema=["key", "person_key", "class_key", "role"],
            orient="row",
        ),
    }


@pytest.fixture
def bundle() -> ExportedBundle:
    return export_bundle(build_tables(), district="Maple", year=(date(2026, 7, 1), date(2027, 6, 30)))


def list_ids(bundle: ExportedBundle, member: str, column: str = "sourcedId") -> set[str]:
    return set(bundle.members[member][column])


def find_violations(bundle: ExportedBundle, folder: Path) -> list[Any]:
    with write_bundle_folder(bundle.members, parent=folder) as written:
        return [(item.rule.id, item.file, item.line) for item in check_bundle(written).violations]


def test_nothing_of_another_school_is_in_the_bundle_and_it_is_still_valid(bundle: ExportedBundle, tmp_path: Path):
    restrict_to_schools(bundle, ["Oak School"])
    assert find_violations(bundle, tmp_path) == []
    assert list_ids(bundle, "orgs") == {"d", "oak", "lab"}
    assert list_ids(bundle, "users") == {"at-oak", "at-both", "at-lab", "g-oak", "g-both", "t-oak", "head"}
    assert list_ids(bundle, "roles", "orgSourcedId") == {"d", "oak", "lab"}
    assert list_ids(bundle, "classes") == {"c-oak", "c-shared"}
    assert list_ids(bundle, "courses") == {"algebra", "elm-course"}
    assert list_ids(bundle, "enrollments") == {"at-oak~c-oak", "at-both~c-oak", "at-oak~c-shared"}
    text = "".join(frame.write_csv() for frame in bundle.members.values())
    assert "Elm School" not in text
    assert not [line for line in text.replace("elm-course", "").splitlines() if "elm" in line]


def test_what_is_left_out_is_counted_by_its_reason(bundle: ExportedBundle):
    restrict_to_schools(bundle, ["oak school"])
    reason = "of a school that the agreement is not for"
    assert bundle.left_out == {
        f"a student {reason}": 2,
        f"a person {reason}": 3,
        f"a class {reason}": 2,
        f"a course {reason}": 1,
        f"a place in a class {reason}": 3,
    }


def test_all_schools_named_leave_only_people_of_no_school_out(bundle: ExportedBundle, tmp_path: Path):
    restrict_to_schools(bundle, ["Oak School", "Elm School"])
    assert find_violations(bundle, tmp_path) == []
    assert list_ids(bundle, "classes") == {key for key, *_ in CLASSES}
    assert {key for key, *_ in PEOPLE} - list_ids(bundle, "users") == {"nowhere", "g-nobody"}


def test_an_element_for_one_school_is_withheld_from_the_students_of_another(bundle: ExportedBundle, tmp_path: Path):
    elements = {entry.id: entry for entry in load_elements()}
    withhold_elements(bundle, elements=elements, allowed=elements, schools={"email": ["Oak School"]})
    users = dict(bundle.members["users"].select("sourcedId", "email").iter_rows())
    assert {key for key, email in users.items() if email is None} == {"at-elm", "nowhere"}
    assert find_violations(bundle, tmp_path) == []


def test_places_and_ids_for_one_school_are_withheld_from_the_students_of_another(
    bundle: ExportedBundle, tmp_path: Path
):
    elements = {entry.id: entry for entry in load_elements()}
    schools = {"schedule": ["Oak School"], "sis-id": ["Oak School"]}
    withhold_elements(bundle, elements=elements, allowed=elements, schools=schools)
    assert "at-elm" not in list_ids(bundle, "enrollments", "userSourcedId") | list_ids(bundle, "users")
    assert {"at-oak", "at-both"} <= list_ids(bundle, "enrollments", "userSourcedId")
    assert find_violations(bundle, tmp_path) == []
