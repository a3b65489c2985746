"""Verify a district: its audit trail, the manifests of its evidence, and every byte of evidence and attached files."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.know.sources.integrity import find_damage, find_missing
from homeroom.apps.platform.audit.manifest_check import verify_manifests
from homeroom.apps.platform.audit.verification import VerifiedTrail, verify_trail
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.stored_files import find_changed_files, find_missing_files
from homeroom.domain.platform.audit.verifier import ChainProblem
from homeroom.domain.platform.district import District
from homeroom.evidence.integrity.damage import FileDamage
from homeroom.evidence.loads.store import EvidenceStore


@dataclass(frozen=True, kw_only=True)
class VerifiedDistrict:
    """The result for one district: of its trail with the evidence that the trail states, and damaged files."""

    trail: VerifiedTrail
    problems: tuple[ChainProblem, ...]
    notes: tuple[str, ...]
    damages: tuple[FileDamage, ...] = ()

    @property
    def is_sound(self) -> bool:
        """True if nothing is wrong."""
        return not (self.problems or self.damages)


def verify_district(*, district: District, reads_evidence: bool = True, verified: int = 0) -> VerifiedDistrict:
    """Verify all of a district; without `reads_evidence` the manifests, and of other files only that they are there.

    `verified` is the number of an entry up to which the trail was verified before, else it is read from its beginning.
    """
    trail = verify_trail(district=district, verified=verified)
    store = get_evidence_store(district=district)
    manifests = verify_manifests(district=district, folder=store.folder)
    return VerifiedDistrict(
        trail=trail,
        problems=(*trail.problems, *manifests.problems),
        notes=(*trail.notes, *manifests.notes),
        damages=(*_find_damage(district, store, reads_evidence=reads_evidence), *find_missing_files(district)),
    )


def _find_damage(district: District, store: EvidenceStore, *, reads_evidence: bool) -> tuple[FileDamage, ...]:
    if not reads_evidence:
        return find_missing(district=district, store=store)
    return (*find_damage(district=district, store=store), *find_changed_files(district))
