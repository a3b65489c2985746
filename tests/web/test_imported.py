"""What other tools say: each verdict in its own word, of this district alone, as a page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.audit.queries import trail
from homeroom.apps.posture.imported import imported
from homeroom.evidence.store import Store
from tests.cast import Cast
from tests.scene import JUDGED, load

As = Callable[[str], Client]


def verdict(policy: str, result: str, **more: Any) -> dict[str, Any]:
    said = {"suite": "scubagear", "product": "AAD", "org_unit": "", "requirement": "Legacy sign-in is blocked."}
    return (
        said
        | {"tenant": "maple.example", "criticality": "Shall", "judged_at": JUDGED}
        | more
        | {"policy": policy, "result": result}
    )


@pytest.fixture
def verdicts(cast: Cast, store: Store) -> Cast:
    rows = [
        verdict("MS.AAD.1.1v1", "Pass"),
        verdict(
            "MS.AAD.2.1v1", "Warning", details="=1 policy only reports", original_result="Fail", comment="In June."
        ),
        verdict("MS.EXO.4.1v1", "Pass", product="EXO"),
    ]
    load(store, "scuba", "scuba.gear", "verdict_records", rows, at=JUDGED)
    other = Store(store.folder.parent, district="elsewhere")
    load(other, "scuba", "scuba.gear", "verdict_records", [verdict("MS.SECRET.1.1v1", "Fail")], at=JUDGED)
    return cast


def test_every_verdict_stands_under_its_tool_and_product_in_its_own_word(as_: As, verdicts: Cast):
    page = as_("auditor").get("/verdicts").content.decode()
    assert "ScubaGear: AAD" in page
    assert "ScubaGear: EXO" in page
    assert "Pass: 1; Warning: 1." in page
    assert "before it was annotated: Fail" in page
    assert "Comment: In June." in page


def test_one_word_alone_can_be_asked_for(as_: As, verdicts: Cast):
    page = as_("technician").get("/verdicts?result=Warning").content.decode()
    assert "MS.AAD.2.1v1" in page
    assert "MS.AAD.1.1v1" not in page
    assert "MS.EXO.4.1v1" not in page


def test_another_districts_verdicts_are_not_shown(as_: As, verdicts: Cast):
    page = as_("director").get("/verdicts").content.decode()
    assert "MS.SECRET" not in page
    assert {one.policy for one in imported(district=verdicts.district).verdicts} == {
        "MS.AAD.1.1v1", "MS.AAD.2.1v1", "MS.EXO.4.1v1",
    }  # fmt: skip


def test_an_undone_load_takes_its_verdicts_along(verdicts: Cast, store: Store):
    assert len(imported(district=verdicts.district).verdicts) == 3
    store.undo(next(one.id for one in store.standing() if one.connector == "scuba"))
    assert imported(district=verdicts.district).verdicts == ()


def test_the_file_has_every_verdict_no_formula_and_an_entry_in_the_trail(as_: As, verdicts: Cast):
    answer = as_("auditor").get("/verdicts.csv")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(line["Policy"], line["Result"]) for line in lines] == [
        ("MS.AAD.1.1v1", "Pass"), ("MS.AAD.2.1v1", "Warning"), ("MS.EXO.4.1v1", "Pass"),
    ]  # fmt: skip
    assert lines[1]["Details"] == "'=1 policy only reports"
    entry = trail(district=verdicts.district).lines[0]
    assert (entry.action, entry.detail) == ("export verdicts", {"rows": 3})


def test_without_verdicts_the_page_says_what_to_load(as_: As, judged_district: Cast):
    page = as_("technician").get("/verdicts").content.decode()
    assert "No other tool has said anything yet" in page
    assert "/sources" in page


def test_posture_leads_to_it(as_: As, judged_district: Cast):
    assert 'href="/verdicts"' in as_("technician").get("/posture").content.decode()
