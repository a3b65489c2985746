"""Runs the examples inside policies through the very engine that judges a tenant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from homeroom.domain.frameworks import Framework
from homeroom.engines.baselines.judging import judge
from homeroom.engines.baselines.policies import Case, Expected, Policy
from homeroom.library.baselines import policy_file
from homeroom.library.reading import Problem

LOW_ONLY = "nist-800-53"
_NIST = re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?(\(?[a-z]\)?)?\Z")
_TODAY = "2026-01-15"


def policy_problems(policies: Sequence[Policy]) -> list[Problem]:
    """Examples that are missing, or that the judge sees otherwise."""
    return [problem for policy in policies for problem in (*_missing(policy), *_wrong(policy))]


def _missing(policy: Policy) -> list[Problem]:
    if policy.requires is None:
        return []
    needed = [Expected.PASSES, Expected.FAILS]
    needed += [Expected.DOES_NOT_APPLY] if policy.applies_to is not None else []
    there = {example.expect for example in policy.examples}
    return [
        Problem(file=policy_file(policy), field="examples", told=f"none that {wanted}; at least one would fit")
        for wanted in needed
        if wanted not in there
    ]


def _wrong(policy: Policy) -> list[Problem]:
    problems = []
    for place, example in enumerate(policy.examples, start=1):
        verdict = judge(policy, example.document, at=_moment(example))
        if verdict.state is not example.expect:
            why = "; ".join(f"{said.setting} is {said.found}" for subject in verdict.subjects for said in subject.said)
            told = f"{example.name or 'it'} comes to {verdict.state}, not {example.expect}{f' ({why})' if why else ''}"
            problems.append(Problem(file=policy_file(policy), field=f"examples[{place}]", told=told))
    return problems


def _moment(example: Case) -> datetime:
    return datetime.combine(date.fromisoformat(example.today or _TODAY), time(12), tzinfo=UTC)


def unknown_goals(policies: Sequence[Policy], *, known: Iterable[Framework]) -> list[Problem]:
    """Goals that no framework has. Of NIST 800-53 only the low baseline is known here, so that its form must do."""
    goals = {one.id: one.goals for one in known}
    return [
        Problem(file=policy_file(policy), field="satisfies", told=f"there is no goal {goal!r}")
        for policy in policies
        for goal in policy.satisfies
        if not _resolves(*goal.partition(":")[::2], goals)
    ]


def _resolves(framework: str, code: str, goals: Mapping[str, Mapping[str, str]]) -> bool:
    return _NIST.match(code) is not None if framework == LOW_ONLY else code in goals.get(framework, {})
