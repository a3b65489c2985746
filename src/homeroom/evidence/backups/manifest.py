"""The descriptions in a backup file: a line in clear at its beginning, and all counts and hashes at its end.

The payload is a tar archive: `backup.json` (a BackupDescription), then the rows of every table of the database, then
the files of the data folder, then `manifest.json` (a BackupManifest). An archive without the last is not complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

FORMAT = 1
DESCRIPTION_NAME, MANIFEST_NAME = "backup.json", "manifest.json"
FILES_FOLDER, TABLES_FOLDER = "files", "tables"


class BackupRefused(Exception):
    """A backup cannot be made, read or restored; its text has the reason, and what would fit."""


class BackupHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The line in clear at the beginning of a backup file: format, time, and with which key it can be opened.

    `key` is `passphrase`, or the beginnings of the age recipients. `wrapped` is the key of the file, encrypted with the
    passphrase (Base64), if it is opened with one. `installation` is a hash by which the backups of several
    installations in one folder are distinguished.
    """

    homeroom_backup: int
    made_at: datetime
    key: str
    wrapped: str = ""
    installation: str = ""


class TableColumn(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a table, and how its values are written: one of the kinds of `apps.backups.column_kinds`."""

    name: str
    kind: str


class StoredTable(msgspec.Struct, frozen=True, kw_only=True):
    """A table: its columns, the columns of its key, and its rows as JSON Lines, one array a row, in the key's order.

    `sha256` is the hash of all lines, the same on every database. `sequence` is the last number that the database gave
    to a row, 0 if it gives none. `database` is `default` or `jobs`.
    """

    name: str
    database: str
    columns: tuple[TableColumn, ...]
    key: tuple[str, ...]
    rows: int = 0
    sha256: str = ""
    sequence: int = 0


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the data folder: its path below the folder, its size in bytes, and its SHA-256."""

    path: str
    size: int
    sha256: str


class BackupDescription(msgspec.Struct, frozen=True, kw_only=True):
    """What can be known before the rest is read: `kind` of the data folder, and the applied (app, migration)."""

    format: int
    made_at: datetime
    version: str
    kind: str
    database: str
    migrations: tuple[tuple[str, str], ...]


class BackupManifest(msgspec.Struct, frozen=True, kw_only=True):
    """All counts and hashes of a backup. `damaged` names files that were not what had been written, when it was made.

    `erasures` counts the registers of erasures by district.
    """

    description: BackupDescription
    tables: tuple[StoredTable, ...]
    files: tuple[StoredFile, ...]
    damaged: tuple[str, ...] = ()
    erasures: Mapping[str, int] = {}

    @property
    def rows(self) -> int:
        """Number of rows of all tables."""
        return sum(table.rows for table in self.tables)
