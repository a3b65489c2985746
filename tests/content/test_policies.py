"""The policies over tenant settings: their number, their file format, and their verdicts on published cases."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.engines.protect.baselines.profile_diff import compare_cases
from homeroom.library.protect.baseline_cases import load_cases
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.frameworks import load_frameworks
from homeroom.library.protect.policy_examples import find_policy_problems, find_unknown_policy_goals
from homeroom.library.yaml_loader import ContentRefused

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
SHARED_POSTURE = SHARED / "data" / "posture"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
POLICY = """
id: no-imap
compares: GWS.GMAIL.9.1
title: No IMAP
problem: IMAP is on
severity: high
asks: settings
each: unit
requires: {mail.imap: false}
because: It is old.
fix: Switch it off.
examples:
  - {expect: passes, given: {mail.imap: false}}
  - {expect: fails, given: {mail.imap: true}}
"""


def write_policy(folder: Path, text: str, name: str = "no-imap") -> Path:
    file = folder / "baselines" / "google" / "gmail" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def list_problems(folder: Path) -> Iterator[str]:
    try:
        yield from (str(problem) for problem in find_policy_problems(load_policies(folder)))
    except ContentRefused as refused:
        yield from (str(problem) for problem in refused.problems)


def test_google_has_more_than_the_ninety_policies_that_were_promised() -> None:
    google = [policy for policy in load_policies() if policy.suite == "google" and policy.compares]
    assert sum(policy.requires is not None for policy in google) >= 90
    assert len({policy.compares for policy in google}) == len(google)


@pytest.mark.skipif(not SHARED_POSTURE.is_dir(), reason="the cases given with the project stand beside its clone")
def test_every_given_case_of_a_covered_google_policy_agrees() -> None:
    (comparison,) = compare_cases(
        load_cases([SHARED_POSTURE / "scubagoggles_cases.jsonl"]), policies=load_policies(), at=NOW
    )
    assert [(disagreement.policy, disagreement.name) for disagreement in comparison.disagreements] == []
    assert (comparison.policies_covered, comparison.policies) == (127, 127)


def test_a_policy_proves_itself(tmp_path: Path) -> None:
    assert list(list_problems(write_policy(tmp_path, POLICY))) == []


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ("expect: fails", "expect: passes", "comes to fails, not passes"),
        ("  - {expect: fails, given: {mail.imap: true}}\n", "", "none that fails"),
        ("id: no-imap", "id: other", "no-imap would fit"),
        ("severity: high", "severity: dire", "critical, high, medium, low"),
        ("requires: {mail.imap: false}\n", "", "either requires or by_hand"),
        ("requires: {mail.imap: false}", "requires: {mail.imap|likes: false}", "no such word"),
        ("given: {mail.imap: true}}", "given: {mail.imap: true}, document: {}}", "one of given"),
        ("because: It is old.", "reason: It is old.", "no such field"),
        ("each: unit", "assumed: {fits: perhaps, because: x}", "true or false"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_with_what_would(tmp_path: Path, old: str, new: str, fits: str) -> None:
    assert old in POLICY
    assert any(fits in problem for problem in list_problems(write_policy(tmp_path, POLICY.replace(old, new))))


def test_two_policies_cannot_answer_to_one_published_id(tmp_path: Path) -> None:
    write_policy(tmp_path, POLICY)
    write_policy(tmp_path, POLICY.replace("id: no-imap", "id: twice"), name="twice")
    assert any("GWS.GMAIL.9.1 stands in another policy" in problem for problem in list_problems(tmp_path))


def test_terms_are_written_once_for_a_suite(tmp_path: Path) -> None:
    terms = "quiet: {means: nobody polls, holds: {mail.imap: false}}\n"
    write_policy(tmp_path, POLICY.replace("requires: {mail.imap: false}", "requires: {is: quiet}"))
    (tmp_path / "baselines" / "google" / "terms.yaml").write_text(terms, encoding="utf-8")
    assert list(list_problems(tmp_path)) == []


def test_a_goal_that_no_framework_has_is_told() -> None:
    (example_policy, *_) = (policy for policy in load_policies() if policy.satisfies)
    wrong = replace(example_policy, satisfies=("cisa-cpg-2.0:9.Z", "nist-800-53:SC-7(10)(a)", "nist-800-53:SC7"))
    assert [problem.message for problem in find_unknown_policy_goals([wrong], framework_list=load_frameworks())] == [
        "there is no goal 'cisa-cpg-2.0:9.Z'",
        "there is no goal 'nist-800-53:SC7'",
    ]


def reorder_document(value: Any) -> Any:
    """Return an equivalent document: lists of objects and fields of objects reversed, and units renamed."""
    if isinstance(value, dict):
        return {reorder_document(name): reorder_document(item) for name, item in reversed(value.items())}
    if isinstance(value, list):
        return [
            reorder_document(item)
            for item in (reversed(value) if all(isinstance(item, dict) for item in value) else value)
        ]
    if isinstance(value, str):
        return value.replace("Test Top-Level OU", "Umbrella District").replace("Test Second-Level OU", "Lower Unit")
    return value


@pytest.mark.skipif(not SHARED_POSTURE.exists(), reason="the published baselines' cases are not on this machine")
@pytest.mark.parametrize("suite", ["scubagoggles", "scubagear"])
def test_no_verdict_hangs_on_the_order_the_names_of_units_or_what_else_a_document_says(suite: str) -> None:
    extra_fields = {"unheard_of_settings": {"a": [1, None]}, "unheard_of_logs": {"items": []}}
    reordered_cases = [
        replace(case, document=reorder_document({**case.document, **extra_fields}))
        for case in load_cases([SHARED_POSTURE / f"{suite}_cases.jsonl"])
    ]
    (comparison,) = compare_cases(reordered_cases, policies=load_policies(), at=NOW)
    assert comparison.covered > 200
    assert comparison.disagreements == ()
