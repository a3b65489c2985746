"""Find what is not accessible on a page that a browser shows."""

from __future__ import annotations

import zlib
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.amounts import THOROUGH

_OPTIONS = {"resultTypes": ["violations"]}
"""Axe does not describe the elements that have no fault, which is an eighth of its work."""


def find_violations(page: Page) -> list[Any]:
    """Return axe's violations on the page as it is now."""
    violations: list[Any] = Axe().run(page, options=_OPTIONS).response["violations"]
    return violations


def find_faults(page: Page, *, is_checked: bool = True) -> list[Any]:
    """Return the faults of the page as it is now: content wider than the screen, and, if checked, axe's violations.

    Each is the address, what is wrong, and the elements.
    """
    violations = find_violations(page) if is_checked else []
    faults: list[Any] = [
        (page.url, violation["id"], [node["html"][:200] for node in violation["nodes"]]) for violation in violations
    ]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        faults.append((page.url, "wider than the screen", []))
    return faults


def has_axe(address: str, screen: int, *, screens: int) -> bool:
    """Return whether axe runs on a page on this screen, of those that a test opens it on.

    Axe takes half a second of a processor: the page has it on one of the screens, and on all in a thorough run.
    """
    return THOROUGH or zlib.crc32(address.encode()) % screens == screen
