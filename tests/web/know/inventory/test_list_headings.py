"""Headings that sort a list: the order, what screen readers hear of it, and what a masked list leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.apps.know.inventory_queries.sample_inventory import create_device, create_student, publish_projection
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


@pytest.fixture
def devices(cast: Cast) -> Cast:
    for number, tag in ((1, "A-200"), (2, ""), (3, "A-100")):
        create_device(cast.district, number, asset_tag=tag)
    create_student(cast.district, 7, name="Ada Lovelace")
    publish_projection(cast.district)
    return cast


def list_serials(page: str) -> list[str]:
    return re.findall(r'class="c-serial"><span>(\w+)<', page)


def list_directions(page: str) -> dict[str, str]:
    """Return the value of `aria-sort` by the label of its heading."""
    headings = re.findall(r'<th scope="col" aria-sort="(\w+)"><a href="[^"]*">([\w ]+?) <', page)
    return {label: direction for direction, label in headings}


def find_heading_address(page: str, label: str) -> str:
    link = re.search(rf'<th scope="col"[^>]*><a href="([^"]*)">{label}[ <]', page)
    assert link, label
    return link[1].replace("&amp;", "&")


def test_a_heading_sorts_and_the_same_heading_reverses(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    page = technician.get("/devices?status=active").content.decode()
    assert list_directions(page) == {"Name": "ascending"}
    page = technician.get(find_heading_address(page, "Asset tag")).content.decode()
    assert list_directions(page) == {"Asset tag": "ascending"}
    assert list_serials(page) == ["SN00003", "SN00001", "SN00002"]  # a blank tag comes last
    page = technician.get(find_heading_address(page, "Asset tag")).content.decode()
    assert list_directions(page) == {"Asset tag": "descending"}
    assert list_serials(page) == ["SN00002", "SN00001", "SN00003"]
    assert "Status: Active" in page


def test_a_heading_that_would_sort_by_what_is_masked_is_no_link(devices: Cast, as_: ClientFactory) -> None:
    address = r'<th scope="col"><a href="[^"]*">E-mail</a>'
    assert re.search(address, as_("technician").get("/people").content.decode())
    masked = as_("auditor").get("/people").content.decode()
    assert not re.search(address, masked)
    assert '<th scope="col">E-mail</th>' in masked


def test_a_number_beyond_any_id_is_not_found(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    for address in ("/devices?pick=d-zzzzzzzzzzzzz", "/inventory?q=d-zzzzzzzzzzzzz"):
        assert technician.get(address).status_code == 200
    assert technician.get("/devices/d-zzzzzzzzzzzzz").status_code == 404
