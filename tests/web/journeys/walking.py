"""Walking a served house as one of the cast: every link from some pages on, with what each address answered."""

from __future__ import annotations

import http.client
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lxml import html
from playwright.sync_api import Page

SUBJECT = re.compile(r"/(people|accounts|devices)/[pad]-\w+$|/(posture)/[^?]+\?(?:.*&)?school=")
"""Addresses of which there is one for each subject, or for each school and control."""
OF_EACH_KIND = 8


@dataclass(frozen=True)
class Answer:
    """What an address answered."""

    status: int
    kind: str
    body: bytes

    @cached_property
    def text(self) -> str:
        """The body as text; what is no text is empty."""
        return self.body.decode("utf-8-sig") if self.kind.startswith("text/") else ""

    @cached_property
    def page(self) -> Any:
        """The body as a tree of HTML."""
        return html.fromstring(self.body)

    @cached_property
    def main(self) -> Any:
        """The page without its frame; what has no frame (a report to take away) is all of it."""
        return self.page.get_element_by_id("main", self.page)

    def links(self, here: str) -> list[str]:
        """Where a page leads on this site, its frame left out."""
        if not self.kind.startswith("text/html") or self.status != 200:
            return []
        found = (urljoin(here, one) for one in self.main.xpath(".//a/@href"))
        return [one.partition("#")[0] for one in found if one.startswith("/")]

    def forms(self, here: str) -> list[str]:
        """Where the forms of a page send what they change; those whose every button is off are none."""
        if not self.kind.startswith("text/html"):
            return []
        sends = self.main.xpath(".//form[@method='post'][.//button[not(@disabled)]]")
        return [urlsplit(urljoin(here, one.get("action") or here)).path for one in sends]


class Walker:
    """Somebody of the cast who signed in with a browser and now asks by address; redirects are not followed."""

    def __init__(self, page: Page, address: str) -> None:
        self._host = urlsplit(address).netloc
        self._cookies = {one.get("name"): one.get("value") for one in page.context.cookies()}

    def get(self, address: str) -> Answer:
        """What reading an address answers."""
        return self._asked("GET", address, None)

    def post(self, address: str, **given: str) -> Answer:
        """What sending a form to an address answers; the token that guards forms is a right one."""
        return self._asked("POST", address, urlencode(given))

    def _asked(self, method: str, address: str, body: str | None) -> Answer:
        token = self._cookies.get("csrftoken") or ""
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items()),
            "X-CSRFToken": token,
            "Origin": f"http://{self._host}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with closing(http.client.HTTPConnection(self._host, timeout=30)) as line:
            line.request(method, address, body=body, headers=headers)
            with closing(line.getresponse()) as answer:
                return Answer(status=answer.status, kind=answer.headers.get("Content-Type", ""), body=answer.read())


def walked(walker: Walker, starts: Iterable[str], *, follow: Callable[[str], bool]) -> dict[str, Answer]:
    """Every address that the starts lead to and `follow` wants, with its answer; of subjects only some of each kind."""
    met: dict[str, Answer] = {}
    waiting = list(starts)
    subjects: dict[str, int] = {}
    while waiting:
        address = waiting.pop(0)
        if address in met:
            continue
        kind = SUBJECT.match(address)
        if kind:
            name = kind[1] or kind[2]
            subjects[name] = subjects.get(name, 0) + 1
            if subjects[name] > OF_EACH_KIND:
                continue
        met[address] = walker.get(address)
        waiting += [one for one in met[address].links(address) if one not in met and follow(one)]
    return met
