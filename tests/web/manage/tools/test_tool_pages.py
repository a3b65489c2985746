"""The pages of tools: what a technician reads there, to which rows each number opens, and what is never shown."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.protect.posture.models import Assessment, Finding, Member, PublishedAssessment
from homeroom.domain.ids import format_public_id, hash_need_id, hash_renewal_id, hash_tool_id
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.manage.tools.tool_lists import AT, TODAY, load_tools

ClientFactory = Callable[[str], Client]
PAGES = ("", "/matrix", "/overlaps", "/gaps", "/hollow", "/renewals")


@pytest.fixture
def tools(cast: Cast, tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    return load_tools(cast, tmp_path)


def get_text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def get_address(tool: str) -> str:
    return f"/tools/{format_public_id('tool', hash_tool_id(tool))}"


def test_the_portfolio_lists_running_tools_with_money_users_and_what_was_found(
    as_: ClientFactory, tools: EvidenceStore
) -> None:
    page = get_text(as_("technician"), "/tools")
    assert "as of Jan 15, 2026" in page
    assert "Brightpath Math" in page
    assert "$9,000" in page
    assert "Not used" in page
    assert "Paid twice" in page


def test_the_list_is_searched_filtered_and_sorted(as_: ClientFactory, tools: EvidenceStore) -> None:
    client = as_("technician")
    searched = get_text(client, "/tools?q=MATH")
    assert "Brightpath Math" in searched
    assert "Canvas" not in searched
    assert "Kami" not in get_text(client, "/tools?capability=math-practice")
    assert "Brightpath Math" not in get_text(client, "/tools?school=Elm+Middle&view=paid").partition("1 tool")[2]
    hollow = get_text(client, "/tools?view=hollow")
    assert "Canvas" in hollow
    assert "Kami" not in hollow
    assert "Fieldmaps" in get_text(client, "/tools?view=unknown")
    by_cost = as_("technician").get("/tools?sort=cost").content.decode()
    assert by_cost.index(">Canvas") < by_cost.index(">Brightpath Math<") < by_cost.index(">Rootmath<")
    assert "No tools match" in get_text(client, "/tools?q=nothing-like-it")
    assert get_text(client, "/tools?view=odd&sort=odd&after=x") == get_text(client, "/tools")


def test_a_tool_opens_from_its_numbers_to_the_rows_of_its_records(as_: ClientFactory, tools: EvidenceStore) -> None:
    client, address = as_("technician"), get_address("brightpath-math")
    page = get_text(client, address)
    assert "In use, $3,000 a year." in page
    assert "Rootmath" in page
    assert "Aug 18, 2025 – Sep 30, 2025 55" in page
    assert "None on record" in page
    html = client.get(address).content.decode()
    rows = get_text(client, f"{address}/records/contract_records?key=C-3")
    assert f"{address}/records/contract_records?key=C-3" in html
    assert "Brightpath" in rows
    assert "Jan 31, 2026" in rows
    assert "60" in get_text(client, f"{address}/records/app_use_records?key=bpmath.example")


def test_tools_needs_and_renewals_of_the_inventory_lead_to_their_pages(
    as_: ClientFactory, tools: EvidenceStore
) -> None:
    client, address = as_("technician"), get_address("canvas")
    assert client.get(address.replace("/tools/", "/things/"))["Location"] == address
    need, renewal = hash_need_id("lms"), hash_renewal_id("C-2", "canvas")
    assert client.get(f"/things/{format_public_id('need', need)}")["Location"] == "/tools/gaps"
    assert client.get(f"/things/{format_public_id('renewal', renewal)}")["Location"] == "/tools/renewals"


def test_open_findings_of_a_tool_are_on_its_page(as_: ClientFactory, tools: EvidenceStore, cast: Cast) -> None:
    subject, derived = hash_tool_id("canvas"), tools.get_latest_derived()
    assert derived is not None
    Assessment.objects.create(
        district=cast.district, number=1, at=AT, today=TODAY, derived=derived.id, controls="c", as_of=AT
    )
    PublishedAssessment.objects.create(district=cast.district, assessment=1)
    finding = Finding.objects.create(
        district=cast.district, public="f-1", control="tool-used", subject_kind="tool", first_opened=1
    )
    Member.objects.create(
        district=cast.district, finding=finding, subject=subject, since=TODAY, opened=1, snapshot=derived.id
    )
    page = as_("technician").get(get_address("canvas")).content.decode()
    assert 'href="/findings/f-1"' in page
    assert "f-1" not in as_("technician").get(get_address("kami")).content.decode()


def test_a_count_of_people_under_ten_is_on_no_page(as_: ClientFactory, tools: EvidenceStore) -> None:
    client, address = as_("director"), get_address("canvas")
    assert "fewer than 10 of 500" in get_text(client, address)
    assert "fewer than 10 of 500" in get_text(client, "/tools/hollow")
    assert "Not used: fewer than 10 of 500" in get_text(client, "/tools/renewals")
    assert "fewer than 10" in get_text(client, "/tools")
    rows = get_text(client, f"{address}/records/app_use_records?key=Canvas")
    assert rows.count("hidden (small)") == 2


def test_the_matrix_says_in_words_where_something_needed_is_missing(as_: ClientFactory, tools: EvidenceStore) -> None:
    client = as_("technician")
    html = client.get("/tools/matrix").content.decode()
    assert "Missing in every school" in html
    assert '<td class="missing">Missing</td>' in html
    assert "2 tools</a><span" in html
    assert "/tools?capability=math-practice&amp;school=Oak%20Elementary" in html
    assert html.index(">Elm Middle<") < html.index(">Oak Elementary<")
    only = client.get("/tools/matrix?school=Elm+Middle&needed=1").content.decode()
    assert "<span>Oak Elementary</span>" not in only
    cell = get_text(client, "/tools?capability=math-practice&school=Oak+Elementary")
    assert "Brightpath Math" in cell
    assert "Rootmath" in cell


def test_overlaps_gaps_and_hollow_tools_are_lists_with_money(as_: ClientFactory, tools: EvidenceStore) -> None:
    client = as_("technician")
    overlaps = get_text(client, "/tools/overlaps")
    assert "Brightpath Math and Rootmath Paid twice" in overlaps
    assert "$2,400" in overlaps
    gaps = get_text(client, "/tools/gaps")
    assert "Everywhere" in gaps
    assert "Elm Middle" in gaps
    hollow = get_text(client, "/tools/hollow")
    assert "$9,000" in hollow
    assert "What it costs is not written: C-5." in hollow


def test_the_renewal_sheet_has_what_to_do_about_each_contract_and_why(as_: ClientFactory, tools: EvidenceStore) -> None:
    page = get_text(as_("director"), "/tools/renewals")
    assert "4 contracts, $13,200 a year, 1 without a price. A change is suggested for $12,000 of it." in page
    assert page.index("C-3") < page.index("C-2") < page.index("C-1")
    assert "Choose one Does the same as Rootmath." in page
    assert "Drop Not used" in page
    assert "Jan 31, 2026 last day" in page
    assert "Feb 15, 2026 notice" in page


def test_what_is_not_there_is_not_found(as_: ClientFactory, tools: EvidenceStore) -> None:
    client, address = as_("director"), get_address("canvas")
    assert client.get(get_address("nothing")).status_code == 404
    assert client.get("/tools/k-1").status_code == 404
    assert client.get(f"{address}/records/contract_records?key=C-3").status_code == 404
    assert client.get(f"{address}/records/people?key=C-3").status_code == 404
    assert client.get(f"{address}/records/contract_records").status_code == 404


def test_another_district_sees_nothing_of_it(as_: ClientFactory, tools: EvidenceStore) -> None:
    client = as_("stranger")
    for page in PAGES:
        assert "Canvas" not in get_text(client, f"/tools{page}")
    assert client.get(get_address("canvas")).status_code == 404


def test_a_district_without_lists_is_led_to_the_upload(as_: ClientFactory, empty_folder: None) -> None:
    client = as_("technician")
    assert "Upload lists" in get_text(client, "/tools")
    assert "Upload lists" in get_text(client, "/tools/matrix")
    for page in PAGES:
        assert client.get(f"/tools{page}").status_code == 200
