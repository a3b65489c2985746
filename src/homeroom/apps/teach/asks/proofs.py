"""When the lists that can prove an ask were loaded: a claim waits for lists that are newer than it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control

_PROVING_TABLES: Mapping[str, str] = {
    "people": "training_records",
    "accounts": "account_records",
    "software": "software_records",
    "services": "services",
    "vulnerabilities_found": "vulnerabilities_found",
}
"""Source table that can prove an ask, by the table that the control asks about; records of devices for all others."""
_OF_CONNECTORS = frozenset({"account_records", "device_records"})
"""Tables of which only those of the account's directory, or of the device's consoles, prove anything."""


@dataclass(frozen=True, kw_only=True)
class ProofTimes:
    """Times at which the assessed lists were loaded, by source table and connector."""

    loaded_at: Mapping[tuple[str, str], datetime]

    def get_time(self, control: Control, connectors: Collection[str]) -> datetime | None:
        """Return when the oldest list that can prove a control was loaded; None if there is none."""
        table = _PROVING_TABLES.get(control.asks, "device_records")
        return min(
            (
                at
                for (name, connector), at in self.loaded_at.items()
                if name == table and (table not in _OF_CONNECTORS or connector in connectors)
            ),
            default=None,
        )


def load_proof_times(*, district: District, assessment: AssessmentRef) -> ProofTimes:
    """Return the times of the newest loads that the published assessment has seen."""
    times: dict[tuple[str, str], datetime] = {}
    for load in get_evidence_store(district=district).list_current_loads():
        for table in load.tables if load.loaded_at <= assessment.at else ():
            key = (table, load.connector)
            times[key] = min(times.get(key, load.loaded_at), load.loaded_at)
    return ProofTimes(loaded_at=times)
