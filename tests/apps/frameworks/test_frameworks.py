"""Where a district stands under its frameworks: counted from the judgement, from answers that hold, and handed over as OSCAL."""

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

from homeroom.apps.audit.models import Entry
from homeroom.apps.frameworks import attesting
from homeroom.apps.frameworks.known import framework_named, known_frameworks, take_in_framework
from homeroom.apps.frameworks.oscal import NothingOpen, assessment_results, plan_of_action, token
from homeroom.apps.frameworks.queries import Attested, attestations, standing_under
from homeroom.apps.frameworks.telling import action_plan, as_json
from homeroom.engines.frameworks.standing import How
from homeroom.evidence.store import Store
from homeroom.library.reading import ContentRefused
from tests.cast import Cast, gather
from tests.scene import TODAY, evidence, judged
from tests.web.conftest import MORNING

CPG = "cisa-cpg-2.0"


@pytest.fixture
def cast(db: None) -> Cast:
    return gather()


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Store:
    settings.DATA = tmp_path
    settings.NOW = MORNING
    return evidence(tmp_path / "evidence", district="maple-valley")


@pytest.fixture
def here(cast: Cast, store: Store) -> Cast:
    judged(cast.district, store)
    return cast


@pytest.fixture
def as_(cast: Cast) -> Callable[[str], Client]:
    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, name))
        return client

    return signed_in


def under(cast: Cast, framework: str = CPG) -> Any:
    return standing_under(district=cast.district, framework=framework, at=MORNING, today=TODAY)


def goal_of(cast: Cast, goal: str, framework: str = CPG) -> Any:
    return next(one for one in under(cast, framework).standing.goals if one.id == goal)


def ask(cast: Cast, goal: str = "1.C", **more: Any) -> int:
    given = {"owner": "director", "due_on": TODAY + timedelta(days=30)} | more
    return attesting.ask(district=cast.district, framework=CPG, goal=goal, actor="technician", at=MORNING, **given)


def answer(cast: Cast, number: int, **more: Any) -> None:
    given = {"said": "yes", "note": "Practised on 3 October.", "expires_on": TODAY + timedelta(days=100)} | more
    attesting.answer(district=cast.district, number=number, actor="director", at=MORNING, **given)


def one(cast: Cast) -> Attested:
    (found,) = attestations(district=cast.district, today=TODAY)
    return found


def test_a_goal_is_measured_by_the_numbers_of_its_controls(here: Cast) -> None:
    factor = goal_of(here, "3.F")
    judged_ones = {check.id: check for check in factor.checks if check.judged}
    assert factor.how is How.MEASURED
    assert set(judged_ones) == {"staff-second-factor", "admin-second-factor"}
    staff, admin = 581 / (581 + 17 + 214 + 2), 9 / 11
    assert factor.low == pytest.approx((staff + admin) / 2)
    assert factor.high == pytest.approx(((581 + 214) / 814 + admin) / 2)
    assert goal_of(here, "1.C").how is How.NOTHING


def test_before_the_first_judgement_nothing_is_known(cast: Cast, store: Store) -> None:
    found = under(cast)
    assert (found.of, found.standing.low, found.standing.high) == (None, 0, 1)
    with pytest.raises(NothingOpen):
        plan_of_action(found, district=cast.district, at=MORNING)


def test_an_answer_holds_until_its_day_and_then_nothing_is_known_again(here: Cast) -> None:
    number = ask(here)
    assert one(here).state == "waiting"
    answer(here, number, expires_on=TODAY + timedelta(days=2))
    assert (one(here).state, goal_of(here, "1.C").how, goal_of(here, "1.C").low) == ("holds", How.ATTESTED, 1)
    later = TODAY + timedelta(days=3)
    assert attestations(district=here.district, today=later)[0].state == "expired"
    found = standing_under(district=here.district, framework=CPG, at=MORNING, today=later)
    assert next(goal for goal in found.standing.goals if goal.id == "1.C").how is How.NOTHING


