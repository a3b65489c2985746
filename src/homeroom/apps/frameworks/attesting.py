"""Asking, answering and withdrawing attestations, and keeping the files that prove an answer."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path, PureWindowsPath
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.queries import DIRECTOR, TECHNICIAN, members
from homeroom.apps.frameworks.known import framework_named
from homeroom.apps.frameworks.models import Attestation, Proof
from homeroom.engines.frameworks.standing import Said

HOLDS = timedelta(days=365)
"""The longest that an answer holds."""
MOST_BYTES = 10 << 20


class NotAttested(ValueError):
    """Why a question or an answer is not taken, as a sentence; `field` names where."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(told)
        self.field = field


def ask(
    *, district: Any, framework: str, goal: str, owner: str, due_on: date, actor: str, at: datetime, question: str = ""
) -> int:
    """Asks one of `who_answers` about a goal; the question's number. A question that waits about the same goal is replaced.

    Raises NotAttested.
    """
    try:
        title = framework_named(framework, district=district).goals[goal]
    except (LookupError, KeyError):
        raise NotAttested("goal", _("there is no such goal")) from None
    if owner not in {name for name, _full in who_answers(district=district)}:
        raise NotAttested("owner", _("somebody of the district who may answer would fit"))
    if due_on < at.date():
        raise NotAttested("due_on", _("a day to come would fit"))
    with transaction.atomic():
        waiting = Attestation.objects.of(district).filter(framework=framework, goal=goal, answer="", withdrawn_at=None)
        waiting.update(withdrawn_at=at)
        row = Attestation.objects.create(
            district=district,
            framework=framework,
            goal=goal,
            question=question.strip() or title,
            owner=owner,
            due_on=due_on,
            asked_by=actor,
            asked_at=at,
        )
        _record(district, row, "ask attestation", actor=actor, at=at)
    return row.pk


def who_answers(*, district: Any) -> tuple[tuple[str, str], ...]:
    """(user name, full name) of everybody in the district who can be asked: an auditor reads, and answers nothing."""
    return tuple((name, full) for name, full, role in members(district=district) if role in (DIRECTOR, TECHNICIAN))


def answer(
    *,
    district: Any,
    number: int,
    said: str,
    note: str,
    expires_on: date,
    actor: str,
    at: datetime,
    link: str = "",
    private: bool = False,
    proofs: Iterable[tuple[str, bytes]] = (),
) -> None:
    """Answers a question, or answers it anew. `proofs` are names and contents of files. Raises NotAttested, and LookupError where
    the district has no such question."""
    row = _row(district, number)
    files = list(proofs)
    _check(said=said, note=note, link=link, expires_on=expires_on, at=at, files=files)
    with transaction.atomic():
        row.answer, row.note, row.link, row.private = str(Said(said)), note.strip(), link.strip(), private
        row.answered_by, row.answered_at, row.expires_on = actor, at, expires_on
        row.save()
        for name, content in files:
            sha256 = _kept(district, content)
            named = PureWindowsPath(name).name[:200] or sha256
            Proof.objects.create(
                district=district,
                attestation=row,
                name=named,
                sha256=sha256,
                bytes=len(content),
                made_by=actor,
                made_at=at,
            )
        _record(district, row, "answer attestation", actor=actor, at=at)


def withdraw(*, district: Any, number: int, actor: str, at: datetime) -> None:
    """Takes a question and its answer back. Raises LookupError where the district has no such question."""
    row = _row(district, number)
    with transaction.atomic():
        Attestation.objects.of(district).filter(pk=row.pk).update(withdrawn_at=at)
        _record(district, row, "withdraw attestation", actor=actor, at=at)


def proof(*, district: Any, number: int) -> tuple[str, bytes]:
    """(name, content) of a file. Raises LookupError where the district has no such file."""
    row = Proof.objects.of(district).filter(pk=number).first()
    path = _folder(district) / row.sha256 if row else None
    if row is None or path is None or not path.is_file():
        raise LookupError(number)
    return row.name, path.read_bytes()


def _row(district: Any, number: int) -> Attestation:
    row = Attestation.objects.of(district).filter(pk=number, withdrawn_at=None).first()
    if row is None:
        raise LookupError(number)
    return row


def _check(*, said: str, note: str, link: str, expires_on: date, at: datetime, files: list[tuple[str, bytes]]) -> None:
    if said not in set(Said):
        raise NotAttested("said", _("yes, partly, no or does not apply would fit"))
    if not note.strip():
        raise NotAttested("note", _("what it rests on would fit"))
    if link and not link.strip().startswith(("https://", "http://")):
        raise NotAttested("link", _("an address that begins with https:// would fit"))
    if not at.date() < expires_on <= at.date() + HOLDS:
        raise NotAttested("expires_on", _("a day within the next year would fit"))
    if any(len(content) > MOST_BYTES for _name, content in files):
        raise NotAttested("proofs", _("files of at most 10 MB would fit"))


def _kept(district: Any, content: bytes) -> str:
    """Writes the content under its hash, whole or not at all."""
    sha256 = hashlib.sha256(content).hexdigest()
    folder = _folder(district)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not (folder / sha256).exists():
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(folder / sha256)
    return sha256


def _folder(district: Any) -> Path:
    return Path(settings.DATA) / "proofs" / str(district.slug)


def _record(district: Any, row: Attestation, action: str, *, actor: str, at: datetime) -> None:
    about = {"framework": row.framework, "goal": row.goal}
    record(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="attestation",
        subject=str(row.pk),
        detail=about,
    )
