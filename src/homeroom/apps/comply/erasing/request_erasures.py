"""Requests for destruction beside erasures: what erasing would do, the command for it, and the register after it."""

from __future__ import annotations

import shlex
from datetime import datetime

from homeroom.apps.comply.erasing.certificate import ErasureCertificate, build_certificate
from homeroom.apps.comply.erasing.commands import ErasureRefused, describe_listing, erase_people
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.erasing.find_person import PersonNotFound
from homeroom.evidence.erasing.register import list_registers, read_journal


def build_reason(request: str) -> str:
    """Return the reason of an erasure that a request asks for; it names the request and nobody."""
    return f"Destruction request {request}"


def build_erase_command(*, district: District, request: str, student: str, actor: str, dry_run: bool = False) -> str:
    """Return the command that erases the student of a request, as a shell takes it."""
    words = ["homeroom", "erase", student, "--why", build_reason(request), "--by", actor, "--district", district.slug]
    return shlex.join([*words, *(["--dry-run"] if dry_run else [])])


def find_request_erasure(*, district: District, request: str) -> ErasureCertificate | None:
    """Return the certificate of the erasure whose reason names a request, the newest; None before there is any."""
    store, reason = get_evidence_store(district=district), build_reason(request)
    registers = [entry for entry in list_registers(store.folder) if entry.finished_at and reason in entry.why]
    return build_certificate(store, registers[-1]) if registers else None


def preview_request_erasure(
    *, district: District, request: str, student: str, actor: str, at: datetime
) -> ErasureCertificate:
    """Return what erasing the student of a request would do; nothing changes.

    Raise ErasureRefused with what would fit if the student is not known or an erasure is being carried out, StoreBusy,
    and QueryTimeout.
    """
    store = get_evidence_store(district=district)
    if not student:
        raise ErasureRefused("the request names no student whom Homeroom knows; match it to a student first")
    if read_journal(store.folder) is not None:
        raise ErasureRefused("another erasure is being carried out; a look after it would fit")
    try:
        return erase_people(
            district=district,
            store=store,
            wanted=[student],
            reason=build_reason(request),
            actor=actor,
            at=at,
            dry_run=True,
        )
    except PersonNotFound as error:
        raise ErasureRefused(str(error)) from None


def describe_refusal(certificate: ErasureCertificate) -> str:
    """Return why the erasure that was previewed would be refused now; empty if it would not be."""
    return describe_listing(certificate.listed_in) if certificate.listed_in else ""
