"""The heading of a held load: which file, from where, when, and what it would change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from homeroom.apps.know.sources.queries import LoadDetail, TableChange
from homeroom.evidence.files.manifests import Load, LoadedFile
from homeroom.web.templatetags.held_loads import describe_held_load

AT = datetime(2026, 1, 6, 13, 42, tzinfo=UTC)
TODAY = date(2026, 1, 6)


@pytest.fixture(autouse=True)
def _central_time() -> Iterator[None]:
    with timezone.override(ZoneInfo("America/Chicago")):
        yield


def build_change(table: str, *, before: int, removed: int = 0, changed: int = 0) -> TableChange:
    return TableChange(
        table=table,
        before=before,
        rows=before - removed,
        added=0,
        removed=removed,
        changed=changed,
        removed_share=round(100 * removed / before, 1),
        changed_share=round(100 * changed / before, 1),
    )


def build_held_load(*changes: TableChange, stream: str, files: tuple[str, ...]) -> LoadDetail:
    connector = stream.partition(".")[0]
    load = Load(
        id="held-1", connector=connector, instance=connector, stream=stream, scope="/", mode="full", loaded_at=AT,
        fingerprint="", reader_version="1", tables={}, rows_read=0, rows_kept=0, rows_rejected=0,
        files=tuple(LoadedFile(name=name, kind=stream, sha256="", bytes=1) for name in files),
    )  # fmt: skip
    return LoadDetail(load=load, state="held", changes=changes, rejects=())


def test_a_file_that_removes_students_names_how_many_of_how_many() -> None:
    details = build_held_load(
        build_change("person_records", before=2400, removed=812),
        build_change("enrollments", before=9000, removed=4000),
        stream="powerschool.students",
        files=("students.csv",),
    )
    heading = "students.csv from PowerSchool, today 7:42 AM, would remove 812 of 2,400 students"
    assert describe_held_load(details, TODAY) == heading
    assert "Jan 6, 7:42 AM" in describe_held_load(details, date(2026, 1, 7))


def test_the_table_that_loses_most_is_named_if_people_lose_few() -> None:
    details = build_held_load(
        build_change("account_records", before=1000, removed=1),
        build_change("groups", before=50, removed=40),
        stream="google.users",
        files=("users.csv", "groups.csv", "members.csv"),
    )
    heading = "users.csv and 2 other files from Google, today 7:42 AM, would remove 40 of 50 groups"
    assert describe_held_load(details, TODAY) == heading


def test_a_load_that_removes_nothing_names_what_it_changes() -> None:
    details = build_held_load(
        build_change("account_records", before=1000, changed=900), stream="google.users", files=("users.csv",)
    )
    assert describe_held_load(details, TODAY).endswith("would change 900 of 1,000 accounts")


def test_a_load_without_files_or_counts_still_reads_as_a_sentence() -> None:
    details = build_held_load(stream="google.users", files=())
    assert describe_held_load(details, TODAY) == "Data from Google, today 7:42 AM, would change what is loaded"
