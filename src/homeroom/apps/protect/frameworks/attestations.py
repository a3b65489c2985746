"""Commands to request, answer and withdraw attestations, and storage of the files that prove an answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from io import BytesIO

from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.queries import list_members
from homeroom.apps.platform.districts.stored_files import StoredFiles, clean_file_name
from homeroom.apps.protect.frameworks.catalog import get_framework
from homeroom.apps.protect.frameworks.models import Attestation, Proof
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import list_roles_with
from homeroom.engines.protect.frameworks.compliance import AttestationAnswer

MAX_VALIDITY = timedelta(days=365)
"""Longest validity of an answer."""
MAX_PROOF_BYTES = 10 << 20
_PROOFS = StoredFiles("proofs", max_bytes=MAX_PROOF_BYTES)


class InvalidAttestation(ValueError):
    """A question or an answer is refused; the message explains why, and `field` names the form field."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def request_attestation(
    *,
    district: District,
    framework: str,
    goal: str,
    owner: str,
    due_on: date,
    actor: str,
    at: datetime,
    question: str = "",
) -> int:
    """Ask one of `list_respondents` about a goal and return the question's number.

    An unanswered question about the same goal is replaced. Raise InvalidAttestation.
    """
    try:
        title = get_framework(framework, district=district, today=at.date()).goals[goal]
    except (LookupError, KeyError):
        raise InvalidAttestation("goal", _("there is no such goal")) from None
    if owner not in {name for name, _full in list_respondents(district=district)}:
        raise InvalidAttestation("owner", _("somebody of the district who may answer would fit"))
    if due_on < at.date():
        raise InvalidAttestation("due_on", _("a day to come would fit"))
    with transaction.atomic():
        open_requests = Attestation.objects.of(district).filter(
            framework=framework, goal=goal, answer="", withdrawn_at=None
        )
        open_requests.update(withdrawn_at=at)
        row = Attestation.objects.create(
            district_id=district.pk,
            framework=framework,
            goal=goal,
            question=question.strip() or title,
            owner=owner,
            due_on=due_on,
            asked_by=actor,
            asked_at=at,
        )
        _record_audit(district, row, "ask attestation", actor=actor, at=at)
    return row.pk


def list_respondents(*, district: District) -> tuple[tuple[str, str], ...]:
    """Return (user name, full name) of the users who can be asked; auditors only read."""
    roles = list_roles_with("attestations.answer")
    return tuple((name, full) for name, full, role in list_members(district=district) if role in roles)


def answer_attestation(
    *,
    district: District,
    number: int,
    choice: str,
    note: str,
    expires_on: date,
    actor: str,
    at: datetime,
    link: str = "",
    private: bool = False,
    proofs: Iterable[tuple[str, bytes]] = (),
) -> None:
    """Answer a question or replace its answer. `proofs` are names and contents of files.

    Raise InvalidAttestation, and LookupError if the district has no such question.
    """
    row = _get_attestation(district, number)
    files = list(proofs)
    _validate_answer(choice=choice, note=note, link=link, expires_on=expires_on, at=at, files=files)
    with transaction.atomic():
        row.answer, row.note, row.link, row.private = (
            str(AttestationAnswer(choice)),
            note.strip(),
            link.strip(),
            private,
        )
        row.answered_by, row.answered_at, row.expires_on = actor, at, expires_on
        row.save()
        for name, content in files:
            sha256, _size = _PROOFS.store(district, BytesIO(content))
            file_name = clean_file_name(name) or sha256
            Proof.objects.create(
                district_id=district.pk,
                attestation=row,
                name=file_name,
                sha256=sha256,
                bytes=len(content),
                made_by=actor,
                made_at=at,
            )
        _record_audit(district, row, "answer attestation", actor=actor, at=at)


def withdraw_attestation(*, district: District, number: int, actor: str, at: datetime) -> None:
    """Withdraw a question and its answer. Raise LookupError if the district has no such question."""
    row = _get_attestation(district, number)
    with transaction.atomic():
        Attestation.objects.of(district).filter(pk=row.pk).update(withdrawn_at=at)
        _record_audit(district, row, "withdraw attestation", actor=actor, at=at)


def read_proof(*, district: District, number: int) -> tuple[str, bytes]:
    """Return (name, content) of a proof file. Raise LookupError if the district has no such file, or another one."""
    row = Proof.objects.of(district).filter(pk=number).first()
    if row is None:
        raise LookupError(number)
    return row.name, _PROOFS.find(district, row.sha256).read_bytes()


def _get_attestation(district: District, number: int) -> Attestation:
    row = Attestation.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(number)
    return row


def _validate_answer(
    *, choice: str, note: str, link: str, expires_on: date, at: datetime, files: list[tuple[str, bytes]]
) -> None:
    if choice not in set(AttestationAnswer):
        raise InvalidAttestation("said", _("yes, partly, no or does not apply would fit"))
    if not note.strip():
        raise InvalidAttestation("note", _("what it rests on would fit"))
    if link and not link.strip().startswith(("https://", "http://")):
        raise InvalidAttestation("link", _("an address that begins with https:// would fit"))
    if not at.date() < expires_on <= at.date() + MAX_VALIDITY:
        raise InvalidAttestation("expires_on", _("a day within the next year would fit"))
    if any(len(content) > MAX_PROOF_BYTES for _name, content in files):
        raise InvalidAttestation("proofs", _("files of at most 10 MB would fit"))


def _record_audit(district: District, row: Attestation, action: str, *, actor: str, at: datetime) -> None:
    detail = {"framework": row.framework, "goal": row.goal}
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="attestation",
        subject=str(row.pk),
        detail=detail,
    )
