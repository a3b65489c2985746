"""Sync the feeds of one stream: store every page on disk as it comes, and resume interrupted syncs.

The sync restarts, at most twice, if its pages cannot be of one list: the list changed while it was read, a page's URL
no longer works, or the console no longer knows what changed since the last sync.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from homeroom.domain.progress import Progress
from homeroom.ingest.remote import errors, spool
from homeroom.ingest.remote.api_session import ApiSession
from homeroom.ingest.remote.api_spec import ChildFeed, Feed, FeedPage, Request, Response, SyncStart
from homeroom.ingest.remote.child_feeds import fetch_child_feed
from homeroom.ingest.remote.errors import RemoteError
from homeroom.ingest.remote.page_files import build_page, encode_page, is_complete_page
from homeroom.ingest.remote.spool import FeedCursor, PageSpool, SyncHeading
from homeroom.ingest.remote.urls import parse_origin

MAX_RESTARTS = 2
MAX_AGE = timedelta(hours=36)
_LATE_PARTS = 12
_GONE = 410
_FORGOTTEN_STATUSES = (
    400,
    404,
    _GONE,
)  # what consoles answer to a page's address, or to a bookmark, that they have forgotten


class SyncBookmark(msgspec.Struct, frozen=True, kw_only=True):
    """What the last sync of a feed leaves for the next: when it began by the console's clock, and a bookmark.

    `late_at` is when rows that come late were last requested.
    """

    began: datetime
    bookmark: str = ""
    late_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class SyncPlan:
    """What to sync: feeds of one stream, with the envelope of each one's kind.

    `full` asks for everything; otherwise each feed continues from its bookmark, and if one has none or cannot, all are
    read in full. `spools_by_feed` are the spools of streams that were synced before, by the id of a feed, and whether
    that sync was full: a child feed of theirs is full if the parent was.
    """

    feeds: tuple[Feed, ...]
    envelopes: Mapping[str, str]
    full: bool
    bookmarks: Mapping[str, SyncBookmark]
    spools_by_feed: Mapping[str, tuple[PageSpool, bool]] = field(default_factory=dict)

    @property
    def needs_full_sync(self) -> bool:
        """True if this sync will show what is gone."""
        return self.full or not all(self._can_continue(feed) for feed in self.feeds)

    def _can_continue(self, feed: Feed) -> bool:
        if feed.id not in self.bookmarks:
            return False
        if feed.child is not None:
            return feed.child.parent not in self.spools_by_feed or not self.spools_by_feed[feed.child.parent][1]
        return feed.incremental != "none"


@dataclass(frozen=True, kw_only=True)
class SyncResult:
    """What a finished sync leaves in the spool.

    `incomplete` is the reason why it may lack rows, or empty; `bookmarks` are for the next sync; `left_out` are feeds
    that could not be read, each with the reason.
    """

    id: str
    full: bool
    rows: int
    pages: int
    incomplete: str
    bookmarks: Mapping[str, SyncBookmark]
    left_out: Mapping[str, str]


class _RestartSync(Exception):
    """The pages so far cannot be used. `reason` is the cause; `full` is true if everything must be requested."""

    def __init__(self, reason: str, *, full: bool) -> None:
        super().__init__(reason)
        self.reason, self.full = reason, full


def sync_feeds(
    plan: SyncPlan, *, session: ApiSession, page_spool: PageSpool, at: datetime, progress: Progress
) -> SyncResult:
    """Fetch every page that is not in the spool yet. Raise RemoteError.

    Fetched pages stay, and a later call continues.

    `at` is the time now by this machine's clock (UTC).
    """
    while True:
        heading = _ensure_heading(plan, session=session, page_spool=page_spool, at=at)
        run = _SyncRun(plan=plan, session=session, page_spool=page_spool, heading=heading, progress=progress)
        try:
            for feed in plan.feeds:
                run.sync_feed(feed)
            return run.build_result()
        except _RestartSync as restart:
            if heading.restarts >= MAX_RESTARTS:
                raise RemoteError(
                    errors.GARBLED, f"the walk was begun {heading.restarts + 1} times: {restart.reason}"
                ) from None
            full = heading.whole or restart.full
            page_spool.begin_sync(
                _build_heading(plan, session=session, at=at, full=full, restarts=heading.restarts + 1)
            )


def _ensure_heading(plan: SyncPlan, *, session: ApiSession, page_spool: PageSpool, at: datetime) -> SyncHeading:
    """Return the heading of the sync in the spool if it still matches the plan; otherwise begin a new one."""
    existing = page_spool.read_heading()
    if (
        existing is not None
        and existing.asked == _hash_plan(plan, session)
        and at - existing.at < MAX_AGE
        and existing.whole >= plan.full
    ):
        return existing
    session.sign_in()  # so that the console's clock is known
    heading = _build_heading(plan, session=session, at=at, full=plan.needs_full_sync, restarts=0)
    page_spool.begin_sync(heading)
    return heading


def _build_heading(plan: SyncPlan, *, session: ApiSession, at: datetime, full: bool, restarts: int) -> SyncHeading:
    return SyncHeading(
        id=uuid.uuid4().hex,
        whole=full,
        at=at,
        began=session.console_time,
        asked=_hash_plan(plan, session),
        restarts=restarts,
    )


def _hash_plan(plan: SyncPlan, session: ApiSession) -> str:
    """Return a hash of what decides the pages' content: spec, feeds, bookmarks and non-secret settings."""
    spec = session.spec
    plain_settings = {
        setting.name: session.settings.get(setting.name, "") for setting in spec.settings if not setting.secret
    }
    content = [spec.name, [feed.id for feed in plan.feeds], dict(plan.bookmarks), plain_settings]
    return hashlib.sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


