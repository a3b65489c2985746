"""A backup is of one moment, and nothing that happens meanwhile spoils it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.backups.make_backup import MadeBackup, write_backup
from homeroom.evidence.backups.age_stream import BackupLock, create_identity
from homeroom.evidence.files.work_folder import WORK_FOLDER, sweep_work_folders

AT = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def data(settings: Any, tmp_path: Path) -> Path:
    """Return a data folder with a file of evidence."""
    data = tmp_path / "data"
    settings.DATA = data
    (data / "evidence" / "maple" / "loads").mkdir(parents=True)
    (data / "store.json").write_text('{"kind":"real","format":3}')
    (data / "evidence" / "maple" / "loads" / "1.json").write_text("{}")
    (tmp_path / "backups").mkdir()
    return data


def make(folder: Path, **options: Any) -> MadeBackup:
    return write_backup(folder, lock=BackupLock(recipients=(create_identity()[1],)), at=AT, **options)


def test_a_process_that_starts_and_sweeps_leaves_what_a_backup_reads(data: Path, tmp_path: Path) -> None:
    swept: list[int] = []

    def start_another(stage: str, _done: int, _total: int) -> None:
        swept.append(sweep_work_folders(data / WORK_FOLDER, on_dead=lambda _folder: None))

    backup = make(tmp_path / "backups", progress=start_another)
    assert {file.path for file in backup.manifest.files} == {"evidence/maple/loads/1.json", "store.json"}
    assert len(swept) > 2
    assert set(swept) == {0}
    assert [path.name for path in (data / WORK_FOLDER).iterdir() if path.name != "sweep.lock"] == []
