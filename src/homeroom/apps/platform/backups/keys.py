"""What backups are locked with: options of a command, else the settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from homeroom.evidence.backups.age_stream import BackupLock, read_passphrase


def build_lock(*, recipients: Sequence[str] = (), passphrase_file: Path | None = None) -> BackupLock:
    """Return what locks a backup. Raise BackupRefused if a key file cannot be used."""
    if recipients or passphrase_file:
        passphrase = read_passphrase(passphrase_file) if passphrase_file else ""
        return BackupLock(recipients=tuple(recipients), passphrase=passphrase)
    if settings.BACKUP_RECIPIENTS:
        return BackupLock(recipients=settings.BACKUP_RECIPIENTS)
    configured = settings.BACKUP_PASSPHRASE_FILE
    return BackupLock(passphrase=read_passphrase(Path(configured)) if configured else "")
