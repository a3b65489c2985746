"""Whoever adds, alters, undoes or deletes evidence without Homeroom is found, sealed or not; nothing else is."""

from __future__ import annotations

import random
import re
import shutil
from collections import Counter
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from msgspec.structs import replace

from homeroom.apps.know.sources.commands import load_files, undo, write_audit_entries
from homeroom.apps.know.sources.verify_district import verify_district
from homeroom.apps.platform.audit.appending import lock_head
from homeroom.apps.platform.audit.commands import EvidenceRefused, record_evidence
from homeroom.apps.platform.audit.manifest_recorder import TrailRecorder
from homeroom.apps.platform.audit.models import Entry, ManifestRecord
from homeroom.apps.platform.districts import stored_files
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.models import District
from homeroom.apps.platform.districts.stored_files import AREAS, FILE_MODELS, FileChanged, StoredFiles
from homeroom.evidence.event_files.catalog import list_catalog_paths, publish_catalog, read_catalog
from homeroom.evidence.files.manifest_records import (
    announce_removal,
    list_recorded_paths,
    record_manifests,
    remove_manifests,
)
from homeroom.evidence.files.manifests import write_manifest
from homeroom.evidence.loads.store import EvidenceStore
from tests.amounts import choose_amount
from tests.apps.know.loading.test_event_logs import write_logs
from tests.apps.know.loading.test_load import AT, build_users, get_only_result, load_paths, write_users
from tests.apps.platform.audit.evidence_tampering import (
    FILE_ATTACKS,
    FileAttacker,
    delete_newest_catalog_with_record,
    insert_load,
)

pytestmark = pytest.mark.django_db
SEED = 20261129


@pytest.fixture
def district(tmp_path: Path, settings: Any) -> District:
    settings.DATA = tmp_path / "data"
    settings.DATA.mkdir()
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(district: District) -> EvidenceStore:
    return get_evidence_store(district=district)


def list_problems(district: District, *, reads_evidence: bool = True) -> list[str]:
    result = verify_district(district=district, reads_evidence=reads_evidence)
    return [*map(str, result.problems), *map(str, result.damages)]


def load_everything(folder: Path, district: District, store: EvidenceStore) -> None:
    """Load people three times and logs, undo the last load of people and one of a log, and hold a load."""
    for number, count in enumerate((30, 31, 32)):
        path = write_users(folder / str(number), *build_users(count))
        loaded = get_only_result(load_paths([path], district, store)).load
    assert loaded is not None
    undo(district=district, store=store, load_id=loaded.id, actor="director", at=AT)
    report = load_paths([write_logs(folder / "logs")], district, store)
    logs = [result.load.id for result in report.loaded if result.load]
    undo(district=district, store=store, load_id=logs[0], actor="director", at=AT)
    held = get_only_result(load_paths([write_users(folder / "held", *build_users(3))], district, store))
    assert held.outcome == "held"


@pytest.fixture
def attacker(tmp_path: Path, district: District, store: EvidenceStore) -> FileAttacker:
    load_everything(tmp_path / "in", district, store)
    path = min((store.folder / "loads").glob("*.json"))
    older = (f"loads/{path.name}", path.read_bytes())
    load = store.get_load(path.stem)
    with store.lock_for_writing():
        store.replace_manifest(replace(load, usual_lost_rows=1))
    assert list_problems(district) == []
    return FileAttacker(district=district.pk, folder=store.folder, old_load=older, random=random.Random(SEED))


def find_problems(district: District, attacker: FileAttacker, attack: Any) -> bool:
    """Attack, verify, and undo the attack; return whether anything was found."""
    copy = attacker.folder.with_name("copy")
    shutil.copytree(attacker.folder, copy)
    with transaction.atomic():
        attack(attacker)
        has_problems = bool(list_problems(district, reads_evidence=False))  # as at night
        transaction.set_rollback(True)
    shutil.rmtree(attacker.folder)
    copy.rename(attacker.folder)
    return has_problems


