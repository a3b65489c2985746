"""Fixtures of the journeys: the districts on Monday, and after the director and technician worked."""

from __future__ import annotations

import pytest

from tests.web.journeys.crawler import SUBJECT, Crawler, PageResponse, crawl
from tests.web.journeys.districts import JourneyDistricts, build_districts, serve_for_visitors
from tests.web.journeys.steps import ReleasedFixFile, defer_item, plan_week, release_fix_file

STARTS = (
    "/", "/posture", "/plan", "/reports", "/fixes", "/sources", "/setup", "/audit", "/inventory", "/devices", "/people",
    "/accounts", "/devices.csv", "/people.csv", "/accounts.csv", "/setup/facts.yaml",
)  # fmt: skip


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> JourneyDistricts:
    """Create the districts as of Monday morning; tests must not write into them."""
    return build_districts(tmp_path_factory.mktemp("journeys"))


@pytest.fixture(scope="session")
def used(house: JourneyDistricts, tmp_path_factory: pytest.TempPathFactory) -> tuple[JourneyDistricts, ReleasedFixFile]:
    """Return districts in which the week is planned, an item deferred and a fix file released."""
    own = house.copy_to(tmp_path_factory.mktemp("used"))
    with serve_for_visitors(own) as visitors:
        director = visitors.open_page("director")
        plan_week(director, hours="6")
        defer_item(director, "leaver-account", until="2026-01-20", reason="The board meets first.")
        return own, release_fix_file(visitors.open_page("technician"))


@pytest.fixture(scope="session")
def walk(used: tuple[JourneyDistricts, ReleasedFixFile]) -> dict[str, PageResponse]:
    """Return all addresses that the auditor can reach from the start pages, with their responses."""
    with serve_for_visitors(used[0]) as visitors:
        return crawl(Crawler(visitors.open_page("auditor"), visitors.address), STARTS, follow=should_visit)


def should_visit(address: str) -> bool:
    """Check that an address is no mere other order, filter or column set, and no later page of passing rows."""
    path, _, query = address.partition("?")
    if query:
        has_count = path.startswith("/findings/") or path.endswith(("/fail", "/cannot_tell", "/excepted"))
        return query.startswith("after=") and has_count
    return not path.startswith(("/people", "/accounts", "/devices")) or bool(SUBJECT.match(path))
