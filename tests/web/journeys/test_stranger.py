"""The stranger from the next district, in the same house: not one address of the first is there, and nothing of it is found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.urls import get_resolver

from tests.web.browsing import CHROMIUM, NO_CHROMIUM
from tests.web.journeys.gathering import HERE
from tests.web.journeys.house import House, Visitors, open_house, pupil_words, rows_of
from tests.web.journeys.state import changing, kept, named
from tests.web.journeys.steps import Handed
from tests.web.journeys.walking import Answer, Walker
from tests.web.test_access import AGENTS

pytestmark = [pytest.mark.scale, pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM)]
Walk = dict[str, Answer]
OF_EVERYBODY = {"sign_in", "sign_out", "password", "districts"}


@dataclass(frozen=True)
class Outside:
    """The stranger, signed in, and every address of the first district that others read or sent to."""

    house: House
    visitors: Visitors
    stranger: Walker
    reads: list[str]
    sends: set[str]


@pytest.fixture(scope="module")
def outside(used: tuple[House, Handed], walk: Walk) -> Iterator[Outside]:
    with open_house(used[0]) as visitors:
        sends = changing(visitors, walk)
        stranger = Walker(visitors.arrive("stranger"), visitors.address)
        yield Outside(house=used[0], visitors=visitors, stranger=stranger, reads=list(walk), sends=sends)


@pytest.fixture(scope="module")
def words(house: House) -> set[str]:
    """What gives the first district away: its name, its domain, its people, and the serial numbers of its devices."""
    devices = rows_of(house.files / "google" / "chromeosdevices.csv")
    staff = rows_of(house.files / "hr" / "staff.csv")
    people = {f"{row['First Name']} {row['Last Name']}" for row in staff}
    return pupil_words(house.files) | people | {row["serialNumber"] for row in devices} | {"Cedar", "cedarbluff", HERE}


def test_every_address_of_the_site_is_tried(outside: Outside) -> None:
    site = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)} - OF_EVERYBODY
    tried = {named(address) for address in [*outside.reads, *outside.sends]}
    assert site - tried == {"job", *AGENTS}


def test_no_address_of_the_first_district_is_there_under_its_name(outside: Outside) -> None:
    under = [f"/d/{HERE}{address}" for address in outside.reads]
    assert len(under) > 400
    assert {address for address in under if outside.stranger.get(address).status != 404} == set()


def test_at_the_plain_address_there_is_the_own_empty_page_or_nothing(outside: Outside, words: set[str]) -> None:
    own, gone = [], []
    for address in outside.reads:
        answer = outside.stranger.get(address)
        (own if answer.status == 200 else gone).append(address)
        assert answer.status in (200, 404), address
        assert not [word for word in words if word in answer.body.decode("utf-8", "replace")], address
    # A plan of action is there only where something fails: the stranger's own district was never judged.
    assert {named(address) for address in own} & {named(address) for address in gone} <= {
        "setup-step",
        "framework-file",
    }
    assert {named(address) for address in own} >= {"today", "plan", "posture", "reports", "inventory", "audit", "fixes"}
    assert {named(address) for address in gone} >= {
        "finding",
        "finding_csv",
        "control",
        "state",
        "fix",
        "report",
        "load",
    }


def test_nothing_of_the_first_district_is_found_by_searching(outside: Outside, words: set[str]) -> None:
    page = outside.visitors.arrive("stranger")
    for word in [*sorted(words)[:: len(words) // 6], "Cedar"]:
        page.goto("/inventory")
        page.locator("main").get_by_role("searchbox").first.fill(word)
        page.keyboard.press("Enter")
        page.wait_for_url("**/inventory?q=*")
        assert page.locator("main tbody tr").count() == 0
        for plural in ("people", "accounts", "devices"):
            assert page.goto(f"/{plural}?q={word}").status == 200  # type: ignore[union-attr]
            assert page.locator("main tbody tr").count() == 0


def test_whatever_is_sent_to_the_first_district_is_refused_and_changes_nothing(outside: Outside) -> None:
    before = kept(outside.house)
    assert len(outside.sends) > 30
    under = {address: outside.stranger.post(f"/d/{HERE}{address}").status for address in outside.sends}
    assert under == dict.fromkeys(outside.sends, 404)
    assert kept(outside.house) == before
