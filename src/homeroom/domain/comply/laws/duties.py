"""Duties of a district: how far each is met, by what, and the cases that start their clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from homeroom.domain.comply.laws.cases import DeadlineReading
from homeroom.domain.comply.laws.clocks import list_starts
from homeroom.domain.comply.laws.facts import INCIDENT
from homeroom.domain.comply.laws.law import Law, LawDuty
from homeroom.domain.matching import iter_tests

INCIDENT_MOMENTS = (
    "discovered",
    "determined",
    "believed",
    "vendor_discovered",
    "vendor_notified",
    "ransom_paid",
    "recovered",
    "delay_ended",
)
"""The moments of an incident that start clocks of laws."""


class DutyState(StrEnum):
    """How far a duty is met."""

    LATE = "late"
    DUE = "due"
    CANNOT_TELL = "cannot tell"
    WAITS = "waits"
    MET_BY_DATA = "met by data"
    MET_BY_ATTESTATION = "met by attestation"
    DOES_NOT_APPLY = "does not apply"


class ProofKind(StrEnum):
    """What shows that a duty is met.

    A control over data, the last age of records, an attestation, or a record of what was done in a case.
    """

    CONTROL = "control"
    LAST_AGE = "last age"
    ATTESTATION = "attestation"
    RECORD = "record"


@dataclass(frozen=True, kw_only=True)
class DutyProof:
    """One piece of evidence about a duty.

    `holds` is true if it shows the duty met, false if it shows the contrary, None if it is unknown. `takes_out` is an
    answer that the duty does not apply. `id` is the control, or the number of the attestation or record. `due_on` is
    the day by which an answer was requested.
    """

    kind: ProofKind
    id: str
    title: str
    holds: bool | None
    takes_out: bool = False
    on: date | None = None
    until: date | None = None
    due_on: date | None = None
    by: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class LawCase:
    """Something that starts clocks: an incident or a request, with its moments as written and what is known of it.

    `facts` have names such as `incident.data`. With `duties`, as law:duty, only those are about it. `vendor` and
    `product` name where it happened, if it was at a vendor.
    """

    id: str
    kind: str
    title: str
    opened_on: date
    moments: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    duties: tuple[str, ...] = ()
    vendor: str = ""
    product: str = ""

    def covers(self, law: Law, duty: LawDuty) -> bool:
        """Check whether a duty is about this case."""
        if self.duties:
            return f"{law.id}:{duty.id}" in self.duties
        return self.kind == INCIDENT and is_about_incidents(duty)


def is_about_incidents(duty: LawDuty) -> bool:
    """Check whether a moment of an incident starts the duty's clock, or whether its condition is about one."""
    starts = list_starts(duty.clock) + (duty.doubt.starts if duty.doubt else ())
    asks = (test.field for test in iter_tests(duty.applies_to))
    return bool(set(starts) & set(INCIDENT_MOMENTS)) or any(name.startswith(f"{INCIDENT}.") for name in asks)


@dataclass(frozen=True, kw_only=True)
class DutyStatus:
    """A duty of the district, or of one of its cases: its state and why, its day, and what shows it.

    `due` is the earliest day that may be meant, `certain` whether it is the only one.
    """

    law: Law
    duty: LawDuty
    state: DutyState
    case: LawCase | None = None
    because: tuple[str, ...] = ()
    due: date | None = None
    due_at: datetime | None = None
    extended_to: date | None = None
    certain: bool = False
    readings: tuple[DeadlineReading, ...] = ()
    waits_for: tuple[str, ...] = ()
    proofs: tuple[DutyProof, ...] = ()

    @property
    def name(self) -> str:
        """Return the duty as law:duty."""
        return f"{self.law.id}:{self.duty.id}"

    @property
    def is_open(self) -> bool:
        """Return whether somebody still has to do it by a day that is known, or at once."""
        return self.state in (DutyState.DUE, DutyState.LATE) or (
            self.state is DutyState.CANNOT_TELL and self.due is not None
        )
