"""Every page on a screen of 320 pixels, which is a phone at 400 percent zoom: no scrolling sideways, and less motion.

One address of each view is tried, of all that the auditor and the director reach from the start pages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browser import CHROMIUM, NO_CHROMIUM, find_overflow, sign_in
from tests.web.journeys.crawler import PageResponse
from tests.web.journeys.districts import Visitors
from tests.web.journeys.state import STEPS, sample_addresses

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
WIDTH = 320
OWN_PAGES = ("/settings", "/users", "/sources/consoles", "/sources/drop", "/notifications", "/inventory?q=internet")
FORCED = (
    "() => [...document.querySelectorAll('main .button:not(.plain), main .tag')].filter(one => one.checkVisibility()"
)
FORCED += " && parseFloat(getComputedStyle(one).borderTopWidth) === 0).map(one => one.className)"
MOVING = "() => document.getAnimations().length + [...document.querySelectorAll('body *')]"
MOVING += ".filter(one => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"


@pytest.fixture(scope="module")
def narrow(site: Visitors, browser: Browser) -> Iterator[Page]:
    """Sign the director in on a narrow screen, with less motion and forced colors."""
    with browser.new_context(
        base_url=site.address,
        viewport={"width": WIDTH, "height": 640},
        reduced_motion="reduce",
        forced_colors="active",
    ) as context:
        page = context.new_page()
        sign_in(page, "director", site.house.passphrases["director"])
        yield page


def test_no_page_scrolls_sideways_or_moves_or_loses_its_edges(narrow: Page, walk: dict[str, PageResponse]) -> None:
    html = [address for address, answer in walk.items() if answer.status == 200 and answer.kind.startswith("text/html")]
    pages = [address for address in sample_addresses(html, per_view=1) if not address.endswith(".html")]
    assert len(pages) > 60
    faults = []
    for address in (*pages, *OWN_PAGES, *(f"/setup/{step}" for step in STEPS)):
        narrow.goto(address)
        faults += [(address, "wider than the screen", element) for element in find_overflow(narrow)]
        faults += [(address, "no edge in forced colors", name) for name in narrow.evaluate(FORCED)]
        if narrow.evaluate(MOVING):
            faults.append((address, "moves", ""))
    assert faults == []
