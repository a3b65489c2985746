"""Restore a backup into a temporary folder with databases of its own, in a process of its own, and remove it."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from homeroom.evidence.backups.manifest import BackupRefused


class TrialRestore(msgspec.Struct, frozen=True, kw_only=True):
    """What a trial restore found equal: counts of tables, rows and files, with the hash of each."""

    made_at: datetime
    version: str
    tables: int
    rows: int
    files: int
    bytes: int


def restore_for_trial(path: Path, *, identity_file: Path | None, passphrase_file: Path | None) -> TrialRestore:
    """Restore a backup for a trial. Raise BackupRefused with the reason if that fails or anything is not equal."""
    with TemporaryDirectory(prefix="trial-restore-") as name:
        folder = Path(name) / "data"
        arguments = ["restore", str(path.resolve()), "--data", str(folder), "--without-erasures", "--json"]
        arguments += ["--identity", str(identity_file)] if identity_file else []
        arguments += ["--passphrase-file", str(passphrase_file)] if passphrase_file else []
        environment = {**os.environ, "HOMEROOM_DATA": str(folder), "DATABASE_URL": "", "COLUMNS": "1000"}
        done = subprocess.run(  # noqa: S603  (this program, with paths as arguments)
            [sys.executable, "-m", "homeroom", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode:
            reason = done.stderr.strip().splitlines()
            raise BackupRefused(f"{path.name}: {reason[-1].removeprefix('Error: ') if reason else 'it was killed'}")
        return msgspec.json.decode(done.stdout, type=TrialRestore)
