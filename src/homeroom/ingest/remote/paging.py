"""The ways in which APIs say what comes next, each as a `Feed.next`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from homeroom.ingest.remote.client import Page, Request, Settings

Next = Callable[[Settings, Page], Request | None]
_LINK = re.compile(r"<([^>]*)>((?:[^,<\"]|\"[^\"]*\")*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def by_token(*, param: str, at: str) -> Next:
    """The next page is asked for with a token that the page gives at a path of names, such as nextPageToken."""

    def following(_settings: Settings, page: Page) -> Request | None:
        token = inside(page.document, at)
        return page.request.asking(**{param: str(token)}) if token else None

    return following


def by_address(*, at: str) -> Next:
    """The page gives the whole address of the next one, such as @odata.nextLink; names in `at` have blanks between levels."""

    def following(_settings: Settings, page: Page) -> Request | None:
        return _go_on(page, inside(page.document, at, between=" "))

    return following


def by_link_header(_settings: Settings, page: Page) -> Request | None:
    """The header Link gives the address of the next page (RFC 8288), absolute or relative."""
    return _go_on(page, linked(page.header("link"), rel="next"))


def by_offset(*, limit: str, offset: str, total: Callable[[Page], int | None] | None = None) -> Next:
    """Pages are counted by rows: the next one begins after the rows so far, while there are as many as `total` says, or where
    nothing is said, while pages are full."""

    def following(_settings: Settings, page: Page) -> Request | None:
        so_far = int(page.request.param(offset) or 0) + len(page.rows)
        whole = total(page) if total else None
        more = so_far < whole if whole is not None else len(page.rows) >= int(page.request.param(limit) or 0)
        return page.request.asking(**{offset: str(so_far)}) if more and page.rows else None

    return following


def by_number(*, param: str, first: int = 0, more: Callable[[Page], bool]) -> Next:
    """Pages have numbers: the next one follows while `more` says so and the page has rows."""

    def following(_settings: Settings, page: Page) -> Request | None:
        number = int(page.request.param(param) or first)
        return page.request.asking(**{param: str(number + 1)}) if page.rows and more(page) else None

    return following


def linked(header: str, *, rel: str) -> str:
    """The address with that relation in a Link header, or empty text."""
    for address, about in _LINK.findall(header):
        found = _REL.search(about)
        if found and rel in (found[1] or found[2]).lower().split():
            return str(address)
    return ""


def inside(found: Any, path: str, *, between: str = ".") -> Any:
    """The value at a path of names; None where a level is missing."""
    for name in path.split(between):
        if not isinstance(found, dict):
            return None
        found = found.get(name)
    return found


def count_at(path: str) -> Callable[[Page], int | None]:
    """How many rows the list has, as a page says at a path of names; None where it says nothing."""

    def counted(page: Page) -> int | None:
        found = inside(page.document, path)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    return counted


def _go_on(page: Page, address: Any) -> Request | None:
    if not isinstance(address, str) or not address:
        return None
    # The address holds the whole query already, and is sent as it came: a token in it may be written in its own way.
    return Request(url=urljoin(page.request.url, address), method=page.request.method, headers=page.request.headers)
