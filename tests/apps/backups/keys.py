"""The key pair of a folder with backups. A passphrase would take a second of a processor each time that it is used."""

from __future__ import annotations

from pathlib import Path

from homeroom.evidence.backups.age_stream import BackupKeys, create_identity, read_identities


def write_keys(folder: Path) -> None:
    """Write a new key pair."""
    identity, recipient = create_identity()
    (folder / "identity").write_text(identity)
    (folder / "recipient").write_text(recipient)


def get_settings(folder: Path) -> dict[str, str]:
    """Return the settings of a program that makes and restores backups with the folder's keys."""
    return {
        "HOMEROOM_BACKUP_RECIPIENTS": (folder / "recipient").read_text(),
        "HOMEROOM_BACKUP_IDENTITY_FILE": str(folder / "identity"),
    }


def read_keys(folder: Path) -> BackupKeys:
    """Return what opens the folder's backups."""
    return BackupKeys(identities=read_identities(folder / "identity"))
