"""Write the audit trail: the only way to add an entry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeroom.apps.platform.audit.appending import append_entry
from homeroom.apps.platform.audit.manifest_recorder import record_all_manifests
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore

MIN_REASON_LENGTH = 10


class EvidenceRefused(Exception):
    """Evidence is not recorded as it is; the text has the reason."""


def record_audit_entry(
    *,
    district: District,
    at: datetime,
    actor: str,
    action: str,
    subject_kind: str = "",
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add one entry: at `at` (UTC), `actor` (a user name, empty for Homeroom itself) did `action` to `subject`.

    `action` is a verb phrase such as `accept finding`; `subject` is a public id or another name that a page can show;
    `detail` holds plain JSON values and never the value of a student's field. Call it inside the transaction of the
    change, and late: the end of the district's chain is locked until that transaction ends.
    """
    append_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind=subject_kind,
        subject=subject,
        detail=detail,
    )


def record_evidence(*, district: District, store: EvidenceStore, at: datetime, actor: str, reason: str) -> int:
    """Record all manifests of evidence as they are, and why; return how many. Raise EvidenceRefused without a reason.

    An entry states the reason, and `homeroom verify` repeats it each time.
    """
    text = reason.strip()
    if len(text) < MIN_REASON_LENGTH:
        raise EvidenceRefused("state why the evidence is another one: a sentence of ten letters or more would fit")
    with store.lock_for_writing():
        return record_all_manifests(district, store.folder, at=at, actor=actor, reason=text)
