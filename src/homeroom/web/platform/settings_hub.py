"""Settings: every page that changes how a district uses Homeroom, in one place.

A page is a row of the table below. It is listed for who may open it; a new one is one more row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from homeroom.web.shared.access import DistrictRequest, Visit, district_view
from homeroom.web.shared.navigation import get_page_permission


@dataclass(frozen=True, kw_only=True)
class SettingsLink:
    """A page of the settings: its title, what it changes, and the name, arguments and query of its address."""

    title: Any
    text: Any
    name: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    query: str = ""

    @property
    def url(self) -> str:
        """Address of the page in the visitor's district."""
        return reverse(self.name, kwargs=dict(self.arguments)) + self.query


def _link_step(step: str, title: Any, text: Any) -> SettingsLink:
    """Link a step of the first run, where its answers are changed later too; it returns to Settings."""
    return SettingsLink(title=title, text=text, name="setup-step", arguments={"step": step}, query="?from=settings")


def _link(name: str, title: Any, text: Any) -> SettingsLink:
    return SettingsLink(title=title, text=text, name=name)


SETTINGS = (
    (
        _("District"),
        (
            _link_step("district", _("Name and time zone"), _("The district's name on pages and reports.")),
            _link_step("calendar", _("School days"), _("First and last day, breaks and closings.")),
            _link("school-calendar", _("Testing windows and freezes"), _("When nothing is rolled out or changed.")),
            _link_step("hours", _("Team hours"), _("Hours a week that each person has for this work.")),
            _link_step("facts", _("Facts for laws"), _("State, fiscal year and what laws depend on.")),
        ),
    ),
    (
        _("Users and access"),
        (
            _link("users", _("Users"), _("Add people, change roles, reset passwords, end sessions.")),
            _link("permissions", _("Permissions"), _("What each role may do.")),
            _link("sign-in-security", _("Sign-in security"), _("Require MFA, and sign in with Google or Microsoft.")),
            _link("awareness-staff", _("Staff sign-in"), _("How staff open their own pages.")),
            _link("tokens", _("API tokens"), _("Keys for scripts and dashboards.")),
            _link("all-tokens", _("API tokens of all users"), _("Who has a key, and when it was used.")),
            _link("audit", _("Audit trail"), _("Who changed or opened what.")),
        ),
    ),
    (
        _("Data"),
        (
            _link("consoles", _("Connections"), _("Google, Microsoft, Jamf and other consoles that are synced.")),
            _link("agents", _("Computers with an agent"), _("Enroll, confirm and block osquery agents.")),
            _link("lists", _("Column mappings"), _("How columns of your own lists are read.")),
            _link_step("systems", _("Systems in use"), _("The systems that you have.")),
            _link_step("people", _("Source of truth for people"), _("Which list decides who belongs.")),
            _link_step("sign-in", _("Single sign-on"), _("Who signs in where: Google, Microsoft or another.")),
            _link("review", _("Possible duplicates"), _("Records that may be the same person or device.")),
            _link("tool-names", _("Names of tools"), _("Names that may be the same tool.")),
        ),
    ),
    (
        _("Rules"),
        (
            _link("deadlines", _("Vulnerability deadlines"), _("Days until a vulnerability is due.")),
            _link("alert-rules", _("Detection rules"), _("Switch and import rules for alerts.")),
            _link("exceptions", _("Accepted risks"), _("What is accepted, until when, and why.")),
            _link("coach", _("Coaches"), _("Who helps staff after a phishing drill.")),
        ),
    ),
    (
        _("Your account"),
        (
            _link("account-two-step", _("2-step verification"), _("Passkeys, authenticator app, recovery codes.")),
            _link("password", _("Password"), _("Change your password.")),
            _link("own-calendar", _("Calendar feed"), _("Your plan, visits and deadlines in your own calendar.")),
            _link("own-sessions", _("Sessions"), _("Where you are signed in.")),
        ),
    ),
)


@district_view(permission="outbox.use")
def show_settings(request: DistrictRequest) -> HttpResponse:
    """Show the pages of the settings that the visitor opens, by group."""
    groups = [(title, list_open_links(request.visit, links)) for title, links in SETTINGS]
    return render(request, "settings.html", {"groups": [(title, links) for title, links in groups if links]})


def list_open_links(visit: Visit, links: tuple[SettingsLink, ...]) -> list[dict[str, Any]]:
    """Return the title, text and address of the pages that the visitor opens."""
    return [
        {"title": link.title, "text": link.text, "url": link.url}
        for link in links
        if get_page_permission(link.name) == "account.use" or visit.holds(get_page_permission(link.name))
    ]


urlpatterns = [path("settings", show_settings, name="settings")]
