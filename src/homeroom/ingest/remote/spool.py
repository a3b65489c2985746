"""Store pages that are fetched and not yet loaded: one sync's files, and where it stopped.

The folder is readable by its owner only.

A page is on disk before the cursor counts it. A process killed between the two fetches that page again and overwrites
it.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec

from homeroom.evidence.files.blobs import write_file
from homeroom.ingest.remote.api_spec import Request


class SyncHeading(msgspec.Struct, frozen=True, kw_only=True):
    """Identity of a sync: its id, whether it is full, and when it began.

    The times are by this machine's clock and by the console's. A hash covers everything that decides what the pages
    hold, and the restarts are counted.
    """

    id: str
    whole: bool
    at: datetime
    began: datetime
    asked: str
    restarts: int = 0


class FeedCursor(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of one feed: pages and rows on disk and the request that comes next.

    `total` is the last row count that the pages stated, `moved` whether the counts differed. `page` and `place` are the
    page and position of the next row of the parent feed, for a child feed. `left_out` is the reason why nothing is
    read.
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


class PageSpool:
    """The folder of one sync."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read_heading(self) -> SyncHeading | None:
        """Return the heading of the sync whose pages are here; None if there is none."""
        path = self.folder / "walk.json"
        return msgspec.json.decode(path.read_bytes(), type=SyncHeading) if path.exists() else None

    def begin_sync(self, heading: SyncHeading) -> None:
        """Delete what is here and begin a sync."""
        self.clear()
        self.folder.mkdir(parents=True, mode=0o700)
        write_file(self.folder / "walk.json", msgspec.json.encode(heading))

    def read_cursor(self, feed: str) -> FeedCursor | None:
        """Return the cursor of a feed; None if it has not begun."""
        path = self.folder / feed / "cursor.json"
        return msgspec.json.decode(path.read_bytes(), type=FeedCursor) if path.exists() else None

    def write_page(self, feed: str, number: int, content: bytes) -> None:
        """Write a page."""
        self._create_feed_folder(feed)
        write_file(self._get_page_path(feed, number), content)

    def write_cursor(self, feed: str, cursor: FeedCursor) -> None:
        """Write the cursor of a feed, after its pages were written."""
        self._create_feed_folder(feed)
        write_file(self.folder / feed / "cursor.json", msgspec.json.encode(cursor))

    def list_pages(self, feed: str) -> tuple[Path, ...]:
        """Return the pages of a feed that its cursor counts, in order."""
        cursor = self.read_cursor(feed) or FeedCursor()
        return tuple(self._get_page_path(feed, number) for number in range(1, cursor.pages + 1))

    def clear(self) -> None:
        """Remove the sync: the heading first, so that leftovers of a killed process are never taken for a sync."""
        (self.folder / "walk.json").unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create_feed_folder(self, feed: str) -> None:
        (self.folder / feed).mkdir(exist_ok=True, mode=0o700)

    def _get_page_path(self, feed: str, number: int) -> Path:
        return self.folder / feed / f"page-{number:06d}.json"


def list_left_out(spool: PageSpool, feeds: tuple[str, ...]) -> Mapping[str, str]:
    """Return the feeds that could not be read at all, each with the reason."""
    reasons = {feed: (spool.read_cursor(feed) or FeedCursor()).left_out for feed in feeds}
    return {feed: reason for feed, reason in reasons.items() if reason}
