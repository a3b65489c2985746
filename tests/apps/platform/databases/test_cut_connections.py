"""PostgreSQL ends a connection in the middle of a transaction: nothing half-done stays, and the next run ends it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.know.sources.verify_district import verify_district
from homeroom.apps.platform.audit.models import AnnouncedEntry, Entry
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from tests.amounts import choose_amount
from tests.apps.know.loading.test_load import build_users, write_users

pytestmark = [
    pytest.mark.differs_by_database("the server ends a connection"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server that ends a connection"),
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
POINTS, SEED = choose_amount(brief=(2, 1), thorough=(25, 0))
AT, TODAY = datetime(2026, 1, 15, 18, tzinfo=UTC), date(2026, 1, 15)
WRITING = ("INSERT", "UPDATE", "DELETE")
_numbers = count()


class Worked:
    """A district with a load, and what is done in it."""

    def __init__(self, folder: Path) -> None:
        number = next(_numbers)
        self.district = District.objects.create(slug=f"maple-{number}", name="Maple", timezone="America/Chicago")
        self.store = EvidenceStore(folder / "data" / "evidence", district=self.district.slug)
        self.path = write_users(folder / f"in-{number}", *build_users(6))
        self.load()

    def load(self, path: Path | None = None) -> None:
        load_files([path or self.path], district=self.district, store=self.store, at=AT, actor="technician")

    def load_more(self) -> None:
        self.load(write_users(self.path.parent / "more", *build_users(7)))

    def undo(self) -> None:
        (load,) = self.store.list_all_loads()
        try:
            undo(district=self.district, store=self.store, load_id=load.id, actor="director", at=AT)
        except NoSuchLoad:
            assert load.id in self.store.list_undone_ids(), "a run before it was cut off after the file"

    def resolve(self) -> None:
        resolve(district=self.district, store=self.store, today=TODAY, at=AT)

    def assess(self) -> None:
        self.resolve()
        assess(district=self.district, store=self.store, today=TODAY, at=AT)

    def count_entries(self) -> Counter[str]:
        entries = Entry.objects.of(self.district).values_list("action", flat=True)
        return Counter(action for action in entries if action != "rewrite evidence")


OPERATIONS: dict[str, Callable[[Worked], None]] = {
    "load": Worked.load_more,
    "undo": Worked.undo,
    "resolve": Worked.resolve,
    "assess": Worked.assess,
}


@contextmanager
def cut_at(point: int, written: list[str]) -> Any:
    """End this connection before the write of that number (from 1); at 0 only list the writes."""

    def execute_or_cut(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(WRITING):
            written.append(sql)
            if len(written) == point:
                pid = connection.connection.info.backend_pid
                with psycopg.connect(connection.connection.info.dsn, autocommit=True) as other:
                    other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))
        return execute(sql, *rest)

    with connection.execute_wrapper(execute_or_cut):
        yield


@pytest.mark.fault(
    area="load, undo, resolve and assess", fault="PostgreSQL ends the connection in the middle of a transaction"
)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_run_whose_connection_ends_leaves_nothing_half_done_and_the_next_ends_it(
    operation: str, tmp_path: Path, settings: Any, record_property: Callable[[str, object], None]
) -> None:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    run, chance, losses = OPERATIONS[operation], random.Random(SEED or None), []
    written: list[str] = []
    undisturbed = Worked(tmp_path)
    with cut_at(0, written):
        run(undisturbed)
    for _ in range(POINTS):
        point, worked = chance.randint(1, len(written)), Worked(tmp_path)
        with cut_at(point, []), pytest.raises(DatabaseError):
            run(worked)
        connection.close()
        run(worked)
        trail = verify_district(district=worked.district)
        is_equal = worked.count_entries() == undisturbed.count_entries()
        if not (trail.is_sound and is_equal) or AnnouncedEntry.objects.of(worked.district).exists():
            losses.append((written[point - 1][:60], trail.problems, worked.count_entries()))
    record_property("tried", POINTS)
    record_property("lost", len(losses))
    assert losses == []
