"""The ledger of erasures beside the backups: who must not come back with a restore.

Each backup holds the registers of the erasures before it. The ledger has those of all districts, also of the erasures
after it, as keyed hashes without a name. It belongs beside the backup files, outside the data folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from homeroom.evidence.erasing.register import REGISTER_FOLDER, Register, RegisterRefused, read_register
from homeroom.evidence.files.manifests import EvidenceDamaged, read_manifest, write_manifest

LEDGER_FILE = "homeroom-erasures.json"
_LOCK_FILE, _LOCK_SECONDS = "ledger.lock", 60


class LedgerErasure(msgspec.Struct, frozen=True, kw_only=True):
    """The register of one erasure; `district` is the name of the district's folder in the evidence."""

    district: str
    register: Register


class ErasureLedger(msgspec.Struct, frozen=True, kw_only=True):
    """All erasures until `updated_at`, oldest first in each district.

    `followed` is true if each erasure writes this ledger: it is in the folder of backups that the settings name. Any
    other one, such as beside a backup on a disk that was taken away, knows only what was erased before its time.
    """

    updated_at: datetime
    entries: tuple[LedgerErasure, ...] = ()
    followed: bool = False


def update_ledger(folder: Path, *, data: Path, at: datetime, followed: bool = False) -> ErasureLedger:
    """Write the ledger in a folder of backups: what it had, and the erasures that the data folder knows."""
    path = folder / LEDGER_FILE
    with FileLock(data / _LOCK_FILE, timeout=_LOCK_SECONDS):  # a backup and an erasure may end together
        before = (read_ledger(path),) if path.exists() else ()
        own = ErasureLedger(updated_at=at, entries=tuple(_iter_entries(data)), followed=followed)
        ledger = join_ledgers((*before, own))
        write_manifest(path, msgspec.structs.replace(ledger, followed=followed))
    return ledger


def join_ledgers(ledgers: Iterable[ErasureLedger]) -> ErasureLedger:
    """Return one ledger with the erasures of all, as of the newest of them; it is followed if one of them is."""
    everything = tuple(ledgers)
    entries_by_key = {_key(entry): entry for ledger in everything for entry in ledger.entries}
    return ErasureLedger(
        updated_at=max(ledger.updated_at for ledger in everything),
        entries=tuple(sorted(entries_by_key.values(), key=lambda entry: (entry.district, entry.register.number))),
        followed=any(ledger.followed for ledger in everything),
    )


def check_counts(ledger: ErasureLedger, erasures: Mapping[str, int]) -> None:
    """Raise RegisterRefused if a ledger has fewer erasures of a district than a backup knows itself."""
    counts = Counter(entry.district for entry in ledger.entries)
    lacking = sorted(district for district, number in erasures.items() if counts[district] < number)
    if lacking:
        raise RegisterRefused(f"the ledger has fewer erasures of {lacking[0]} than the backup; a newer one would fit")


def check_is_newer(ledger: ErasureLedger, *, made_at: datetime) -> None:
    """Raise RegisterRefused if a ledger cannot know who was erased after a backup of that time."""
    if not ledger.followed and ledger.updated_at <= made_at:
        raise RegisterRefused(
            f"the ledger of erasures is of {ledger.updated_at:%Y-%m-%d %H:%M} UTC, as old as the backup, so nobody "
            "knows who was erased after it"
        )


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
