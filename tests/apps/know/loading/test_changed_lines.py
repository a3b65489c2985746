"""Reading only changed lines gives the same result as reading every line, whatever changed overnight."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.apps.know.sources.commands import load_files, undo
from homeroom.apps.know.sources.load_report import LoadResult
from homeroom.apps.know.sources.queries import find_load
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.ingest.contract.limits import Limits
from tests.amounts import choose_amount
from tests.apps.know.loading.oneroster_days import ENROLLMENTS, ORGS, USERS, RosterDays

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
BY_LINE, FULL = Limits(by_line=1), Limits(by_line=1_000_000)
VIEWS = ("orgs", "person_records", "role_records", "enrollments", "person_records_gone", "role_records_gone")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


@pytest.fixture
def district() -> Any:
    from homeroom.apps.platform.districts.commands import create_district

    return create_district(slug="maple", name="Maple Valley")


def load_folder(folder: Path, store: EvidenceStore, district: District, *, limits: Limits, day: int = 0) -> LoadResult:
    at = AT + timedelta(days=day)
    (load_result,) = load_files([folder], district=district, store=store, at=at, approved=True, limits=limits).loaded
    return load_result


def describe_load(load_result: LoadResult, store: EvidenceStore) -> dict[str, Any]:
    """Describe everything that a load reports, except the hashes that are stored for it."""
    description: dict[str, Any] = {
        "outcome": load_result.outcome,
        "problems": [str(problem) for problem in load_result.problems],
    }
    if load_result.load is not None:
        files = [(f.name, f.kind, f.sha256, f.rows, f.rejected, f.notes) for f in load_result.load.files]
        counts = (
            load_result.load.rows_read,
            load_result.load.rows_kept,
            load_result.load.rows_rejected,
            dict(load_result.load.dropped),
        )
        tables = {
            n: (p.rows, p.added, p.removed, p.changed, p.rows_before, p.carried_over)
            for n, p in load_result.load.tables.items()
        }
        rejects = (
            [_normalize_reject(row) for row in pl.read_parquet(store.get_blob_path(load_result.load.rejects)).rows()]
            if load_result.load.rejects
            else []
        )
        description |= {"files": files, "counts": counts, "tables": tables, "rejects": sorted(rejects, key=repr)}
    with open_session(store.pin_snapshot()) as session:
        description["rows"] = {name: sorted(session.execute(f"FROM {name}").fetchall(), key=repr) for name in VIEWS}
    return description


def _normalize_reject(reject: tuple[Any, ...]) -> tuple[Any, ...]:
    """Normalize a reject: the reason given for a repeated key depends on whether both rows were in one block."""
    file, line, _, _, reason, is_lost = reject
    is_repeated = reason == "the id stands in an earlier row already" or reason.startswith("the same ")
    return (file, line, "twice", is_lost) if is_repeated else reject


def list_incremental_tables(load: Load | None) -> set[str]:
    """Return the tables for which only the changes were written."""
    assert load is not None
    return {name for name, part in load.tables.items() if part.removed_rows or part.overlay}


@settings(
    max_examples=choose_amount(brief=3, thorough=60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 1 << 30), newer=st.booleans(), odd=st.sampled_from([0.0, 0.0, 0.01, 0.05]))
def test_any_days_read_by_line_are_those_read_whole(
    tmp_path_factory: pytest.TempPathFactory, district: District, seed: int, newer: bool, odd: float
) -> None:
    folder = tmp_path_factory.mktemp("days")
    days = RosterDays(random.Random(seed), newer=newer, rare_share=odd)
    line_store, full_store = (
        EvidenceStore(folder / "a", district="maple"),
        EvidenceStore(folder / "b", district="maple"),
    )
    for day in range(4):
        bundle = days.write(folder / f"day-{day}")
        incremental, reference = (
            describe_load(load_folder(bundle, store, district, limits=limits, day=day), store)
            for store, limits in ((line_store, BY_LINE), (full_store, FULL))
        )
        assert incremental == reference, f"day {day}"
        days.change_overnight()


def write_bundle(folder: Path, *, changed: int = 0, people: int = 40, enrollments: int = 80, end: str = "\n") -> Path:
    """Write a bundle whose first `changed` people and enrollments differ from those of an unchanged bundle."""
    folder.mkdir()
    users = [f"u{n},,true,s1,student,n{n},Given,{'Wed' if n < changed else 'Fox'},,,01" for n in range(people)]
    rows = [f"e{n},c1,s1,u{n % people},student,2026-08-{16 if n < changed else 15}" for n in range(enrollments)]
    (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
    (folder / "users.csv").write_bytes(end.join([USERS, *users, ""]).encode())
    (folder / "enrollments.csv").write_bytes(end.join([ENROLLMENTS, *rows, ""]).encode())
    return folder


def test_what_did_not_change_is_not_written_again(tmp_path: Path, store: EvidenceStore, district: District) -> None:
    first = load_folder(write_bundle(tmp_path / "first"), store, district, limits=BY_LINE).load
    second = load_folder(write_bundle(tmp_path / "second", changed=2), store, district, limits=BY_LINE).load
    assert first is not None
    assert second is not None
    assert list_incremental_tables(second) == {"person_records", "role_records", "enrollments"}
    assert second.tables["enrollments"].blob == first.tables["enrollments"].blob
    assert pl.read_parquet(store.get_blob_path(second.tables["enrollments"].overlay)).height == 2


def test_many_changes_make_a_whole_snapshot_again(tmp_path: Path, store: EvidenceStore, district: District) -> None:
    load_folder(write_bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    second = load_folder(write_bundle(tmp_path / "second", changed=6), store, district, limits=BY_LINE).load
    assert list_incremental_tables(second) == {"enrollments"}


def test_days_are_counted_from_the_last_one_that_was_read_whole(
    tmp_path: Path, store: EvidenceStore, district: District
) -> None:
    for day in range(6):
        load = load_folder(
            write_bundle(tmp_path / f"{day}", changed=day), store, district, limits=BY_LINE, day=day
        ).load
        assert list_incremental_tables(load) == ({"person_records", "role_records", "enrollments"} if day else set())
        assert load is not None
        assert load.tables["enrollments"].changed == (1 if day else 0)
        assert load.tables["enrollments"].rows == 80


def test_a_day_that_is_undone_leaves_the_one_before(tmp_path: Path, store: EvidenceStore, district: District) -> None:
    first = load_folder(write_bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    before = describe_load(first, store)["rows"]
    second = load_folder(write_bundle(tmp_path / "second", changed=2), store, district, limits=BY_LINE).load
    assert second is not None
    undo(district=district, store=store, load_id=second.id, actor="technician", at=AT)
    assert describe_load(first, store)["rows"] == before


def test_hashes_of_a_file_with_something_secret_are_not_kept(
    tmp_path: Path, store: EvidenceStore, district: District
) -> None:
    folder = write_bundle(tmp_path / "first")
    text = (folder / "users.csv").read_text(encoding="utf-8")
    (folder / "users.csv").write_text(text.replace("Fox,,,", "Fox,,555-0100,", 1), encoding="utf-8")
    first = load_folder(folder, store, district, limits=BY_LINE).load
    assert first is not None
    files_with_hashes = {file.name.rpartition("/")[2] for file in first.files if file.line_hashes}
    assert files_with_hashes == {"enrollments.csv"}
    assert not first.tables["person_records"].row_hashes


def test_a_file_with_other_line_ends_is_read_whole(tmp_path: Path, store: EvidenceStore, district: District) -> None:
    load_folder(write_bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    again = load_folder(write_bundle(tmp_path / "second", end="\r\n"), store, district, limits=BY_LINE).load
    assert list_incremental_tables(again) == set()
    assert again is not None
    assert (again.tables["enrollments"].changed, again.tables["enrollments"].rows) == (0, 80)


def test_what_is_laid_over_it_and_what_its_page_says_is_the_same(
    tmp_path: Path, store: EvidenceStore, district: District
) -> None:
    paths = [write_bundle(tmp_path / "first"), write_bundle(tmp_path / "second", changed=2)]
    users_file = tmp_path / "second" / "users.csv"
    users_file.write_text(
        "".join(users_file.read_text(encoding="utf-8").splitlines(keepends=True)[:-2]), encoding="utf-8"
    )
    single_file = write_bundle(tmp_path / "third", changed=4) / "users.csv"
    full_store = EvidenceStore(tmp_path / "whole", district="maple")
    for day, path in enumerate([*paths, single_file]):
        incremental, reference = (
            load_folder(path, target, district, limits=limits, day=day)
            for target, limits in ((store, BY_LINE), (full_store, FULL))
        )
        assert incremental.load is not None
        assert describe_load(incremental, store) == describe_load(reference, full_store)
        assert ("person_records" in list_incremental_tables(incremental.load)) == (day == 1)
        pages = [find_load(store=target, load_id=incremental.load.id) for target in (store, full_store)]
        assert pages[0] is not None
        assert pages[1] is not None
        assert pages[0].changes == pages[1].changes
    assert incremental.load is not None
    assert incremental.load.mode == "partial"


def test_every_blob_that_a_load_names_outlives_a_sweep(
    tmp_path: Path, store: EvidenceStore, district: District
) -> None:
    for day in range(3):
        load_folder(write_bundle(tmp_path / f"{day}", changed=day), store, district, limits=BY_LINE, day=day)
    referenced = {name for load in store.list_all_loads() for name in load.blobs}
    assert {path.stem for path in store.blobs.glob("*.parquet")} == referenced
