"""An exported bundle breaks no rule, and reading it again returns the same rows."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables import TABLES
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.oneroster.bundle_writer import publish_bundle, write_bundle_folder
from homeroom.ingest.oneroster.exporter import REQUIRED_TABLES, ExportedBundle, export_bundle
from homeroom.ingest.oneroster.validator import check_bundle
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount
from tests.unit.ingest.oneroster.bundle_builder import build_valid_bundle

YEAR = (date(2026, 7, 1), date(2027, 6, 30))
FramesByTable = Mapping[str, pl.DataFrame]


def _load_bundle(path: Path) -> FramesByTable:
    """Return the canonical rows of a bundle on disk."""
    (package,) = detect_packages([path], connectors=load_connectors()).packages
    frames: dict[str, list[pl.DataFrame]] = {name: [] for name in REQUIRED_TABLES}
    for file in package.files:
        for chunk in file.iter_chunks():
            for table, frame in package.connector.readers[file.kind.reader](chunk).tables.items():
                frames[table].append(cast_to_table(frame, table=TABLES[table]))
    return {name: pl.concat(parts) for name, parts in frames.items() if parts}


def _export_rows(tables: FramesByTable, out: Path) -> ExportedBundle:
    exported = export_bundle(tables, district="Maple Valley", year=YEAR)
    with write_bundle_folder(exported.members, parent=out.parent) as folder:
        publish_bundle(folder, out=out)
    return exported


def _list_rows(tables: FramesByTable, table: str) -> set[tuple[Any, ...]]:
    frame = tables.get(table)
    return set() if frame is None else {tuple(map(str, row)) for row in frame.iter_rows()}


def test_a_bundle_that_was_loaded_is_written_and_loaded_again_alike(tmp_path: Path) -> None:
    before = _load_bundle(build_valid_bundle("1.2").write(tmp_path / "given"))
    exported = _export_rows(before, tmp_path / "made")
    assert exported.left_out == {}
    report = check_bundle(tmp_path / "made")
    assert report.by_severity == {"error": 0, "warning": 0, "notice": 0}
    after = _load_bundle(tmp_path / "made")
    for table in REQUIRED_TABLES:
        assert _list_rows(after, table) == _list_rows(before, table), table


def test_what_the_form_requires_and_a_source_does_not_say_is_made(tmp_path: Path) -> None:
    people = pl.DataFrame(
        {
            "key": ["1", "2", "3", "4"],
            "given_name": ["Bo", "Ada", None, "Per"],
            "family_name": ["Lind", "Ek", "Vi", "Om"],
            "org_key": ["310", "310", "310", None],
            "grade": ["KG", None, None, None],
            "agent_keys": [["2", "9", "1"], [], [], []],
        }
    )
    roles = pl.DataFrame(
        {
            "person_key": ["1", "2", "2", "2", "3"],
            "role": ["student", "teacher", "administrator", "staff", "student"],
            "org_key": ["310", "310", "310", None, "310"],
            "org_name": ["Maple", "Maple", "Maple", None, None],
        }
    )
    classes = pl.DataFrame({"key": ["c,1", "c2"], "title": ["Algebra", None], "org_key": ["310", None]})
    places = pl.DataFrame(
        {
            "key": ["e1", "e2", "e3", "e4", "e5"],
            "person_key": ["1", "2", "2", "3", "1"],
            "class_key": ["c,1", "c,1", "c,1", "c,1", "c2"],
            "role": ["student", "teacher", "teacher", "student", "student"],
            "primary": [None, True, True, None, None],
        }
    )
    tables = {"person_records": people, "role_records": roles, "classes": classes, "enrollments": places}
    exported = _export_rows(tables, tmp_path / "made")
    assert check_bundle(tmp_path / "made").by_severity["error"] == 0
    assert exported.left_out == {
        "a class at no school": 1, "a person without a name": 1, "a role of a person who is not there": 1,
        "a person without a role": 1, "a place in a class that is not there": 1, "a place of a person who is not "
                                                                                 "there": 1,
    }  # fmt: skip
    after = _load_bundle(tmp_path / "made")
    assert _list_rows({"o": after["orgs"].select("key", "name", "kind")}, "o") == {
        ("310", "Maple", "school"), ("homeroom-district", "Maple Valley", "district"),
    }  # fmt: skip
    assert after["classes"].select("key", "course_key", "term_keys").row(0) == (
        "c_1",
        "course-of-c_1",
        ["homeroom-year-2027"],
    )
    assert sorted(after["role_records"]["job"]) == ["ext:staff", "siteAdministrator", "student", "teacher"]
    assert after["person_records"].filter(pl.col("key") == "1")["agent_keys"].to_list() == [["2"]]
    assert sorted(after["enrollments"].select("key", "primary").rows()) == [("e1", None), ("e2", True), ("e3", False)]


def test_who_is_going_is_not_written_and_a_zip_replaces_an_older_one(tmp_path: Path) -> None:
    before = _load_bundle(build_valid_bundle("1.2").write(tmp_path / "given"))
    out = tmp_path / "roster.zip"
    _export_rows(before, out)
    departing = before["person_records"].with_columns(
        pl.when(pl.col("key") == "p1").then(pl.lit("tobedeleted")).otherwise("status").alias("status")
    )
    exported = _export_rows({**before, "person_records": departing}, out)
    assert "p1" not in exported.members["users"]["sourcedId"]
    assert check_bundle(out).is_clean
    with zipfile.ZipFile(out) as archive:
        assert archive.namelist()[0] == "manifest.csv"


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "holiday.txt").write_text("keep", encoding="utf-8")
    before = _load_bundle(build_valid_bundle("1.2").write(tmp_path / "given"))
    with pytest.raises(FileExistsError, match=r"holiday\.txt"):
        _export_rows(before, tmp_path / "made")
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["holiday.txt"]


_NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=8)
_KEYS = st.sampled_from([f"k{number}" for number in range(6)])
_DAYS = st.none() | st.dates(date(2026, 8, 1), date(2027, 6, 1))
_ROW_STRATEGIES = {
    "orgs": {
        "key": _KEYS,
        "name": st.none() | _NAMES,
        "kind": st.sampled_from([None, "school", "district", "campus"]),
        "parent_key": st.none() | _KEYS,
    },
    "person_records": {
        "key": _KEYS,
        "given_name": st.none() | _NAMES,
        "family_name": _NAMES,
        "enabled": st.none() | st.booleans(),
        "email": st.none() | st.just("a@maple.example"),
        "other_ids": st.none() | st.lists(st.sampled_from(["SIS:1", "bad", "HR:a,b"]), max_size=2),
        "agent_keys": st.none() | st.lists(_KEYS, max_size=3),
        "org_key": st.none() | _KEYS,
        "status": st.sampled_from([None, "active", "tobedeleted"]),
    },
    "role_records": {
        "person_key": _KEYS,
        "role": st.sampled_from(["student", "teacher", "administrator", "staff", "other", "aide", "guardian"]),
        "org_key": st.none() | _KEYS,
        "org_name": st.none() | _NAMES,
        "primary": st.none() | st.booleans(),
        "begin_date": _DAYS,
        "end_date": _DAYS,
        "job": st.none() | st.sampled_from(["Coach", "ext:coach", "principal"]),
    },
    "academic_sessions": {
        "key": _KEYS,
        "title": st.none() | _NAMES,
        "kind": st.sampled_from([None, "schoolYear", "semester", "Hexamester"]),
        "begin_date": _DAYS,
        "end_date": _DAYS,
        "parent_key": st.none() | _KEYS,
        "school_year": st.sampled_from([None, "2027", "27"]),
    },
    "courses": {
        "key": _KEYS,
        "title": st.none() | _NAMES,
        "org_key": st.none() | _KEYS,
        "session_key": st.none() | _KEYS,
    },
    "classes": {
        "key": _KEYS,
        "title": st.none() | _NAMES,
        "kind": st.sampled_from([None, "homeroom", "scheduled", "club"]),
        "course_key": st.none() | _KEYS,
        "org_key": st.none() | _KEYS,
        "term_keys": st.none() | st.lists(_KEYS, max_size=2, unique=True),
        "location": st.none() | _NAMES,
    },
    "enrollments": {
        "key": _KEYS,
        "person_key": _KEYS,
        "class_key": _KEYS,
        "role": st.sampled_from([None, "student", "teacher", "aide"]),
        "primary": st.none() | st.booleans(),
        "begin_date": _DAYS,
        "end_date": _DAYS,
    },
}


@pytest.mark.scale
@settings(
    max_examples=choose_amount(brief=8, thorough=50),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_whatever_stands_in_evidence_what_is_written_has_no_error_and_is_written_alike_again(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    tables: dict[str, pl.DataFrame] = {}
    for name, columns in _ROW_STRATEGIES.items():
        rows = data.draw(st.lists(st.fixed_dictionaries(columns), max_size=6))
        kinds = {column.name: column for column in TABLES[name].columns}
        frame = (
            pl.DataFrame(rows, schema={column: _get_polars_type(name, column) for column in columns}) if rows else None
        )
        if frame is not None:
            assert set(frame.columns) <= set(kinds)
            tables[name] = frame
    folder = tmp_path_factory.mktemp("made")
    exported = _export_rows(tables, folder / "first")
    report = check_bundle(folder / "first")
    assert report.by_severity["error"] == 0, report.violations
    if "users" not in exported.members:
        return
    once = _load_bundle(folder / "first")
    _export_rows(once, folder / "second")
    twice = _load_bundle(folder / "second")
    for table in REQUIRED_TABLES:
        assert _list_rows(twice, table) == _list_rows(once, table), table


def _get_polars_type(table: str, column: str) -> pl.DataType:
    from homeroom.evidence.files.polars_schema import POLARS_TYPES

    return POLARS_TYPES[TABLES[table].get_column(column).type]
