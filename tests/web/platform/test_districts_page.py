"""The districts page of a service center: what each of forty districts needs, and what nobody else may see of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.manage.service_center.queries import summarize_districts
from homeroom.apps.platform.districts.models import District, Membership
from homeroom.apps.protect.detection.models import StoredAlert
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.apps.protect.incidents.legal_facts import record_legal_facts
from homeroom.apps.protect.incidents.models import Incident
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, publish_load
from tests.cast import Cast, create_teacher
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
FORTY = 40


@pytest.fixture
def forty(cast: Cast, empty_folder: None) -> list[District]:
    """Create the districts of a service center; the technician belongs to all of them, as auditor to most."""
    districts = [
        District.objects.create(slug=f"district-{n:02}", name=f"District {n:02}", timezone="America/Chicago")
        for n in range(1, FORTY)
    ]
    for n, district in enumerate(districts):
        Membership.objects.create(district=district, user=cast.technician, role="auditor" if n % 4 else "director")
    return districts


def open_alert(district: District, *, public: str, state: str = "new") -> None:
    times = dict.fromkeys(("first_seen", "fired_at", "last_seen", "began_at", "ended_at", "made_at"), MORNING)
    StoredAlert.objects.create(
        district=district, public=public, state=state, folded_state="new", severity="high", rank=1,
        title="A mailbox forwards everything outside", events_total=1, **times,
    )  # fmt: skip


def open_incident(district: District, *, state: str = "open") -> None:
    Incident.objects.create(
        district=district, public="i-1", title="A mailbox forwards", severity="high", state=state, made_at=MORNING
    )


def read_names(content: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/d/[-\w]+/">([^<]+)</a>', content)


def test_forty_districts_are_listed_the_most_urgent_first(as_: ClientFactory, forty: list[District]):
    open_alert(forty[11], public="a-1")
    open_alert(forty[12], public="a-1", state="closed")
    open_incident(forty[30])
    open_incident(forty[31], state="closed")
    page = as_("technician").get("/districts").content.decode()
    names = read_names(page)
    assert names[:2] == ["District 31", "District 12"]
    assert names[2:] == sorted(names[2:])
    assert len(names) == FORTY
    assert "2 of 40 districts need somebody" in page


def test_nobody_sees_a_district_that_is_not_theirs(as_: ClientFactory, forty: list[District], cast: Cast):
    open_incident(cast.next_district)
    page = as_("technician").get("/districts").content.decode()
    assert "Next Door" not in page
    assert read_names(as_("stranger").get("/districts").content.decode()) == ["Next Door Schools"]


def test_each_need_leads_to_its_page(as_: ClientFactory, cast: Cast, empty_folder: None, settings: Any, tmp_path: Path):
    open_alert(cast.district, public="a-1")
    open_incident(cast.district)
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_load(store, "snipeit", "snipeit.assets", "device_records", [{"key": "1"}], at=ASSESSED_AT)
    client = as_("director")
    settings.NOW = MORNING + timedelta(days=30)
    page = client.get("/districts").content.decode()
    assert "1 of 1 sources is over a week old" in page
    links = re.findall(r'href="(/d/maple-valley/[^"]*)"', page)
    assert {"/d/maple-valley/alerts/incidents", "/d/maple-valley/alerts", "/d/maple-valley/sources"} <= set(links)
    for link in links:
        assert resolve(link.removeprefix("/d/maple-valley")).url_name, link


def test_a_district_whose_evidence_is_damaged_says_so_and_hides_no_other(
    as_: ClientFactory, cast: Cast, forty: list[District], tmp_path: Path
):
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    publish_load(store, "snipeit", "snipeit.assets", "device_records", [{"key": "1"}], at=ASSESSED_AT)
    (manifest,) = (store.folder / "loads").glob("*.json")
    manifest.write_bytes(manifest.read_bytes().replace(b"snipeit", b"snipe-it"))
    page = as_("technician").get("/districts").content.decode()
    assert "Evidence is damaged" in page
    assert read_names(page)[0] == "Maple Valley Unified"
    assert len(read_names(page)) == FORTY


def test_late_duties_are_counted_again_when_anything_changed(as_: ClientFactory, judged_district: Cast):
    district = judged_district.district
    by = {"actor": "director", "at": MORNING}
    assert [status.duties for status in summarize_districts(districts=[district], at=MORNING)] == [0]
    enter_facts(district=district, texts={"state": "NY", "kind": "district", "city": "Albany"}, **by)
    breach = make_incident(district=district, title="A leak", severity="high", text="The vendor called.", **by)
    moments, facts = {"vendor_notified": "2025-11-12"}, {"incident.data": "student"}
    (before,) = summarize_districts(districts=[district], at=MORNING)
    record_legal_facts(district=district, public=breach, moments=moments, facts=facts, **by)
    (status,) = summarize_districts(districts=[district], at=MORNING)
    assert (status.duties or 0) > (before.duties or 0)
    assert re.search(rf"\b{status.duties} dut(y|ies) late", as_("director").get("/districts").content.decode())


def test_who_works_in_an_office_and_has_an_own_page_elsewhere_finds_both(cast: Cast, empty_folder: None):
    teacher = create_teacher(cast)
    Membership.objects.create(district=cast.next_district, user=teacher, role="auditor")
    client = Client()
    client.force_login(teacher)
    page = client.get("/districts").content.decode()
    assert read_names(page) == ["Next Door Schools"]
    assert 'href="/d/maple-valley/my"' in page
