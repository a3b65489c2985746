"""Fetch feeds with one request per row of another feed, such as the apps of every user.

Many responses make one page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from homeroom.ingest.remote.api_session import ApiSession
from homeroom.ingest.remote.api_spec import ChildFeed, Feed, FeedPage, Request, Response
from homeroom.ingest.remote.page_files import encode_rows
from homeroom.ingest.remote.spool import FeedCursor, PageSpool

RESPONSES_PER_PAGE = 100
"""Responses that make one page: the most that is requested again if a sync is interrupted."""


def fetch_child_feed(
    feed: Feed,
    child: ChildFeed,
    cursor: FeedCursor,
    *,
    session: ApiSession,
    page_spool: PageSpool,
    parent_spool: PageSpool,
    envelope: str,
) -> Iterator[FeedCursor]:
    """Request every row of the parent feed's pages, from the cursor on; yield the cursor after each page.

    The parent's pages are in `parent_spool`.
    """
    pending: list[Any] = []
    for request_count, (page_number, position, row_id) in enumerate(
        _iter_pending_ids(child, cursor, parent_spool=parent_spool), start=1
    ):
        pending += _fetch_rows(feed, child, row_id, session=session)
        if request_count % RESPONSES_PER_PAGE == 0:
            cursor = _store_page(
                feed, pending, cursor, page_spool=page_spool, envelope=envelope, page=page_number, position=position + 1
            )
            pending = []
            yield cursor
    if pending or not cursor.pages:
        last_page = len(parent_spool.list_pages(child.parent)) + 1
        yield _store_page(feed, pending, cursor, page_spool=page_spool, envelope=envelope, page=last_page, position=0)


def _iter_pending_ids(
    child: ChildFeed, cursor: FeedCursor, *, parent_spool: PageSpool
) -> Iterator[tuple[int, int, str]]:
    """Yield the ids not yet requested, each with its page's number, from 1, and its position there, from 0."""
    for page_number, path in enumerate(parent_spool.list_pages(child.parent), start=1):
        if page_number < cursor.page:
            continue
        for position, row_id in enumerate(child.ids(msgspec.json.decode(path.read_bytes()))):
            if page_number > cursor.page or position >= cursor.place:
                yield page_number, position, row_id


def _fetch_rows(feed: Feed, child: ChildFeed, row_id: str, *, session: ApiSession) -> list[Any]:
    """Return the rows of one id, through all its pages."""
    request: Request | None = child.first(session.settings, row_id)
    rows: list[Any] = []
    while request is not None:
        response = session.send_request(
            request,
            title=feed.title,
            scopes=feed.scopes,
            allow=child.missing_statuses,
            is_complete=_build_json_check(child),
        )
        if response.status in child.missing_statuses:
            break
        rows += child.rows(row_id, response.document)
        request = feed.next(session.settings, FeedPage(request=request, response=response))
    return rows


def _build_json_check(child: ChildFeed) -> Any:
    def is_json(response: Response) -> bool:
        try:
            return response.status in child.missing_statuses or response.document is not None
        except ValueError:
            return False

    return is_json


def _store_page(
    feed: Feed, rows: list[Any], cursor: FeedCursor, *, page_spool: PageSpool, envelope: str, page: int, position: int
) -> FeedCursor:
    content, count = encode_rows(rows, envelope=envelope)
    page_spool.write_page(feed.id, cursor.pages + 1, content)
    next_cursor = FeedCursor(pages=cursor.pages + 1, rows=cursor.rows + count, page=page, place=position)
    page_spool.write_cursor(feed.id, next_cursor)
    return next_cursor
