"""Test that the evidence store publishes complete loads, reports departed rows and can undo any load."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from homeroom.evidence.diff.snapshot_diff import open_connection
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.manifests import Load, LoadedFile
from homeroom.evidence.loads.load_diff import diff_to_current, find_hold_reasons, overlay_on_base
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.loads.writer import LoadWriter
from homeroom.evidence.query.session import open_session

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path, district="maple")


def build_accounts(*rows: tuple[str, str]) -> pl.DataFrame:
    return pl.DataFrame(
        {"key": [key for key, _ in rows], "email": [email for _, email in rows], "_line": range(2, 2 + len(rows))}
    )


def publish_load(
    store: EvidenceStore, frame: pl.DataFrame, *, scope: str = "/", mode: str = "full", name: str = "one"
) -> Load:
    with store.lock_for_writing():
        writer = LoadWriter(store.blobs)
        writer.write("account_records", frame, file=0)
        tables, rejects, _ = writer.finish(names=["users.csv"])
        chain = ("google", "google.users", scope)
        base = next((load for load in store.list_current_loads() if load.chain == chain), None)
        if mode != "full" and base is not None:
            tables = overlay_on_base(store.blobs, base=base, tables=tables, by={})
        load = Load(
            id="",
            connector="google",
            instance="google",
            stream="google.users",
            scope=scope,
            mode=mode,
            loaded_at=AT,
            fingerprint=name * 8,
            reader_version="1",
            files=(LoadedFile(name="users.csv", kind="google.users", sha256="0", bytes=1),),
            tables=diff_to_current(store.blobs, base=base, tables=tables),
            rows_read=frame.height,
            rows_kept=frame.height - writer.rejected,
            rows_rejected=writer.rejected,
            rejects=rejects,
            base=base.id if base is not None and mode != "full" else "",
        )
        return store.publish(load)


def list_emails(store: EvidenceStore, view: str = "account_records") -> list[str]:
    rows = open_session(store.pin_snapshot()).execute(f"SELECT email FROM {view} ORDER BY email").fetchall()
    return [row[0] for row in rows]


def test_a_load_stands_whole_with_its_origin(store: EvidenceStore) -> None:
    load = publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    rows = (
        open_session(store.pin_snapshot())
        .execute("SELECT connector, instance, load_id, seen_at FROM account_records")
        .fetchall()
    )
    assert rows == [("google", "google", load.id, AT)] * 2


def test_a_newer_complete_load_shows_who_departed_and_when_they_were_last_seen(store: EvidenceStore) -> None:
    first = publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    publish_load(store, build_accounts(("1", "ann@maple.test")), name="two")
    assert list_emails(store) == ["ann@maple.test"]
    departed = (
        open_session(store.pin_snapshot())
        .execute("SELECT email, load_id, instance FROM account_records_gone")
        .fetchall()
    )
    assert departed == [("bo@maple.test", first.id, "google")]


def test_somebody_who_comes_back_has_not_departed(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    publish_load(store, build_accounts(("1", "ann@maple.test")), name="two")
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")), name="three")
    assert list_emails(store, "account_records_gone") == []


def test_departures_are_remembered_over_many_loads(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test"), ("3", "cy@maple.test")))
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")), name="two")
    publish_load(store, build_accounts(("1", "ann@maple.test")), name="three")
    assert list_emails(store, "account_records_gone") == ["bo@maple.test", "cy@maple.test"]


def test_undoing_a_load_forgets_it_even_where_newer_ones_followed(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test")))
    wrong = publish_load(store, build_accounts(("1", "ann@maple.test"), ("9", "stranger@other.test")), name="two")
    publish_load(store, build_accounts(("1", "ann@maple.test")), name="three")
    assert list_emails(store, "account_records_gone") == ["stranger@other.test"]
    with store.lock_for_writing():
        store.undo(wrong.id)
    assert list_emails(store, "account_records_gone") == []
    with store.lock_for_writing(), pytest.raises(NoSuchLoad):
        store.undo(wrong.id)


def test_undoing_the_newest_load_brings_the_one_before_back(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    before = store.compute_sources_id()
    wrong = publish_load(store, build_accounts(("1", "ann@maple.test")), name="two")
    assert store.compute_sources_id() != before
    with store.lock_for_writing():
        store.undo(wrong.id)
    assert list_emails(store) == ["ann@maple.test", "bo@maple.test"]
    assert store.compute_sources_id() == before


def test_an_export_of_one_unit_renews_its_rows_and_removes_nobody(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    publish_load(store, build_accounts(("2", "bo.new@maple.test")), scope="unit:/Staff/Lincoln", name="two")
    assert list_emails(store) == ["ann@maple.test", "bo.new@maple.test"]
    assert list_emails(store, "account_records_gone") == []


def test_a_delta_is_laid_over_the_load_that_stands_and_cannot_lose_its_base(store: EvidenceStore) -> None:
    base = publish_load(store, build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test")))
    publish_load(store, build_accounts(("2", "bo.new@maple.test"), ("3", "cy@maple.test")), mode="delta", name="two")
    assert list_emails(store) == ["ann@maple.test", "bo.new@maple.test", "cy@maple.test"]
    with store.lock_for_writing(), pytest.raises(ValueError, match="was laid over"):
        store.undo(base.id)


def test_a_key_that_appears_twice_stands_once_and_the_second_is_rejected(store: EvidenceStore) -> None:
    load = publish_load(
        store, build_accounts(("1", "ann@maple.test"), ("1", "other@maple.test"), ("2", "bo@maple.test"))
    )
    assert list_emails(store) == ["ann@maple.test", "bo@maple.test"]
    assert load.rows_rejected == 1
    rejects = pl.read_parquet(store.get_blob_path(load.rejects)).to_dicts()
    assert [(row["line"], row["reason"]) for row in rejects] == [(3, "the same key as line 2, which stands")]


def test_a_row_that_repeats_another_in_full_is_no_reject(store: EvidenceStore) -> None:
    load = publish_load(store, build_accounts(("1", "ann@maple.test"), ("1", "ann@maple.test")))
    assert (load.rows_rejected, load.rejects, list_emails(store)) == (0, "", ["ann@maple.test"])


def test_a_load_that_would_remove_more_than_a_tenth_waits_and_one_at_a_tenth_does_not(store: EvidenceStore) -> None:
    ten_accounts = build_accounts(*((str(number), f"p{number}@maple.test") for number in range(10)))
    publish_load(store, ten_accounts)
    at_limit = publish_load(store, ten_accounts.head(9), name="two")
    assert find_hold_reasons(at_limit.tables) == ()
    over_limit = publish_load(store, ten_accounts.head(8), name="three")
    assert find_hold_reasons(over_limit.tables) == ("would remove 1 of 9 account records (11%)",)


def test_a_load_that_changes_only_sign_in_times_changes_nothing(store: EvidenceStore) -> None:
    frame = build_accounts(("1", "ann@maple.test"), ("2", "bo@maple.test"))
    publish_load(store, frame.with_columns(pl.lit(AT).alias("last_sign_in")))
    later = publish_load(store, frame.with_columns(pl.lit(AT.replace(day=16)).alias("last_sign_in")), name="two")
    assert later.tables["account_records"].changed == 0
    renamed = frame.with_columns(pl.col("email") + ".example")
    assert find_hold_reasons(publish_load(store, renamed, name="three").tables) == (
        "would change 2 of 2 account records (100%)",
    )


def test_what_a_killed_writer_left_is_swept_and_nothing_else(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test")))
    (store.blobs / ".writing-1").write_bytes(b"half")
    (store.blobs / f"{'0' * 64}.parquet").write_bytes(b"nobody names me")
    with store.lock_for_writing():
        (store.folder / "loads" / ".writing-ef").write_bytes(b"half a manifest")
        assert store.sweep() == 3
        assert not list(store.folder.rglob(".writing-*"))
    assert list_emails(store) == ["ann@maple.test"]


def test_the_same_resolved_snapshot_is_published_once(store: EvidenceStore) -> None:
    people = {"people": pa.table({"id": pa.array([1], pa.int64())})}
    full = {"people": _fill_columns(people["people"])}
    first = store.publish_derived(full, inputs="x", today=date(2026, 1, 15), at=AT)
    second = store.publish_derived(full, inputs="x", today=date(2026, 1, 15), at=AT.replace(hour=13))
    assert second == first
    assert open_session(store.pin_snapshot(derived=first.id)).execute("SELECT id FROM people").fetchall() == [(1,)]


def test_a_session_of_one_district_cannot_read_the_next(store: EvidenceStore, tmp_path: Path) -> None:
    publish_load(store, build_accounts(("1", "ann@maple.test")))
    stranger = EvidenceStore(tmp_path, district="oak")
    path = next(store.blobs.glob("*.parquet"))
    with pytest.raises(Exception, match=r"[Pp]ermission|Cannot access"):
        open_session(stranger.pin_snapshot()).execute(f"SELECT * FROM read_parquet('{path.as_posix()}')")


def _fill_columns(table: pa.Table) -> pa.Table:
    from homeroom.evidence.files.arrow_schema import build_arrow_schema
    from homeroom.evidence.tables.derived import PEOPLE

    return pa.Table.from_pylist(table.to_pylist(), schema=build_arrow_schema(PEOPLE))


@pytest.mark.skipif(os.name != "posix", reason="other systems keep files private by their folder")
def test_a_file_is_its_owners_alone_whatever_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o644)
    write_file(path, b"new")
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)


def test_what_stands_is_told_from_one_reading_of_the_loads(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        publish_load(
            store, build_accounts((str(number), f"p{number}@maple.test")), scope=f"unit:/{number}", name=f"load{number}"
        )
    reads: list[int] = []
    original = EvidenceStore.list_loads

    def list_and_count(self: EvidenceStore) -> tuple[Load, ...]:
        reads.append(1)
        return original(self)

    monkeypatch.setattr(EvidenceStore, "list_loads", list_and_count)
    pinned = store.pin_snapshot()
    assert len(pinned.views["account_records"]) == 6
    assert len(reads) == 1


def test_a_view_over_many_scopes_joins_once_a_scope(store: EvidenceStore) -> None:
    """Guard against joining each scope with every newer one.

    With fifty schools' calendars, such joins exceed memory.
    """
    for number in range(12):
        rows = build_accounts((str(number), f"p{number}@maple.test"), ("moved", f"moved{number}@maple.test"))
        publish_load(store, rows, scope=f"unit:/{number}", name=f"load{number}")
    session = open_session(store.pin_snapshot())
    view_sql = session.execute("SELECT sql FROM duckdb_views() WHERE view_name = 'account_records'").fetchone()
    assert view_sql is not None
    assert view_sql[0].count("ANTI JOIN") == 11
    assert list_emails(store) == sorted([*(f"p{number}@maple.test" for number in range(12)), "moved11@maple.test"])


def test_a_view_over_loads_without_a_key_in_common_joins_none_of_them(store: EvidenceStore) -> None:
    """Guard against joins of the calendars of sixty schools: a page's 256 MB do not hold them."""
    for number in range(12):
        rows = build_accounts((f"{number:02}", f"p{number}@maple.test"), (f"{number:02}b", f"q{number}@maple.test"))
        publish_load(store, rows, scope=f"unit:/{number}", name=f"load{number}")
    assert [len(part.shadows) for part in store.pin_snapshot().views["account_records"]] == [0] * 12
    publish_load(store, build_accounts(("05", "moved@maple.test")), scope="unit:/later", name="later")
    assert sum(len(part.shadows) for part in store.pin_snapshot().views["account_records"]) == 1
    assert len(list_emails(store)) == 24
    assert "moved@maple.test" in list_emails(store)


