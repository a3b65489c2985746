"""What the inventory shows to a technician of one school: nothing of another, by no address."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.know.inventory.models import Projection
from homeroom.apps.platform.districts.models import Membership
from homeroom.domain.ids import format_public_id
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.apps.know.inventory_queries.sample_inventory import (
    create_account,
    create_device,
    create_student,
    merge_subject,
    publish_projection,
)
from tests.assessed_district import publish_load
from tests.cast import Cast, create_user
from tests.unit.protect.vulnerabilities.engine_runs import build_source_table
from tests.web.conftest import MORNING, record_session

ClientFactory = Callable[[str], Client]
ADA, GRACE = format_public_id("person", 7), format_public_id("person", 8)
LOST, OWN, LENT = (format_public_id("device", number) for number in (1, 2, 3))


@pytest.fixture
def client(cast: Cast, morning: object, empty_folder: None) -> Client:
    """Return a technician of Cedar Middle. Ada is at Lincoln, and holds a device of Cedar Middle."""
    create_student(cast.district, 7, name="Ada Lovelace", email="ada@maple.example")
    create_student(cast.district, 8, name="Grace Hopper", school="Cedar Middle")
    create_account(cast.district, 1, person=7, name="Ada Lovelace", email="ada@maple.example")
    create_account(cast.district, 2, person=8, name="Grace Hopper", school="Cedar Middle", org_unit="/Cedar")
    create_device(cast.district, 1, holder=7, holder_name="Ada Lovelace", cart="Lincoln cart")
    create_device(cast.district, 2, holder=8, holder_name="Grace Hopper", school="Cedar Middle", org_unit="/Cedar")
    create_device(cast.district, 3, holder=7, holder_name="Ada Lovelace", school="Cedar Middle", org_unit="/Cedar")
    merge_subject(cast.district, "person", 6, into=7)
    merge_subject(cast.district, "person", 5, into=8)
    publish_projection(cast.district)
    return sign_in(cast, "technician")


def sign_in(cast: Cast, role: str) -> Client:
    user = create_user(district=cast.district, username="cedar", role=role, first_name="Kit", last_name="Rowe")
    Membership.objects.filter(user=user).update(schools=["Cedar Middle"])
    client = Client()
    client.force_login(user)
    record_session(client, user=user)
    return client


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.getvalue().decode()


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/inventory",
        "/inventory?q=ada",
        "/inventory?q=lovelace",
        "/inventory?q=sn0000",
        "/people",
        "/people?q=ada",
        "/people?sort=email&down=1",
        "/people?school=Lincoln+Elementary",
        "/accounts",
        "/accounts?q=ada",
        f"/accounts?person={ADA}",
        "/devices",
        "/devices?school=Lincoln+Elementary",
        f"/devices?holder={ADA}",
        "/people.csv",
        "/accounts.csv",
        "/devices.csv",
        "/devices.csv?q=sn00001",
        f"/people/{GRACE}",
        f"/devices/{LENT}",
    ],
)
def test_no_page_or_file_names_a_student_or_a_thing_of_another_school(client: Client, address: str) -> None:
    body = read(client, address)
    shown = re.sub(r'name="(q|school|asked)"[^>]*>|<input[^>]*>|href="[^"]*"|chips.*?</ul>', "", body)
    for other in ("Ada", "ada@maple", "SN00001", "Lincoln cart", "/Students/Lincoln"):
        assert other not in shown, other


def test_own_rows_are_shown_with_their_students(client: Client) -> None:
    assert "Grace Hopper" in read(client, "/people")
    assert "Grace Hopper" in read(client, "/accounts.csv")
    devices = read(client, "/devices")
    assert "SN00002" in devices
    assert "SN00003" in devices
    assert "<strong>2</strong> of 2" in devices
    assert "Grace Hopper" in read(client, f"/devices/{OWN}")


@pytest.mark.parametrize("address", [f"/people/{ADA}", f"/devices/{LOST}", f"/people/{format_public_id('person', 6)}"])
def test_a_record_of_another_school_looks_like_one_that_is_not_there(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_old_id_leads_to_a_record_of_the_own_school(client: Client) -> None:
    response = client.get(f"/people/{format_public_id('person', 5)}")
    assert response.headers["Location"] == f"/people/{GRACE}"


def test_no_link_leads_to_a_page_that_is_closed(client: Client) -> None:
    for address in ("/", "/inventory", "/people", "/devices?q=zzz", f"/people/{GRACE}", f"/devices/{OWN}"):
        links = set(re.findall(r'href="(/[^"#]*)"', read(client, address)))
        closed = [link for link in links if not link.startswith("/static/") and client.get(link).status_code == 403]
        assert closed == [], address


def test_a_closed_page_says_that_the_role_is_limited_to_schools_and_leads_to_today(client: Client) -> None:
    response = client.get("/posture")
    assert response.status_code == 403
    body = response.content.decode()
    assert "limited to schools" in body
    assert 'class="button" href="/"' in body
    assert 'href="/plan"' not in body


def test_a_school_that_is_gone_from_the_rosters_shows_nothing(client: Client) -> None:
    Membership.objects.filter(user__username="cedar").update(schools=["Closed School"])
    assert "<strong>0</strong> of 0" in read(client, "/people")
    assert "Grace" not in read(client, "/people.csv")


def test_an_auditor_of_a_school_reads_the_rows_of_the_school_masked(client: Client, cast: Cast) -> None:
    Membership.objects.filter(user__username="cedar").update(role="auditor")
    body = read(client, "/people")
    assert GRACE in body
    assert "Grace" not in body
    assert ADA not in body


def test_today_shows_what_is_at_the_schools_and_what_needs_a_look(client: Client, cast: Cast) -> None:
    create_device(cast.district, 11, school="Cedar Middle", holder=8, holder_left=True)
    create_device(cast.district, 12, holder_left=True)
    create_device(cast.district, 13, school="Cedar Middle", holder=7, holder_left=True)
    publish_projection(cast.district)
    body = read(client, "/")
    assert "Cedar Middle" in body
    assert 'href="/devices?withdrawn=yes"' in body
    assert re.findall(r'<strong class="figure">(\d+)</strong>', body) == ["1", "4", "1", "1"]


def test_records_of_a_device_name_nobody_to_a_member_of_some_schools(
    client: Client, cast: Cast, tmp_path: Path, settings: Any, as_: ClientFactory
) -> None:
    settings.DATA = tmp_path
    store = EvidenceStore(tmp_path / "evidence", district=cast.district.slug)
    holder = {"holder_name": "Ada Lovelace", "holder_email": "ada@maple.example", "local_admins": ["alovelace"]}
    record = {
        "key": "1",
        "serial": "SN00003",
        "name": "alovelace-book",
        "recent_emails": ["ada@maple.example"],
        **holder,
    }
    publish_load(store, "snipeit", "snipeit.assets", "device_records", [record], at=MORNING)
    empty = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    link = {
        "subject_kind": "device",
        "id": 3,
        "connector": "snipeit",
        "instance": "snipeit",
        "table_name": "device_records",
        "key": "1",
        "rule": "anchor",
        "gone": False,
    }
    tables = {**empty, "links": build_source_table("links", [link])}
    derived = store.publish_derived(tables, inputs=store.compute_sources_id(), today=MORNING.date(), at=MORNING)
    Projection.objects.filter(district=cast.district).update(derived=derived.id)
    masked, full = read(client, f"/devices/{LENT}"), read(as_("technician"), f"/devices/{LENT}")
    for word in ("Ada Lovelace", "ada@maple.example", "alovelace-book", "alovelace<"):
        assert word in full
        assert word not in masked
    assert masked.count(">masked<") == 5


def test_a_device_whose_holder_is_hidden_has_no_name_on_any_page(client: Client, cast: Cast) -> None:
    held = {"holder": 7, "holder_name": "Ada Lovelace", "school": "Cedar Middle", "org_unit": "/Cedar"}
    create_device(cast.district, 21, name="alovelace-book", serial="SN00021", **held)
    create_device(cast.district, 22, name="cedar-switch", school="Cedar Middle", org_unit="/Cedar")
    publish_projection(cast.district)
    for address in ("/devices", "/devices.csv", "/devices?q=sn0002", f"/devices/{format_public_id('device', 21)}"):
        assert "alovelace" not in read(client, address), address
    assert "SN00021" in read(client, "/devices")
    assert "cedar-switch" in read(client, "/devices.csv")


def test_an_account_of_the_school_does_not_name_its_person_of_another(client: Client, cast: Cast) -> None:
    create_account(cast.district, 21, person=7, school="Cedar Middle", org_unit="/Cedar")
    publish_projection(cast.district)
    address = f"/accounts/{format_public_id('account', 21)}"
    assert ADA not in read(client, address)
    Membership.objects.filter(user__username="cedar").update(schools=[])
    assert ADA in read(client, address)
