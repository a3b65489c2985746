"""A trail is compared with what was recorded outside the database, without reading more of it than that takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from homeroom.apps.platform.audit.appending import lock_head
from homeroom.apps.platform.audit.signing import accept_older_trail, sign_trail
from homeroom.apps.platform.audit.trail_files import get_trail_folder
from homeroom.apps.platform.audit.trail_status import get_trail_status
from tests.apps.platform.audit.test_chain import AT, copy_head, put_back, record
from tests.cast import Cast, create_cast


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    return create_cast()


def test_a_note_that_cannot_be_removed_does_not_fail_what_was_signed(
    cast: Cast, noted: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with noted():
        record(cast)
    older = copy_head(cast)
    with noted():
        record(cast, 2)
    put_back(cast, older)

    def fail(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr("homeroom.apps.platform.audit.signing.remove_old_heads", fail)
    with noted():
        accept_older_trail(district=cast.district, at=AT, actor="operator", reason="The power failed on Monday.")
    notes = "".join(
        path.read_text() for path in get_trail_folder(tmp_path, district=cast.district.slug).glob("heads-*")
    )
    assert f"{copy_head(cast)['number']} {copy_head(cast)['digest']}" in notes


def test_entries_are_compared_before_the_trail_is_locked_and_only_those_that_were_recorded(
    cast: Cast, noted: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with noted():
        record(cast)
        sign_trail(district=cast.district, at=AT)
    record(cast, 20)
    rows: dict[str, list[int]] = {"before": [], "locked": []}
    phase = ["before"]

    def lock_and_note(district: Any) -> Any:
        phase.append("locked")
        return lock_head(district)

    monkeypatch.setattr("homeroom.apps.platform.audit.signing.lock_head", lock_and_note)
    with connection.execute_wrapper(build_row_counter(lambda amount: rows[phase[-1]].append(amount))):
        assert sign_trail(district=cast.district, at=AT + timedelta(days=1)) is not None
    assert sum(rows["before"]) <= 5, "of four entries that were noted, and a checkpoint"
    assert sum(rows["locked"]) == 1


def test_a_page_compares_a_few_telling_entries_of_a_busy_day(cast: Cast, noted: Any) -> None:
    with noted():
        record(cast, 40)
    older = copy_head(cast)
    rows: list[int] = []
    with connection.execute_wrapper(build_row_counter(rows.append)):
        assert get_trail_status(district=cast.district, at=AT).problem == ""
    assert sum(rows) == 1
    with noted():
        record(cast, 5)
    put_back(cast, older)
    with noted():
        record(cast, 9, other=True)
    assert get_trail_status(district=cast.district, at=AT).problem.startswith("entries 41 to 45 are ")


def build_row_counter(note: Any) -> Any:
    """Return a wrapper of statements that notes how many entries of the trail each reads."""

    def count_rows(execute: Any, sql: str, params: Any, *rest: Any) -> Any:
        if sql.startswith("SELECT") and '"audit_entry"' in sql:
            with connection.cursor() as cursor:
                note(len(cursor.cursor.execute(sql, params).fetchall()))
        return execute(sql, params, *rest)

    return count_rows
