"""Resolving brings the inventory to each snapshot: whole, only what changed, and whole again after a kill."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.districts.models import District
from homeroom.apps.inventory import commands
from homeroom.apps.inventory.listed import FOLDER, file_of, from_rows
from homeroom.apps.inventory.listings import LISTINGS
from homeroom.apps.inventory.models import Device, LedgerEntry, Person, Projection, SearchTerm
from homeroom.apps.inventory.projecting import PROJECTED
from homeroom.apps.inventory.queries import Ask, page_of
from homeroom.apps.inventory.search import found_by
from homeroom.domain.ids import public_id
from homeroom.evidence.session import session_of
from homeroom.evidence.shelves import mapped
from homeroom.evidence.store import Store
from tests.apps.inventory.morning import AT, SIZE, TODAY, load, store_in

ROOT = Path(__file__).resolve().parents[3]
_TABLES = ("person", "account", "device", "searchterm", "ledgerentry", "ledgermerge", "projection")


@pytest.fixture
def district(db: Any) -> District:
    return District.objects.create(slug="maple", name="Maple")


def resolved(district: District, store: Store) -> commands.ResolveReport:
    return commands.resolve(district=district, store=store, today=TODAY, at=AT)


def test_a_first_resolve_publishes_every_subject_with_search_terms_and_ledger(
    district: District, tmp_path: Path
) -> None:
    load(tmp_path, 1)
    report = resolved(district, store_in(tmp_path))
    assert (report.generation, report.people, report.devices) == (1, SIZE, SIZE)
    assert Person.objects.of(district).count() == SIZE
    assert LedgerEntry.objects.of(district).count() == 3 * SIZE
    device = Device.objects.of(district).get(serial="5CD000007")
    assert device.public == public_id("device", device.subject)
    assert SearchTerm.objects.of(district).filter(kind="device", term="5cd000007", subject=device.subject).count() == 1
    assert SearchTerm.objects.of(district).filter(kind="person", term="s7@d.example", opened=1).count() == 1


def test_a_search_finds_by_every_beginning_though_shorter_terms_are_no_rows(district: District, tmp_path: Path) -> None:
    load(tmp_path, 1)
    resolved(district, store_in(tmp_path))
    person = Person.objects.of(district).get(email="s77@d.example")
    rows = SearchTerm.objects.of(district).filter(kind="person", subject=person.subject)
    assert sorted(rows.values_list("term", flat=True)) == ["family77, given77", "given77 family77", "s77@d.example"]
    for text in ("s77", "s77@", "family77", "given77", "given77 fam", "family77, gi", "given77 family77"):
        found = found_by(district=district, kind="person", generation=1, text=text)
        assert person.subject in found.subjects, text


def test_lists_are_laid_out_as_the_rows_of_the_database_would_be(district: District, tmp_path: Path) -> None:
    store = store_in(tmp_path)
    for day in (1, 2):
        load(tmp_path, day)
        report = resolved(district, store)
        for kind in LISTINGS:
            path = file_of(store, kind=kind, derived=report.derived)
            laid = mapped(path)
            assert laid.num_rows > 0
            again = from_rows(district=district, kind=kind, generation=report.generation)
            assert again.equals(laid, check_metadata=True)
    assert len(list((store.folder / FOLDER).iterdir())) == 2


def test_the_rows_of_a_second_day_are_those_of_its_snapshot(district: District, tmp_path: Path) -> None:
    store = store_in(tmp_path)
    for day in (1, 2):
        load(tmp_path, day)
        report = resolved(district, store)
        session = session_of(store.pinned(derived=report.derived))
        for one in PROJECTED:
            told = {f'"{name}"': f"unnest({name}s)" if name == one.listed else f'"{name}"' for name in one.columns}
            listed = ", ".join(f"{value} AS {name}" for name, value in told.items())
            wanted = session.execute(f"SELECT {listed} FROM ({one.select.format(side='')})").fetchall()
            assert wanted
            standing = one.model.objects.of(district).filter(closed=None).values_list(*one.columns)
            assert sorted(map(str, standing)) == sorted(map(str, wanted)), one.model


def test_resolving_again_makes_no_generation(district: District, tmp_path: Path) -> None:
    load(tmp_path, 1)
    first = resolved(district, store_in(tmp_path))
    again = resolved(district, store_in(tmp_path))
    assert (again.generation, again.opened, again.closed, again.derived) == (1, 0, 0, first.derived)


def test_only_what_changed_is_written_and_what_was_closed_waits_for_the_next_merge(
    district: District, tmp_path: Path
) -> None:
    load(tmp_path, 1)
    resolved(district, store_in(tmp_path))
    load(tmp_path, 2)
    report = resolved(district, store_in(tmp_path))
    people, devices = Person.objects.of(district), Device.objects.of(district)
    assert report.generation == 2
    assert people.filter(opened=2).count() == people.filter(closed=2).count() == SIZE // 3
    assert people.filter(closed=None).count() == SIZE
    assert devices.filter(closed=None).count() == SIZE - SIZE // 10
    assert devices.filter(closed=2).count() == SIZE // 10
    load(tmp_path, 1)
    assert resolved(district, store_in(tmp_path)).generation == 3
    assert not people.filter(closed=2).exists()
    assert people.filter(closed=3).count() == SIZE // 3
    assert devices.count() == devices.filter(closed=None).count() == SIZE
    assert LedgerEntry.objects.of(district).filter(opened=2).count() == 0
    assert Projection.objects.get(district=district).writing is None


def test_whoever_turns_pages_while_a_resolve_is_published_loses_no_row(district: District, tmp_path: Path) -> None:
    load(tmp_path, 1)
    resolved(district, store_in(tmp_path))
    asks = {
        "all": Ask(kind="device"),
        "searched": Ask(kind="device", search="5cd000"),
        "filtered": Ask(kind="device", filters={"in": "google"}),
    }
    rows = 700
    first = {name: page_of(district=district, ask=ask, columns=["serial"], rows=rows) for name, ask in asks.items()}
    load(tmp_path, 2)
    resolved(district, store_in(tmp_path))
    for name, ask in asks.items():
        pages = [first[name]]
        while pages[-1].after:
            asked = replace(ask, cursor=pages[-1].after)
            pages.append(page_of(district=district, ask=asked, columns=["serial"], rows=rows))
        serials = [row.values["serial"] for page in pages for row in page.rows]
        whole = 1_000 if name == "searched" else SIZE
        assert serials == [f"5CD{number:06}" for number in range(whole)], name
    assert page_of(district=district, ask=asks["all"], columns=[]).total == SIZE - SIZE // 10


def test_a_snapshot_that_was_cleared_away_does_not_leave_old_rows(district: District, tmp_path: Path) -> None:
    load(tmp_path, 1)
    resolved(district, store_in(tmp_path))
    load(tmp_path, 2)
    shutil.rmtree(store_in(tmp_path).folder / "derived")
    resolved(district, store_in(tmp_path))
    assert Person.objects.of(district).filter(closed=None).count() == SIZE
    assert Device.objects.of(district).filter(closed=None).count() == SIZE - SIZE // 10


def test_links_and_explanations_name_records_and_mask_what_is_a_pupils(district: District, tmp_path: Path) -> None:
    load(tmp_path, 1)
    store = store_in(tmp_path)
    resolved(district, store)
    lines = list(commands.links_out(store))
    person = Person.objects.of(district).get(email="s7@d.example")
    (line,) = [one for one in lines if one["id"] == person.public]
    assert line["records"] == [{"source": "google", "key": "s7"}, {"source": "oneroster", "key": "s7"}]
    assert len(lines) == 2 * SIZE
    masked = commands.explain(district=district, store=store, public=person.public)
    plain = commands.explain(district=district, store=store, public=person.public, masked=False)
    assert not any("s7@" in one.rule for one in masked)
    assert any(one.rule == "e-mail s7@d.example" for one in plain)
    with pytest.raises(commands.NothingResolved):
        commands.explain(district=district, store=store, public=public_id("device", 1))


def test_a_resolve_that_is_killed_anywhere_ends_like_one_that_was_not(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    _ran(whole, "load", "1")
    _ran(whole, "resolve")
    _ran(whole, "load", "2")
    killed = tmp_path / "before"
    shutil.copytree(whole, killed)
    began = time.monotonic()
    _ran(whole, "resolve")
    took = time.monotonic() - began
    wanted, dice = _rows(whole), random.Random(20260115)
    for number in range(10):
        folder = tmp_path / f"killed-{number}"
        shutil.copytree(killed, folder)
        child = _started(folder, "resolve")
        time.sleep(took * (0.25 + 0.75 * dice.random()))
        child.kill()
        child.wait()
        _ran(folder, "resolve")
        assert _rows(folder) == wanted, f"kill {number}"


def _started(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    environment = {
        **os.environ,
        "HOMEROOM_DATA": str(folder),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "homeroom.config.settings",
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.apps.inventory.morning", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def _ran(folder: Path, *words: str) -> None:
    assert _started(folder, *words).wait() == 0


def _rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    connection = sqlite3.connect(folder / "state.sqlite3")
    try:
        found = {}
        for name in _TABLES:
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info(inventory_{name})") if row[1] != "id"]
            listed = ", ".join(f'"{column}"' for column in columns)
            found[name] = sorted(connection.execute(f"SELECT {listed} FROM inventory_{name}").fetchall(), key=repr)
        return found
    finally:
        connection.close()
