"""A newcomer: somebody who starts on Today and gets an answer with few clicks."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

MAX_ACTS = 5


@dataclass
class Newcomer:
    """A page that starts on Today, and what was done on it: clicks, fields and keys, at most 5 for a task."""

    page: Page
    acts: list[str] = field(default_factory=list)

    def click(self, locator: Locator) -> None:
        """Click, which is one act."""
        self._count(f"click {locator}")
        locator.click()

    def fill(self, locator: Locator, text: str) -> None:
        """Type a text into a field, which is one act."""
        self._count(f"type {text}")
        locator.fill(text)

    def choose(self, locator: Locator, label: str) -> None:
        """Choose from a list, which is one act."""
        self._count(f"choose {label}")
        locator.select_option(label=label)

    def search(self, text: str) -> None:
        """Type into the search of the header and press Enter, which are two acts."""
        self.fill(self.page.get_by_role("search", name="Search everything").get_by_role("searchbox"), text)
        self._count("press Enter")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def open_area(self, name: str) -> None:
        """Open an area of the main navigation, which is one act."""
        self.click(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True))

    def _count(self, act: str) -> None:
        self.acts.append(act)
        assert len(self.acts) <= MAX_ACTS, self.acts
