"""The stranger from the next district, in the same data folder, reaches no address and no data of the first."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.urls import get_resolver

from tests.amounts import choose_amount
from tests.web.browser import CHROMIUM, NO_CHROMIUM
from tests.web.journeys.crawler import Crawler, PageResponse
from tests.web.journeys.create_districts import DISTRICT
from tests.web.journeys.districts import (
    JourneyDistricts,
    Visitors,
    list_student_identifiers,
    read_csv,
)
from tests.web.journeys.state import get_view_name, hash_state, sample_addresses
from tests.web.platform.test_access import AGENT_VIEWS, PERSONAL_VIEWS, SIGN_IN_VIEWS, iter_url_patterns

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
Walk = dict[str, PageResponse]
PER_VIEW = choose_amount(brief=4, thorough=1_000)
"""How many addresses of each view the stranger tries."""
SECOND_STEPS = {
    "sign-in-passkey",
    "sign-in-passkey-options",
    "sign-in-confirm",
    "sign-in-confirm-options",
    "sign-in-confirm-passkey",
}
COMMON_VIEWS = {*SECOND_STEPS, "sign_in", "outbox_worker", "offline", "language", *PERSONAL_VIEWS, *SIGN_IN_VIEWS}
PROBES = {"healthz", "readyz"}
"""Addresses for a load balancer, which belong to no district; tests/web/platform/test_health.py tries them."""


@dataclass(frozen=True)
class StrangerSession:
    """The stranger, signed in, and all addresses of the first district that others read or sent to."""

    house: JourneyDistricts
    visitors: Visitors
    stranger: Crawler
    reads: list[str]
    sends: set[str]


@pytest.fixture(scope="module")
def outside(site: Visitors, walk: Walk, change_targets: set[str]) -> StrangerSession:
    stranger = Crawler(site.open_page("stranger"), site.address)
    reads = sample_addresses(walk, per_view=PER_VIEW)
    return StrangerSession(house=site.house, visitors=site, stranger=stranger, reads=reads, sends=change_targets)


@pytest.fixture(scope="module")
def words(house: JourneyDistricts) -> set[str]:
    """Return texts that identify the first district: its name, domain, people, and devices' serial numbers."""
    devices = read_csv(house.files / "google" / "chromeosdevices.csv")
    staff = read_csv(house.files / "hr" / "staff.csv")
    people = {f"{row['First Name']} {row['Last Name']}" for row in staff}
    return (
        list_student_identifiers(house.files)
        | people
        | {row["serialNumber"] for row in devices}
        | {"Cedar", "cedarbluff", DISTRICT}
    )


def test_every_address_of_the_site_is_tried(outside: StrangerSession) -> None:
    personal = {
        str(pattern.name) for _, pattern in iter_url_patterns() if getattr(pattern.callback, "of_person", False)
    }
    site = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)} - COMMON_VIEWS - personal
    tried = {get_view_name(address) for address in [*outside.reads, *outside.sends]}
    assert site - tried == {"job", *PROBES, *AGENT_VIEWS}


def test_no_address_of_the_first_district_is_there_under_its_name(outside: StrangerSession) -> None:
    under = [f"/d/{DISTRICT}{address}" for address in outside.reads]
    assert len(under) > choose_amount(brief=100, thorough=400)
    assert {address for address in under if outside.stranger.get(address).status != 404} == set()


def test_at_the_plain_address_there_is_the_own_empty_page_or_nothing(outside: StrangerSession, words: set[str]) -> None:
    available, missing = [], []
    for address in outside.reads:
        response = outside.stranger.get(address)
        (available if response.status == 200 else missing).append(address)
        assert response.status in (200, 404), address
        assert not [word for word in words if word in response.body.decode("utf-8", "replace")], address
    # A plan of action exists only where something fails: the stranger's own district was never assessed.
    assert {get_view_name(address) for address in available} & {get_view_name(address) for address in missing} <= {
        "setup-step",
        "framework-file",
    }
    assert {get_view_name(address) for address in available} >= {
        "today",
        "plan",
        "posture",
        "reports",
        "inventory",
        "audit",
        "fixes",
    }
    assert {get_view_name(address) for address in missing} >= {
        "finding",
        "finding_csv",
        "control",
        "state",
        "fix",
        "report",
        "load",
    }


def test_nothing_of_the_first_district_is_found_by_searching(outside: StrangerSession, words: set[str]) -> None:
    page = outside.visitors.open_page("stranger")
    for word in [*sorted(words)[:: len(words) // 6], "Cedar"]:
        page.goto("/inventory")
        page.locator("main").get_by_role("searchbox").first.fill(word)
        page.keyboard.press("Enter")
        page.wait_for_url("**/inventory?q=*")
        assert page.locator("main tbody tr").count() == 0
        for plural in ("people", "accounts", "devices"):
            assert page.goto(f"/{plural}?q={word}").status == 200  # type: ignore[union-attr]
            assert page.locator("main tbody tr").count() == 0


READ_BY_SECRET = {"visit-feed", "agenda-feed"}


def test_whatever_is_sent_to_the_first_district_is_refused_and_changes_nothing(outside: StrangerSession) -> None:
    before = hash_state(outside.house)
    assert len(outside.sends) > 30
    under = {address: outside.stranger.post(f"/d/{DISTRICT}{address}").status for address in outside.sends}
    readable = {address for address in outside.sends if get_view_name(address) in READ_BY_SECRET}
    assert under == {address: 405 if address in readable else 404 for address in outside.sends}
    assert hash_state(outside.house) == before
