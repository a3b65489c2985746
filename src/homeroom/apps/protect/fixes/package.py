"""Build the zip of a fix: the fix, the undo, the rows without undo, and a README with the steps."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext

from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.domain.platform.district import District
from homeroom.domain.protect.remedies import (
    FIX,
    UNDO,
    ConsoleAction,
    FixChange,
    RenderedFile,
    invert_changes,
    render_csv_lines,
)

MAX_IN_MEMORY = 8 << 20
BATCH_ROWS = 2_000


@dataclass(frozen=True, kw_only=True)
class FixPackage:
    """A zip: name, an open file at position 0, its hash, and the number of rows, rows with undo, and students."""

    name: str
    file: IO[bytes]
    sha256: str
    rows: int
    undo: int
    students: int


def build_zip(*, district: District, fix: FixFile, action: ConsoleAction) -> FixPackage:
    """Build the zip of a reviewed file. It carries the time of the review, so that every build is identical."""
    active_rows = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    rows, undo = active_rows.count(), active_rows.exclude(back=None).count()
    students = active_rows.filter(flags__contains="student").count()
    file: Any = SpooledTemporaryFile(max_size=MAX_IN_MEMORY, dir=str(settings.DATA))  # noqa: SIM115 (the caller closes it)
    stamp = fix.reviewed_at.timetuple()[:6] if fix.reviewed_at else (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for paper in render_files(
            action=action, changes=lambda: iter_changes(district=district, fix=fix), has_undo_gaps=undo < rows
        ):
            _write_entry(archive, paper, stamp)
        _write_entry(
            archive,
            RenderedFile(name="README.txt", pieces=(render_readme(fix=fix, action=action, rows=rows, undo=undo),)),
            stamp,
        )
    sha256 = _compute_sha256(file)
    return FixPackage(name=f"fix-{fix.public}.zip", file=file, sha256=sha256, rows=rows, undo=undo, students=students)


def render_files(
    *, action: ConsoleAction, changes: Callable[[], Iterable[FixChange]], has_undo_gaps: bool
) -> Iterator[RenderedFile]:
    """Yield the files of the fix, of its undo, and a list of the rows without undo if there are any."""
    yield from action.render_files(action, changes(), FIX)
    if not action.before:
        return
    yield from action.render_files(action, invert_changes(changes()), UNDO)
    if has_undo_gaps:
        rows = ((change.handle,) for change in changes() if change.back is None)
        yield RenderedFile(name="no-undo.csv", pieces=render_csv_lines((action.needs,), rows))


def iter_changes(*, district: District, fix: FixFile) -> Iterator[FixChange]:
    """Yield the changes of a file in order, reading one batch at a time."""
    columns = ("place", "handle", "to", "back", "cells")
    last = -1
    while True:
        rows = FixRow.objects.of(district).filter(fix=fix, dropped=False, place__gt=last).order_by("place")
        batch = list(rows.values_list(*columns)[:BATCH_ROWS])
        for _, handle, to, back, cells in batch:
            yield FixChange(handle=handle, to=to, back=back, cells=cells)
        if len(batch) < BATCH_ROWS:
            return
        last = batch[-1][0]


def render_readme(*, fix: FixFile, action: ConsoleAction, rows: int, undo: int) -> str:
    """Render the README: what the package is, what to check first, what to run, and how to undo it."""
    lines = [
        f"{action.title} ({action.id})",
        action.does,
        "",
        gettext("%(rows)d rows, prepared by %(made)s, reviewed by %(reviewed)s on %(day)s UTC. File %(public)s.")
        % {
            "rows": rows,
            "made": fix.made_by or gettext("the command line"),
            "reviewed": fix.reviewed_by,
            "day": f"{fix.reviewed_at:%Y-%m-%d %H:%M}" if fix.reviewed_at else "–",
            "public": fix.public,
        },
        "",
        gettext("Before you start:"),
        *(f"- {step}" for step in action.needs_first),
        "",
        gettext("Then, in this folder:"),
        f"    {action.command(action, FIX)}",
        "",
        *_describe_undo(action, rows, undo),
        "",
        gettext("Then upload a new export: Homeroom confirms which rows worked. Then delete this folder."),
    ]
    return "\r\n".join(lines) + "\r\n"


def _describe_undo(action: ConsoleAction, rows: int, undo: int) -> Iterator[str]:
    if not action.before:
        yield gettext("To undo: %(how)s") % {"how": action.no_undo}
        return
    yield gettext("To undo (%(undo)d of %(rows)d rows):") % {"undo": undo, "rows": rows}
    yield f"    {action.command(action, UNDO)}"
    if undo < rows:
        yield gettext("The rows in no-undo.csv cannot be undone: their earlier values are unknown.")


def _write_entry(archive: zipfile.ZipFile, paper: RenderedFile, stamp: Any) -> None:
    info = zipfile.ZipInfo(paper.name, date_time=stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same bytes whichever system wrote them
    info.external_attr = 0o600 << 16
    with archive.open(info, "w") as entry:
        for piece in paper.pieces:
            entry.write(piece.encode())


def _compute_sha256(file: Any) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
