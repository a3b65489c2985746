"""Fixtures of the journeys: the districts on Monday, and after the director and technician worked.

What only is read is built once per run: in a folder that all processes share (see `tests/prepared.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from tests.prepared_folders import prepare_folder
from tests.web.journeys.crawler import SUBJECT, Crawler, PageResponse, crawl, is_sampled
from tests.web.journeys.districts import JourneyDistricts, Visitors, build_districts, serve_for_visitors
from tests.web.journeys.state import collect_change_targets
from tests.web.journeys.steps import ReleasedFixFile, defer_item, plan_week, release_fix_file

STARTS = (
    "/", "/posture", "/plan", "/reports", "/fixes", "/sources", "/setup", "/audit", "/inventory", "/devices", "/people",
    "/accounts", "/alerts", "/devices.csv", "/people.csv", "/accounts.csv", "/setup/facts.yaml",
    "/privacy/requests", "/privacy/disclosures", "/privacy/opt-outs", "/tools", "/tools/renewals", "/awareness",
)  # fmt: skip


@pytest.fixture(scope="session")
def house() -> JourneyDistricts:
    """Create the districts as of Monday morning; tests must not write into them."""

    def build(folder: Path) -> None:
        passphrases = build_districts(folder)
        (folder / "passphrases.json").write_bytes(msgspec.json.encode(passphrases))

    folder = prepare_folder("journeys-monday", build)
    passphrases = msgspec.json.decode((folder / "passphrases.json").read_bytes(), type=dict[str, str])
    return JourneyDistricts(data=folder / "data", files=folder / "files", passphrases=passphrases)


@pytest.fixture(scope="session")
def used(house: JourneyDistricts, browser: Browser) -> tuple[JourneyDistricts, ReleasedFixFile]:
    """Return districts in which the week is planned, an item deferred and a fix file released."""

    def build(folder: Path) -> None:
        with serve_for_visitors(browser, house.copy_to(folder)) as visitors:
            director = visitors.open_page("director")
            plan_week(director, hours="40")
            defer_item(director, "leaver-account", until="2026-01-20", reason="The board meets first.")
            fix_file = release_fix_file(visitors.open_page("technician"))
        (folder / "fix.json").write_bytes(msgspec.json.encode(fix_file))

    folder = prepare_folder("journeys-used", build)
    districts = JourneyDistricts(data=folder / "data", files=folder / "files", passphrases=house.passphrases)
    return districts, msgspec.json.decode((folder / "fix.json").read_bytes(), type=ReleasedFixFile)


@pytest.fixture(scope="session")
def site(
    used: tuple[JourneyDistricts, ReleasedFixFile], browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Visitors]:
    """Serve this process's copy of the used districts, for journeys that change nothing in it."""
    with serve_for_visitors(browser, used[0].copy_to(tmp_path_factory.mktemp("used"))) as visitors:
        yield visitors


@pytest.fixture(scope="session")
def walk(site: Visitors) -> dict[str, PageResponse]:
    """Return all addresses that the auditor can reach from the start pages, with their responses."""

    def build(folder: Path) -> None:
        responses = crawl(Crawler(site.open_page("auditor"), site.address), STARTS, follow=should_visit)
        (folder / "responses").write_bytes(msgspec.msgpack.encode(responses))

    folder = prepare_folder("journeys-walk", build)
    return msgspec.msgpack.decode((folder / "responses").read_bytes(), type=dict[str, PageResponse])


@pytest.fixture(scope="session")
def change_targets(site: Visitors, walk: dict[str, PageResponse]) -> set[str]:
    """Return the addresses to which the director can send a change."""
    return collect_change_targets(site, walk)


OWN_ACCOUNT = ("/password", "/account/")
"""Pages of a visitor's own account, which are of no district."""


def should_visit(address: str) -> bool:
    """Check that an address is of the district, no mere order, filter or column set, and no later page of passing rows.

    Of the lists of each control's states, of each finding's file, of goals and of settings, a fixed share is visited.
    """
    path, _, query = address.partition("?")
    if path.startswith(OWN_ACCOUNT):
        return False
    if query:
        has_count = path.startswith("/findings/") or path.endswith(("/fail", "/cannot_tell", "/excepted"))
        return query.startswith("after=") and has_count and is_sampled(path)
    if path.startswith(("/people", "/accounts", "/devices")):
        return bool(SUBJECT.match(path))
    return is_sampled(path)
