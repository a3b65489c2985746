"""Breaches at vendors in what a district posts: from the list of agreements and from incidents, each once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.laws.facts import enter_facts
from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import ReportSection
from homeroom.apps.protect.incidents.commands import make_incident, merge_incidents
from homeroom.apps.protect.incidents.legal_facts import IncidentCases, record_legal_facts
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.apps.protect.posture.commands import assess
from tests.cast import create_cast
from tests.web.comply.test_vendors import AT, TODAY, VendorDistrict

pytestmark = pytest.mark.django_db
BY = {"actor": "director", "at": AT}
QUIZZY = "Quizzy (Quizzy Learning, Inc.)"


@pytest.fixture
def vendors(tmp_path: Path, settings: Any) -> VendorDistrict:
    settings.DATA = tmp_path
    vendors = VendorDistrict(create_cast(), tmp_path)
    enter_facts(district=vendors.district, texts={"state": "IL", "enrollment": "1000"}, **BY)
    return vendors


def record_breach(vendors: VendorDistrict, vendor: str | None = QUIZZY, day: str = "2026-01-05", **facts: str) -> str:
    district = vendors.district
    public = make_incident(district=district, title="A leak", severity="high", text="They called.", **BY)
    named = {f"incident.{name}": text for name, text in {"data": "student", **facts}.items()}
    record_legal_facts(
        district=district, public=public, moments={"vendor_notified": day}, facts=named, vendor=vendor, **BY
    )
    return public


def read_posting(vendors: VendorDistrict, name: str = "posting-il") -> ReportSection | None:
    assess(district=vendors.district, store=vendors.store, today=TODAY, at=AT)
    report = build_report(district=vendors.district, name=name, today=TODAY)
    return next((section for section in report.sections if section.name == "breaches"), None)


def list_breaches(vendors: VendorDistrict, name: str = "posting-il") -> list[tuple[Any, ...]]:
    section = read_posting(vendors, name)
    return [tuple(row) for row in section.rows] if section else []


def test_a_breach_that_was_recorded_as_an_incident_is_in_the_posting(vendors: VendorDistrict) -> None:
    record_breach(vendors, affected_students="100")
    assert list_breaches(vendors) == [("Quizzy Learning, Inc.", "Quizzy", date(2026, 1, 5), 10)]


def test_a_breach_in_the_list_and_in_an_incident_is_listed_once(vendors: VendorDistrict) -> None:
    breached = vendors.build_agreement(breached_on=date(2026, 1, 20), breach_percent=12)
    vendors.load_agreements(breached)
    vendors.resolve()
    record_breach(vendors, affected_students="100")
    assert list_breaches(vendors) == [("Quizzy Learning, Inc.", "Quizzy", date(2026, 1, 5), 12)]
    record_breach(vendors, day="2025-10-01", affected_students="200")
    assert [row[2:] for row in list_breaches(vendors)] == [(date(2026, 1, 5), 12), (date(2025, 10, 1), 20)]


@pytest.mark.parametrize(
    ("vendor", "facts"),
    [
        (None, {"affected_students": "500"}),
        (QUIZZY, {"affected_students": "99"}),
        (QUIZZY, {"affected_students": "500", "data": "staff"}),
    ],
)
def test_what_is_at_no_vendor_too_small_or_about_staff_is_not_listed(vendors, vendor, facts) -> None:
    record_breach(vendors, vendor, **facts)
    section = read_posting(vendors)
    assert section is not None
    assert list(section.rows) == []
    assert "Not listed" not in section.note


def test_a_breach_without_a_number_of_students_is_counted_as_not_listed(vendors: VendorDistrict) -> None:
    record_breach(vendors)
    section = read_posting(vendors)
    assert section is not None
    assert list(section.rows) == []
    assert "1 breach without a number" in section.note


@pytest.mark.parametrize("name", ["posting-co", "posting-ny"])
def test_a_state_without_a_least_size_lists_all_and_has_no_empty_list(vendors: VendorDistrict, name: str) -> None:
    assert read_posting(vendors, name) is None
    record_breach(vendors)
    assert list_breaches(vendors, name) == [("Quizzy Learning, Inc.", "Quizzy", date(2026, 1, 5), "not recorded")]


def test_a_vendor_is_chosen_from_those_of_the_district_and_others_are_refused(vendors: VendorDistrict) -> None:
    with pytest.raises(IncidentRefused, match="Quizzy") as refusal:
        record_breach(vendors, "Quizy")
    assert refusal.value.field == "vendor"
    public = record_breach(vendors, "quizzy")
    (case,) = IncidentCases().list_cases(district=vendors.district)
    assert (case.vendor, case.product) == ("Quizzy Learning, Inc.", "Quizzy")
    record_legal_facts(district=vendors.district, public=public, moments={}, facts={}, vendor="", **BY)
    (case,) = IncidentCases().list_cases(district=vendors.district)
    assert (case.vendor, case.product) == ("", "")


def test_a_merged_incident_gives_its_vendor_to_the_other(vendors: VendorDistrict) -> None:
    public, other = record_breach(vendors, None, affected_students="100"), record_breach(vendors)
    merge_incidents(district=vendors.district, public=public, other=other, **BY)
    assert list_breaches(vendors) == [("Quizzy Learning, Inc.", "Quizzy", date(2026, 1, 5), 10)]
