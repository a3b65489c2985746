"""The ways in which APIs point to the next page, each as a `Feed.next`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

from homeroom.ingest.remote.api_spec import FeedPage, Request, Settings

Next = Callable[[Settings, FeedPage], Request | None]
_LINK = re.compile(r"<([^>]*)>((?:[^,<\"]|\"[^\"]*\")*)")
_REL = re.compile(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", re.IGNORECASE)


def page_by_token(*, param: str, path: str) -> Next:
    """Request the next page with a token that the page has at a path of names, such as nextPageToken."""

    def build_next(_settings: Settings, page: FeedPage) -> Request | None:
        token = get_path(page.document, path)
        return page.request.replace_params(**{param: str(token)}) if token else None

    return build_next


def page_by_url(*, path: str) -> Next:
    """Request the next page at the URL that the page has, such as @odata.nextLink; `path` has blanks between levels."""

    def build_next(_settings: Settings, page: FeedPage) -> Request | None:
        return _build_next_request(page, get_path(page.document, path, separator=" "))

    return build_next


def page_by_link_header(_settings: Settings, page: FeedPage) -> Request | None:
    """Request the next page at the URL of the header Link (RFC 8288), absolute or relative."""
    return _build_next_request(page, find_link(page.get_header("link"), rel="next"))


def page_by_offset(*, limit: str, offset: str, total: Callable[[FeedPage], int | None] | None = None) -> Next:
    """Request the next page from the row count so far, while there are more rows.

    There are more while the rows so far are fewer than `total` or, if it is unknown, while pages are full.
    """

    def build_next(_settings: Settings, page: FeedPage) -> Request | None:
        next_offset = int(page.request.get_param(offset) or 0) + len(page.rows)
        row_total = total(page) if total else None
        has_more = (
            next_offset < row_total
            if row_total is not None
            else len(page.rows) >= int(page.request.get_param(limit) or 0)
        )
        return page.request.replace_params(**{offset: str(next_offset)}) if has_more and page.rows else None

    return build_next


def page_by_number(*, param: str, first: int = 0, has_more: Callable[[FeedPage], bool]) -> Next:
    """Request the next page by its number, while `has_more` is true and the page has rows."""

    def build_next(_settings: Settings, page: FeedPage) -> Request | None:
        number = int(page.request.get_param(param) or first)
        return page.request.replace_params(**{param: str(number + 1)}) if page.rows and has_more(page) else None

    return build_next


def find_link(header: str, *, rel: str) -> str:
    """Return the URL with that relation in a Link header, or empty text."""
    for address, attributes in _LINK.findall(header):
        relation = _REL.search(attributes)
        if relation and rel in (relation[1] or relation[2]).lower().split():
            return str(address)
    return ""


def get_path(value: Any, path: str, *, separator: str = ".") -> Any:
    """Return the value at a path of names; None if a level is missing."""
    for name in path.split(separator):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def read_count_at(path: str) -> Callable[[FeedPage], int | None]:
    """Return a function that reads the list's number of rows at a path of names in a page; None if it is not there."""

    def read_count(page: FeedPage) -> int | None:
        count = get_path(page.document, path)
        return count if isinstance(count, int) and not isinstance(count, bool) else None

    return read_count


def _build_next_request(page: FeedPage, address: Any) -> Request | None:
    if not isinstance(address, str) or not address:
        return None
    # The URL has the complete query already and is sent unchanged: a token in it may have its own encoding.
    return Request(url=urljoin(page.request.url, address), method=page.request.method, headers=page.request.headers)
