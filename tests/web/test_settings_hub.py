"""Settings: a director finds every page that changes something, and nobody finds one that is closed to them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.districts.models import Membership
from homeroom.apps.setup.queries import STEPS
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
NOT_SETTINGS = {"exports", "load"}
"""Steps of the first run that load files, which is done at the sources later."""


def list_links(client: Client) -> list[str]:
    main = client.get("/settings").content.decode().partition("<main")[2].partition("</main>")[0]
    return re.findall(r'<li><a href="([^"]+)">', main)


def test_a_director_finds_all_that_the_first_run_asked_and_who_gets_in(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    links = set(list_links(as_("director")))
    assert {f"/setup/{step}" for step in STEPS if step not in NOT_SETTINGS} <= links
    assert {"/users", "/settings/permissions", "/sign-in-security", "/sources/consoles", "/audit"} <= links
    assert '<a href="/settings">Settings</a>' in as_("director").get("/inventory").content.decode()


@pytest.mark.parametrize("name", ["director", "technician", "privacy", "auditor"])
def test_every_page_that_is_listed_opens(cast: Cast, as_: ClientFactory, empty_folder: None, name: str) -> None:
    client = as_(name)
    links = [link for link in list_links(client) if link != "/password"]  # these users have none
    assert len(links) >= 10
    assert {link: client.get(link).status_code for link in links} == dict.fromkeys(links, 200)


def test_a_member_of_one_school_finds_only_their_own_account(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    Membership.objects.filter(user=cast.technician).update(schools=["Lincoln Elementary"])
    links = set(list_links(as_("technician")))
    assert {"/password", "/account/2-step", "/account/sessions"} <= links
    assert links & {"/users", "/sources/consoles", "/setup/district", "/audit"} == set()
