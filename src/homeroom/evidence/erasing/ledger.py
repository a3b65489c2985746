"""The ledger of erasures beside the backups: who must not come back with a restore.

Each backup holds the registers of the erasures before it. The ledger has those of all districts, also of the erasures
after it, as keyed hashes without a name. It belongs beside the backup files, outside the data folder. Each installation
writes its own, so that several may share a folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from filelock import FileLock

from homeroom.evidence.erasing.register import (
    REGISTER_FOLDER,
    Register,
    RegisterRefused,
    TermHasher,
    read_register,
)
from homeroom.evidence.files.data_folder import load_secret_key
from homeroom.evidence.files.manifests import EvidenceDamaged, read_manifest, write_manifest

LEDGER_NAME, _LEDGER_SUFFIX = "homeroom-erasures", ".json"
SHARED_LEDGER = f"{LEDGER_NAME}{_LEDGER_SUFFIX}"
"""The ledger of all installations of a folder, as earlier versions wrote it; it is read, and no more written."""
_LOCK_FILE, _LOCK_SECONDS = "ledger.lock", 60


class LedgerErasure(msgspec.Struct, frozen=True, kw_only=True):
    """The register of one erasure; `district` is the name of the district's folder in the evidence."""

    district: str
    register: Register


class ErasureLedger(msgspec.Struct, frozen=True, kw_only=True):
    """All erasures of an installation until `updated_at`, oldest first in each district.

    `place` identifies the folder of backups that the settings name: each erasure writes the ledger in it. Any other
    one, such as beside a backup on a disk that was taken away, and each copy, knows only what was erased before its
    time.
    `installation` is the hash that the backups of the installation have; empty in a ledger of earlier versions.
    """

    updated_at: datetime
    entries: tuple[LedgerErasure, ...] = ()
    installation: str = ""
    place: str = ""


def name_ledger(installation: str) -> str:
    """Return the name of an installation's ledger in a folder of backups."""
    return f"{LEDGER_NAME}-{installation}{_LEDGER_SUFFIX}"


def list_ledgers(folder: Path) -> tuple[Path, ...]:
    """Return the ledgers of all installations in a folder, by name."""
    return tuple(sorted(folder.glob(f"{LEDGER_NAME}*{_LEDGER_SUFFIX}")))


def update_ledger(
    folder: Path, *, data: Path, installation: str, at: datetime, followed: bool = False
) -> ErasureLedger:
    """Write the ledger in a folder of backups: what it had, and the erasures that the data folder knows.

    `followed` is true if each erasure of the installation writes it.
    """
    path = folder / name_ledger(installation)
    with FileLock(data / _LOCK_FILE, timeout=_LOCK_SECONDS):  # a backup and an erasure may end together
        before = [read_ledger(earlier) for earlier in (path, folder / SHARED_LEDGER) if earlier.exists()]
        own = ErasureLedger(updated_at=at, entries=tuple(_iter_entries(data)), installation=installation)
        ledger, _ = join_own([*before, own], data=data)
        place = identify_place(folder) if followed else ""
        ledger = msgspec.structs.replace(ledger, installation=installation, place=place, updated_at=at)
        write_manifest(path, ledger)
    return ledger


def join_own(ledgers: Iterable[ErasureLedger], *, data: Path) -> tuple[ErasureLedger, int]:
    """Return one ledger with the erasures of all that are about a data folder, and how many are of others.

    An erasure is about the folder if it was made with its key, if the folder has its register, or if the ledger of one
    installation has such ones besides: then its key was replaced, and nobody may come back unseen.
    """
    everything = tuple(ledgers)
    judge = _OwnErasures(data)
    own = {_key(entry): entry for ledger in everything for entry in judge.list_own(ledger)}
    foreign = {_key(entry) for ledger in everything for entry in ledger.entries} - own.keys()
    joined = ErasureLedger(
        updated_at=max(ledger.updated_at for ledger in everything),
        entries=tuple(sorted(own.values(), key=lambda entry: (entry.district, entry.register.number))),
    )
    return joined, len(foreign)


