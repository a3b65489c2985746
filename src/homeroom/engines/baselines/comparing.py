"""Compares our verdicts with the cases of a published baseline: input, and whether its requirement is met there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.engines.baselines.judging import Verdict, judge
from homeroom.engines.baselines.policies import Expected, Policy

_VERSION = re.compile(r"v[^v]*\Z")


@dataclass(frozen=True, kw_only=True)
class Given:
    """A case: suite and policy by their published names, its document, and whether the requirement is met."""

    suite: str
    policy: str
    name: str
    document: Mapping[str, Any]
    met: bool
    line: int


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A case that we see otherwise."""

    policy: str
    ours: str
    name: str
    line: int
    expected: bool
    met: bool
    verdict: Verdict


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A suite's cases: how many there are, how many a policy of ours covers, how many of those agree."""

    suite: str
    cases: int
    covered: int
    agreed: int
    policies: int
    policies_covered: int
    uncovered: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]


def without_version(policy: str) -> str:
    """A published id without its last v and what follows: MS.AAD.1.1v1 is MS.AAD.1.1."""
    return _VERSION.sub("", policy)


def compared(given: Sequence[Given], *, policies: Iterable[Policy], at: datetime) -> tuple[Compared, ...]:
    """Every suite of the cases, in the order they come. A requirement that cannot be shown to be met counts as unmet."""
    ours = {name: policy for policy in policies for name in (policy.compares, *policy.also)}
    suites = dict.fromkeys(case.suite for case in given)
    return tuple(_suite(suite, [case for case in given if case.suite == suite], ours, at) for suite in suites)


def _suite(suite: str, given: Sequence[Given], ours: Mapping[str, Policy], at: datetime) -> Compared:
    named = dict.fromkeys(without_version(case.policy) for case in given)
    covered = [case for case in given if without_version(case.policy) in ours]
    wrong = []
    for case in covered:
        policy = ours[without_version(case.policy)]
        verdict = judge(policy, case.document, at=at)
        met = verdict.met is True and not (policy.unmet_elsewhere and verdict.state is Expected.DOES_NOT_APPLY)
        if met is not case.met:
            wrong.append(
                Disagreement(
                    policy=case.policy,
                    ours=policy.id,
                    name=case.name,
                    line=case.line,
                    expected=case.met,
                    met=met,
                    verdict=verdict,
                )
            )
    return Compared(
        suite=suite,
        cases=len(given),
        covered=len(covered),
        agreed=len(covered) - len(wrong),
        policies=len(named),
        policies_covered=sum(name in ours for name in named),
        uncovered=tuple(name for name in named if name not in ours),
        disagreements=tuple(wrong),
    )
