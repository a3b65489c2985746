"""Laws and policies of a district's own: importing, listing and removing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock
from django.db import transaction

from homeroom.apps.comply.laws.catalog import get_content_folder
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.comply.laws.law import Law
from homeroom.domain.platform.district import District
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.comply.laws.own_laws import (
    load_own_laws,
    read_own_law,
    remove_own_law,
    split_version,
    write_own_law,
)
from homeroom.library.yaml_loader import ContentProblem, ContentRefused


@dataclass(frozen=True, kw_only=True)
class LawImport:
    """A law that was imported, and the ids of its older versions, which count for cases of their time."""

    law: Law
    older: tuple[str, ...]


def list_own_laws(*, district: District) -> tuple[Law, ...]:
    """Return the laws that the district imported or put into its content folder, without older versions."""
    laws, _ = load_own_laws(get_content_folder(district))
    shipped = {law.id for law in load_laws()}
    return tuple(law for law in laws if law.id not in shipped and split_version(law.id)[1] is None)


def list_own_law_problems(*, district: District) -> tuple[ContentProblem, ...]:
    """Return the problems of files in the district's folder of laws that no longer fit."""
    return load_own_laws(get_content_folder(district))[1]


def import_law(path: Path, *, district: District, actor: str, at: datetime) -> LawImport:
    """Import a law of the district's own; an older version of its id counts on until the new one is in force.

    Raise ContentRefused if the file does not fit, alone or beside the district's other laws.
    """
    own = read_own_law(path)
    detail = {"version": own.law.version, "effective": own.law.effective.isoformat(), "duties": len(own.law.duties)}
    with _lock_laws(district) as folder, transaction.atomic():
        _refuse_older_circle(folder, own.law, path.name)
        _record(district, own.law.id, actor=actor, at=at, action="import law", detail=detail)
        older = write_own_law(folder, own)
    return LawImport(law=own.law, older=older)


def remove_law(law_id: str, *, district: District, actor: str, at: datetime) -> int:
    """Remove a law of the district's own with its older versions and return how many there were; raise LookupError."""
    with _lock_laws(district) as folder:
        removed = remove_own_law(folder, law_id)
    if not removed:
        raise LookupError(law_id)
    _record(district, law_id, actor=actor, at=at, action="remove law", detail={"versions": removed})
    return removed


def _record(
    district: District, law_id: str, *, actor: str, at: datetime, action: str, detail: Mapping[str, Any]
) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="law",
        subject=law_id[:80],
        detail=detail,
    )


def _refuse_older_circle(folder: Path, law: Law, file: str) -> None:
    """Raise ContentRefused if a law supersedes one of the district that is not older."""
    own, _ = load_own_laws(folder)
    older = next((entry for entry in own if entry.id == law.supersedes), None)
    if older is not None and older.effective >= law.effective:
        message = f"{older.id} is in force from {older.effective}; an older law would fit"
        raise ContentRefused([ContentProblem(file=file, field="supersedes", message=message)])


@contextmanager
def _lock_laws(district: District) -> Iterator[Path]:
    """Yield the content folder of a district while no other process changes its laws."""
    folder = get_content_folder(district)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with filelock.FileLock(folder / "laws.lock"):
        yield folder
