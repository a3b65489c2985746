"""Find the people of a register in a restored folder: their records, by the hashes of keys and ids."""

from __future__ import annotations

from homeroom.evidence.erasing.person_terms import RecordKey
from homeroom.evidence.erasing.record_scan import RecordScan
from homeroom.evidence.erasing.register import Register, TermHasher
from homeroom.evidence.loads.store import EvidenceStore


def find_registered_records(store: EvidenceStore, register: Register, *, hasher: TermHasher) -> set[RecordKey]:
    """Return the records of the people of a register that a folder has."""
    hashed: dict[str, bool] = {}

    def is_registered(value: str) -> bool:
        if value not in hashed:
            hashed[value] = hasher.hash_id(value) in register.hashes
        return hashed[value]

    return {
        record.record
        for record in RecordScan(store).iter_all()
        if is_registered("\0".join(record.record)) or any(map(is_registered, record.ids))
    }
