"""The search of the header: findings by what is wrong and pages by title, beside devices, people and accounts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from lxml import html

from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.models import Finding, FindingResult
from homeroom.apps.protect.posture.published.finding_search import find_controls, search_findings
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]


def read_section(client: Client, text: str, name: str) -> dict[str, str]:
    """Return the links of a section of the results, by text; empty without the section."""
    tree = html.fromstring(client.get("/inventory", {"q": text}).content)
    return {link.text_content(): link.get("href") for link in tree.xpath(f"//*[@aria-labelledby='{name}']//a")}


def test_a_finding_is_looked_up_by_what_is_wrong(judged_district: Cast, as_: ClientFactory) -> None:
    links = read_section(as_("technician"), "staff mfa", "findings")
    finding = Finding.objects.of(judged_district.district).get(control="staff-second-factor", group="")
    assert f"/findings/{finding.public}" in links.values()


@pytest.mark.parametrize("text", ["open to the internet", "INTERNET  open", "facing the int"])
def test_all_words_begin_words_of_a_control(text: str) -> None:
    names = find_controls(text)
    assert ("internet-facing-management" in names) == (text != "facing the int")


@pytest.mark.parametrize("text", ["", "a", "of", "12345", "zzzz", "..", "the x"])
def test_a_text_without_a_long_word_names_no_control(text: str) -> None:
    assert find_controls(text) == ()


def test_findings_without_an_open_member_are_left_out_and_accepted_ones_come_last(judged_district: Cast) -> None:
    district = judged_district.district
    matches = search_findings(district=district, text="accounts", limit=50)
    assert matches.count == len(matches.findings) > 2
    assert all(finding.members for finding in matches.findings)
    assert [finding.public for finding in search_findings(district=district, text="accounts", limit=2).findings] == [
        finding.public for finding in matches.findings[:2]
    ]
    first, second = matches.findings[:2]
    create_exception(
        district=district,
        at=MORNING,
        today=TODAY,
        actor="director",
        scope=FindingScope(control=first.control.id, group=first.group),
        reason="The vendor ships it in March.",
        owner="director",
        expires_on=TODAY.replace(month=3),
        private=False,
    )
    FindingResult.objects.of(district).filter(finding_id=second.id).update(members=0)
    later = search_findings(district=district, text="accounts", limit=50).findings
    assert later[-1].public == first.public
    assert second.public not in {finding.public for finding in later}


def test_nothing_of_another_district_is_in_the_results(judged_district: Cast, as_: ClientFactory) -> None:
    assert read_section(as_("stranger"), "staff mfa", "findings") == {}


def test_a_page_is_looked_up_by_its_title_and_only_by_who_may_open_it(
    judged_district: Cast, as_: ClientFactory
) -> None:
    assert read_section(as_("director"), "users", "pages")["Users"] == "/users"
    assert read_section(as_("technician"), "connections", "pages")["Connections"] == "/sources/consoles"
    assert "Users" not in read_section(as_("technician"), "users", "pages")
    assert read_section(as_("director"), "plan", "pages")["Plan"] == "/plan"


def test_a_page_says_no_results_only_where_nothing_at_all_matches(judged_district: Cast, as_: ClientFactory) -> None:
    answer = as_("director").get("/inventory?q=zzzz")
    assert "No results for" in answer.content.decode()
    assert "No results for" not in as_("director").get("/inventory?q=users").content.decode()
