"""One walk: every page of the feeds of one stream, kept on disk as it comes, from where the walk before was interrupted.

The walk is begun anew, at most twice, where its pages cannot be of one list: the list changed while it was read, a page's
address no longer works, or what changed since the last walk is no longer known to the console.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec

from homeroom.ingest.remote import faults, spool
from homeroom.ingest.remote.addresses import origin_of
from homeroom.ingest.remote.client import Answer, Each, Feed, Page, Request, Start
from homeroom.ingest.remote.faults import Fault
from homeroom.ingest.remote.following import follow
from homeroom.ingest.remote.line import Line
from homeroom.ingest.remote.pages import kept_of, page_of, well
from homeroom.ingest.remote.spool import Cursor, Heading, Spool

ANEW_AT_MOST = 2
OLD = timedelta(hours=36)
_GONE = 410
_LOST = (400, 404, _GONE)  # what consoles answer to a page's address, or to a bookmark, that they have forgotten
Step = Callable[[str, int, int], None]


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What the last whole-hearted walk of a feed leaves for the next: when it began by the console's clock, and a bookmark."""

    began: datetime
    bookmark: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to walk: feeds of one stream, with the envelope of each one's kind. `whole` asks for everything; else each feed goes
    on from its mark, and where one has none or cannot, all are asked for everything. `elsewhere` are the spools of streams that
    were walked before, by the id of a feed, and whether that walk was whole: a feed that asks for each of their rows goes with
    it."""

    feeds: tuple[Feed, ...]
    envelopes: Mapping[str, str]
    whole: bool
    marks: Mapping[str, Mark]
    elsewhere: Mapping[str, tuple[Spool, bool]] = field(default_factory=dict)

    @property
    def asks_for_all(self) -> bool:
        """Whether this walk will show what is gone."""
        return self.whole or not all(self._goes_on(feed) for feed in self.feeds)

    def _goes_on(self, feed: Feed) -> bool:
        if feed.id not in self.marks:
            return False
        if feed.each is not None:
            return feed.each.of not in self.elsewhere or not self.elsewhere[feed.each.of][1]
        return feed.incremental != "none"


@dataclass(frozen=True, kw_only=True)
class Walked:
    """What a walk that ended leaves in the spool. `incomplete` says why it may lack rows, or is empty; `marks` are for the next
    walk; `left_out` are feeds that could not be read, each with the reason."""

    id: str
    whole: bool
    rows: int
    pages: int
    incomplete: str
    marks: Mapping[str, Mark]
    left_out: Mapping[str, str]


class _Anew(Exception):
    """The pages so far cannot be used. `why` says so; `whole` is true where everything must be asked for."""

    def __init__(self, why: str, *, whole: bool) -> None:
        super().__init__(why)
        self.why, self.whole = why, whole


def walk(plan: Plan, *, line: Line, into: Spool, at: datetime, progress: Step) -> Walked:
    """Fetches every page that is not in the spool yet. Raises Fault; what was fetched stays, and a later call goes on.

    `at` is the time now by this machine's clock (UTC).
    """
    while True:
        heading = _heading(plan, line=line, into=into, at=at)
        here = _Walk(plan=plan, line=line, into=into, heading=heading, progress=progress)
        try:
            for feed in plan.feeds:
                here.feed(feed)
            return here.ended()
        except _Anew as again:
            if heading.anew >= ANEW_AT_MOST:
                raise Fault(faults.GARBLED, f"the walk was begun {heading.anew + 1} times: {again.why}") from None
            whole = heading.whole or again.whole
            into.begin(_new_heading(plan, line=line, at=at, whole=whole, anew=heading.anew + 1))


def _heading(plan: Plan, *, line: Line, into: Spool, at: datetime) -> Heading:
    """The walk that lies in the spool, if it is still what is asked for; else a new one."""
    there = into.heading()
    if there is not None and there.asked == _asked(plan, line) and at - there.at < OLD and there.whole >= plan.whole:
        return there
    line.sign()  # so that the console's clock is known
    made = _new_heading(plan, line=line, at=at, whole=plan.asks_for_all, anew=0)
    into.begin(made)
    return made


def _new_heading(plan: Plan, *, line: Line, at: datetime, whole: bool, anew: int) -> Heading:
    return Heading(
        id=uuid.uuid4().hex, whole=whole, at=at, began=line.console_time, asked=_asked(plan, line), anew=anew
    )


def _asked(plan: Plan, line: Line) -> str:
    """A hash of what decides what the pages hold: the client, its feeds, where they go on, and the settings but for secrets."""
    client = line.client
    plain = {one.name: line.settings.get(one.name, "") for one in client.settings if not one.secret}
    said = [client.name, [feed.id for feed in plan.feeds], dict(plan.marks), plain]
    return hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()


@dataclass
class _Walk:
    """The walk at hand."""

    plan: Plan
    line: Line
    into: Spool
    heading: Heading
    progress: Step

    def feed(self, feed: Feed) -> None:
        """Walks one feed to its end, from its cursor on."""
        cursor = self.into.cursor(feed.id)
        if cursor is not None and cursor.over:
            return
        try:
            if feed.each is not None:
                self._each(feed, feed.each, cursor or Cursor())
            else:
                self._pages(feed, cursor or Cursor(next=self._first(feed)), resumed=cursor is not None)
        except Fault as fault:
            if not (feed.optional and fault.reason in (faults.FORBIDDEN, faults.MISSING)):
                raise
            self.into.point(feed.id, Cursor(over=True, left_out=fault.sentence))

    def ended(self) -> Walked:
        """What the whole walk came to."""
        feeds = self.plan.feeds
        cursors = {feed.id: self.into.cursor(feed.id) or Cursor() for feed in feeds}
        left_out = spool.left_outs(self.into, tuple(cursors))
        # Where nobody signs in, the console's clock is known from its first page on. The earlier one asks for more, not less.
        began = min(self.heading.began, self.heading.at + self.line.skew)
        marks = {
            one: Mark(began=began, bookmark=cursor.bookmark) for one, cursor in cursors.items() if not cursor.left_out
        }
        return Walked(
            id=self.heading.id,
            whole=self.heading.whole,
            rows=sum(cursor.rows for cursor in cursors.values()),
            pages=sum(cursor.pages for cursor in cursors.values()),
            incomplete=self._incomplete(cursors),
            marks=marks,
            left_out=left_out,
        )

    def _incomplete(self, cursors: Mapping[str, Cursor]) -> str:
        lost = [feed for feed, cursor in cursors.items() if cursor.left_out and feed in self.plan.marks]
        if lost:
            return f"{', '.join(lost)} could be read before and cannot now"
        if not self.heading.whole:
            return ""
        for feed, cursor in cursors.items():
            if cursor.moved:
                return f"{feed}: the list changed while it was read"
            if cursor.total is not None and cursor.rows < cursor.total:
                return f"{feed}: the pages hold {cursor.rows:,} of {cursor.total:,} rows"
        return ""

    def _first(self, feed: Feed) -> Request:
        if feed.first is None:
            raise ValueError(f"the feed {feed.id} has neither first nor each")
        return feed.first(self.line.settings, self._start(feed))

    def _start(self, feed: Feed) -> Start:
        mark = self.plan.marks.get(feed.id)
        began = self.heading.began
        if self.heading.whole or mark is None:
            return Start(at=began)
        since = mark.began - feed.overlap
        return Start(at=began, since=since, bookmark=mark.bookmark)

    def _pages(self, feed: Feed, cursor: Cursor, *, resumed: bool) -> None:
        fragile = resumed or bool(not self.heading.whole and feed.incremental == "delta")
        before = set[bytes]()
        while not cursor.over and cursor.next is not None:
            self.progress(f"Asking for {feed.title}", cursor.rows, cursor.total or 0)
            if (mark := hashlib.sha256(msgspec.json.encode(cursor.next)).digest()) in before:
                raise Fault(faults.GARBLED, f"{feed.title}: the console's pages go round in a circle")
            before.add(mark)
            page = self._asked(feed, cursor.next, fragile=fragile, later=cursor.pages > 0)
            cursor = self._kept(feed, page, cursor)
            fragile = False

    def _asked(self, feed: Feed, request: Request, *, fragile: bool, later: bool) -> Page:
        envelope = self.plan.envelopes[feed.id]

        def good(answer: Answer) -> bool:
            return well(answer, envelope=envelope, may_lack=feed.lacks_when_empty or feed.shape is not None)

        try:
            answer = self.line.ask(request, asked=feed.title, scopes=feed.scopes, good=good)
        except Fault as fault:
            if (fragile and fault.status in _LOST) or (later and fault.status == _GONE):
                raise _Anew("the console no longer knows where it was", whole=True) from None
            raise
        return page_of(request, answer, envelope=envelope)

    def _kept(self, feed: Feed, page: Page, cursor: Cursor) -> Cursor:
        """The cursor after the page, which is on disk by then."""
        content, rows = kept_of(feed, page)
        following = feed.next(self.line.settings, page)
        if following is not None:
            self._must_stay_there(page.request, following)
        total = feed.total(page) if feed.total else None
        moved = cursor.moved or (cursor.total is not None and total is not None and total != cursor.total)
        if moved and self.heading.whole and self.heading.anew < ANEW_AT_MOST:
            raise _Anew("the list changed while it was read", whole=True)
        self.into.keep(feed.id, cursor.pages + 1, content)
        after = Cursor(
            pages=cursor.pages + 1,
            rows=cursor.rows + rows,
            next=following,
            over=following is None,
            total=total if total is not None else cursor.total,
            moved=moved,
            bookmark=(feed.bookmark(page) if feed.bookmark else "") or cursor.bookmark,
        )
        self.into.point(feed.id, after)
        return after

    def _must_stay_there(self, request: Request, following: Request) -> None:
        """A next page stands at the same host, since the token travels with it."""
        if origin_of(following.url) != origin_of(request.url):
            raise Fault(faults.ASTRAY, "the console's next page is at another host, which is not followed")

    def _each(self, feed: Feed, each: Each, cursor: Cursor) -> None:
        rows_of, _ = self.plan.elsewhere.get(each.of, (self.into, True))
        envelope = self.plan.envelopes[feed.id]
        for after in follow(feed, each, cursor, line=self.line, into=self.into, rows_of=rows_of, envelope=envelope):
            self.progress(f"Asking for {feed.title}", after.rows, 0)
            cursor = after
        self.into.point(feed.id, msgspec.structs.replace(cursor, over=True))
