"""Verdicts of other tools: each in its own word, of this district alone, as a page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.posture.published.external_verdicts import load_imported_verdicts
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, publish_load
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


def build_verdict(policy: str, result: str, **overrides: Any) -> dict[str, Any]:
    defaults = {"suite": "scubagear", "product": "AAD", "org_unit": "", "requirement": "Legacy sign-in is blocked."}
    return (
        defaults
        | {"tenant": "maple.example", "criticality": "Shall", "judged_at": ASSESSED_AT}
        | overrides
        | {"policy": policy, "result": result}
    )


@pytest.fixture
def verdicts(cast: Cast, store: EvidenceStore) -> Cast:
    rows = [
        build_verdict("MS.AAD.1.1v1", "Pass"),
        build_verdict(
            "MS.AAD.2.1v1", "Warning", details="=1 policy only reports", original_result="Fail", comment="In June."
        ),
        build_verdict("MS.EXO.4.1v1", "Pass", product="EXO"),
    ]
    publish_load(store, "scuba", "scuba.gear", "verdict_records", rows, at=ASSESSED_AT)
    next_store = EvidenceStore(store.folder.parent, district="elsewhere")
    publish_load(
        next_store, "scuba", "scuba.gear", "verdict_records", [build_verdict("MS.SECRET.1.1v1", "Fail")], at=ASSESSED_AT
    )
    return cast


def test_every_verdict_stands_under_its_tool_and_product_in_its_own_word(as_: ClientFactory, verdicts: Cast):
    page = as_("auditor").get("/verdicts").content.decode()
    assert "ScubaGear: AAD" in page
    assert "ScubaGear: EXO" in page
    assert "Pass: 1; Warning: 1." in page
    assert "before it was annotated: Fail" in page
    assert "Comment: In June." in page


def test_one_word_alone_can_be_asked_for(as_: ClientFactory, verdicts: Cast):
    page = as_("technician").get("/verdicts?result=Warning").content.decode()
    assert "MS.AAD.2.1v1" in page
    assert "MS.AAD.1.1v1" not in page
    assert "MS.EXO.4.1v1" not in page


def test_another_districts_verdicts_are_not_shown(as_: ClientFactory, verdicts: Cast):
    page = as_("director").get("/verdicts").content.decode()
    assert "MS.SECRET" not in page
    assert {row.policy for row in load_imported_verdicts(district=verdicts.district).verdicts} == {
        "MS.AAD.1.1v1", "MS.AAD.2.1v1", "MS.EXO.4.1v1",
    }  # fmt: skip


def test_an_undone_load_takes_its_verdicts_along(verdicts: Cast, store: EvidenceStore):
    assert len(load_imported_verdicts(district=verdicts.district).verdicts) == 3
    store.undo(next(current.id for current in store.list_current_loads() if current.connector == "scuba"))
    assert load_imported_verdicts(district=verdicts.district).verdicts == ()


def test_the_file_has_every_verdict_no_formula_and_an_entry_in_the_trail(as_: ClientFactory, verdicts: Cast):
    answer = as_("auditor").get("/verdicts.csv")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(line["Policy"], line["Result"]) for line in lines] == [
        ("MS.AAD.1.1v1", "Pass"), ("MS.AAD.2.1v1", "Warning"), ("MS.EXO.4.1v1", "Pass"),
    ]  # fmt: skip
    assert lines[1]["Details"] == "'=1 policy only reports"
    entry = list_audit_entries(district=verdicts.district).lines[0]
    assert (entry.action, entry.detail) == ("export verdicts", {"rows": 3})


def test_without_verdicts_the_page_says_what_to_load(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/verdicts").content.decode()
    assert "No other tool has said anything yet" in page
    assert "/sources" in page


def test_posture_leads_to_it(as_: ClientFactory, judged_district: Cast):
    assert 'href="/verdicts"' in as_("technician").get("/posture").content.decode()
