"""The certificate of an erasure: what was erased, what stays and why, and the register that proves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from homeroom.evidence.erasing.register import Register, get_register_path
from homeroom.evidence.loads.store import EvidenceStore


@dataclass(frozen=True, kw_only=True)
class ErasureCertificate:
    """The outcome of an erasure or of its preview, for people and programs; it names nobody."""

    register: Register
    path: str
    dry_run: bool = False
    listed_in: tuple[str, ...] = ()

    def serialize(self) -> dict[str, Any]:
        """Return the certificate as `--json` prints it."""
        register = self.register
        return {
            "erased": not self.dry_run,
            "people": register.people,
            "at": register.at,
            "by": register.by,
            "why": register.why,
            "counts": register.erased,
            "stays": [msgspec.to_builtins(item) for item in register.stays],
            "backups": [msgspec.to_builtins(item) for item in register.backups],
            "listed_in": list(self.listed_in),
            "register": None if self.dry_run else self.path,
        }


def build_certificate(
    store: EvidenceStore, register: Register, *, listed_in: tuple[str, ...] = (), dry_run: bool = False
) -> ErasureCertificate:
    """Return the certificate of a register."""
    path = str(get_register_path(store.folder, register.number))
    return ErasureCertificate(register=register, path=path, dry_run=dry_run, listed_in=listed_in)