def test_what_a_question_does_not_hold_in_memory_goes_into_the_data_folder(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "a@d.example")))
    for session in (open_session(store.pin_snapshot()), open_connection(store.blobs)):
        (directory,) = session.execute("SELECT current_setting('temp_directory')").fetchall()[0]
        assert Path(directory) == store.folder / "spilled"


def test_small_files_are_queried_with_one_thread_and_large_ones_with_two(
    store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_load(store, build_accounts(("1", "a@maple.test")))
    pinned = store.pin_snapshot()
    threads = "SELECT current_setting('threads')"
    assert open_session(pinned).execute(threads).fetchall() == [(1,)]
    monkeypatch.setattr("homeroom.evidence.query.session.SMALL_SNAPSHOT", 0)
    assert open_session(pinned).execute(threads).fetchall() == [(2,)]
    assert open_session(pinned.restrict_to("device_records")).execute(threads).fetchall() == [(1,)]


def test_what_a_killed_question_left_is_swept_after_a_day(store: EvidenceStore) -> None:
    publish_load(store, build_accounts(("1", "a@d.example")))
    spilled = store.folder / "spilled"
    spilled.mkdir()
    for name, age in (("old.tmp", 25 * 3600), ("young.tmp", 60)):
        (spilled / name).write_bytes(b"x")
        modified_at = (spilled / name).stat().st_mtime - age
        os.utime(spilled / name, (modified_at, modified_at))
    with store.lock_for_writing():
        store.sweep()
    assert [path.name for path in spilled.iterdir()] == ["young.tmp"]
