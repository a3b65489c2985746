"""Run the examples inside policies through the same engine that evaluates a tenant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time

from homeroom.domain.protect.frameworks import Framework
from homeroom.engines.protect.baselines.evaluate import evaluate_policy
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyExample, PolicyState
from homeroom.library.protect.baselines import get_policy_file
from homeroom.library.yaml_loader import ContentProblem

LOW_ONLY = "nist-800-53"
_NIST = re.compile(r"[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?(\(?[a-z]\)?)?\Z")
_TODAY = "2026-01-15"


def find_policy_problems(policies: Sequence[BaselinePolicy]) -> list[ContentProblem]:
    """Return examples that are missing, or are evaluated to another state."""
    return [problem for policy in policies for problem in (*_find_missing(policy), *_find_wrong_verdicts(policy))]


def _find_missing(policy: BaselinePolicy) -> list[ContentProblem]:
    if policy.requires is None:
        return []
    required = [PolicyState.PASSES, PolicyState.FAILS]
    required += [PolicyState.DOES_NOT_APPLY] if policy.applies_to is not None else []
    expectations = {example.expect for example in policy.examples}
    return [
        ContentProblem(
            file=get_policy_file(policy), field="examples", message=f"none that {expectation}; at least one would fit"
        )
        for expectation in required
        if expectation not in expectations
    ]


def _find_wrong_verdicts(policy: BaselinePolicy) -> list[ContentProblem]:
    problems = []
    for position, example in enumerate(policy.examples, start=1):
        verdict = evaluate_policy(policy, example.document, at=_get_time(example))
        if verdict.state is not example.expect:
            details = "; ".join(
                f"{setting_result.setting} is {setting_result.actual}"
                for subject in verdict.subjects
                for setting_result in subject.explanations
            )
            message = (
                f"{example.name or 'it'} comes to {verdict.state}, not "
                f"{example.expect}{f' ({details})' if details else ''}"
            )
            problems.append(
                ContentProblem(file=get_policy_file(policy), field=f"examples[{position}]", message=message)
            )
    return problems


def _get_time(example: PolicyExample) -> datetime:
    return datetime.combine(date.fromisoformat(example.today or _TODAY), time(12), tzinfo=UTC)


def find_unknown_policy_goals(
    policies: Sequence[BaselinePolicy], *, framework_list: Iterable[Framework], refused: Collection[str] = ()
) -> list[ContentProblem]:
    """Return goals that no framework has; those of the `refused` frameworks may exist.

    Only the low baseline of NIST 800-53 is available here, so for its goals only the form of the id is checked.
    """
    goals = {framework.id: framework.goals for framework in framework_list}
    return [
        ContentProblem(file=get_policy_file(policy), field="satisfies", message=f"there is no goal {goal!r}")
        for policy in policies
        for goal in policy.satisfies
        if goal.partition(":")[0] not in refused and not _is_known_goal(*goal.partition(":")[::2], goals)
    ]


def _is_known_goal(framework: str, code: str, goals: Mapping[str, Mapping[str, str]]) -> bool:
    return _NIST.match(code) is not None if framework == LOW_ONLY else code in goals.get(framework, {})
