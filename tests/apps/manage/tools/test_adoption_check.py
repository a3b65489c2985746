"""The check before a tool is adopted, as `homeroom check tool` and the pages of requests make it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.manage.tools.adoption_checks import CheckRefused, load_adoption_check, run_adoption_check
from homeroom.apps.manage.tools.agreement_checks import judge_agreement
from homeroom.apps.manage.tools.check_documents import build_check_document
from homeroom.apps.manage.tools.check_keys import DOCUMENT_KEYS
from homeroom.apps.manage.tools.queries import ToolsNotResolved
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.domain.comply.privacy.flows import VendorAgreement
from homeroom.domain.manage.tools.adoption import AgreementVerdict, NamedRecord, ToolCheck, ToolReach
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load

AT, TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC), date(2026, 11, 28)
AGREEMENT = VendorAgreement(
    key="A-1", vendor="Kestrel, Inc.", product="Wren Math", kind="privacy", state="signed",
    signed_on=date(2025, 1, 1), ends_on=date(2028, 1, 1),
)  # fmt: skip
CHECK = ToolCheck(
    query="Wren Math", does=(), tool=None, vendors=("Kestrel",), contracts=(), same=(), reach=ToolReach(), loses=(),
    questions=(), doubts=(), records=(NamedRecord(table="agreement_records", key="A-1", text="Wren Math"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("agreements", "verdict", "status"),
    [
        ([AGREEMENT], AgreementVerdict.COVERED, "signed"),
        ([replace(AGREEMENT, ends_on=TODAY + timedelta(days=120))], AgreementVerdict.EXPIRES, "signed"),
        ([replace(AGREEMENT, ends_on=TODAY + timedelta(days=121))], AgreementVerdict.COVERED, "signed"),
        ([replace(AGREEMENT, ends_on=TODAY - timedelta(days=1))], AgreementVerdict.MISSING, "ended"),
        ([replace(AGREEMENT, state="refused")], AgreementVerdict.MISSING, "refused"),
        ([replace(AGREEMENT, kind="insurance")], AgreementVerdict.MISSING, "none"),
        ([replace(AGREEMENT, key="A-2", product="Lark Math")], AgreementVerdict.MISSING, "none"),
        ([replace(AGREEMENT, key="A-2", product=None)], AgreementVerdict.COVERED, "signed"),
        ([replace(AGREEMENT, key="A-2", vendor="Heron", product=None)], AgreementVerdict.MISSING, "none"),
        ([], AgreementVerdict.CANNOT_TELL, "unknown"),
    ],
)
def test_an_agreement_covers_what_it_names_and_all_of_its_vendor(
    agreements: list[VendorAgreement], verdict: AgreementVerdict, status: str
) -> None:
    result = judge_agreement(agreements, CHECK, today=TODAY)
    assert (result.verdict, result.status) == (verdict, status)


def test_an_agreement_for_some_schools_names_them_unless_another_is_for_all() -> None:
    some = replace(AGREEMENT, schools=("Oak Elementary",))
    assert judge_agreement([some], CHECK, today=TODAY).schools == ("Oak Elementary",)
    both = [some, replace(AGREEMENT, key="A-2", product=None)]
    assert judge_agreement(both, CHECK, today=TODAY).schools == ()


@pytest.fixture
def district(db: Any) -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path, district: District) -> EvidenceStore:
    store = EvidenceStore(tmp_path / "store", district=district.slug)
    people = [
        {"key": str(n), "given_name": "Ana", "family_name": f"Ray{n}", "org_name": "Oak",
         "email": f"s{n}@maple.example"}
        for n in range(1, 31)
    ]  # fmt: skip
    contracts = [
        {"key": "C-1", "product": "CDW-G: Kami District Unlimited 1YR", "vendor": "CDW-G", "cost_minor": 120_000,
         "currency": "USD", "starts_on": date(2026, 7, 1), "ends_on": date(2027, 6, 30)},
        {"key": "C-2", "product": "Zoom", "cost_minor": 90_000, "currency": "USD"},
    ]  # fmt: skip
    agreements = [{"key": "A-1", "vendor": "Kami", "product": "Kami", "signed_on": date(2026, 1, 1)}]
    grants = [
        {"account_key": str(n), "email": f"s{n}@maple.example", "app_key": "k.apps.example", "app_name": "Kami",
         "kind": "delegated", "scopes": ["https://www.googleapis.com/auth/classroom.rosters.readonly"]}
        for n in range(1, 31)
    ]  # fmt: skip
    devices = [
        {"key": f"d{n}", "serial": f"SN{n:04}", "kind": "laptop", "platform": "windows", "os_version": "10.0.26100",
         "status": "active", "managed": True, "last_seen": AT}
        for n in range(1, 4)
    ]  # fmt: skip
    publish_load(store, "roster", "roster.people", "person_records", people, at=AT)
    publish_load(store, "contracts", "contracts.list", "contract_records", contracts, at=AT)
    publish_load(store, "agreements", "agreements.list", "agreement_records", agreements, at=AT)
    publish_load(store, "google", "google.grants", "app_grants", grants, at=AT)
    publish_load(store, "assets", "assets.list", "device_records", devices, at=AT)
    resolve(district=district, store=store, today=TODAY, at=AT)
    return store


def test_the_check_joins_the_tool_its_agreement_its_permissions_and_the_devices(store: EvidenceStore) -> None:
    document = build_check_document(run_adoption_check(store=store, text="kami", today=TODAY))
    assert list(document) == [
        "asked", "today", "here", "does", "tool", "records", "contracts", "same", "agreement", "reach", "loses",
        "devices", "questions", "cannot_tell",
    ]  # fmt: skip
    assert (document["here"], document["tool"]["id"], document["tool"]["paid"]) == (True, "kami", True)
    assert {(entry["table"], entry["text"]) for entry in document["records"]} == {
        ("agreement_records", "Kami"), ("app_grants", "Kami"),
        ("contract_records", "CDW-G: Kami District Unlimited 1YR"),
    }  # fmt: skip
    assert document["contracts"][0]["year_minor"] == 120_000
    assert (document["agreement"]["verdict"], document["agreement"]["key"]) == ("covered", "A-1")
    assert document["reach"]["accounts"] == 30
    (scope,) = document["reach"]["scopes"]
    assert (scope["accounts"], scope["everybody"]) == (30, False)
    assert scope["elements"], "the permission reads student data"
    zoom = build_check_document(run_adoption_check(store=store, text="Zoom", today=TODAY))
    (fit,) = zoom["devices"]
    assert fit["fits"] + fit["blocked"] + fit["unknown"] == 3
    assert json.loads(json.dumps(zoom)) == zoom


def list_keys(value: Any, path: str = "") -> set[str]:
    """List the keys of a document as the reference writes them."""
    if isinstance(value, list):
        return {key for item in value for key in list_keys(item, path)} if path else set()
    if not isinstance(value, dict):
        return set()
    keys = set()
    for name, item in value.items():
        own = f"{path}.{name}" if path else name
        own += "[]" if isinstance(item, list) and any(isinstance(entry, dict) for entry in item) else ""
        keys |= {own, *list_keys(item, own)}
    return keys


def test_the_reference_has_every_key_of_the_document(store: EvidenceStore) -> None:
    texts = {"Kami": (), "Zoom": (), "Kamii": (), "Quizzy": ("video-meeting",)}
    checks = [run_adoption_check(store=store, text=text, does=does, today=TODAY) for text, does in texts.items()]
    keys = {key for check in checks for key in list_keys(build_check_document(check))}
    described = {key for key, _ in DOCUMENT_KEYS}
    assert {key for key in keys if f"{key}[]" not in described} == described


def test_a_page_loads_the_same_check_and_makes_it_once(store: EvidenceStore) -> None:
    first = load_adoption_check(store=store, text=" Kami ", today=TODAY)
    assert first == run_adoption_check(store=store, text="Kami", today=TODAY)
    assert load_adoption_check(store=store, text="Kami", today=TODAY) is first


def test_what_cannot_be_a_question_is_refused_with_what_would_fit(store: EvidenceStore) -> None:
    for text, does, field in (("  ", (), "name"), ("x" * 201, (), "name"), ("Kami", ("lmz",), "does")):
        with pytest.raises(CheckRefused, match="would fit") as refusal:
            run_adoption_check(store=store, text=text, does=does, today=TODAY)
        assert refusal.value.field == field


def test_before_anything_is_loaded_nobody_can_tell(tmp_path: Path) -> None:
    empty = EvidenceStore(tmp_path / "empty", district="maple")
    assert load_adoption_check(store=empty, text="Kami", today=TODAY) is None
    with pytest.raises(ToolsNotResolved):
        run_adoption_check(store=empty, text="Kami", today=TODAY)
