"""Resolving updates the inventory to each snapshot: in full, only the changes, and in full again after a kill."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory import commands
from homeroom.apps.know.inventory.generation_lists import build_from_database
from homeroom.apps.know.inventory.list_definitions import LISTINGS
from homeroom.apps.know.inventory.models import Device, LedgerEntry, Person, Projection
from homeroom.apps.know.inventory.projection_rows import PROJECTED_MODELS
from homeroom.apps.know.inventory.queries import ListQuery, get_page
from homeroom.apps.know.inventory.search import SEARCH_FIELDS
from homeroom.apps.platform.districts.models import District
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.permissions.school_scope import EVERY_SCHOOL
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.folders import LIST_FOLDERS
from homeroom.evidence.page_cache.list_cache import get_list_path, read_subjects
from homeroom.evidence.page_cache.mapped_files import map_arrow_file
from homeroom.evidence.page_cache.row_store import read_derived_table
from homeroom.evidence.page_cache.search_text import build_search_table, get_search_text_path, open_search_text
from homeroom.evidence.page_cache.search_words import split_search
from homeroom.evidence.query.session import open_session
from tests.amounts import choose_amount
from tests.apps.know.inventory.resolve_process import AT, SIZE, TODAY, open_store, publish_day
from tests.data_folders import prepare_data_folder
from tests.shared_states import share_state
from tests.warm_program import KillableProgram, run_program

merges_rows = pytest.mark.differs_by_database("bulk writes, statements of the merge")

ROOT = Path(__file__).resolve().parents[4]
RESOLVE = "tests.apps.know.inventory.resolve_process"
_TABLES = ("person", "account", "device", "ledgerentry", "ledgermerge", "projection")


@pytest.fixture
def district(db: Any) -> District:
    # Always the same number, for what tests share.
    return District.objects.create(pk=1_001, slug="maple", name="Maple")


def resolve_district(district: District, store: EvidenceStore) -> commands.ResolveReport:
    return commands.resolve(district=district, store=store, today=TODAY, at=AT)


def resolve_days(district: District, folder: Path, *, last: int) -> commands.ResolveReport:
    """Publish and resolve each day up to the last, built once per process; return the report of the last one."""

    def build() -> commands.ResolveReport:
        if last > 1:
            resolve_days(district, folder, last=last - 1)
        publish_day(folder, last)
        return resolve_district(district, open_store(folder))

    return share_state(("resolved days", district.pk, last), folder, build)


@merges_rows
def test_a_first_resolve_publishes_every_subject_with_ledger(district: District, tmp_path: Path) -> None:
    report = resolve_days(district, tmp_path, last=1)
    assert (report.generation, report.people, report.devices) == (1, SIZE, SIZE)
    assert Person.objects.of(district).count() == SIZE
    assert LedgerEntry.objects.of(district).count() == 3 * SIZE
    device = Device.objects.of(district).get(serial="5CD000007")
    assert device.public == format_public_id("device", device.subject)


def test_a_search_finds_middles_and_ends_of_what_each_day_shows(district: District, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day in (1, 2):
        derived = resolve_days(district, tmp_path, last=day).derived
        person = Person.objects.of(district).get(email="s77@d.example", closed=None)
        text = open_search_text(
            store, kind="person", derived=derived, build_table=lambda: pytest.fail("no text was written")
        )
        subjects = read_subjects(
            map_arrow_file(get_list_path(store, layout=LISTINGS["person"].layout, derived=derived))
        )
        for typed in ("s77@", "Family77", "iven77, Amily77", "given77 amily77 s77@d.example"):
            assert person.subject in subjects[text.find_rows(split_search(typed))], typed
        assert subjects[text.find_rows(split_search("s77@d.example"))].tolist() == [person.subject]
        assert not text.find_rows(split_search("given77 x")).any()


def test_search_texts_are_written_as_they_would_be_built_again(district: District, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day in (1, 2):
        report = resolve_days(district, tmp_path, last=day)
        for kind, listing in LISTINGS.items():
            written = map_arrow_file(get_search_text_path(store, kind=kind, derived=report.derived))
            subjects = read_subjects(
                map_arrow_file(get_list_path(store, layout=listing.layout, derived=report.derived))
            )
            rows = read_derived_table(store, derived=report.derived, table=SEARCH_FIELDS[kind].table)
            assert written.num_rows > 0
            assert build_search_table(SEARCH_FIELDS[kind], rows, subjects=subjects).equals(written)


def test_lists_are_laid_out_as_the_rows_of_the_database_would_be(district: District, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day in (1, 2):
        report = resolve_days(district, tmp_path, last=day)
        for kind, listing in LISTINGS.items():
            path = get_list_path(store, layout=listing.layout, derived=report.derived)
            cached_table = map_arrow_file(path)
            assert cached_table.num_rows > 0
            rebuilt_table = build_from_database(district=district, kind=kind, generation=report.generation)
            assert rebuilt_table.equals(cached_table, check_metadata=True)
    assert len(list((store.folder / LIST_FOLDERS).iterdir())) == 2


@merges_rows
def test_the_rows_of_a_second_day_are_those_of_its_snapshot(district: District, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for day in (1, 2):
        report = resolve_days(district, tmp_path, last=day)
        session = open_session(store.pin_snapshot(derived=report.derived))
        for projected in PROJECTED_MODELS:
            select_list = ", ".join(f'"{name}"' for name in projected.columns)
            expected = session.execute(f"SELECT {select_list} FROM ({projected.select.format(side='')})").fetchall()
            assert expected
            current_rows = projected.model.objects.of(district).filter(closed=None).values_list(*projected.columns)
            assert sorted(map(str, current_rows)) == sorted(map(str, expected)), projected.model


def test_resolving_again_makes_no_generation(district: District, tmp_path: Path) -> None:
    first = resolve_days(district, tmp_path, last=1)
    again = resolve_district(district, open_store(tmp_path))
    assert (again.generation, again.opened, again.closed, again.derived) == (1, 0, 0, first.derived)


@merges_rows
def test_only_what_changed_is_written_and_what_was_closed_waits_for_the_next_merge(
    district: District, tmp_path: Path
) -> None:
    report = resolve_days(district, tmp_path, last=2)
    people, devices = Person.objects.of(district), Device.objects.of(district)
    assert report.generation == 2
    assert people.filter(opened=2).count() == people.filter(closed=2).count() == SIZE // 3
    assert people.filter(closed=None).count() == SIZE
    assert devices.filter(closed=None).count() == SIZE - SIZE // 10
    assert devices.filter(closed=2).count() == SIZE // 10
    publish_day(tmp_path, 1)
    assert resolve_district(district, open_store(tmp_path)).generation == 3
    assert not people.filter(closed=2).exists()
    assert people.filter(closed=3).count() == SIZE // 3
    assert devices.count() == devices.filter(closed=None).count() == SIZE
    assert LedgerEntry.objects.of(district).filter(opened=2).count() == 0
    assert Projection.objects.get(district=district).writing is None


@merges_rows
def test_whoever_turns_pages_while_a_resolve_is_published_loses_no_row(district: District, tmp_path: Path) -> None:
    resolve_days(district, tmp_path, last=1)
    queries = {
        "all": ListQuery(schools=EVERY_SCHOOL, kind="device"),
        "searched": ListQuery(schools=EVERY_SCHOOL, kind="device", search="5cd000"),
        "filtered": ListQuery(schools=EVERY_SCHOOL, kind="device", filters={"in": "google"}),
    }
    rows = 700
    first = {
        name: get_page(district=district, query=query, columns=["serial"], rows=rows) for name, query in queries.items()
    }
    publish_day(tmp_path, 2)
    resolve_district(district, open_store(tmp_path))
    for name, query in queries.items():
        pages = [first[name]]
        while pages[-1].after:
            next_query = replace(query, cursor=pages[-1].after)
            pages.append(get_page(district=district, query=next_query, columns=["serial"], rows=rows))
        serials = [row.values["serial"] for page in pages for row in page.rows]
        expected_count = 1_000 if name == "searched" else SIZE
        assert serials == [f"5CD{number:06}" for number in range(expected_count)], name
    assert get_page(district=district, query=queries["all"], columns=[]).total == SIZE - SIZE // 10


def test_a_snapshot_that_was_cleared_away_does_not_leave_old_rows(district: District, tmp_path: Path) -> None:
    resolve_days(district, tmp_path, last=1)
    publish_day(tmp_path, 2)
    shutil.rmtree(open_store(tmp_path).folder / "derived")
    resolve_district(district, open_store(tmp_path))
    assert Person.objects.of(district).filter(closed=None).count() == SIZE
    assert Device.objects.of(district).filter(closed=None).count() == SIZE - SIZE // 10


def test_links_and_explanations_name_records_and_mask_what_is_a_students(district: District, tmp_path: Path) -> None:
    store = open_store(tmp_path)
    resolve_days(district, tmp_path, last=1)
    lines = list(commands.export_links(store))
    person = Person.objects.of(district).get(email="s7@d.example")
    (line,) = [entry for entry in lines if entry["id"] == person.public]
    assert line["records"] == [{"source": "google", "key": "s7"}, {"source": "oneroster", "key": "s7"}]
    assert len(lines) == 2 * SIZE
    masked = commands.explain_subject(district=district, store=store, public=person.public)
    plain = commands.explain_subject(district=district, store=store, public=person.public, masked=False)
    assert not any("s7@" in entry.rule for entry in masked)
    assert any(entry.rule == "e-mail s7@d.example" for entry in plain)
    with pytest.raises(commands.NotResolved):
        commands.explain_subject(district=district, store=store, public=format_public_id("device", 1))


def test_a_resolve_that_is_killed_anywhere_ends_like_one_that_was_not(tmp_path: Path) -> None:
    reference_folder = prepare_data_folder(tmp_path / "whole")
    publish_day(reference_folder, 1)
    _run_resolve(reference_folder)
    publish_day(reference_folder, 2)
    unresolved_folder = tmp_path / "before"
    shutil.copytree(reference_folder, unresolved_folder)
    started = time.monotonic()
    _run_resolve(reference_folder)
    seconds = time.monotonic() - started
    expected, rng = _read_tables(reference_folder), random.Random(20260115)
    for number in range(choose_amount(brief=2, thorough=20)):
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(unresolved_folder, folder)
        child = KillableProgram(environment=_build_environment(folder), folder=ROOT, module=RESOLVE)
        time.sleep(seconds * (0.1 + 0.9 * rng.random()))
        child.kill()
        _run_resolve(folder)
        assert _read_tables(folder) == expected, f"kill {number}"


def _build_environment(folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOMEROOM_DATA": str(folder),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
    }


def _run_resolve(folder: Path) -> None:
    done = run_program(environment=_build_environment(folder), folder=ROOT, module=RESOLVE)
    assert done.returncode == 0, done.stderr


def _read_tables(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(folder / "state.sqlite3")
    try:
        rows_by_table = {}
        for name in _TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info(inventory_{name})") if row[1] != "id"]
            column_list = ", ".join(f'"{column}"' for column in columns)
            rows_by_table[name] = sorted(
                connection.execute(f"SELECT {column_list} FROM inventory_{name}").fetchall(), key=repr
            )
        return rows_by_table
    finally:
        connection.close()