def test_what_is_not_answered_by_its_day_is_overdue_and_a_new_question_takes_its_place(here: Cast) -> None:
    ask(here, due_on=TODAY)
    assert attestations(district=here.district, today=TODAY + timedelta(days=1))[0].state == "overdue"
    ask(here)
    assert len(attestations(district=here.district, today=TODAY)) == 1


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("said", {"said": "maybe"}),
        ("note", {"note": "  "}),
        ("expires_on", {"expires_on": TODAY}),
        ("expires_on", {"expires_on": TODAY + timedelta(days=400)}),
        ("link", {"link": "javascript:alert(1)"}),
        ("proofs", {"proofs": [("big.pdf", b"0" * (attesting.MOST_BYTES + 1))]}),
    ],
)
def test_an_answer_that_does_not_fit_is_not_taken(here: Cast, field: str, more: dict[str, Any]) -> None:
    number = ask(here)
    with pytest.raises(attesting.NotAttested) as refused:
        answer(here, number, **more)
    assert refused.value.field == field
    assert one(here).answer == ""


def test_nobody_outside_the_district_is_asked_and_no_goal_that_is_none(here: Cast) -> None:
    for more in ({"owner": "stranger"}, {"goal": "9.Z"}, {"due_on": TODAY - timedelta(days=1)}):
        with pytest.raises(attesting.NotAttested):
            ask(here, **more)
    assert attestations(district=here.district, today=TODAY) == ()


def test_the_district_next_door_sees_and_answers_nothing(here: Cast, as_: Callable[[str], Client]) -> None:
    number = ask(here)
    with pytest.raises(LookupError):
        attesting.answer(
            district=here.next_district, number=number, said="yes", note="x", expires_on=date.max, actor="s", at=MORNING
        )
    assert attestations(district=here.next_district, today=TODAY) == ()
    assert as_("stranger").get(f"/attestations/{number}").status_code == 404


def test_a_file_that_proves_an_answer_is_kept_and_handed_out_as_it_was(
    here: Cast, as_: Callable[[str], Client]
) -> None:
    number = ask(here)
    answer(here, number, proofs=[("C:\\plans\\plan <1>.pdf", b"%PDF- the plan")])
    ((proof, name),) = one(here).proofs
    assert name == "plan <1>.pdf"
    got = as_("director").get(f"/attestations/proofs/{proof}")
    assert got.content == b"%PDF- the plan"
    assert got["Content-Disposition"] == 'attachment; filename="plan _1_.pdf"'
    assert as_("auditor").get(f"/attestations/proofs/{proof}").status_code == 403


def test_oscal_results_fit_the_published_model_and_hold_no_private_note(here: Cast) -> None:
    number = ask(here)
    answer(here, number, note="The plan names the vault's combination.", private=True)
    answers = attestations(district=here.district, today=TODAY)
    for framework in known_frameworks(district=here.district):
        found = under(here, framework.id)
        document = assessment_results(found, district=here.district, at=MORNING, answers=answers)
        AssessmentResults.model_validate(json.loads(json.dumps(document)))
    found = under(here)
    whole, redacted = (
        json.dumps(assessment_results(found, district=here.district, at=MORNING, answers=answers, redacted=hide))
        for hide in (False, True)
    )
    assert "combination" in whole
    assert "combination" not in redacted
    assert whole == json.dumps(assessment_results(found, district=here.district, at=MORNING, answers=answers))
    states = {
        one["target"]["target-id"]: one["target"]["status"]["state"]
        for one in json.loads(whole)["assessment-results"]["results"][0]["findings"]
    }
    assert (states["_1.c"], states["_3.f"]) == ("satisfied", "not-satisfied")


def test_the_plan_of_action_has_an_item_for_each_control_that_fails(here: Cast) -> None:
    found = under(here)
    document = json.loads(json.dumps(plan_of_action(found, district=here.district, at=MORNING)))
    PlanOfAction.model_validate(document)
    failing = {check.title for goal in found.standing.goals for check in goal.checks if check.failing}
    assert {item["title"] for item in document["plan-of-action-and-milestones"]["poam-items"]} == failing
    assert failing
    lines = action_plan(found).splitlines()
    assert len(lines) == 1 + sum(bool(check.failing) for goal in found.standing.goals for check in goal.checks)


def test_the_model_that_documents_are_held_against_refuses_what_is_not_oscal(here: Cast) -> None:
    document = assessment_results(under(here), district=here.district, at=MORNING)
    del document["assessment-results"]["results"][0]["reviewed-controls"]
    with pytest.raises(ValueError, match="reviewed"):
        AssessmentResults.model_validate(json.loads(json.dumps(document)))


