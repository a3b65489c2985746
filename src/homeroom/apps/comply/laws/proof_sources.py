"""Proofs of duties beside controls and attestations, such as last ages: other apps have them (`proof_sources`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from homeroom.apps.platform.districts.app_sources import load_sources
from homeroom.domain.comply.laws.duties import DutyProof
from homeroom.domain.platform.district import District


class ProofSource(Protocol):
    """Where proofs are stored."""

    def list_proofs(self, *, district: District, at: datetime) -> Mapping[str, tuple[DutyProof, ...]]:
        """Return the proofs of duties, by law:duty."""


def _load_sources() -> tuple[ProofSource, ...]:
    return load_sources("proof_sources")


def list_source_proofs(*, district: District, at: datetime) -> Mapping[str, tuple[DutyProof, ...]]:
    """Return the proofs of all sources, by law:duty."""
    proofs: dict[str, tuple[DutyProof, ...]] = {}
    for source in _load_sources():
        for duty, of_duty in source.list_proofs(district=district, at=at).items():
            proofs[duty] = (*proofs.get(duty, ()), *of_duty)
    return proofs
