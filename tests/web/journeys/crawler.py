"""Crawl a served site as one of the cast: follow each link from the start pages and record the responses."""

from __future__ import annotations

import http.client
import re
import zlib
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html
from playwright.sync_api import Page

from tests.amounts import choose_amount

SUBJECT = re.compile(
    r"/(people|accounts|devices)/[pad]-\w+$|/(things)/[kny]-\w+$|/(posture)/[^?]+\?(?:.*&)?school=|/alerts/(rules)/."
)
"""Addresses that exist once per subject, once per school and control, or once per rule."""
MAX_PER_KIND = 8
SAMPLED = re.compile(
    r"/posture/([^/]+)/\w+$|/findings/([^/]+)/rows\.csv$|/frameworks/[^/]+/goals/([^/]+)$|/tenant-settings/([^/]+)$"
)
"""Addresses of hundreds of controls, findings, goals and settings, each kind from one view."""
SAMPLE_EVERY = choose_amount(brief=4, thorough=1)
NAMED_CONTROLS = {"leaver-account"}
"""Controls that journeys open by name, so that every sample has them."""


@dataclass(frozen=True)
class PageResponse:
    """The response of an address."""

    status: int
    kind: str
    body: bytes
    location: str = ""

    @cached_property
    def text(self) -> str:
        """Body as text; empty for other content types."""
        return self.body.decode("utf-8-sig") if self.kind.startswith("text/") else ""

    @cached_property
    def page(self) -> Any:
        """Body as an HTML tree."""
        return html.fromstring(self.body)

    @cached_property
    def main(self) -> Any:
        """Main element of the page, or the complete page of a standalone report."""
        return self.page.get_element_by_id("main", self.page)

    def list_links(self, base: str) -> list[str]:
        """Return the addresses on this site that the main element links to, or that the response redirects to."""
        if self.location:
            return [urlsplit(urljoin(base, self.location)).path]
        if not self.kind.startswith("text/html") or self.status != 200:
            return []
        targets = (urljoin(base, link) for link in self.main.xpath(".//a/@href"))
        return [link.partition("#")[0] for link in targets if link.startswith("/")]

    def list_form_targets(self, base: str) -> list[str]:
        """Return the targets of the page's POST forms that have an enabled button."""
        if not self.kind.startswith("text/html") or self.location:
            return []
        forms = self.main.xpath(".//form[@method='post'][.//button[not(@disabled)]]")
        return [urlsplit(urljoin(base, form.get("action") or base)).path for form in forms]


class Crawler:
    """One of the cast, signed in with a browser, that requests by address without following redirects."""

    def __init__(self, page: Page, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookies = {cookie.get("name"): cookie.get("value") for cookie in page.context.cookies()}

    def get(self, address: str) -> PageResponse:
        """Request an address and return its response."""
        return self._send_request("GET", address, None)

    def post(self, address: str, **fields: str) -> PageResponse:
        """Send a form with a valid CSRF token to an address and return its response."""
        return self._send_request("POST", address, urlencode(fields))

    def _send_request(self, method: str, address: str, body: str | None) -> PageResponse:
        token = self._cookies.get("csrftoken") or ""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRFToken": token,
            "Origin": f"http://{self._host}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with closing(http.client.HTTPConnection(self._host, timeout=30)) as connection:
            connection.request(method, address, body=body, headers=headers)
            with closing(connection.getresponse()) as response:
                return PageResponse(
                    status=response.status,
                    kind=response.headers.get("Content-Type", ""),
                    body=response.read(),
                    location=response.headers.get("Location", ""),
                )


def is_sampled(path: str) -> bool:
    """Check that a path is visited: all are, but those of the views in SAMPLED that the sample leaves out."""
    match = SAMPLED.match(path)
    name = next(filter(None, match.groups())) if match else ""
    return match is None or name in NAMED_CONTROLS or zlib.crc32(name.encode()) % SAMPLE_EVERY == 0


def crawl(crawler: Crawler, starts: Iterable[str], *, follow: Callable[[str], bool]) -> dict[str, PageResponse]:
    """Return all addresses that the starts lead to and `follow` accepts, with their responses.

    Of addresses with one page per subject, only some of each kind are requested.
    """
    responses: dict[str, PageResponse] = {}
    pending = list(starts)
    subjects: dict[str, int] = {}
    while pending:
        address = pending.pop(0)
        if address in responses:
            continue
        kind = SUBJECT.match(address)
        if kind:
            name = next(filter(None, kind.groups()))
            subjects[name] = subjects.get(name, 0) + 1
            if subjects[name] > MAX_PER_KIND:
                continue
        responses[address] = crawler.get(address)
        pending += [link for link in responses[address].list_links(address) if link not in responses and follow(link)]
    return responses
