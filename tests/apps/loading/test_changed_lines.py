"""Reading only the lines that changed comes to what reading every line does, whatever happened to a file overnight."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.apps.sources.commands import load, undo
from homeroom.apps.sources.queries import one_load
from homeroom.apps.sources.reports import Loaded
from homeroom.evidence.manifests import Load
from homeroom.evidence.session import session_of
from homeroom.evidence.store import Store
from homeroom.ingest.limits import Limits
from tests.apps.loading.days import ENROLLMENTS, ORGS, USERS, Days

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
BY_LINE, WHOLE = Limits(by_line=1), Limits(by_line=1_000_000)
VIEWS = ("orgs", "person_records", "role_records", "enrollments", "person_records_gone", "role_records_gone")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evidence", district="maple")


@pytest.fixture
def district() -> Any:
    from homeroom.apps.districts.commands import make_district

    return make_district(slug="maple", name="Maple Valley")


def loaded(folder: Path, store: Store, district: Any, *, limits: Limits, day: int = 0) -> Loaded:
    at = AT + timedelta(days=day)
    (one,) = load([folder], district=district, store=store, at=at, approved=True, limits=limits).loaded
    return one


def told(one: Loaded, store: Store) -> dict[str, Any]:
    """All that a load says, but for what is remembered of it."""
    made: dict[str, Any] = {"outcome": one.outcome, "problems": [str(problem) for problem in one.problems]}
    if one.load is not None:
        files = [(f.name, f.kind, f.sha256, f.rows, f.rejected, f.notes) for f in one.load.files]
        counts = (one.load.rows_read, one.load.rows_kept, one.load.rows_rejected, dict(one.load.dropped))
        tables = {n: (p.rows, p.added, p.removed, p.changed, p.before, p.carried) for n, p in one.load.tables.items()}
        rejects = (
            [_said(row) for row in pl.read_parquet(store.blob(one.load.rejects)).rows()] if one.load.rejects else []
        )
        made |= {"files": files, "counts": counts, "tables": tables, "rejects": sorted(rejects, key=repr)}
    with session_of(store.pinned()) as session:
        made["rows"] = {name: sorted(session.execute(f"FROM {name}").fetchall(), key=repr) for name in VIEWS}
    return made


def _said(reject: tuple[Any, ...]) -> tuple[Any, ...]:
    """A reject. Of a key that stands twice, its words depend on whether both rows lay in one block."""
    file, line, _, _, reason, lost = reject
    again = reason == "the id stands in an earlier row already" or reason.startswith("the same ")
    return (file, line, "twice", lost) if again else reject


def by_lines(load: Load | None) -> set[str]:
    """The tables of which only what changed was written."""
    assert load is not None
    return {name for name, part in load.tables.items() if part.gone or part.over}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1 << 30), newer=st.booleans(), odd=st.sampled_from([0.0, 0.0, 0.01, 0.05]))
def test_any_days_read_by_line_are_those_read_whole(
    tmp_path_factory: pytest.TempPathFactory, district: Any, seed: int, newer: bool, odd: float
) -> None:
    folder = tmp_path_factory.mktemp("days")
    days = Days(random.Random(seed), newer=newer, odd=odd)
    by_line, whole = Store(folder / "a", district="maple"), Store(folder / "b", district="maple")
    for day in range(4):
        bundle = days.write(folder / f"day-{day}")
        mine, theirs = (
            told(loaded(bundle, store, district, limits=limits, day=day), store)
            for store, limits in ((by_line, BY_LINE), (whole, WHOLE))
        )
        assert mine == theirs, f"day {day}"
        days.night()


def bundle(folder: Path, *, changed: int = 0, people: int = 40, enrolled: int = 80, end: str = "\n") -> Path:
    """A bundle of which the first so many people and enrolments are others than in the first one."""
    folder.mkdir()
    users = [f"u{n},,true,s1,student,n{n},Given,{'Wed' if n < changed else 'Fox'},,,01" for n in range(people)]
    rows = [f"e{n},c1,s1,u{n % people},student,2026-08-{16 if n < changed else 15}" for n in range(enrolled)]
    (folder / "orgs.csv").write_text(ORGS, encoding="utf-8")
    (folder / "users.csv").write_bytes(end.join([USERS, *users, ""]).encode())
    (folder / "enrollments.csv").write_bytes(end.join([ENROLLMENTS, *rows, ""]).encode())
    return folder


def test_what_did_not_change_is_not_written_anew(tmp_path: Path, store: Store, district: Any) -> None:
    first = loaded(bundle(tmp_path / "first"), store, district, limits=BY_LINE).load
    second = loaded(bundle(tmp_path / "second", changed=2), store, district, limits=BY_LINE).load
    assert first is not None
    assert second is not None
    assert by_lines(second) == {"person_records", "role_records", "enrollments"}
    assert second.tables["enrollments"].blob == first.tables["enrollments"].blob
    assert pl.read_parquet(store.blob(second.tables["enrollments"].over)).height == 2


def test_many_changes_make_a_whole_snapshot_again(tmp_path: Path, store: Store, district: Any) -> None:
    loaded(bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    second = loaded(bundle(tmp_path / "second", changed=6), store, district, limits=BY_LINE).load
    assert by_lines(second) == {"enrollments"}


def test_days_are_counted_from_the_last_one_that_was_read_whole(tmp_path: Path, store: Store, district: Any) -> None:
    for day in range(6):
        load = loaded(bundle(tmp_path / f"{day}", changed=day), store, district, limits=BY_LINE, day=day).load
        assert by_lines(load) == ({"person_records", "role_records", "enrollments"} if day else set())
        assert load is not None
        assert load.tables["enrollments"].changed == (1 if day else 0)
        assert load.tables["enrollments"].rows == 80


def test_a_day_that_is_undone_leaves_the_one_before(tmp_path: Path, store: Store, district: Any) -> None:
    first = loaded(bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    before = told(first, store)["rows"]
    second = loaded(bundle(tmp_path / "second", changed=2), store, district, limits=BY_LINE).load
    assert second is not None
    undo(district=district, store=store, load_id=second.id, actor="technician", at=AT)
    assert told(first, store)["rows"] == before


def test_hashes_of_a_file_with_something_secret_are_not_kept(tmp_path: Path, store: Store, district: Any) -> None:
    folder = bundle(tmp_path / "first")
    text = (folder / "users.csv").read_text(encoding="utf-8")
    (folder / "users.csv").write_text(text.replace("Fox,,,", "Fox,,555-0100,", 1), encoding="utf-8")
    first = loaded(folder, store, district, limits=BY_LINE).load
    assert first is not None
    kept = {file.name.rpartition("/")[2] for file in first.files if file.lines}
    assert kept == {"enrollments.csv"}
    assert not first.tables["person_records"].marks


def test_a_file_with_other_line_ends_is_read_whole(tmp_path: Path, store: Store, district: Any) -> None:
    loaded(bundle(tmp_path / "first"), store, district, limits=BY_LINE)
    again = loaded(bundle(tmp_path / "second", end="\r\n"), store, district, limits=BY_LINE).load
    assert by_lines(again) == set()
    assert again is not None
    assert (again.tables["enrollments"].changed, again.tables["enrollments"].rows) == (0, 80)


def test_what_is_laid_over_it_and_what_its_page_says_is_the_same(tmp_path: Path, store: Store, district: Any) -> None:
    days = [bundle(tmp_path / "first"), bundle(tmp_path / "second", changed=2)]
    fewer = tmp_path / "second" / "users.csv"
    fewer.write_text("".join(fewer.read_text(encoding="utf-8").splitlines(keepends=True)[:-2]), encoding="utf-8")
    alone = bundle(tmp_path / "third", changed=4) / "users.csv"
    whole = Store(tmp_path / "whole", district="maple")
    for day, path in enumerate([*days, alone]):
        one, other = (
            loaded(path, each, district, limits=limits, day=day) for each, limits in ((store, BY_LINE), (whole, WHOLE))
        )
        assert one.load is not None
        assert told(one, store) == told(other, whole)
        assert ("person_records" in by_lines(one.load)) == (day == 1)
        pages = [one_load(store=each, load_id=one.load.id) for each in (store, whole)]
        assert pages[0] is not None
        assert pages[1] is not None
        assert pages[0].changes == pages[1].changes
    assert one.load is not None
    assert one.load.mode == "partial"


def test_every_blob_that_a_load_names_outlives_a_sweep(tmp_path: Path, store: Store, district: Any) -> None:
    for day in range(3):
        loaded(bundle(tmp_path / f"{day}", changed=day), store, district, limits=BY_LINE, day=day)
    named = {name for load in store.every_load() for name in load.blobs}
    assert {path.stem for path in store.blobs.glob("*.parquet")} == named