@dataclass
class _SyncRun:
    """One run of a sync."""

    plan: SyncPlan
    session: ApiSession
    page_spool: PageSpool
    heading: SyncHeading
    progress: Progress

    def sync_feed(self, feed: Feed) -> None:
        """Sync one feed to its end, from its cursor on."""
        cursor = self.page_spool.read_cursor(feed.id)
        if cursor is not None and cursor.over:
            return
        try:
            if feed.child is not None:
                self._sync_child_feed(feed, feed.child, cursor or FeedCursor())
            else:
                self._fetch_pages(
                    feed, cursor or FeedCursor(next=self._build_first_request(feed)), resumed=cursor is not None
                )
        except RemoteError as error:
            if not (feed.optional and error.reason in (errors.FORBIDDEN, errors.MISSING)):
                raise
            self.page_spool.write_cursor(feed.id, FeedCursor(over=True, left_out=error.sentence))

    def build_result(self) -> SyncResult:
        """Return the result of the finished sync."""
        feeds = self.plan.feeds
        cursors = {feed.id: self.page_spool.read_cursor(feed.id) or FeedCursor() for feed in feeds}
        left_out = spool.list_left_out(self.page_spool, tuple(cursors))
        # Without a sign-in, the console's clock is known from its first page on. The earlier time asks for more, not
        # less.
        began = min(self.heading.began, self.heading.at + self.session.skew)
        bookmarks = {
            feed.id: SyncBookmark(
                began=began, bookmark=cursors[feed.id].bookmark, late_at=self._find_late_time(feed, began)
            )
            for feed in feeds
            if not cursors[feed.id].left_out
        }
        return SyncResult(
            id=self.heading.id,
            full=self.heading.whole,
            rows=sum(cursor.rows for cursor in cursors.values()),
            pages=sum(cursor.pages for cursor in cursors.values()),
            incomplete=self._explain_incomplete(cursors),
            bookmarks=bookmarks,
            left_out=left_out,
        )

    def _explain_incomplete(self, cursors: Mapping[str, FeedCursor]) -> str:
        missing_feeds = [feed for feed, cursor in cursors.items() if cursor.left_out and feed in self.plan.bookmarks]
        if missing_feeds:
            return f"{', '.join(missing_feeds)} could be read before and cannot now"
        if not self.heading.whole:
            return ""
        for feed, cursor in cursors.items():
            if cursor.moved:
                return f"{feed}: the list changed while it was read"
            if cursor.total is not None and cursor.rows < cursor.total:
                return f"{feed}: the pages hold {cursor.rows:,} of {cursor.total:,} rows"
        return ""

    def _build_first_request(self, feed: Feed) -> Request:
        if feed.first is None:
            raise ValueError(f"the feed {feed.id} has neither first nor each")
        return feed.first(self.session.settings, self._build_start(feed))

    def _build_start(self, feed: Feed) -> SyncStart:
        bookmark = self.plan.bookmarks.get(feed.id)
        began = self.heading.began
        if self.heading.whole or bookmark is None:
            return SyncStart(at=began)
        since = bookmark.began - (max(feed.late, feed.overlap) if self._should_ask_late(feed) else feed.overlap)
        return SyncStart(at=began, since=since, bookmark=bookmark.bookmark)

    def _find_late_time(self, feed: Feed, began: datetime) -> datetime | None:
        """Return when rows that come late were last requested, this sync included."""
        return began if self._should_ask_late(feed) else self._get_late_time(feed)

    def _get_late_time(self, feed: Feed) -> datetime | None:
        bookmark = self.plan.bookmarks.get(feed.id)
        return bookmark.late_at if bookmark is not None else None

    def _should_ask_late(self, feed: Feed) -> bool:
        """Return whether this sync also requests rows that come late: several times within the time that they take."""
        if not feed.late:
            return False
        last = self._get_late_time(feed)
        return self.heading.whole or last is None or self.heading.began - last >= feed.late / _LATE_PARTS

    def _fetch_pages(self, feed: Feed, cursor: FeedCursor, *, resumed: bool) -> None:
        fragile = resumed or bool(not self.heading.whole and feed.incremental == "delta")
        requested = set[bytes]()
        while not cursor.over and cursor.next is not None:
            self.progress(f"Asking for {feed.title}", cursor.rows, cursor.total or 0)
            if (digest := hashlib.sha256(msgspec.json.encode(cursor.next)).digest()) in requested:
                raise RemoteError(errors.GARBLED, f"{feed.title}: the console's pages go round in a circle")
            requested.add(digest)
            page = self._fetch_page(feed, cursor.next, fragile=fragile, later=cursor.pages > 0)
            cursor = self._store_page(feed, page, cursor)
            fragile = False

    def _fetch_page(self, feed: Feed, request: Request, *, fragile: bool, later: bool) -> FeedPage:
        envelope = self.plan.envelopes[feed.id]

        def is_complete(response: Response) -> bool:
            return is_complete_page(
                response, envelope=envelope, may_lack=feed.lacks_when_empty or feed.shape is not None
            )

        try:
            response = self.session.send_request(request, title=feed.title, scopes=feed.scopes, is_complete=is_complete)
        except RemoteError as error:
            if (fragile and error.status in _FORGOTTEN_STATUSES) or (later and error.status == _GONE):
                raise _RestartSync("the console no longer knows where it was", full=True) from None
            raise
        return build_page(request, response, envelope=envelope)

    def _store_page(self, feed: Feed, page: FeedPage, cursor: FeedCursor) -> FeedCursor:
        """Store the page and return the cursor after it."""
        content, rows = encode_page(feed, page)
        next_request = feed.next(self.session.settings, page)
        if next_request is not None:
            self._require_same_host(page.request, next_request)
        total = feed.total(page) if feed.total else None
        moved = cursor.moved or (cursor.total is not None and total is not None and total != cursor.total)
        if moved and self.heading.whole and self.heading.restarts < MAX_RESTARTS:
            raise _RestartSync("the list changed while it was read", full=True)
        self.page_spool.write_page(feed.id, cursor.pages + 1, content)
        next_cursor = FeedCursor(
            pages=cursor.pages + 1,
            rows=cursor.rows + rows,
            next=next_request,
            over=next_request is None,
            total=total if total is not None else cursor.total,
            moved=moved,
            bookmark=(feed.bookmark(page) if feed.bookmark else "") or cursor.bookmark,
        )
        self.page_spool.write_cursor(feed.id, next_cursor)
        return next_cursor

    def _require_same_host(self, request: Request, next_request: Request) -> None:
        """Require that the next page is at the same host, because the token travels with the request."""
        if parse_origin(next_request.url) != parse_origin(request.url):
            raise RemoteError(errors.ASTRAY, "the console's next page is at another host, which is not followed")

    def _sync_child_feed(self, feed: Feed, child: ChildFeed, cursor: FeedCursor) -> None:
        parent_spool, _ = self.plan.spools_by_feed.get(child.parent, (self.page_spool, True))
        envelope = self.plan.envelopes[feed.id]
        for next_cursor in fetch_child_feed(
            feed,
            child,
            cursor,
            session=self.session,
            page_spool=self.page_spool,
            parent_spool=parent_spool,
            envelope=envelope,
        ):
            self.progress(f"Asking for {feed.title}", next_cursor.rows, 0)
            cursor = next_cursor
        self.page_spool.write_cursor(feed.id, msgspec.structs.replace(cursor, over=True))
