"""Last ages as proofs of duties."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from homeroom.apps.comply.erasing.last_age_status import LastAgeStatus, list_last_ages
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.comply.laws.duties import DutyProof, ProofKind
from homeroom.domain.platform.district import District
from homeroom.evidence.erasing.retention import read_last_ages


class LastAgeProofs:
    """Last ages as proofs of the duties that they meet: met by data while nobody is past them."""

    def list_proofs(self, *, district: District, at: datetime) -> Mapping[str, tuple[DutyProof, ...]]:
        """Return the proofs by law:duty."""
        store = get_evidence_store(district=district)
        rules = [rule for rule in read_last_ages(store.folder) if rule.duty]
        proofs: dict[str, tuple[DutyProof, ...]] = {}
        for status in list_last_ages(store=store, at=at) if rules else ():
            if status.rule.duty:
                proofs[status.rule.duty] = (*proofs.get(status.rule.duty, ()), _build_proof(status, at))
        return proofs


def _build_proof(status: LastAgeStatus, at: datetime) -> DutyProof:
    rule = status.rule
    return DutyProof(
        kind=ProofKind.LAST_AGE,
        id=rule.what,
        title=f"People who left {rule.what} are erased after {rule.days:,} days",
        holds=status.is_met,
        on=at.date(),
        note="" if status.is_met else f"{status.overdue:,} people are past it and are erased tonight",
    )
