"""Settings: a director finds every page that changes something, and nobody finds one that is closed to them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.manage.setup.queries import STEPS
from homeroom.apps.platform.districts.models import Membership
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
    assert {f"/setup/{step}?from=settings" for step in STEPS if step not in NOT_SETTINGS} <= links
    assert {"/users", "/settings/permissions", "/sign-in-security", "/sources/consoles", "/audit"} <= links
    assert '<a href="/settings">Settings</a>' in as_("director").get("/inventory").content.decode()


QUESTIONS = {
    "name": "Name and time zone",
    "timezone": "Name and time zone",
    "fiscal_year_starts": "Name and time zone",
    "systems": "Systems in use",
    "staff": "Source of truth for people",
    "student": "Source of truth for people",
    "directory": "Single sign-on",
    "unit": "Single sign-on",
    "domain": "Single sign-on",
    "provider": "Single sign-on",
    "first_day": "School days",
    "last_day": "School days",
    "closed": "School days",
    "hours": "Team hours",
    "state": "Facts for laws",
    "city": "Facts for laws",
    "kind": "Facts for laws",
    "special_district": "Facts for laws",
    "population": "Facts for laws",
    "enrollment": "Facts for laws",
    "employees": "Facts for laws",
    "hhs_funds": "Facts for laws",
    "e_rate": "Facts for laws",
}
"""Each question of the first run, and the page of the settings where its answer is changed later."""
NO_QUESTIONS = {"csrfmiddlewaretoken", "back"}


def list_fields(client: Client, address: str) -> set[str]:
    main = client.get(address).content.decode().partition("<main")[2].partition("</main>")[0]
    fields = re.findall(r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"', main)
    return {re.sub(r"-(\d+|[a-z]+)$", "", name) for name in fields} - NO_QUESTIONS


def test_each_question_of_the_first_run_is_on_the_page_of_the_settings_that_names_it(
    cast: Cast, as_: ClientFactory, empty_folder: None
) -> None:
    director = as_("director")
    director.post("/setup/systems", {"systems": ["google", "hr", "oneroster"]})
    asked_fields = set().union(*(list_fields(director, f"/setup/{step}") for step in STEPS if step not in NOT_SETTINGS))
    assert asked_fields == set(QUESTIONS)
    main = director.get("/settings").content.decode().partition("<main")[2]
    pages = {title: address for address, title in re.findall(r'<li><a href="([^"]+)">([^<]+)</a>', main)}
    assert {name for name, title in QUESTIONS.items() if name not in list_fields(director, pages[title])} == set()


@pytest.mark.django_db(databases="__all__")
@pytest.mark.parametrize("step", [step for step in STEPS if step not in NOT_SETTINGS])
def test_a_step_that_settings_opened_returns_there(
    cast: Cast, as_: ClientFactory, empty_folder: None, step: str
) -> None:
    director = as_("director")
    page = director.get(f"/setup/{step}?from=settings").content.decode().partition("<main")[2]
    assert '<a href="/settings">Settings</a>' in page
    assert "Skip for now" not in page
    form = {"name": "Maple Valley", "timezone": "America/Denver", "systems": ["google"]}
    saved = director.post(f"/setup/{step}?from=settings", form, follow=True)
    assert saved.redirect_chain == [("/settings", 302)]
    assert "Saved." in saved.content.decode()


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
    assert links & {"/users", "/sources/consoles", "/setup/district?from=settings", "/audit"} == set()
