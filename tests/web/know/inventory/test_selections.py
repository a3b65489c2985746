"""Selected rows of a list: what an act on them will do, and that it is done to them alone."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import lxml.html
import pytest
from django.test import Client

from homeroom.apps.know.inventory.models import Device
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.finding_work.models import FindingWork
from homeroom.apps.protect.posture.models import Member
from homeroom.domain.ids import format_public_id
from tests.apps.know.inventory_queries.sample_inventory import create_device, create_student, publish_projection
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
FIRST, SECOND, THIRD, GONE = (format_public_id("device", number) for number in (1, 2, 3, 99))
ADA = format_public_id("person", 7)


@pytest.fixture
def devices(cast: Cast) -> Cast:
    create_device(cast.district, 1, name="cart-1", holder=7, holder_name="Ada Lovelace")
    create_device(cast.district, 2, status="repair")
    create_device(cast.district, 3)
    create_student(cast.district, 7, name="Ada Lovelace")
    create_student(cast.district, 8, name="Grace Hopper")
    publish_projection(cast.district)
    publish_projection(cast.next_district)
    return cast


def find_act_address(page: str, button: str) -> str:
    link = re.search(rf'<a class="button" href="([^"]*)"[^>]*>{button}<', page)
    assert link, button
    return html.unescape(link[1])


def test_an_export_of_selected_rows_shows_them_first_and_has_them_alone(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    page = technician.get(f"/devices/selected?act=export&pick={FIRST}&pick={THIRD}").content.decode()
    assert "2 rows selected" in page
    assert "The audit trail records it" in page
    assert (FIRST in page, SECOND in page, THIRD in page) == (True, False, True)
    file = technician.get(find_act_address(page, "Download CSV")).getvalue().decode()
    assert [line.split(",")[0] for line in file.splitlines()] == ["id", FIRST, THIRD]
    entry = Entry.objects.of(devices.district).get(action="export devices")
    assert (entry.detail["count"], entry.detail["asked"]) == (2, {"picked": 2})


def test_all_rows_are_those_that_the_list_shows_and_not_those_that_are_checked(
    devices: Cast, as_: ClientFactory
) -> None:
    technician = as_("technician")
    page = technician.get(f"/devices/selected?act=export&all=1&pick={FIRST}&asked=status%3Drepair").content.decode()
    assert "1 row selected" in page
    file = technician.get(find_act_address(page, "Download CSV")).getvalue().decode()
    assert [line.split(",")[0] for line in file.splitlines()] == ["id", SECOND]


def test_a_selected_row_that_is_gone_is_counted(devices: Cast, as_: ClientFactory) -> None:
    Device.objects.of(devices.district).filter(public=THIRD).delete()
    publish_projection(devices.district, generation=3)
    page = as_("technician").get(f"/devices/selected?act=export&pick={SECOND}&pick={THIRD}&pick={GONE}")
    assert "1 row selected" in page.content.decode()
    assert "2 selected rows are no longer in the inventory" in page.content.decode()


@pytest.mark.parametrize("picks", ["", "&pick=", "&pick=nonsense", f"&pick={GONE}", f"&pick={ADA}"])
def test_nothing_that_is_selected_is_never_everything(devices: Cast, as_: ClientFactory, picks: str) -> None:
    page = as_("technician").get(f"/devices/selected?act=export{picks}").content.decode()
    assert "No rows selected" in page
    assert "/devices.csv" not in page


def test_a_rollout_begins_with_the_rooms_of_the_selected_devices(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    page = technician.get(f"/devices/selected?act=rollout&pick={FIRST}&pick={SECOND}").content.decode()
    form = technician.get(find_act_address(page, "Continue to the rollout")).content.decode()
    assert "2 devices" in form


@pytest.mark.parametrize("act", ["", "erase", "rollout"])
def test_an_act_that_the_role_does_not_have_is_not_there(devices: Cast, as_: ClientFactory, act: str) -> None:
    auditor = as_("auditor")
    assert auditor.get(f"/devices/selected?act={act}&pick={FIRST}").status_code == 404
    assert "Start a rollout" not in auditor.get("/devices").content.decode()


def test_an_auditors_selection_is_masked_like_the_list(devices: Cast, as_: ClientFactory) -> None:
    auditor = as_("auditor")
    page = auditor.get(f"/people/selected?act=export&pick={ADA}").content.decode()
    assert ADA in page
    assert "Ada" not in page
    file = auditor.get(find_act_address(page, "Download CSV")).getvalue().decode()
    assert ADA in file
    assert "Ada" not in file


def test_the_stranger_selects_nothing_of_the_district(devices: Cast, as_: ClientFactory) -> None:
    stranger = as_("stranger")
    page = stranger.get(f"/devices/selected?act=export&pick={FIRST}").content.decode()
    assert "No rows selected" in page
    assert stranger.get(f"/d/maple-valley/devices/selected?act=export&pick={FIRST}").status_code == 404


def test_a_list_of_selected_rows_says_that_it_shows_no_others(devices: Cast, as_: ClientFactory) -> None:
    page = as_("technician").get(f"/devices?pick={SECOND}").content.decode()
    assert "Selected rows: 1" in page
    assert FIRST not in page


def test_the_findings_of_selected_rows_are_assigned_for_these_rows_alone(
    judged_district: Cast, as_: ClientFactory
) -> None:
    members = Member.objects.of(judged_district.district).filter(finding__control="windows-10", closed=None)
    first, second = members.order_by("subject").values_list("subject", flat=True)[:2]
    for subject in (first, second):
        create_device(judged_district.district, subject)
    create_device(judged_district.district, 424_242)
    publish_projection(judged_district.district)
    technician = as_("technician")
    picks = "&".join(f"pick={format_public_id('device', subject)}" for subject in (first, second, 424_242))
    page = lxml.html.fromstring(technician.get(f"/devices/selected?act=findings&{picks}").content)
    row = page.xpath("//table[@aria-labelledby='findings']/tbody/tr[.//form[contains(@action, 'windows-10')]]")[0]
    assert row.xpath("td[contains(@class, 'amount')]/text()") == ["2"]
    address = row.xpath(".//a[contains(@href, 'act=assign')]/@href")[0]
    assert f"row={first}&row={second}" in address
    assert "2 rows" in technician.get(address).content.decode()
    technician.post(address, {"act": "assign", "row": [first, second], "person": "director"})
    states = FindingWork.objects.of(judged_district.district).filter(control="windows-10")
    assert {state.subject for state in states} == {first, second}
    assert technician.post(row.xpath(".//form/@action")[0]).status_code == 302


def test_rows_without_an_open_finding_say_so(devices: Cast, as_: ClientFactory) -> None:
    page = as_("technician").get(f"/devices/selected?act=findings&pick={FIRST}").content.decode()
    assert "These rows have no open finding." in page