@pytest.mark.differs_by_database("rows are edited with SQL")
def test_every_attack_on_evidence_is_found(district: District, attacker: FileAttacker) -> None:
    amount = choose_amount(brief=1, thorough=1_000 // len(FILE_ATTACKS) + 1)
    missed = Counter(
        attack.__name__
        for attack in FILE_ATTACKS
        for _ in range(amount)
        if not find_problems(district, attacker, attack)
    )
    assert missed == {}
    assert list_problems(district) == [], "the evidence is as it was before the attacks"


def test_a_catalog_that_no_load_published_cannot_be_taken_back(district: District, attacker: FileAttacker) -> None:
    store = get_evidence_store(district=district)
    older = list_catalog_paths(store.folder)[-1]
    content, record = older.read_bytes(), ManifestRecord.objects.of(district).get(name=f"events/{older.name}")
    with store.lock_for_writing():  # as an erasure does
        publish_catalog(store.folder, replace(read_catalog(store.folder), retired=()))
        remove_manifests([older])
    assert list_problems(district) == []
    delete_newest_catalog_with_record(attacker)
    older.write_bytes(content)
    record.pk = None
    record.save(force_insert=True)
    assert any("and so are the newest events" in text for text in list_problems(district, reads_evidence=False))


def test_a_log_that_is_loaded_again_after_its_catalog_was_set_aside_is_no_problem(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    logs = write_logs(tmp_path / "logs")
    load_paths([logs], district, store)
    with store.lock_for_writing():  # as a repair does
        for path in list_catalog_paths(store.folder):
            announce_removal(path)
            path.unlink()
    later = AT + timedelta(hours=1)
    load_files([logs], district=district, store=store, at=later, actor="director")
    assert list_problems(district) == []


def test_a_manifest_that_one_writer_writes_and_is_about_to_remove_is_settled(
    district: District, store: EvidenceStore
) -> None:
    path = store.folder / "events" / "000000001.json"
    recorder = TrailRecorder(district)
    recorder.begin(store.folder)
    with record_manifests(store.folder, recorder):
        write_manifest(path, {})
        announce_removal(path)
    with store.lock_for_writing():
        pass
    assert list_problems(district, reads_evidence=False) == []


def test_a_writer_reads_the_trail_for_new_loads_alone_and_by_an_index(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    statements: list[str] = []

    def note_statement(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note_statement), store.lock_for_writing():
        write_manifest(store.folder / "derived" / "snapshot.json", {})
    assert [sql for sql in statements if sql.startswith("SELECT") and '"audit_entry"' in sql] == []
    if connection.vendor == "sqlite":
        assert "audit_subjects" in Entry.objects.of(district).filter(action="load", subject__in=["x", "y"]).explain()


def test_entries_state_the_hashes_of_what_was_loaded_and_undone(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    load_everything(tmp_path / "in", district, store)
    entries = Entry.objects.of(district).filter(action__in=("load", "hold load", "undo load"))
    stated = {(entry.action, entry.subject): entry.detail for entry in entries}
    recorded = dict(ManifestRecord.objects.of(district).values_list("name", "digest"))
    assert {action for action, _ in stated} == {"load", "hold load", "undo load"}
    for detail in stated.values():
        assert detail["manifest"] in recorded.values()
    assert {tuple(detail["catalog"]) for detail in stated.values() if "catalog" in detail} & set(recorded.items())


def test_a_load_that_somebody_put_there_is_never_recorded_as_loaded(
    tmp_path: Path, district: District, attacker: FileAttacker, store: EvidenceStore
) -> None:
    insert_load(attacker)
    later = [("later", "/Staff"), *build_users(33)]
    load_paths([write_users(tmp_path / "later", *later)], district, store)
    assert not Entry.objects.of(district).filter(action="load", subject__startswith="000900-").exists()
    assert any("loads/000900-" in text and "was put there" in text for text in list_problems(district))


def test_a_writer_that_was_killed_leaves_no_problem_and_its_load_is_nobody_else_s(
    tmp_path: Path, district: District, store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_users(tmp_path / "in", *build_users(3))
    with monkeypatch.context() as patch:
        patch.setattr(TrailRecorder, "settle", lambda self: None)
        patch.setattr("homeroom.apps.know.sources.commands.write_audit_entries", lambda **_: None)
        load_paths([path], district, store)
    assert list_problems(district) == [], "it was announced"
    other = write_users(tmp_path / "other", *build_users(4))
    load_files([other], district=district, store=store, at=AT + timedelta(hours=1), actor="director")
    actors = Entry.objects.of(district).filter(action="load").order_by("number").values_list("actor", flat=True)
    assert list(actors) == ["", "director"]
    assert list_problems(district) == []


def test_a_load_that_was_announced_and_never_written_is_forgotten(district: District, store: EvidenceStore) -> None:
    recorder = TrailRecorder(district)
    recorder.begin(store.folder)
    recorder.announce({"loads/000001-000000000000.json": "0" * 64})
    assert list_problems(district) == []
    with store.lock_for_writing():
        assert not ManifestRecord.objects.of(district).exists()


def test_evidence_from_before_there_were_records_is_recorded_once_and_stated(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    plain = EvidenceStore(store.folder.parent, district="maple")
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, plain)
    assert list_problems(district) == []
    load_paths([write_users(tmp_path / "in", *build_users(4))], district, store)
    assert ManifestRecord.objects.of(district).count() == 2
    result = verify_district(district=district)
    assert (result.is_sound, result.notes[0].partition(" on ")[0]) == (True, "the evidence was recorded as it was")
    ManifestRecord.objects.of(district).delete()
    with store.lock_for_writing():
        pass
    assert list_problems(district), "records that were deleted are not made again"
    reason = "Restored the database of Monday night."
    with pytest.raises(EvidenceRefused, match="ten letters"):
        record_evidence(district=district, store=store, at=AT, actor="operator", reason="oops")
    assert record_evidence(district=district, store=store, at=AT, actor="operator", reason=reason) == 2
    result = verify_district(district=district)
    assert (result.is_sound, reason in result.notes[-1]) == (True, True)


def test_a_load_is_recorded_under_its_loader_alone(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    write_audit_entries(district=district, store=store, actor="director")
    assert list(Entry.objects.of(district).filter(action="load").values_list("actor", flat=True)) == ["technician"]


def test_a_load_is_recorded_once_where_two_commands_end_at_the_same_time(
    tmp_path: Path, district: District, store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def let_another_command_record(locked: Any) -> Any:
        monkeypatch.undo()
        write_audit_entries(district=district, store=store, actor="director")
        return lock_head(locked)

    monkeypatch.setattr("homeroom.apps.know.sources.commands.lock_head", let_another_command_record)
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    assert list(Entry.objects.of(district).filter(action="load").values_list("actor", flat=True)) == ["director"]
    assert list_problems(district) == []


def rewrite_oldest_load(store: EvidenceStore) -> None:
    """Rewrite a load as an erasure does, which an entry of the trail states."""
    load = store.list_all_loads()[0]
    with store.lock_for_writing():
        store.replace_manifest(replace(load, usual_lost_rows=load.usual_lost_rows + 1))


def test_what_is_rewritten_while_it_is_verified_is_no_problem(
    tmp_path: Path, district: District, store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    rewritten: list[bool] = []

    def rewrite_meanwhile(folder: Path) -> Any:
        if not rewritten:
            rewritten.append(True)
            rewrite_oldest_load(store)
        return list_recorded_paths(folder)

    monkeypatch.setattr("homeroom.apps.platform.audit.manifest_check.list_recorded_paths", rewrite_meanwhile)
    assert list_problems(district) == []
    assert rewritten


def test_the_entry_of_a_load_states_what_was_rewritten_while_it_waited(
    tmp_path: Path, district: District, store: EvidenceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rewrite_and_lock(locked: Any) -> Any:
        monkeypatch.undo()
        rewrite_oldest_load(store)
        return lock_head(locked)

    with monkeypatch.context() as patch:
        patch.setattr("homeroom.apps.know.sources.commands.write_audit_entries", lambda **_: None)
        load_paths([write_users(tmp_path / "in", *build_users(3))], district, store)
    monkeypatch.setattr("homeroom.apps.platform.audit.appending.lock_head", rewrite_and_lock)
    monkeypatch.setattr("homeroom.apps.know.sources.commands.lock_head", rewrite_and_lock, raising=False)
    write_audit_entries(district=district, store=store, actor="director")
    assert Entry.objects.of(district).filter(action="rewrite evidence").exists()
    assert list_problems(district) == []


@pytest.mark.parametrize("area", AREAS)
def test_an_attached_file_that_was_replaced_is_named(district: District, area: str) -> None:
    files = StoredFiles(area, max_bytes=1 << 20)
    sha256, _ = files.store(district, BytesIO(b"the signed agreement"))
    assert list_problems(district) == []
    files.find(district, sha256).write_bytes(b"another agreement")
    (problem,) = list_problems(district)
    assert problem.startswith(f"{area}/maple/{sha256} was changed")
    with pytest.raises(FileChanged):
        files.find(district, sha256)


@pytest.mark.parametrize("area", AREAS)
def test_an_attached_file_that_is_gone_is_named_at_night_too(district: District, area: str) -> None:
    files = StoredFiles(area, max_bytes=1 << 20)
    sha256, size = files.store(district, BytesIO(b"the signed agreement"))
    model: Any = apps.get_model(FILE_MODELS[area])
    (parent,) = [field for field in model._meta.fields if field.is_relation and field.name != "district"]
    values = {parent.name: create_row(parent.related_model, district), "sha256": sha256, "bytes": size}
    create_row(model, district, **values)
    assert list_problems(district, reads_evidence=False) == []
    files.find(district, sha256).unlink()
    for reads_evidence in (False, True):
        (problem,) = list_problems(district, reads_evidence=reads_evidence)
        assert problem.startswith(f"{area}/maple/{sha256} is missing")


def create_row(model: Any, district: District, **values: Any) -> Any:
    """Store a row of a district, with a time or a day where its model needs them."""
    defaults = {models.DateTimeField: AT, models.DateField: AT.date()}
    needed = {
        field.name: defaults[type(field)] for field in model._meta.fields if type(field) in defaults and not field.null
    }
    return model.objects.create(district_id=district.pk, **needed | values)


def test_every_area_of_attached_files_is_verified() -> None:
    sources = Path(stored_files.__file__).parents[2].rglob("*.py")
    used = {area for path in sources for area in re.findall(r'= StoredFiles\("(\w+)"', path.read_text())}
    assert used == set(AREAS)
