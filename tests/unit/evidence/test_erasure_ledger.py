"""The ledger beside the backups: joined, and refused where it cannot know who must not come back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.evidence.erasing.ledger import (
    ErasureLedger,
    check_counts,
    check_is_newer,
    join_ledgers,
    read_ledger,
    update_ledger,
)
from homeroom.evidence.erasing.register import RegisterRefused

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)


def test_a_ledger_that_erasures_write_is_enough_and_any_other_must_be_newer_than_the_backup() -> None:
    check_is_newer(ErasureLedger(updated_at=AT, followed=True), made_at=AT + timedelta(days=7))
    check_is_newer(ErasureLedger(updated_at=AT + timedelta(seconds=1)), made_at=AT)
    with pytest.raises(RegisterRefused, match="2026-03-03 03:00 UTC, as old as the backup"):
        check_is_newer(ErasureLedger(updated_at=AT), made_at=AT)


def test_joined_ledgers_are_of_the_newest() -> None:
    old, new = ErasureLedger(updated_at=AT, followed=True), ErasureLedger(updated_at=AT + timedelta(days=1))
    assert (
        join_ledgers([old, new])
        == join_ledgers([new, old])
        == ErasureLedger(updated_at=AT + timedelta(days=1), followed=True)
    )


def test_a_ledger_with_fewer_erasures_than_the_backup_is_refused() -> None:
    check_counts(ErasureLedger(updated_at=AT), {})
    with pytest.raises(RegisterRefused, match="fewer erasures of maple than the backup"):
        check_counts(ErasureLedger(updated_at=AT), {"maple": 1})


def test_a_ledger_is_followed_where_it_was_last_written_by_what_follows_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for is_followed in (True, False):
        update_ledger(tmp_path, data=tmp_path / "data", at=AT, followed=is_followed)
        assert read_ledger(tmp_path / "homeroom-erasures.json").followed is is_followed
