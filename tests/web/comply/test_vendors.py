"""The pages of vendors: from overreach over a renewal to an agreement that names what is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.comply.vendors.record_sent import record_sent
from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.protect.incidents.commands import make_incident
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load
from tests.cast import Cast
from tests.shared_states import share_cast_state

TODAY, AT = date(2026, 1, 15), datetime(2026, 1, 15, 11, tzinfo=UTC)
ClientFactory = Callable[[str], Client]
SHEET = "Student Name,Date of Birth\nMarisol Vega,2012-03-04\nSam Ort,2012-05-06\n"


class VendorDistrict:
    """A district with one product, a sheet that it was given, and a list of agreements that a test writes."""

    def __init__(self, cast: Cast, root: Path) -> None:
        self.district, self.runs = cast.district, 1
        self.store = EvidenceStore(root / "evidence", district=cast.district.slug)
        share_cast_state("vendors", cast, root, partial(self._build, root))

    def _build(self, root: Path) -> None:
        self.runs, sheet = 0, root / "sheet.csv"
        sheet.write_text(SHEET, encoding="utf-8")
        self.load_agreements(self.build_agreement())
        record_sent(
            [sheet], district=self.district, store=self.store, recipient="Quizzy", sent_on=TODAY, today=TODAY, at=AT
        )
        self.resolve()

    def build_agreement(self, **values: Any) -> dict[str, Any]:
        return {
            "key": "1", "vendor": "Quizzy Learning, Inc.", "product": "Quizzy", "kind": "privacy",
            "signed_on": date(2025, 1, 1), "ends_on": date(2026, 6, 30), "data_kinds": ["Names", "learning signals"],
            "url": "https://agreements.example/1", **values,
        }  # fmt: skip

    def load_agreements(self, *rows: dict[str, Any]) -> None:
        self.runs += 1
        at = AT + timedelta(minutes=self.runs)
        publish_load(self.store, "list", "list.agreements", "agreement_records", list(rows), at=at)

    def resolve(self) -> None:
        resolve(district=self.district, store=self.store, today=TODAY, at=AT + timedelta(minutes=self.runs, seconds=30))


@pytest.fixture
def vendors(cast: Cast, tmp_path: Path, settings: Any) -> VendorDistrict:
    settings.DATA = tmp_path
    return VendorDistrict(cast, tmp_path)


def get_text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return " ".join(answer.content.decode().split())


def test_a_renewal_leads_from_what_nobody_can_tell_over_overreach_to_an_amended_agreement(
    as_: ClientFactory, vendors: VendorDistrict
) -> None:
    client = as_("privacy")
    page = get_text(client, "/privacy/vendors")
    assert "0 products get more student data" in page
    assert "Date of birth" in page
    assert "<q>learning signals</q>" in get_text(client, "/privacy/vendors/quizzy")

    renewal = vendors.build_agreement(key="2", signed_on=date(2026, 1, 10), data_kinds=["Names"])
    vendors.load_agreements(vendors.build_agreement(), renewal)
    vendors.resolve()
    assert "1 product gets more student data" in get_text(client, "/privacy/vendors")
    page = get_text(client, "/privacy/vendors/quizzy")
    assert "Not allowed: Date of birth" in page
    assert "2 children" in page
    assert "ask for an amendment that names it" in page

    amended = vendors.build_agreement(key="3", signed_on=date(2026, 1, 14), data_kinds=["Names", "Date of birth"])
    vendors.load_agreements(vendors.build_agreement(), renewal, amended)
    vendors.resolve()
    assert "0 products get more student data" in get_text(client, "/privacy/vendors")
    assert "Not allowed" not in get_text(client, "/privacy/vendors/quizzy")


def test_the_map_draws_what_its_table_has(as_: ClientFactory, vendors: VendorDistrict) -> None:
    page = get_text(as_("technician"), "/privacy/data-map")
    assert page.count("<circle") == 2
    assert "<title>Quizzy: Date of birth, 2</title>" in page
    assert page.count('class="cannot_tell">') == 2  # a dot, and the cell of the table


def test_a_vendor_that_is_not_there_and_a_district_without_evidence_have_their_pages(
    as_: ClientFactory, vendors: VendorDistrict
) -> None:
    assert as_("director").get("/privacy/vendors/nobody").status_code == 404
    for address in ("/privacy/vendors", "/privacy/data-map"):
        page = get_text(as_("stranger"), address)
        assert "Quizzy" not in page
    assert as_("stranger").get("/privacy/vendors/quizzy").status_code == 404


def test_no_page_has_a_value_of_what_was_sent(as_: ClientFactory, vendors: VendorDistrict) -> None:
    for address in ("/privacy/vendors", "/privacy/vendors/quizzy", "/privacy/data-map"):
        page = get_text(as_("director"), address)
        assert not [value for value in ("Marisol", "Vega", "2012-03-04", "Mar 4, 2012") if value in page]


def test_an_incident_names_a_vendor_of_the_district(as_: ClientFactory, vendors: VendorDistrict) -> None:
    by = {"actor": "director", "at": AT}
    case = make_incident(district=vendors.district, title="A leak", severity="high", text="They called.", **by)
    director, page = as_("director"), f"/privacy/duties/cases/{case}"
    assert "<option>Quizzy (Quizzy Learning, Inc.)</option>" in get_text(director, page)
    refused = director.post(page, {"vendor": "Another"})
    assert refused.status_code == 422
    assert "would fit" in refused.content.decode()
    assert director.post(page, {"vendor": "Quizzy (Quizzy Learning, Inc.)"}).status_code == 302
    assert "<option selected>Quizzy (Quizzy Learning, Inc.)</option>" in get_text(director, page)
    assert "At the vendor" in get_text(as_("auditor"), page)