def identify_place(folder: Path) -> str:
    """Return what a folder of backups has and no copy of it elsewhere: its path, and its number in the file system."""
    place = folder.resolve()
    return f"{place} {place.stat().st_ino}"


def check_counts(ledger: ErasureLedger, erasures: Mapping[str, int]) -> None:
    """Raise RegisterRefused if a ledger has fewer erasures of a district than a backup knows itself."""
    counts = Counter(entry.district for entry in ledger.entries)
    lacking = sorted(district for district, number in erasures.items() if counts[district] < number)
    if lacking:
        raise RegisterRefused(f"the ledger has fewer erasures of {lacking[0]} than the backup; a newer one would fit")


def check_is_newer(
    ledgers: Mapping[Path, ErasureLedger], *, made_at: datetime, installation: str, folder: Path | None
) -> None:
    """Raise RegisterRefused if no ledger can know who was erased after an installation's backup of that time.

    `ledgers` are by path; `folder` is that of backups which the settings name. Earlier versions did not write into
    ledgers and backups whose they are.
    """
    own = {path: ledger for path, ledger in ledgers.items() if _is_about(ledger, installation)}
    newest = max((ledger.updated_at for ledger in own.values()), default=None)
    if newest is None:
        raise RegisterRefused("no ledger of erasures is of the installation of the backup")
    is_followed = any(_is_followed(path, ledger, folder) for path, ledger in own.items())
    if not is_followed and newest <= made_at:
        raise RegisterRefused(
            f"the ledger of erasures is of {newest:%Y-%m-%d %H:%M} UTC, as old as the backup, and not in the folder of "
            "backups that erasures write to, so nobody knows who was erased after it"
        )


def read_ledger(path: Path) -> ErasureLedger:
    """Return a ledger. Raise RegisterRefused if the file is none or was changed."""
    try:
        return read_manifest(path, kind=ErasureLedger)
    except (EvidenceDamaged, OSError, msgspec.ValidationError) as error:
        raise RegisterRefused(
            f"{path} is no ledger of erasures ({error}); {LEDGER_NAME}-….json from beside the backup would fit"
        ) from error


def list_missing(ledger: ErasureLedger, *, data: Path) -> tuple[LedgerErasure, ...]:
    """Return the erasures of a ledger that a data folder does not know, oldest first."""
    registered = {_key(entry) for entry in _iter_entries(data)}
    return tuple(entry for entry in ledger.entries if _key(entry) not in registered)


class _OwnErasures:
    """Distinguishes erasures of a data folder from those of other installations."""

    def __init__(self, data: Path) -> None:
        self._secret = load_secret_key(data)
        self._registered = {_key(entry) for entry in _iter_entries(data)}

    def list_own(self, ledger: ErasureLedger) -> tuple[LedgerErasure, ...]:
        own = tuple(entry for entry in ledger.entries if self._is_own(entry))
        return ledger.entries if own and ledger.installation else own

    def _is_own(self, entry: LedgerErasure) -> bool:
        hasher = TermHasher(self._secret, district=entry.register.district)
        return entry.register.key == hasher.fingerprint or _key(entry) in self._registered


def _is_about(ledger: ErasureLedger, installation: str) -> bool:
    return not installation or ledger.installation in ("", installation)


def _is_followed(path: Path, ledger: ErasureLedger, folder: Path | None) -> bool:
    return folder is not None and path.parent == folder and ledger.place == identify_place(folder)


def _iter_entries(data: Path) -> Iterator[LedgerErasure]:
    for path in sorted((data / "evidence").glob(f"*/{REGISTER_FOLDER}/*.json")):
        yield LedgerErasure(district=path.parent.parent.name, register=read_register(path))


def _key(entry: LedgerErasure) -> tuple[str, frozenset[str]]:
    return (entry.district, entry.register.hashes)
