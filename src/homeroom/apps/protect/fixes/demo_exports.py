"""Trying a fix in the demo: the exports of its invented consoles once every fix file that was taken has been run.

The demo loads these files and no others, since its sign-ins are printed for everybody to see.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from homeroom.apps.protect.fixes.commands import RELEASED, VERIFIED
from homeroom.apps.protect.fixes.models import FixFile
from homeroom.apps.protect.fixes.package import iter_changes
from homeroom.domain.platform.district import District
from homeroom.evidence.files.blobs import write_file
from homeroom.sample.next_exports import RULES, ExportChange, render_next_exports, store_exports

_FOLDER, _HASHES = "demo-exports", "made.json"


@dataclass(frozen=True, kw_only=True)
class TakenFix:
    """A fix file that was taken: its public id, its action, and whether the invented console can run it."""

    public: str
    action: str
    can_run: bool


def store_demo_exports(sample: Path) -> None:
    """Store the exports of the demo's district that fix files can change."""
    store_exports(sample, _get_folder())


def list_taken_fixes(*, district: District) -> tuple[TakenFix, ...]:
    """Return the fix files that were taken, in the order in which they were."""
    return tuple(
        TakenFix(public=fix.public, action=fix.action, can_run=fix.action in RULES) for fix in _query_taken(district)
    )


def build_demo_exports(*, district: District) -> bytes:
    """Return a zip of the exports after every fix file that was taken; empty if none changes an export.

    The demo loads it, and each file in it, from then on.
    """
    files = list(render_next_exports(_get_folder(), _iter_taken_changes(district)))
    if not files:
        return b""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    _remember([buffer.getvalue(), *(content for _, content in files)])
    return buffer.getvalue()


def is_demo_export(content: Iterable[bytes]) -> bool:
    """Check whether a file, given in pieces, is one of the demo's own exports."""
    digest = hashlib.sha256()
    for chunk in content:
        digest.update(chunk)
    return digest.hexdigest() in _read_hashes()


def _query_taken(district: District) -> Iterable[FixFile]:
    return FixFile.objects.of(district).filter(state__in=(RELEASED, VERIFIED)).order_by("handed_at", "pk")


def _iter_taken_changes(district: District) -> Iterator[ExportChange]:
    for fix in _query_taken(district):
        for change in iter_changes(district=district, fix=fix):
            yield ExportChange(action=fix.action, handle=change.handle, to=change.to)


def _remember(contents: Iterable[bytes]) -> None:
    hashes = _read_hashes() | {hashlib.sha256(content).hexdigest() for content in contents}
    write_file(_get_folder() / _HASHES, json.dumps(sorted(hashes)).encode())


def _read_hashes() -> set[str]:
    try:
        return set(json.loads((_get_folder() / _HASHES).read_bytes()))
    except FileNotFoundError:
        return set()


def _get_folder() -> Path:
    return Path(settings.DATA) / _FOLDER
