"""A backup file opens with its key alone, and only as it was written, to its last byte."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from homeroom.evidence.backups import staging
from homeroom.evidence.backups.age_stream import (
    BackupKeys,
    BackupLock,
    create_identity,
    open_decrypted,
    read_passphrase,
    write_encrypted,
)
from homeroom.evidence.backups.archive import build_member, iter_members, pack_members
from homeroom.evidence.backups.data_files import copy_appended_files, list_files, pin_files
from homeroom.evidence.backups.manifest import BackupDescription, BackupManifest, BackupRefused, StoredFile
from homeroom.evidence.backups.staging import mark_databases_checked, publish_folder, stage_backup
from homeroom.evidence.files.data_folder import FolderRefused, open_data_folder

AT = datetime(2026, 11, 29, 5, 0, tzinfo=UTC)
PASSPHRASE = "correct horse battery staple"
CONTENT = os.urandom(300_000)


def write(path: Path, *, lock: BackupLock, chunks: Iterator[bytes] | None = None) -> Path:
    with path.open("wb") as handle:
        write_encrypted(handle, chunks or iter((CONTENT[:7], CONTENT[7:])), lock=lock, made_at=AT)
    return path


def read(path: Path, keys: BackupKeys) -> bytes:
    with open_decrypted(path, keys=keys) as (header, stream):
        assert header.made_at == AT
        return stream.read()


def test_a_recipients_identity_opens_a_backup_and_no_other_does(tmp_path: Path) -> None:
    (identity, recipient), (other, _) = create_identity(), create_identity()
    path = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,)))
    assert read(path, BackupKeys(identities=(other, identity))) == CONTENT
    with pytest.raises(BackupRefused, match="does not open"):
        read(path, BackupKeys(identities=(other,)))
    with pytest.raises(BackupRefused, match=r"locked with age1.*--identity"):
        read(path, BackupKeys(passphrase=PASSPHRASE))


def test_a_passphrase_opens_a_backup_and_no_other_does(tmp_path: Path) -> None:
    path = write(tmp_path / "backup", lock=BackupLock(passphrase=PASSPHRASE))
    assert read(path, BackupKeys(passphrase=PASSPHRASE)) == CONTENT
    with pytest.raises(BackupRefused, match="the passphrase does not open"):
        read(path, BackupKeys(passphrase=PASSPHRASE + "r"))


def test_the_line_in_clear_has_the_format_the_time_and_a_hint_and_nothing_else(tmp_path: Path) -> None:
    _, recipient = create_identity()
    line = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,))).read_bytes().split(b"\n")[0]
    key = f'"key":"{recipient[:12]}…","wrapped":"","installation":""'
    expected = f'{{"homeroom_backup":1,"made_at":"2026-11-29T05:00:00Z",{key}}}'
    assert line.decode() == expected


@pytest.mark.parametrize("share", [0.0, 0.2, 0.5, 0.999])
def test_a_backup_that_ends_early_is_refused(tmp_path: Path, share: float) -> None:
    identity, recipient = create_identity()
    path = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,)))
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(BackupRefused, match=r"ends early|is no backup"):
        read(path, BackupKeys(identities=(identity,)))


def test_a_backup_that_ends_at_a_chunk_is_refused(tmp_path: Path) -> None:
    identity, recipient = create_identity()
    path = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,)))
    content = path.read_bytes()
    last = len(content) - (len(CONTENT) % 65536 + 16)
    path.write_bytes(content[:last])
    with pytest.raises(BackupRefused, match="ends early"):
        read(path, BackupKeys(identities=(identity,)))


def test_a_changed_byte_is_refused_wherever_it_is(tmp_path: Path) -> None:
    identity, recipient = create_identity()
    path = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,)))
    content = bytearray(path.read_bytes())
    begin = content.index(b"\n") + 1
    for position in (begin + 300, begin + 100_000, len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= 1
        path.write_bytes(changed)
        with pytest.raises(BackupRefused):
            read(path, BackupKeys(identities=(identity,)))


def test_an_error_while_the_content_is_made_stays_what_it_was(tmp_path: Path) -> None:
    def fail() -> Iterator[bytes]:
        yield b"something"
        raise FileNotFoundError("gone")

    with pytest.raises(FileNotFoundError, match="gone"):
        write(tmp_path / "backup", lock=BackupLock(recipients=(create_identity()[1],)), chunks=fail())


@pytest.mark.parametrize("lock", [BackupLock(), BackupLock(recipients=("age1nobody",))])
def test_a_backup_that_nobody_could_open_is_not_written(tmp_path: Path, lock: BackupLock) -> None:
    with pytest.raises(BackupRefused, match=r"needs recipients|cannot be read"):
        write(tmp_path / "backup", lock=lock)
    assert (tmp_path / "backup").read_bytes() == b""


def test_a_short_passphrase_is_refused(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text("too short\n")
    with pytest.raises(BackupRefused, match="15 characters would fit"):
        read_passphrase(tmp_path / "passphrase")


def test_members_come_back_as_they_were_packed() -> None:
    members = {"backup.json": b"{}", "files/" + "long/" * 60 + "ä.json": CONTENT, "files/empty": b""}
    packed = b"".join(pack_members(build_member(name, content) for name, content in members.items()))
    assert {name: content.read() for name, content in iter_members(io.BytesIO(packed))} == members
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        assert set(archive.getnames()) == set(members)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "files/../../outside", "C:/windows", "files\\..\\x"])
def test_a_name_that_leads_out_of_the_folder_is_refused(name: str) -> None:
    packed = b"".join(pack_members([build_member(name, b"x")]))
    with pytest.raises(BackupRefused, match="none has"):
        list(iter_members(io.BytesIO(packed)))


def test_pinned_files_are_those_of_the_moment_though_they_are_replaced(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("store.json", "secret.key", "evidence/d/loads/1.json", "state.sqlite3", "tmp/x", "evidence/d/lock"):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("before")
    (data / "evidence/d/.writing-1").write_text("half")
    with pin_files(data, work=data / "tmp" / "backup") as files:
        for file in files:
            (data / file.path).unlink()
        assert {file.path: file.source.read_text() for file in files} == dict.fromkeys(
            ("evidence/d/loads/1.json", "secret.key", "store.json"), "before"
        )
    assert list_files(data) == []
    assert not list((data / "tmp" / "backup").iterdir())


def test_lines_that_are_appended_after_the_copy_are_not_in_a_backup(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "data" / "tmp"
    (data / "audit" / "maple").mkdir(parents=True)
    checkpoints = data / "audit" / "maple" / "checkpoints.jsonl"
    checkpoints.write_text("1 a\n")
    (data / "audit" / "maple" / "heads-2026-11-29.log").write_text("a note of a single entry\n")
    copies = copy_appended_files(data, work=work)
    checkpoints.write_text("1 a\n2 b\n")
    (data / "audit" / "oak").mkdir()
    (data / "audit" / "oak" / "checkpoints.jsonl").write_text("3 c\n")
    with pin_files(data, work=work, copies=copies) as files:
        assert [(file.path, file.source.read_text()) for file in files] == [("audit/maple/checkpoints.jsonl", "1 a\n")]
    assert not list(work.rglob("*.jsonl"))


def test_a_folder_with_anything_in_it_is_not_restored_into(tmp_path: Path) -> None:
    identity, recipient = create_identity()
    description = (
        b'{"format":1,"made_at":"2026-11-29T05:00:00Z","version":"1","kind":"real","database":"sqlite","migrations":[]}'
    )
    packed = pack_members([build_member("backup.json", description), build_member("files/store.json", b"{}")])
    path = write(tmp_path / "backup", lock=BackupLock(recipients=(recipient,)), chunks=packed)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "notes.txt").write_text("mine")
    with pytest.raises(BackupRefused, match="is not empty"):
        stage_backup(path, folder=tmp_path / "data", keys=BackupKeys(identities=(identity,)))
    assert (tmp_path / "data" / "notes.txt").read_text() == "mine"
    with pytest.raises(BackupRefused, match="no manifest of its own"):
        stage_backup(path, folder=tmp_path / "new", keys=BackupKeys(identities=(identity,)))
    assert not (tmp_path / "new" / "store.json").exists()


def write_whole_backup(folder: Path) -> tuple[Path, BackupKeys]:
    """Write a backup of a folder with nothing but its mark and one row, and return it and what opens it."""
    description = BackupDescription(format=1, made_at=AT, version="1", kind="real", database="sqlite", migrations=())
    mark = b'{"kind":"real","format":3}'
    files = (StoredFile(path="store.json", size=len(mark), sha256=hashlib.sha256(mark).hexdigest()),)
    manifest = BackupManifest(description=description, tables=(), files=files)
    members = {
        "backup.json": msgspec.json.encode(description),
        "tables/people/000001.jsonl.zst": b"a name in clear",
        "files/store.json": mark,
        "manifest.json": msgspec.json.encode(manifest),
    }
    packed = pack_members(build_member(name, content) for name, content in members.items())
    identity, recipient = create_identity()
    path = write(folder / "backup", lock=BackupLock(recipients=(recipient,)), chunks=packed)
    return path, BackupKeys(identities=(identity,))


def test_a_restore_that_ended_early_leaves_no_rows_and_no_folder_that_a_later_one_empties(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path, keys), data = write_whole_backup(tmp_path), tmp_path / "data"
    stage_backup(path, folder=data, keys=keys)
    monkeypatch.setattr(staging, "remove_restore_files", lambda _folder: None)  # it was killed there
    publish_folder(data)
    assert {item.name for item in data.iterdir()} == {"store.json", "restoring.json", "restoring"}
    with pytest.raises(BackupRefused, match="is not empty"):
        stage_backup(path, folder=data, keys=keys)
    assert (data / "store.json").exists()
    open_data_folder(data, kind="real")
    assert [item.name for item in data.iterdir()] == ["store.json"]
    with pytest.raises(BackupRefused, match="is not empty"):
        stage_backup(path, folder=data, keys=keys)


def test_a_folder_whose_rows_cannot_be_removed_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied", str(tmp_path / "restoring"))

    (tmp_path / "store.json").write_text('{"kind":"real","format":3}')
    (tmp_path / "restoring.json").write_text("{}")
    (tmp_path / "restoring").mkdir()
    monkeypatch.setattr("homeroom.evidence.files.data_folder.shutil.rmtree", fail)
    with pytest.raises(FolderRefused, match=r"cannot be removed \(Permission denied\)"):
        open_data_folder(tmp_path, kind="real")
    assert (tmp_path / "restoring.json").exists()


def test_a_restore_begins_again_where_the_one_before_did_not_end(tmp_path: Path) -> None:
    (path, keys), data = write_whole_backup(tmp_path), tmp_path / "data"
    stage_backup(path, folder=data, keys=keys)
    mark_databases_checked(data, "a hash of a database")
    (data / "leftover").write_text("of the first")
    with pytest.raises(FolderRefused, match="did not end"):
        open_data_folder(data, kind="real")
    staged = stage_backup(path, folder=data, keys=keys)
    assert staged.checked_databases == "a hash of a database"
    assert not (data / "leftover").exists()


def test_notes_of_audit_entries_stay_and_their_key_and_checkpoints_are_backed_up(tmp_path: Path) -> None:
    names = ("audit.key", "audit/maple/checkpoints.jsonl", "audit/maple/heads-2026-11-29.log")
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert {path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)} == set(names[:2])
