"""Comparison of our verdicts with the cases of a published baseline: input, and whether its requirement is met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.engines.protect.baselines.evaluate import PolicyVerdict, evaluate_policy
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState

_VERSION = re.compile(r"v[^v]*\Z")


@dataclass(frozen=True, kw_only=True)
class BaselineCase:
    """A case: suite and policy by their published names, its document, and whether the requirement is met."""

    suite: str
    policy: str
    name: str
    document: Mapping[str, Any]
    met: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class CaseDisagreement:
    """A case for which our verdict differs."""

    policy: str
    policy_id: str
    name: str
    line: int
    expected: bool
    met: bool
    verdict: PolicyVerdict


@dataclass(frozen=True, kw_only=True)
class SuiteComparison:
    """The cases of a suite: their number, how many a policy of ours covers, and how many of those agree."""

    suite: str
    cases: int
    covered: int
    agreed: int
    policies: int
    policies_covered: int
    uncovered: tuple[str, ...]
    disagreements: tuple[CaseDisagreement, ...]


def strip_version(policy: str) -> str:
    """Return a published id without its version suffix: MS.AAD.1.1v1 is MS.AAD.1.1."""
    return _VERSION.sub("", policy)


def compare_cases(
    cases: Sequence[BaselineCase], *, policies: Iterable[BaselinePolicy], at: datetime
) -> tuple[SuiteComparison, ...]:
    """Compare the cases of every suite, in the order they come.

    A requirement that cannot be shown to be met counts as unmet.
    """
    policies_by_name = {name: policy for policy in policies for name in (policy.compares, *policy.also)}
    suites = dict.fromkeys(case.suite for case in cases)
    return tuple(
        _compare_suite(suite, [case for case in cases if case.suite == suite], policies_by_name, at) for suite in suites
    )


def _compare_suite(
    suite: str, cases: Sequence[BaselineCase], policies_by_name: Mapping[str, BaselinePolicy], at: datetime
) -> SuiteComparison:
    policy_names = dict.fromkeys(strip_version(case.policy) for case in cases)
    covered = [case for case in cases if strip_version(case.policy) in policies_by_name]
    disagreements = []
    for case in covered:
        policy = policies_by_name[strip_version(case.policy)]
        verdict = evaluate_policy(policy, case.document, at=at)
        met = verdict.met is True and not (policy.unmet_elsewhere and verdict.state is PolicyState.DOES_NOT_APPLY)
        if met is not case.met:
            disagreements.append(
                CaseDisagreement(
                    policy=case.policy,
                    policy_id=policy.id,
                    name=case.name,
                    line=case.line,
                    expected=case.met,
                    met=met,
                    verdict=verdict,
                )
            )
    return SuiteComparison(
        suite=suite,
        cases=len(cases),
        covered=len(covered),
        agreed=len(covered) - len(disagreements),
        policies=len(policy_names),
        policies_covered=sum(name in policies_by_name for name in policy_names),
        uncovered=tuple(name for name in policy_names if name not in policies_by_name),
        disagreements=tuple(disagreements),
    )
