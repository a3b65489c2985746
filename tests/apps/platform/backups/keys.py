"""The key pair of a folder with backups, and what it opens.

A passphrase would take a second of a processor each time that it is used.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from homeroom.evidence.backups.age_stream import BackupKeys, create_identity, open_decrypted, read_identities
from homeroom.evidence.backups.archive import iter_members
from homeroom.evidence.backups.manifest import BackupManifest


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


def read_manifest(backup: Path, keys: BackupKeys) -> BackupManifest:
    """Return the manifest of a backup that is complete and in order to its last byte."""
    with open_decrypted(backup, keys=keys) as (_, stream):
        contents = {name: content.read() for name, content in iter_members(stream)}
    return msgspec.json.decode(contents["manifest.json"], type=BackupManifest)
