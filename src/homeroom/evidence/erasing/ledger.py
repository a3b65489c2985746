"""The ledger of erasures beside the backups: who must not come back with a restore.

Each backup holds the registers of the erasures before it. The ledger has those of all districts, also of the erasures
after it, as keyed hashes without a name. It belongs beside the backup files, outside the data folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from homeroom.evidence.erasing.register import REGISTER_FOLDER, Register, RegisterRefused, read_register
from homeroom.evidence.files.manifests import EvidenceDamaged, read_manifest, write_manifest

LEDGER_FILE = "homeroom-erasures.json"


class LedgerErasure(msgspec.Struct, frozen=True, kw_only=True):
    """The register of one erasure; `district` is the name of the district's folder in the evidence."""

    district: str
    register: Register


class ErasureLedger(msgspec.Struct, frozen=True, kw_only=True):
    """All erasures until `updated_at`, oldest first in each district."""

    updated_at: datetime
    entries: tuple[LedgerErasure, ...] = ()


def update_ledger(folder: Path, *, data: Path, at: datetime) -> ErasureLedger:
    """Write the ledger in a folder of backups: what it had, and the erasures that the data folder knows."""
    path = folder / LEDGER_FILE
    entries_by_key = {_key(entry): entry for entry in (read_ledger(path).entries if path.exists() else ())}
    entries_by_key |= {_key(entry): entry for entry in _iter_entries(data)}
    entries = tuple(sorted(entries_by_key.values(), key=lambda entry: (entry.district, entry.register.number)))
    ledger = ErasureLedger(updated_at=at, entries=entries)
    write_manifest(path, ledger)
    return ledger


def read_ledger(path: Path) -> ErasureLedger:
    """Return a ledger. Raise RegisterRefused if the file is none or was changed."""
    try:
        return read_manifest(path, kind=ErasureLedger)
    except (EvidenceDamaged, OSError, msgspec.ValidationError) as error:
        raise RegisterRefused(f"{path} is no ledger of erasures ({error}); {LEDGER_FILE} would fit") from error


def list_missing(ledger: ErasureLedger, *, data: Path) -> tuple[LedgerErasure, ...]:
    """Return the erasures of a ledger that a data folder does not know, oldest first."""
    registered = {(entry.district, entry.register.hashes) for entry in _iter_entries(data)}
    return tuple(entry for entry in ledger.entries if (entry.district, entry.register.hashes) not in registered)


def _iter_entries(data: Path) -> Iterator[LedgerErasure]:
    for path in sorted((data / "evidence").glob(f"*/{REGISTER_FOLDER}/*.json")):
        yield LedgerErasure(district=path.parent.parent.name, register=read_register(path))


def _key(entry: LedgerErasure) -> tuple[str, frozenset[str]]:
    return (entry.district, entry.register.hashes)
