"""A profile over policies: exceptions and changed requirements of a kind of organization, by class of people."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from homeroom.engines.protect.baselines.conditions import SettingCondition
from homeroom.engines.protect.baselines.evaluate import (
    AssessedSubject,
    PolicyVerdict,
    UnitCache,
    evaluate_policy,
    summarize_subjects,
)
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState

CLASS_SHARE, MIN_ACCOUNTS = 0.9, 3
"""The share of a unit's accounts that must be of one class, and the minimum number of accounts."""
EVERYBODY = ""
"""The class of a unit that no pattern names, such as the top unit: the policy applies there unchanged."""


@dataclass(frozen=True, kw_only=True)
class PeopleClass:
    """A class of people: its id, its title, lower-case patterns of the paths of their units, and their accounts.

    `accounts` are the columns and values that an account of such a person has; empty where no column identifies them.
    """

    id: str
    title: str
    units: tuple[str, ...]
    accounts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ProfileChange:
    """A change of a profile: its policies and classes (none: all), the requirement (None: left out), and why."""

    policies: tuple[str, ...]
    people: tuple[str, ...]
    requires: SettingCondition | None
    because: str


@dataclass(frozen=True, kw_only=True)
class BaselineProfile:
    """A profile; of classes, the first that matches a unit's path; of changes, the first that applies."""

    id: str
    title: str
    people: tuple[PeopleClass, ...]
    changes: tuple[ProfileChange, ...]

    def classify_unit(self, unit: str) -> str:
        """Return the class of people in a unit by its path; EVERYBODY where no pattern matches."""
        path = unit.lower()
        return next(
            (
                people_class.id
                for people_class in self.people
                if any(fnmatchcase(path, pattern) for pattern in people_class.units)
            ),
            EVERYBODY,
        )

    def find_change(self, policy: str, people: str) -> ProfileChange | None:
        """Return the change of a policy for a class of people, or None."""
        fitting = (
            change
            for change in self.changes
            if policy in change.policies and (not change.people or people in change.people)
        )
        return next(fitting, None)


def classify_units(profile: BaselineProfile, accounts: Iterable[tuple[str, Mapping[str, Any], int]]) -> dict[str, str]:
    """Return {unit: class of people} from accounts: (unit, columns that they share, count).

    The class is the first that nine in ten of a unit's accounts fit; units where none does, or with few accounts, are
    left out.
    """
    accounts_by_unit: dict[str, list[tuple[Mapping[str, Any], int]]] = {}
    for unit, account, count in accounts:
        accounts_by_unit.setdefault(unit, []).append((account, count))
    classes = {}
    for unit, rows in accounts_by_unit.items():
        total = sum(count for _, count in rows)
        for people_class in profile.people if total >= MIN_ACCOUNTS else ():
            fitting = sum(count for account, count in rows if people_class.accounts.items() <= account.items())
            if people_class.accounts and fitting >= CLASS_SHARE * total:
                classes[unit] = people_class.id
                break
    return classes


def evaluate_policies(
    policies: Sequence[BaselinePolicy],
    document: Mapping[str, Any],
    *,
    at: datetime,
    profile: BaselineProfile | None = None,
    classify: Callable[[str], str] | None = None,
) -> tuple[PolicyVerdict, ...]:
    """Evaluate every policy over one document under a profile.

    `classify` returns a unit's class of people, where it is known better than by the path.
    """
    unit_cache: UnitCache = {}
    if profile is None:
        return tuple(evaluate_policy(policy, document, at=at, unit_cache=unit_cache) for policy in policies)
    classify_cached = cache(classify or profile.classify_unit)
    return tuple(
        _evaluate_with_profile(policy, document, at, profile, classify_cached, unit_cache) for policy in policies
    )


def _evaluate_with_profile(
    policy: BaselinePolicy,
    document: Mapping[str, Any],
    at: datetime,
    profile: BaselineProfile,
    classify: Callable[[str], str],
    unit_cache: UnitCache,
) -> PolicyVerdict:
    general_change = profile.find_change(policy.id, EVERYBODY)
    if general_change is not None and general_change.requires is None:
        return PolicyVerdict(
            policy=policy.id, state=PolicyState.DOES_NOT_APPLY, met=True, because=general_change.because
        )
    verdict = evaluate_policy(policy, document, at=at, unit_cache=unit_cache)
    if policy.requires is None:
        return verdict
    changed_subjects = _evaluate_changes(policy, document, at, profile, unit_cache)
    subjects = tuple(
        _apply_change(subject, profile.find_change(policy.id, people), changed_subjects, position, people)
        for position, subject, people in _iterate_with_class(verdict.subjects, classify)
    )
    return replace(
        summarize_subjects(
            policy, subjects, has_settings=bool(subjects) or verdict.state is not PolicyState.CANNOT_TELL
        ),
        policy=policy.id,
    )


def _iterate_with_class(
    subjects: Sequence[AssessedSubject], classify: Callable[[str], str]
) -> Iterable[tuple[int, AssessedSubject, str]]:
    for position, subject in enumerate(subjects):
        yield position, subject, classify(subject.name) if subject.kind == "unit" else EVERYBODY


def _evaluate_changes(
    policy: BaselinePolicy, document: Mapping[str, Any], at: datetime, profile: BaselineProfile, unit_cache: UnitCache
) -> dict[int, tuple[AssessedSubject, ...]]:
    """Return the subjects under each change with another requirement, by the change's id."""
    changes = [
        candidate for candidate in profile.changes if policy.id in candidate.policies and candidate.requires is not None
    ]
    return {
        id(change): evaluate_policy(
            replace(policy, requires=change.requires), document, at=at, unit_cache=unit_cache
        ).subjects
        for change in changes
    }


def _apply_change(
    subject: AssessedSubject,
    change: ProfileChange | None,
    changed_subjects: Mapping[int, tuple[AssessedSubject, ...]],
    position: int,
    people: str,
) -> AssessedSubject:
    if change is None:
        return AssessedSubject(
            name=subject.name, kind=subject.kind, state=subject.state, explanations=subject.explanations, people=people
        )
    if change.requires is None:
        return replace(
            subject, state=PolicyState.DOES_NOT_APPLY, explanations=(), people=people, because=change.because
        )
    return replace(changed_subjects[id(change)][position], people=people, because=change.because)
