"""Saved views of lists: whose they are, what they open, and what they never share."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.models import Membership
from homeroom.apps.platform.saved_views.commands import MAX_VIEWS
from homeroom.apps.platform.saved_views.models import SavedView
from tests.apps.know.inventory_queries.sample_inventory import create_device, create_student, publish_projection
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


@pytest.fixture
def devices(cast: Cast) -> Cast:
    create_device(cast.district, 1)
    create_device(cast.district, 2, status="repair")
    create_student(cast.district, 7, name="Ada Lovelace")
    publish_projection(cast.district)
    publish_projection(cast.next_district)
    return cast


def save(client: Client, name: str, query: str = "status=repair&sort=serial&down=1", **more: str) -> str:
    response = client.post("/devices/views", {"name": name, "asked": query, **more}, follow=True)
    return str(response.content.decode())


def list_view_addresses(client: Client, address: str = "/devices") -> dict[str, str]:
    page = client.get(address).content.decode()
    return {name: url for url, name in re.findall(r'<a href="(/inventory/views/[0-9]+)">([^<]*)</a>', page)}


def test_a_view_opens_its_list_with_its_filters_order_and_columns(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    technician.post("/devices", {"column": ["expires_on"]})
    assert "View saved: In repair" in save(technician, "  In   repair ")
    technician.post("/devices", {"column": ["serial"]})
    response = technician.get(list_view_addresses(technician)["In repair"])
    assert response["Location"] == "/devices?status=repair&sort=serial&down=1"
    assert "Updates end</a></th>" in technician.get(response["Location"]).content.decode()
    assert list_view_addresses(technician, "/people") == {}


def test_a_view_is_its_owner_s_alone_until_it_is_shared(devices: Cast, as_: ClientFactory) -> None:
    technician, director, stranger = as_("technician"), as_("director"), as_("stranger")
    save(technician, "Mine")
    save(technician, "Ours", shared="1")
    assert set(list_view_addresses(technician)) == {"Mine", "Ours"}
    assert set(list_view_addresses(director)) == {"Ours"}
    own = list_view_addresses(technician)["Mine"]
    assert director.get(own).status_code == director.post(f"{own}/delete").status_code == 404
    assert list_view_addresses(stranger) == {}
    assert stranger.get(list_view_addresses(technician)["Ours"]).status_code == 404


@pytest.mark.parametrize("query", ["q=lovelace", "pick=d-0000000000001", "holder=p-0000000000007"])
def test_a_view_that_may_name_a_person_is_not_shared(devices: Cast, as_: ClientFactory, query: str) -> None:
    technician = as_("technician")
    assert "so it cannot be shared" in save(technician, "Ada", query, shared="1")
    assert not SavedView.objects.of(devices.district).exists()
    assert "View saved" in save(technician, "Ada", query)
    assert "Ada" not in str(list(Entry.objects.of(devices.district).values("detail", "subject")))


def test_a_member_of_one_school_sees_own_views_and_none_that_is_shared(devices: Cast, as_: ClientFactory) -> None:
    save(as_("director"), "Ours", shared="1")
    Membership.objects.filter(user=devices.technician).update(schools=["Lincoln Elementary"])
    technician = as_("technician")
    assert "View saved" in save(technician, "Mine", shared="1")
    assert set(list_view_addresses(technician)) == {"Mine"}
    assert set(list_view_addresses(as_("director"))) == {"Ours"}  # a member of some schools shares none


def test_saving_again_replaces_and_deleting_removes_both_with_an_entry(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    save(technician, "Repair")
    save(technician, "Repair", query="status=active")
    assert SavedView.objects.of(devices.district).get().query == [["status", "active"]]
    address = list_view_addresses(technician)["Repair"]
    assert "View deleted: Repair" in technician.post(f"{address}/delete", follow=True).content.decode()
    assert technician.get(address).status_code == 404
    actions = Entry.objects.of(devices.district).filter(action__contains="view").values_list("action", flat=True)
    assert sorted(actions) == ["delete view", "save view", "save view"]


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_name_that_does_not_fit_is_refused_with_what_does(devices: Cast, as_: ClientFactory, name: str) -> None:
    assert "Enter a name of at most 80 characters" in save(as_("technician"), name)
    assert not SavedView.objects.of(devices.district).exists()


def test_there_is_a_limit_of_views_for_each_person(devices: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    for number in range(MAX_VIEWS):
        save(technician, f"View {number}")
    assert "Delete one to save another" in save(technician, "One more")
    assert "View saved" in save(technician, "View 3")


def test_an_auditor_saves_no_view(devices: Cast, as_: ClientFactory) -> None:
    auditor = as_("auditor")
    assert auditor.post("/devices/views", {"name": "Mine"}).status_code == 403
    assert "Save view" not in auditor.get("/devices").content.decode()
