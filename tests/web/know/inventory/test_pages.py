"""The inventory's pages: lists, files, one subject, and who may see them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory import queries
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.ids import format_public_id
from homeroom.evidence.query.executor import QueryTimeout
from tests.apps.know.inventory_queries.sample_inventory import (
    create_account,
    create_device,
    create_student,
    merge_subject,
    publish_projection,
)
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


@pytest.fixture
def inventory(cast: Cast) -> Cast:
    create_device(cast.district, 1, name="cart-1", holder=7, holder_name="Ada Lovelace", model="Model 3")
    create_device(cast.district, 2, sources="google", status="repair")
    create_device(cast.district, 3, name="=HYPERLINK(1)", serial="SN00003")
    create_student(cast.district, 7, name="Ada Lovelace")
    create_student(cast.district, 8, name="Grace Hopper", kind="staff", grade="", grade_band="")
    create_account(cast.district, 9, person=7)
    merge_subject(cast.district, "person", 6, into=7)
    publish_projection(cast.district)
    publish_projection(cast.next_district)
    return cast


PAGES = ["/inventory", "/devices", "/people", "/accounts"]


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("name", ["director", "technician", "auditor"])
def test_everybody_of_the_district_reads_the_inventory(
    inventory: Cast, as_: ClientFactory, name: str, address: str
) -> None:
    answer = as_(name).get(address)
    assert answer.status_code == 200
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize("address", [*PAGES, "/inventory?q=ada", "/devices.csv", "/people.csv"])
def test_a_stranger_sees_nothing_of_it(inventory: Cast, as_: ClientFactory, address: str) -> None:
    stranger = as_("stranger")
    answer = stranger.get(address)
    body = answer.getvalue().decode()
    assert answer.status_code == 200  # her own district's page, which is empty
    assert "Ada" not in body
    assert "SN0000" not in body
    assert stranger.get(f"/d/maple-valley{address}").status_code == 404
    assert stranger.get(f"/people/{format_public_id('person', 7)}").status_code == 404


def test_a_serial_number_leads_straight_to_its_device(inventory: Cast, as_: ClientFactory) -> None:
    answer = as_("technician").get("/inventory?q=sn00002")
    assert answer.status_code == 302
    assert answer["Location"] == f"/devices/{format_public_id('device', 2)}"


def test_a_serial_number_leads_to_its_device_though_others_contain_it(inventory: Cast, as_: ClientFactory) -> None:
    create_device(inventory.district, 40, serial="XSN000025")
    publish_projection(inventory.district)
    answer = as_("technician").get("/inventory?q=SN-00002")
    assert answer["Location"] == f"/devices/{format_public_id('device', 2)}"


def test_a_search_shows_the_best_ten_and_a_link_to_all(inventory: Cast, as_: ClientFactory) -> None:
    for number in range(20, 34):
        create_student(inventory.district, number, name=f"Joanna {number}", email="")
    publish_projection(inventory.district)
    body = as_("technician").get("/inventory?q=ann").content.decode()
    assert "Show all 14" in body
    assert body.count("Joanna") == 10
    assert "14" in as_("technician").get("/people?q=ann").content.decode()


@pytest.mark.parametrize("text", ["--", "%00", "zzz", "a" * 5_000, "(", "%5B%5E", "a%0Ab", "%F0%9F%8D%8E"])
def test_a_text_that_matches_nothing_gets_an_answer(inventory: Cast, as_: ClientFactory, text: str) -> None:
    for address in ("/inventory", "/people"):
        answer = as_("technician").get(f"{address}?q={text}")
        assert answer.status_code in {200, 400}
        assert "Ada" not in answer.content.decode()


def test_a_directory_has_the_name_that_its_vendor_gives_it(inventory: Cast, as_: ClientFactory) -> None:
    create_account(inventory.district, 77, directory="activedirectory")
    publish_projection(inventory.district)
    body = as_("technician").get("/accounts").content.decode()
    assert "Active Directory" in body
    assert "Activedirectory" not in body


def test_a_device_missing_from_the_asset_list_is_found(inventory: Cast, as_: ClientFactory) -> None:
    body = as_("technician").get("/devices?missing=snipeit").content.decode()
    assert format_public_id("device", 2) in body
    assert format_public_id("device", 1) not in body


def test_opening_a_student_is_logged_and_opening_staff_is_not(inventory: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    assert technician.get(f"/people/{format_public_id('person', 8)}").status_code == 200
    assert not Entry.objects.of(inventory.district).exists()
    assert technician.get(f"/people/{format_public_id('person', 7)}").status_code == 200
    entry = Entry.objects.of(inventory.district).get()
    assert (entry.action, entry.actor, entry.subject) == ("opened-student", "technician", format_public_id("person", 7))


def test_a_list_of_students_is_logged_as_its_question_without_their_names(inventory: Cast, as_: ClientFactory) -> None:
    as_("director").get("/people?q=ada+lovelace&kind=student")
    entry = Entry.objects.of(inventory.district).get()
    assert entry.action == "list people"
    assert entry.detail["asked"]["kind"] == "student"
    assert "ada" not in str(entry.detail).lower()


def test_an_old_id_leads_to_the_new_page(inventory: Cast, as_: ClientFactory) -> None:
    answer = as_("director").get(f"/people/{format_public_id('person', 6)}")
    assert answer["Location"] == f"/people/{format_public_id('person', 7)}"


def test_a_person_shows_what_they_have(inventory: Cast, as_: ClientFactory) -> None:
    body = as_("director").get(f"/people/{format_public_id('person', 7)}").content.decode()
    assert format_public_id("device", 1) in body
    assert format_public_id("account", 9) in body
    assert "Ada Lovelace" in as_("director").get(f"/accounts/{format_public_id('account', 9)}").content.decode()


@pytest.mark.parametrize(
    "address", ["/devices/p-0000000000007", "/people/nonsense", f"/people/{format_public_id('person', 99)}"]
)
def test_what_is_not_there_is_not_found(inventory: Cast, as_: ClientFactory, address: str) -> None:
    assert as_("director").get(address).status_code == 404


def test_a_file_holds_every_row_and_no_formula(inventory: Cast, as_: ClientFactory) -> None:
    answer = as_("director").get("/devices.csv")
    lines = answer.getvalue().decode().splitlines()
    assert len(lines) == 4
    assert answer["Content-Disposition"] == 'attachment; filename="devices-2026-01-15.csv"'
    assert any("'=HYPERLINK(1)" in line for line in lines)
    assert any("Ada Lovelace" in line for line in lines)
    entry = Entry.objects.of(inventory.district).get()
    assert (entry.action, entry.detail["count"]) == ("export devices", 3)


def test_an_auditors_file_masks_what_is_about_students(inventory: Cast, as_: ClientFactory) -> None:
    body = as_("auditor").get("/people.csv").getvalue().decode()
    assert "Ada" not in body
    assert "masked" in body
    assert format_public_id("person", 7) in body


@pytest.mark.parametrize(("address", "masked"), [("/people", "Ada"), ("/accounts", "account9@maple.example")])
def test_a_page_masks_what_the_file_of_the_same_role_masks(
    inventory: Cast, as_: ClientFactory, address: str, masked: str
) -> None:
    page = as_("auditor").get(address).content.decode()
    rows = page.split("<tbody>", 1)[-1]
    assert masked not in rows
    assert "masked" in rows
    assert masked in as_("technician").get(address).content.decode()


def test_chosen_columns_are_kept_for_the_session(inventory: Cast, as_: ClientFactory) -> None:
    technician = as_("technician")
    assert "Updates end</a></th>" not in technician.get("/devices").content.decode()
    answer = technician.post("/devices", {"column": ["expires_on", "nonsense"], "asked": "status=active"})
    assert answer["Location"] == "/devices?status=active"
    body = technician.get("/devices").content.decode()
    assert "Updates end</a></th>" in body
    assert "Serial number</a></th>" not in body


@pytest.mark.parametrize("address", ["/devices", "/people", "/accounts"])
def test_a_list_asks_the_same_number_of_questions_whatever_the_rows(
    inventory: Cast, as_: ClientFactory, address: str, django_assert_num_queries: Any
) -> None:
    director = as_("director")
    director.get(address)
    with django_assert_num_queries(11 if address != "/accounts" else 10, exact=False):
        director.get(address)
    for number in range(100, 160):
        create_device(inventory.district, number)
        create_student(inventory.district, number)
        create_account(inventory.district, number)
    publish_projection(inventory.district)
    director.get(address)
    with django_assert_num_queries(11, exact=False):
        assert "Next 50" in director.get(address).content.decode()


@pytest.mark.parametrize("address", ["/devices", "/people?school=Lincoln", "/devices.csv"])
def test_a_list_that_takes_too_long_says_so(
    inventory: Cast, as_: ClientFactory, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def raise_timeout(**_query: Any) -> None:
        raise QueryTimeout("too many questions at once")

    monkeypatch.setattr(queries, "open_generation_list", raise_timeout)
    answer = as_("director").get(address)
    assert answer.status_code == 503
    assert b"This took too long" in answer.content
