"""Pages that were fetched and not yet loaded: files of one walk in a folder of its owner's alone, and where it stopped.

A page is on disk before the cursor says so. Whoever is killed between the two fetches that page again and writes it over.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from homeroom.evidence.blobs import write_file
from homeroom.ingest.remote.client import Request


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk is: its id, whether it asks for everything, when it began by the console's clock and by ours, and `asked`, a
    hash of all that decides what the pages hold. `anew` counts how often it had to begin again."""

    id: str
    whole: bool
    at: datetime
    began: datetime
    asked: str
    anew: int = 0


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far one feed is: pages and rows on disk and the request that comes next.

    `total` is what the pages said last of how many rows there are, `moved` whether they differed. `page` and `place` say which
    row of which page of another feed comes next, where a feed asks once for each. `left_out` says why nothing is read.
    """

    pages: int = 0
    rows: int = 0
    next: Request | None = None
    over: bool = False
    total: int | None = None
    moved: bool = False
    bookmark: str = ""
    page: int = 1
    place: int = 0
    left_out: str = ""


class Spool:
    """The folder of one walk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def heading(self) -> Heading | None:
        """The walk whose pages lie here; None where none do."""
        path = self.folder / "walk.json"
        return msgspec.json.decode(path.read_bytes(), type=Heading) if path.exists() else None

    def begin(self, heading: Heading) -> None:
        """Forgets what lies here and begins a walk."""
        self.clear()
        self.folder.mkdir(parents=True, mode=0o700)
        write_file(self.folder / "walk.json", msgspec.json.encode(heading))

    def cursor(self, feed: str) -> Cursor | None:
        """How far a feed is; None where it has not begun."""
        path = self.folder / feed / "cursor.json"
        return msgspec.json.decode(path.read_bytes(), type=Cursor) if path.exists() else None

    def keep(self, feed: str, number: int, content: bytes) -> None:
        """Writes a page whole."""
        self._room(feed)
        write_file(self._page(feed, number), content)

    def point(self, feed: str, cursor: Cursor) -> None:
        """Says how far a feed is, after its pages were kept."""
        self._room(feed)
        write_file(self.folder / feed / "cursor.json", msgspec.json.encode(cursor))

    def pages(self, feed: str) -> tuple[Path, ...]:
        """The pages of a feed that its cursor speaks of, in order."""
        cursor = self.cursor(feed) or Cursor()
        return tuple(self._page(feed, number) for number in range(1, cursor.pages + 1))

    def clear(self) -> None:
        """Removes the walk: the heading first, so that what a killed one left is never taken for a walk."""
        (self.folder / "walk.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _room(self, feed: str) -> None:
        (self.folder / feed).mkdir(exist_ok=True, mode=0o700)

    def _page(self, feed: str, number: int) -> Path:
        return self.folder / feed / f"page-{number:06d}.json"


def left_outs(spool: Spool, feeds: tuple[str, ...]) -> Mapping[str, str]:
    """The feeds of which nothing could be read, and why."""
    found = {feed: (spool.cursor(feed) or Cursor()).left_out for feed in feeds}
    return {feed: why for feed, why in found.items() if why}
