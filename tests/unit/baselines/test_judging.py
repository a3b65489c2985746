"""Verdicts: units, elements and the tenant as a whole under a policy, and the comparison with published cases."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.domain.states import Severity
from homeroom.engines.baselines.comparing import Given, compared, without_version
from homeroom.engines.baselines.judging import judge
from homeroom.engines.baselines.parsing import parse
from homeroom.engines.baselines.policies import Assumed, Expected, Policy
from homeroom.library.cases import cases
from homeroom.library.reading import ContentRefused

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def policy(**changes: Any) -> Policy:
    given: dict[str, Any] = {
        "id": "no-imap", "suite": "google", "product": "gmail", "compares": "GWS.GMAIL.9.1", "title": "No IMAP",
        "severity": Severity.HIGH, "because": "Old.", "fix": "Off.", "unset": {}, "renamed": {},
        "requires": parse({"mail.imap": False}),
    }  # fmt: skip
    return Policy(**{**given, **changes})


def tenant(**policies: Any) -> dict[str, Any]:
    return {"policies": policies, "tenant_info": {"topLevelOU": "District"}}


def states(of: Policy, document: dict[str, Any]) -> tuple[Expected, bool | None, dict[str, str]]:
    verdict = judge(of, document, at=NOW)
    return verdict.state, verdict.met, {one.name: one.state.value for one in verdict.subjects}


def test_one_unit_that_fails_fails_the_policy_and_the_others_keep_their_state() -> None:
    document = tenant(District={"mail": {"imap": False}}, Staff={"mail": {"imap": True}}, Students={})
    each = policy(each=("unit",))
    assert states(each, document) == (
        Expected.FAILS, False, {"District": "passes", "Staff": "fails", "Students": "passes"},
    )  # fmt: skip


def test_a_missing_value_is_neither_met_nor_unmet_unless_somebody_said_what_it_means() -> None:
    document = tenant(District={"other": {"x": 1}})
    assert states(policy(each=("unit",)), document)[:2] == (Expected.CANNOT_TELL, None)
    assert states(policy(each=("unit",), unset={"mail.imap": False}), document)[:2] == (Expected.PASSES, True)
    guessed = judge(policy(each=("unit",), assumed=Assumed(fits=True, because="Delivered off.")), document, at=NOW)
    assert (guessed.state, guessed.met, guessed.assumed, guessed.because) == (
        Expected.CANNOT_TELL, True, True, "Delivered off.",
    )  # fmt: skip


def test_a_failing_unit_is_not_excused_by_what_is_assumed_of_the_others() -> None:
    document = tenant(District={}, Staff={"mail": {"imap": True}})
    lenient = policy(each=("unit",), assumed=Assumed(fits=True, because="Delivered off."))
    assert states(lenient, document)[:2] == (Expected.FAILS, False)


def test_what_a_policy_does_not_apply_to_does_not_count() -> None:
    applies = policy(each=("unit",), applies_to=parse({"mail.on": True}))
    document = tenant(District={"mail": {"on": False, "imap": True}}, Staff={"mail": {"on": True}})
    assert states(applies, document) == (Expected.FAILS, False, {"District": "does not apply", "Staff": "fails"})
    assert states(applies, tenant(District={"mail": {"on": False}}))[:2] == (Expected.DOES_NOT_APPLY, True)
    assert states(applies, tenant(District={"mail": {"imap": True}}))[0] is Expected.CANNOT_TELL


def test_elements_are_judged_by_name_and_an_empty_list_is_met_while_none_at_all_cannot_be_told() -> None:
    each = policy(each=("meeting_policies",), named="Identity", requires=parse({"open": False}))
    listed = {"meeting_policies": [{"Identity": "Global", "open": False}, {"open": True}]}
    assert states(each, listed) == (Expected.FAILS, False, {"Global": "passes", "one without a name": "fails"})
    assert states(each, {"meeting_policies": []})[:2] == (Expected.DOES_NOT_APPLY, True)
    assert states(each, {})[:2] == (Expected.CANNOT_TELL, None)


def test_a_policy_that_no_document_shows_is_never_met_by_a_machine() -> None:
    verdict = judge(policy(requires=None, by_hand="Look."), {"mail": {"imap": False}}, at=NOW)
    assert (verdict.state, verdict.met, verdict.because) == (Expected.BY_HAND, None, "Look.")


def test_the_verdict_says_what_was_found_and_what_would_fit() -> None:
    verdict = judge(policy(each=("unit",)), tenant(District={"mail": {"imap": True}}), at=NOW)
    (said,) = verdict.subjects[0].said
    assert (said.setting, said.found, said.fits) == ("mail.imap", "true", "false")


def case(met: bool, document: dict[str, Any], name: str = "GWS.GMAIL.9.1v0.6") -> Given:
    return Given(suite="ScubaGoggles", policy=name, name="t", document=document, met=met, line=1)


def test_published_cases_are_counted_by_suite_and_each_disagreement_named() -> None:
    given = [
        case(True, {"mail": {"imap": False}}),
        case(True, {"mail": {"imap": True}}),
        case(False, {}),
        case(False, {}, name="GWS.GMAIL.99.1v0.6"),
    ]
    (found,) = compared(given, policies=[policy()], at=NOW)
    assert (found.cases, found.covered, found.agreed, found.policies, found.policies_covered) == (4, 3, 2, 2, 1)
    assert found.uncovered == ("GWS.GMAIL.99.1",)
    assert [(one.expected, one.met, one.verdict.state) for one in found.disagreements] == [
        (True, False, Expected.FAILS)
    ]


def test_an_id_is_compared_without_its_version() -> None:
    assert [without_version(one) for one in ("MS.AAD.1.1v1", "GWS.DRIVEDOCS.1.1vM.m", "GWS.GMAIL.1.1")] == [
        "MS.AAD.1.1", "GWS.DRIVEDOCS.1.1", "GWS.GMAIL.1.1",
    ]  # fmt: skip


def test_a_file_of_cases_is_read_strictly(tmp_path: Path) -> None:
    good = {"policy_id": "GWS.GMAIL.9.1v1", "suite": "S", "input": {}, "expected": [{"RequirementMet": False}]}
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join([json.dumps(good), "", "{", json.dumps({**good, "expected": []})]), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        cases([file])
    assert [one.field for one in refused.value.problems] == ["line 3", "line 4"]
    file.write_text(json.dumps(good), encoding="utf-8")
    assert [(one.policy, one.met, one.line) for one in cases([file])] == [("GWS.GMAIL.9.1v1", False, 1)]


def test_a_unit_that_may_is_told_apart_from_one_with_the_same_settings() -> None:
    except_it = policy(each=("unit",), applies_to=parse({"unit|not": {"from": "/may", "else": []}}))
    document = {**tenant(District={"mail": {"imap": True}}, Scanners={}, Staff={}), "may": ["Scanners"]}
    assert states(except_it, document)[2] == {
        "District": "fails", "Scanners": "does not apply", "Staff": "fails",
    }  # fmt: skip
