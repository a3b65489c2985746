"""Feeds that ask once for each row of another feed, such as the apps of every user: many answers make one page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from homeroom.ingest.remote.client import Answer, Each, Feed, Page, Request
from homeroom.ingest.remote.line import Line
from homeroom.ingest.remote.pages import wrapped
from homeroom.ingest.remote.spool import Cursor, Spool

TOGETHER = 100
"""Answers that make one page: what is asked for again at most where a walk is interrupted."""


def follow(
    feed: Feed, each: Each, cursor: Cursor, *, line: Line, into: Spool, rows_of: Spool, envelope: str
) -> Iterator[Cursor]:
    """Asks for every row of the other feed's pages, which lie in `rows_of`, from the cursor on; the cursor after each page that
    was kept."""
    waiting: list[Any] = []
    for asked, (number, place, found) in enumerate(_ids(each, cursor, rows_of=rows_of), start=1):
        waiting += _rows(feed, each, found, line=line)
        if asked % TOGETHER == 0:
            cursor = _kept(feed, waiting, cursor, into=into, envelope=envelope, page=number, place=place + 1)
            waiting = []
            yield cursor
    if waiting or not cursor.pages:
        last = len(rows_of.pages(each.of)) + 1
        yield _kept(feed, waiting, cursor, into=into, envelope=envelope, page=last, place=0)


def _ids(each: Each, cursor: Cursor, *, rows_of: Spool) -> Iterator[tuple[int, int, str]]:
    """The ids that were not asked for yet, each with its page's number, from 1, and its place there, from 0."""
    for number, path in enumerate(rows_of.pages(each.of), start=1):
        if number < cursor.page:
            continue
        for place, found in enumerate(each.ids(msgspec.json.decode(path.read_bytes()))):
            if number > cursor.page or place >= cursor.place:
                yield number, place, found


def _rows(feed: Feed, each: Each, found: str, *, line: Line) -> list[Any]:
    """The rows of one id, through all its pages."""
    request: Request | None = each.first(line.settings, found)
    rows: list[Any] = []
    while request is not None:
        answer = line.ask(request, asked=feed.title, scopes=feed.scopes, allow=each.gone, good=_json(each))
        if answer.status in each.gone:
            break
        rows += each.rows(found, answer.document)
        request = feed.next(line.settings, Page(request=request, answer=answer))
    return rows


def _json(each: Each) -> Any:
    def good(answer: Answer) -> bool:
        try:
            return answer.status in each.gone or answer.document is not None
        except ValueError:
            return False

    return good


def _kept(feed: Feed, rows: list[Any], cursor: Cursor, *, into: Spool, envelope: str, page: int, place: int) -> Cursor:
    content, count = wrapped(rows, envelope=envelope)
    into.keep(feed.id, cursor.pages + 1, content)
    after = Cursor(pages=cursor.pages + 1, rows=cursor.rows + count, page=page, place=place)
    into.point(feed.id, after)
    return after
