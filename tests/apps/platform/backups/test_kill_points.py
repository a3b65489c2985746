"""A backup, a restore and a move that are killed leave nothing half-done, and end as if undisturbed when run again."""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from tests.amounts import choose_amount
from tests.apps.platform.backups import kills
from tests.apps.platform.backups.test_backup_and_restore import build_backups
from tests.prepared_folders import prepare_folder

pytestmark = [pytest.mark.scale, pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX's")]
SEED = choose_amount(brief=5, thorough=0) or random.SystemRandom().getrandbits(32)
"""The seed of the moments; a thorough run draws new ones."""
Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def folder() -> Path:
    """Return the folder with a district and its backups; tests only read it."""
    print(f"moments of seed {SEED}")
    return prepare_folder("backups of a district", build_backups)


def record(record_property: Record, counts: Counter[str]) -> None:
    """Record what was tried and lost, for the page of faults."""
    figures = (("tried", counts["killed"]), ("lost", sum(kills.list_problems(counts).values())), ("seed", SEED))
    for name, value in figures:
        record_property(name, value)


@pytest.mark.fault(area="backup", fault="killed at a random moment")
def test_a_killed_backup_leaves_nothing_and_the_next_is_complete(
    folder: Path, tmp_path: Path, record_property: Record
) -> None:
    points = choose_amount(brief=2, thorough=40)
    counts = kills.kill_backups(folder, tmp_path, points=points, seed=SEED)
    record(record_property, counts)
    assert (counts["points"], kills.list_problems(counts)) == (points, {})
    assert counts["killed"] > 0


@pytest.mark.fault(area="restore", fault="killed at a random moment")
def test_a_killed_restore_opens_nothing_half_restored_and_ends_equal_when_run_again(
    folder: Path, tmp_path: Path, record_property: Record
) -> None:
    points = choose_amount(brief=1, thorough=30)
    counts = kills.kill_restores(folder, tmp_path, points=points, seed=SEED)
    record(record_property, counts)
    assert (counts["points"], kills.list_problems(counts)) == (points, {})
    assert counts["killed"] > 0


def create_database() -> str:
    """Create an empty database beside that of the tests, and return its address."""
    settings = {name: str(connection.settings_dict[name]) for name in ("USER", "PASSWORD", "HOST", "PORT")}
    address = {"user": settings["USER"], "password": settings["PASSWORD"] or None, "host": settings["HOST"] or None}
    with psycopg.connect(dbname="postgres", port=settings["PORT"] or None, autocommit=True, **address) as server:
        server.execute("DROP DATABASE IF EXISTS homeroom_moved WITH (FORCE)")
        server.execute("CREATE DATABASE homeroom_moved")
    return os.environ["DATABASE_URL"].rpartition("/")[0] + "/homeroom_moved"


@pytest.mark.thorough
@pytest.mark.fault(area="move", fault="killed at a random moment")
@pytest.mark.django_db
@pytest.mark.differs_by_database("the state is moved from SQLite to PostgreSQL")
def test_a_killed_move_leaves_either_database_in_use_with_all_rows(
    folder: Path, tmp_path: Path, record_property: Record
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL")
    points = choose_amount(brief=1, thorough=20)
    counts = kills.kill_moves(folder, tmp_path, points=points, seed=SEED, create_database=create_database)
    record(record_property, counts)
    assert (counts["points"], kills.list_problems(counts)) == (points, {})
    assert counts["killed"] > 0
