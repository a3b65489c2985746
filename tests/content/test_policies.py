"""The policies over tenant settings: how many there are, what their files may say, and what published cases say of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from homeroom.engines.baselines.comparing import compared
from homeroom.library.baselines import policies
from homeroom.library.cases import cases
from homeroom.library.frameworks import frameworks
from homeroom.library.proving import policy_problems, unknown_goals
from homeroom.library.reading import ContentRefused

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
GIVEN = SHARED / "data" / "posture"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
POLICY = """
id: no-imap
compares: GWS.GMAIL.9.1
title: No IMAP
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


def written(folder: Path, text: str, name: str = "no-imap") -> Path:
    file = folder / "baselines" / "google" / "gmail" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> Iterator[str]:
    try:
        yield from (str(one) for one in policy_problems(policies(folder)))
    except ContentRefused as refused:
        yield from (str(one) for one in refused.problems)


def test_google_has_more_than_the_ninety_policies_that_were_promised() -> None:
    google = [one for one in policies() if one.suite == "google" and one.compares]
    assert sum(one.requires is not None for one in google) >= 90
    assert len({one.compares for one in google}) == len(google)


@pytest.mark.skipif(not GIVEN.is_dir(), reason="the cases given with the project stand beside its clone")
def test_every_given_case_of_a_covered_google_policy_agrees() -> None:
    (found,) = compared(cases([GIVEN / "scubagoggles_cases.jsonl"]), policies=policies(), at=NOW)
    assert [(one.policy, one.name) for one in found.disagreements] == []
    assert (found.policies_covered, found.policies) == (127, 127)


def test_a_policy_proves_itself(tmp_path: Path) -> None:
    assert list(told(written(tmp_path, POLICY))) == []


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
    assert any(fits in one for one in told(written(tmp_path, POLICY.replace(old, new))))


def test_two_policies_cannot_answer_to_one_published_id(tmp_path: Path) -> None:
    written(tmp_path, POLICY)
    written(tmp_path, POLICY.replace("id: no-imap", "id: twice"), name="twice")
    assert any("GWS.GMAIL.9.1 stands in another policy" in one for one in told(tmp_path))


def test_terms_are_written_once_for_a_suite(tmp_path: Path) -> None:
    terms = "quiet: {means: nobody polls, holds: {mail.imap: false}}\n"
    written(tmp_path, POLICY.replace("requires: {mail.imap: false}", "requires: {is: quiet}"))
    (tmp_path / "baselines" / "google" / "terms.yaml").write_text(terms, encoding="utf-8")
    assert list(told(tmp_path)) == []


def test_a_goal_that_no_framework_has_is_told() -> None:
    (one, *_) = (policy for policy in policies() if policy.satisfies)
    wrong = replace(one, satisfies=("cisa-cpg-2.0:9.Z", "nist-800-53:SC-7(10)(a)", "nist-800-53:SC7"))
    assert [problem.told for problem in unknown_goals([wrong], known=frameworks())] == [
        "there is no goal 'cisa-cpg-2.0:9.Z'",
        "there is no goal 'nist-800-53:SC7'",
    ]


def turned(value: Any) -> Any:
    """The same document otherwise written: lists of objects and the fields of objects in reverse order, units named anew."""
    if isinstance(value, dict):
        return {turned(name): turned(one) for name, one in reversed(value.items())}
    if isinstance(value, list):
        return [turned(one) for one in (reversed(value) if all(isinstance(one, dict) for one in value) else value)]
    if isinstance(value, str):
        return value.replace("Test Top-Level OU", "Umbrella District").replace("Test Second-Level OU", "Lower Unit")
    return value


@pytest.mark.skipif(not GIVEN.exists(), reason="the published baselines' cases are not on this machine")
@pytest.mark.parametrize("suite", ["scubagoggles", "scubagear"])
def test_no_verdict_hangs_on_the_order_the_names_of_units_or_what_else_a_document_says(suite: str) -> None:
    beside = {"unheard_of_settings": {"a": [1, None]}, "unheard_of_logs": {"items": []}}
    given = [
        replace(one, document=turned({**one.document, **beside})) for one in cases([GIVEN / f"{suite}_cases.jsonl"])
    ]
    (found,) = compared(given, policies=policies(), at=NOW)
    assert found.covered > 200
    assert found.disagreements == ()
