"""A district's compliance under its frameworks: from the assessment and valid attestations, exported as OSCAL."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from trestle.oscal.assessment_results import Model as AssessmentResults
from trestle.oscal.poam import Model as PlanOfAction

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.frameworks import attestations
from homeroom.apps.protect.frameworks.catalog import get_framework, import_framework, list_frameworks
from homeroom.apps.protect.frameworks.oscal import (
    NoFailingChecks,
    build_assessment_results,
    build_plan_of_action,
    format_token,
)
from homeroom.apps.protect.frameworks.queries import AttestationView, get_compliance, list_attestations
from homeroom.apps.protect.frameworks.serialize import convert_to_json, render_action_plan
from homeroom.engines.protect.frameworks.compliance import Basis
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.yaml_loader import ContentRefused
from tests.assessed_district import TODAY, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast
from tests.web.conftest import MORNING

pytestmark = pytest.mark.differs_by_database("transactions")

CPG = "cisa-cpg-2.0"


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> EvidenceStore:
    settings.DATA = tmp_path
    settings.NOW = MORNING
    return publish_evidence(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def cast_with_assessment(cast: Cast, store: EvidenceStore) -> Cast:
    publish_assessments(cast.district, store)
    return cast


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return sign_in


def load_compliance(cast: Cast, framework: str = CPG) -> Any:
    return get_compliance(district=cast.district, framework=framework, at=MORNING, today=TODAY)


def find_goal(cast: Cast, goal: str, framework: str = CPG) -> Any:
    return next(entry for entry in load_compliance(cast, framework).result.goals if entry.id == goal)


def request_answer(cast: Cast, goal: str = "1.C", **changes: Any) -> int:
    values = {"owner": "director", "due_on": TODAY + timedelta(days=30)} | changes
    return attestations.request_attestation(
        district=cast.district, framework=CPG, goal=goal, actor="technician", at=MORNING, **values
    )


def submit_answer(cast: Cast, number: int, **changes: Any) -> None:
    values = {"choice": "yes", "note": "Practised on 3 October.", "expires_on": TODAY + timedelta(days=100)} | changes
    attestations.answer_attestation(district=cast.district, number=number, actor="director", at=MORNING, **values)


def get_only_attestation(cast: Cast) -> AttestationView:
    (attestation,) = list_attestations(district=cast.district, today=TODAY)
    return attestation


def test_a_goal_is_measured_by_the_numbers_of_its_controls(cast_with_assessment: Cast) -> None:
    second_factor_goal = find_goal(cast_with_assessment, "3.F")
    assessed_checks = {check.id: check for check in second_factor_goal.checks if check.is_assessed}
    assert second_factor_goal.basis is Basis.MEASURED
    assert set(assessed_checks) == {"staff-second-factor", "admin-second-factor"}
    staff, admin = 581 / (581 + 17 + 214 + 2), 9 / 11
    assert second_factor_goal.low == pytest.approx((staff + admin) / 2)
    assert second_factor_goal.high == pytest.approx(((581 + 214) / 814 + admin) / 2)
    assert find_goal(cast_with_assessment, "1.C").basis is Basis.NOTHING


def test_before_the_first_judgment_nothing_is_known(cast: Cast, store: EvidenceStore) -> None:
    compliance = load_compliance(cast)
    assert (compliance.assessment, compliance.result.low, compliance.result.high) == (None, 0, 1)
    with pytest.raises(NoFailingChecks):
        build_plan_of_action(compliance, district=cast.district, at=MORNING)


def test_an_answer_holds_until_its_day_and_then_nothing_is_known_again(cast_with_assessment: Cast) -> None:
    number = request_answer(cast_with_assessment)
    assert get_only_attestation(cast_with_assessment).state == "waiting"
    submit_answer(cast_with_assessment, number, expires_on=TODAY + timedelta(days=2))
    assert (
        get_only_attestation(cast_with_assessment).state,
        find_goal(cast_with_assessment, "1.C").basis,
        find_goal(cast_with_assessment, "1.C").low,
    ) == ("holds", Basis.ATTESTED, 1)
    later = TODAY + timedelta(days=3)
    assert list_attestations(district=cast_with_assessment.district, today=later)[0].state == "expired"
    compliance = get_compliance(district=cast_with_assessment.district, framework=CPG, at=MORNING, today=later)
    assert next(goal for goal in compliance.result.goals if goal.id == "1.C").basis is Basis.NOTHING


def test_what_is_not_answered_by_its_day_is_overdue_and_a_new_question_takes_its_place(
    cast_with_assessment: Cast,
) -> None:
    request_answer(cast_with_assessment, due_on=TODAY)
    assert (
        list_attestations(district=cast_with_assessment.district, today=TODAY + timedelta(days=1))[0].state == "overdue"
    )
    request_answer(cast_with_assessment)
    assert len(list_attestations(district=cast_with_assessment.district, today=TODAY)) == 1


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("said", {"choice": "maybe"}),
        ("note", {"note": "  "}),
        ("expires_on", {"expires_on": TODAY}),
        ("expires_on", {"expires_on": TODAY + timedelta(days=400)}),
        ("link", {"link": "javascript:alert(1)"}),
        ("proofs", {"proofs": [("big.pdf", b"0" * (attestations.MAX_PROOF_BYTES + 1))]}),
    ],
)
def test_an_answer_that_does_not_fit_is_not_taken(cast_with_assessment: Cast, field: str, more: dict[str, Any]) -> None:
    number = request_answer(cast_with_assessment)
    with pytest.raises(attestations.InvalidAttestation) as refused:
        submit_answer(cast_with_assessment, number, **more)
    assert refused.value.field == field
    assert get_only_attestation(cast_with_assessment).answer == ""


def test_nobody_outside_the_district_is_asked_and_no_goal_that_is_none(cast_with_assessment: Cast) -> None:
    for changes in ({"owner": "stranger"}, {"goal": "9.Z"}, {"due_on": TODAY - timedelta(days=1)}):
        with pytest.raises(attestations.InvalidAttestation):
            request_answer(cast_with_assessment, **changes)
    assert list_attestations(district=cast_with_assessment.district, today=TODAY) == ()


def test_the_district_next_door_sees_and_answers_nothing(
    cast_with_assessment: Cast, as_: Callable[[str], Client]
) -> None:
    number = request_answer(cast_with_assessment)
    with pytest.raises(LookupError):
        attestations.answer_attestation(
            district=cast_with_assessment.next_district,
            number=number,
            choice="yes",
            note="x",
            expires_on=date.max,
            actor="s",
            at=MORNING,
        )
    assert list_attestations(district=cast_with_assessment.next_district, today=TODAY) == ()
    assert as_("stranger").get(f"/attestations/{number}").status_code == 404


def test_a_file_that_proves_an_answer_is_kept_and_handed_out_as_it_was(
    cast_with_assessment: Cast, as_: Callable[[str], Client]
) -> None:
    number = request_answer(cast_with_assessment)
    submit_answer(cast_with_assessment, number, proofs=[("C:\\plans\\plan <1>.pdf", b"%PDF- the plan")])
    ((proof, name),) = get_only_attestation(cast_with_assessment).proofs
    assert name == "plan <1>.pdf"
    response = as_("director").get(f"/attestations/proofs/{proof}")
    assert response.content == b"%PDF- the plan"
    assert response["Content-Disposition"] == 'attachment; filename="plan <1>.pdf"'
    assert as_("auditor").get(f"/attestations/proofs/{proof}").status_code == 403


def test_oscal_results_fit_the_published_model_and_hold_no_private_note(cast_with_assessment: Cast) -> None:
    number = request_answer(cast_with_assessment)
    submit_answer(cast_with_assessment, number, note="The plan names the vault's combination.", private=True)
    answers = list_attestations(district=cast_with_assessment.district, today=TODAY)
    for framework in list_frameworks(district=cast_with_assessment.district):
        compliance = load_compliance(cast_with_assessment, framework.id)
        document = build_assessment_results(
            compliance, district=cast_with_assessment.district, at=MORNING, answers=answers
        )
        AssessmentResults.model_validate(json.loads(json.dumps(document)))
    compliance = load_compliance(cast_with_assessment)
    full_text, redacted_text = (
        json.dumps(
            build_assessment_results(
                compliance, district=cast_with_assessment.district, at=MORNING, answers=answers, redacted=hide
            )
        )
        for hide in (False, True)
    )
    assert "combination" in full_text
    assert "combination" not in redacted_text
    assert full_text == json.dumps(
        build_assessment_results(compliance, district=cast_with_assessment.district, at=MORNING, answers=answers)
    )
    states = {
        finding["target"]["target-id"]: finding["target"]["status"]["state"]
        for finding in json.loads(full_text)["assessment-results"]["results"][0]["findings"]
    }
    assert (states["_1.c"], states["_3.f"]) == ("satisfied", "not-satisfied")


def test_the_plan_of_action_has_an_item_for_each_control_that_fails(cast_with_assessment: Cast) -> None:
    compliance = load_compliance(cast_with_assessment)
    document = json.loads(
        json.dumps(build_plan_of_action(compliance, district=cast_with_assessment.district, at=MORNING))
    )
    PlanOfAction.model_validate(document)
    failing = {check.title for goal in compliance.result.goals for check in goal.checks if check.failing}
    assert {item["title"] for item in document["plan-of-action-and-milestones"]["poam-items"]} == failing
    assert failing
    lines = render_action_plan(compliance).splitlines()
    assert len(lines) == 1 + sum(bool(check.failing) for goal in compliance.result.goals for check in goal.checks)


def test_the_model_that_documents_are_held_against_refuses_what_is_not_oscal(cast_with_assessment: Cast) -> None:
    document = build_assessment_results(
        load_compliance(cast_with_assessment), district=cast_with_assessment.district, at=MORNING
    )
    del document["assessment-results"]["results"][0]["reviewed-controls"]
    with pytest.raises(ValueError, match="reviewed"):
        AssessmentResults.model_validate(json.loads(json.dumps(document)))


@pytest.mark.parametrize(
    ("goal", "written"), [("AC-2(1)", "ac-2.1"), ("3.F", "_3.f"), ("PR.AA-03", "pr.aa-03"), ("network", "network")]
)
def test_a_goal_is_written_as_a_token(goal: str, written: str) -> None:
    assert format_token(goal) == written


def test_an_oscal_catalog_becomes_a_framework_of_this_district_alone(
    cast_with_assessment: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "state.json"
    controls = [{"id": "ac-2", "title": "Accounts"}]
    file.write_text(
        json.dumps({"catalog": {"metadata": {"title": "State"}, "groups": [{"id": "ac", "controls": controls}]}})
    )
    import_framework(file, name="state-1", district=cast_with_assessment.district, actor="director", at=MORNING)
    assert get_framework("state-1", district=cast_with_assessment.district).goals == {"AC-2": "Accounts"}
    assert load_compliance(cast_with_assessment, "state-1").result.count_goals(Basis.NOTHING) == 1
    with pytest.raises(LookupError, match=r"cis-8\.1"):
        get_framework("state-1", district=cast_with_assessment.next_district)
    for name in (CPG, "../x", "State"):
        with pytest.raises(ContentRefused):
            import_framework(file, name=name, district=cast_with_assessment.district, actor="director", at=MORNING)
    assert Entry.objects.of(cast_with_assessment.district).filter(action="take in framework").count() == 1


def test_the_pages_show_the_same_numbers_as_the_program(
    cast_with_assessment: Cast, as_: Callable[[str], Client]
) -> None:
    values = convert_to_json(load_compliance(cast_with_assessment))
    page = as_("director").get(f"/frameworks/{CPG}").content.decode()
    counts = values["counts"]
    assert f"Of 34 goals {counts['measured']} are measured, {counts['attested']} attested" in page
    assert f">{values['raise_first'][0]['problem']}</a>" in page
    overview_page = as_("auditor").get("/frameworks").content.decode()
    assert f"{counts['nothing yet']} of 34" in overview_page
    assert as_("auditor").get(f"/frameworks/{CPG}/goals/3.F").status_code == 200
    assert as_("auditor").get(f"/frameworks/{CPG}/goals/9.Z").status_code == 404
    assert as_("auditor").get("/frameworks/none").status_code == 404


def test_asking_and_answering_in_the_pages(cast_with_assessment: Cast, as_: Callable[[str], Client]) -> None:
    director = as_("director")
    form = {"owner": "technician", "due_on": "2026-02-15", "question": "Was the plan practiced?"}
    assert director.post(f"/frameworks/{CPG}/goals/1.C/ask", form | {"owner": "stranger"}).status_code == 400
    assert director.post(f"/frameworks/{CPG}/goals/1.C/ask", form).status_code == 302
    number = get_only_attestation(cast_with_assessment).id
    technician = as_("technician")
    refused_response = technician.post(
        f"/attestations/{number}", {"said": "yes", "note": "", "expires_on": "2026-06-01"}
    )
    assert refused_response.status_code == 400
    valid_form = {"said": "partly", "note": "Only with the principals.", "expires_on": "2026-06-01", "private": "1"}
    assert technician.post(f"/attestations/{number}", valid_form).status_code == 302
    assert (find_goal(cast_with_assessment, "1.C").low, find_goal(cast_with_assessment, "1.C").high) == (0, 0.5)
    assert "Only with the principals" not in as_("auditor").get("/attestations").content.decode()
    assert "Only with the principals" in technician.get("/attestations").content.decode()
    for address in (f"/attestations/{number}", f"/frameworks/{CPG}/goals/1.C/ask"):
        assert as_("auditor").get(address).status_code == 403
    assert "Only with" not in as_("auditor").get(f"/frameworks/{CPG}/files/assessment-results").content.decode()
    assert technician.post(f"/attestations/{number}/withdraw").status_code == 302
    assert list_attestations(district=cast_with_assessment.district, today=TODAY) == ()


def test_a_baseline_with_controls_of_nist_800_53_is_measured_by_what_is_mapped_to_them_whatever_its_name(
    cast_with_assessment: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "moderate.json"
    controls = [{"id": "ac-2", "title": "Account Management"}, {"id": "ac-99", "title": "Not in any control"}]
    catalog = {
        "metadata": {"title": "Our state's baseline for districts"},
        "groups": [{"id": "ac", "controls": controls}],
    }
    file.write_text(json.dumps({"catalog": catalog}))
    import_framework(file, name="moderate", district=cast_with_assessment.district, actor="director", at=MORNING)
    basis_by_goal = {goal.id: goal.basis for goal in load_compliance(cast_with_assessment, "moderate").result.goals}
    assert basis_by_goal == {"AC-2": Basis.MEASURED, "AC-99": Basis.NOTHING}
