"""The zip that leaves: the fix, the undo, who has no undo, and a README that says what to run and to look at first."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings
from django.utils.translation import gettext

from homeroom.apps.fixes.models import FixFile, FixRow
from homeroom.domain.remedies import FIX, UNDO, Action, Change, Paper, csv_pieces, undone

IN_MEMORY = 8 << 20
SLICE = 2_000


@dataclass(frozen=True, kw_only=True)
class Packed:
    """The zip: its name, an open file at its beginning, its hash, and how many rows, undone rows and pupils it has."""

    name: str
    file: IO[bytes]
    sha256: str
    rows: int
    undo: int
    pupils: int


def packed(*, district: Any, fix: FixFile, action: Action) -> Packed:
    """The zip of a reviewed file, with the review's time in it, so that it is the same whenever it is made."""
    kept = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    rows, undo = kept.count(), kept.exclude(back=None).count()
    pupils = kept.filter(flags__contains="pupil").count()
    file: Any = SpooledTemporaryFile(max_size=IN_MEMORY, dir=str(settings.DATA))  # noqa: SIM115 (the caller closes it)
    stamp = fix.reviewed_at.timetuple()[:6] if fix.reviewed_at else (1980, 1, 1, 0, 0, 0)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for paper in papers(action=action, changes=lambda: changes_of(district=district, fix=fix), short=undo < rows):
            _write(zipped, paper, stamp)
        _write(zipped, Paper(name="README.txt", pieces=(readme(fix=fix, action=action, rows=rows, undo=undo),)), stamp)
    sha256 = _hash(file)
    return Packed(name=f"fix-{fix.public}.zip", file=file, sha256=sha256, rows=rows, undo=undo, pupils=pupils)


def papers(*, action: Action, changes: Callable[[], Iterable[Change]], short: bool) -> Iterator[Paper]:
    """The papers of the fix, of its undo, and where that falls short of some the list of those."""
    yield from action.papers(action, changes(), FIX)
    if not action.before:
        return
    yield from action.papers(action, undone(changes()), UNDO)
    if short:
        rows = ((one.handle,) for one in changes() if one.back is None)
        yield Paper(name="no-undo.csv", pieces=csv_pieces((action.needs,), rows))


def changes_of(*, district: Any, fix: FixFile) -> Iterator[Change]:
    """The changes of a file in order, a slice at a time."""
    named = ("place", "handle", "to", "back", "cells")
    last = -1
    while True:
        rows = FixRow.objects.of(district).filter(fix=fix, dropped=False, place__gt=last).order_by("place")
        some = list(rows.values_list(*named)[:SLICE])
        for _, handle, to, back, cells in some:
            yield Change(handle=handle, to=to, back=back, cells=cells)
        if len(some) < SLICE:
            return
        last = some[-1][0]


def readme(*, fix: FixFile, action: Action, rows: int, undo: int) -> str:
    """What this is, what to look at first, what to run, and how to take it back."""
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
        gettext("Look first:"),
        *(f"- {one}" for one in action.needs_first),
        "",
        gettext("Then, in this folder:"),
        f"    {action.command(action, FIX)}",
        "",
        *_way_back(action, rows, undo),
        "",
        gettext("Then load the export again: Homeroom says which rows worked. Delete this folder when they did."),
    ]
    return "\r\n".join(lines) + "\r\n"


def _way_back(action: Action, rows: int, undo: int) -> Iterator[str]:
    if not action.before:
        yield gettext("To take it back: %(how)s") % {"how": action.no_undo}
        return
    yield gettext("To take it back (%(undo)d of %(rows)d rows):") % {"undo": undo, "rows": rows}
    yield f"    {action.command(action, UNDO)}"
    if undo < rows:
        yield gettext("The rows in no-undo.csv have no way back here: evidence does not say what they were before.")


def _write(zipped: zipfile.ZipFile, paper: Paper, stamp: Any) -> None:
    info = zipfile.ZipInfo(paper.name, date_time=stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # the same bytes whichever system wrote them
    info.external_attr = 0o600 << 16
    with zipped.open(info, "w") as inside:
        for piece in paper.pieces:
            inside.write(piece.encode())


def _hash(file: Any) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(1 << 20):
        found.update(piece)
    file.seek(0)
    return found.hexdigest()