@pytest.mark.parametrize(
    ("goal", "written"), [("AC-2(1)", "ac-2.1"), ("3.F", "_3.f"), ("PR.AA-03", "pr.aa-03"), ("network", "network")]
)
def test_a_goal_is_written_as_a_token(goal: str, written: str) -> None:
    assert token(goal) == written


def test_an_oscal_catalogue_becomes_a_framework_of_this_district_alone(here: Cast, tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    controls = [{"id": "ac-2", "title": "Accounts"}]
    file.write_text(
        json.dumps({"catalog": {"metadata": {"title": "State"}, "groups": [{"id": "ac", "controls": controls}]}})
    )
    take_in_framework(file, name="state-1", district=here.district, actor="director", at=MORNING)
    assert framework_named("state-1", district=here.district).goals == {"AC-2": "Accounts"}
    assert under(here, "state-1").standing.count(How.NOTHING) == 1
    with pytest.raises(LookupError, match=r"cis-8\.1"):
        framework_named("state-1", district=here.next_district)
    for name in (CPG, "../x", "State"):
        with pytest.raises(ContentRefused):
            take_in_framework(file, name=name, district=here.district, actor="director", at=MORNING)
    assert Entry.objects.of(here.district).filter(action="take in framework").count() == 1


def test_the_pages_show_the_same_numbers_as_the_program(here: Cast, as_: Callable[[str], Client]) -> None:
    told = as_json(under(here))
    page = as_("director").get(f"/frameworks/{CPG}").content.decode()
    counts = told["counts"]
    assert f"Of 34 goals {counts['measured']} are measured, {counts['attested']} attested" in page
    assert told["raise_first"][0]["title"] in page
    every = as_("auditor").get("/frameworks").content.decode()
    assert f"{counts['nothing yet']} of 34" in every
    assert as_("auditor").get(f"/frameworks/{CPG}/goals/3.F").status_code == 200
    assert as_("auditor").get(f"/frameworks/{CPG}/goals/9.Z").status_code == 404
    assert as_("auditor").get("/frameworks/none").status_code == 404


def test_asking_and_answering_in_the_pages(here: Cast, as_: Callable[[str], Client]) -> None:
    director = as_("director")
    form = {"owner": "technician", "due_on": "2026-02-15", "question": "Was the plan practised?"}
    assert director.post(f"/frameworks/{CPG}/goals/1.C/ask", form | {"owner": "stranger"}).status_code == 400
    assert director.post(f"/frameworks/{CPG}/goals/1.C/ask", form).status_code == 302
    number = one(here).id
    technician = as_("technician")
    wrong = technician.post(f"/attestations/{number}", {"said": "yes", "note": "", "expires_on": "2026-06-01"})
    assert wrong.status_code == 400
    right = {"said": "partly", "note": "Only with the principals.", "expires_on": "2026-06-01", "private": "1"}
    assert technician.post(f"/attestations/{number}", right).status_code == 302
    assert (goal_of(here, "1.C").low, goal_of(here, "1.C").high) == (0, 0.5)
    assert "Only with the principals" not in as_("auditor").get("/attestations").content.decode()
    assert "Only with the principals" in technician.get("/attestations").content.decode()
    for form_of_it in (f"/attestations/{number}", f"/frameworks/{CPG}/goals/1.C/ask"):
        assert as_("auditor").get(form_of_it).status_code == 403
    assert "Only with" not in as_("auditor").get(f"/frameworks/{CPG}/files/assessment-results").content.decode()
    assert technician.post(f"/attestations/{number}/withdraw").status_code == 302
    assert attestations(district=here.district, today=TODAY) == ()


def test_a_baseline_with_controls_of_nist_800_53_is_measured_by_what_is_mapped_to_them_whatever_its_name(
    here: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "moderate.json"
    controls = [{"id": "ac-2", "title": "Account Management"}, {"id": "ac-99", "title": "Not in any control"}]
    about = {
        "metadata": {"title": "Our state's baseline for districts"},
        "groups": [{"id": "ac", "controls": controls}],
    }
    file.write_text(json.dumps({"catalog": about}))
    take_in_framework(file, name="moderate", district=here.district, actor="director", at=MORNING)
    known = {goal.id: goal.how for goal in under(here, "moderate").standing.goals}
    assert known == {"AC-2": How.MEASURED, "AC-99": How.NOTHING}
