"""A profile over policies: what a kind of organisation leaves out or asks otherwise, by the class of people in a unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from homeroom.engines.baselines.forms import Form
from homeroom.engines.baselines.judging import Judged, Read, Verdict, judge, summed
from homeroom.engines.baselines.policies import Expected, Policy

SHARE, FEWEST = 0.9, 3
"""Of the accounts in a unit, how many must be of one class, and how many there must be, for the unit to be theirs."""
EVERYBODY = ""
"""The class of a unit that no pattern names, such as the top: the policy holds there as it stands."""


@dataclass(frozen=True, kw_only=True)
class People:
    """A class of people: its id, its name, patterns of the paths of their units in small letters, and their accounts.

    `accounts` are the columns and values that an account of such a person has; none where no column tells.
    """

    id: str
    title: str
    units: tuple[str, ...]
    accounts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a profile changes: for which policies and classes (none: for all), left out or asked otherwise, and why."""

    policies: tuple[str, ...]
    people: tuple[str, ...]
    requires: Form | None
    because: str


@dataclass(frozen=True, kw_only=True)
class Profile:
    """A profile; of classes, the first that a unit's path fits; of changes, the first that fits."""

    id: str
    title: str
    people: tuple[People, ...]
    changes: tuple[Change, ...]

    def class_of(self, unit: str) -> str:
        """The class of people in that unit by its path; EVERYBODY where no pattern fits."""
        path = unit.lower()
        return next((one.id for one in self.people if any(fnmatchcase(path, like) for like in one.units)), EVERYBODY)

    def change_of(self, policy: str, people: str) -> Change | None:
        """What changes of that policy for that class of people."""
        fitting = (one for one in self.changes if policy in one.policies and (not one.people or people in one.people))
        return next(fitting, None)


def classes_of(profile: Profile, accounts: Iterable[tuple[str, Mapping[str, Any], int]]) -> dict[str, str]:
    """{unit: class of people} by what its accounts are: (unit, columns that they share, how many).

    Of classes, the first that nine in ten of a unit's accounts fit; units where none does, or with few accounts, are left out.
    """
    held: dict[str, list[tuple[Mapping[str, Any], int]]] = {}
    for unit, account, count in accounts:
        held.setdefault(unit, []).append((account, count))
    found = {}
    for unit, rows in held.items():
        every = sum(count for _, count in rows)
        for one in profile.people if every >= FEWEST else ():
            fitting = sum(count for account, count in rows if one.accounts.items() <= account.items())
            if one.accounts and fitting >= SHARE * every:
                found[unit] = one.id
                break
    return found


def judge_all(
    policies: Sequence[Policy],
    document: Mapping[str, Any],
    *,
    at: datetime,
    profile: Profile | None = None,
    class_of: Callable[[str], str] | None = None,
) -> tuple[Verdict, ...]:
    """Every policy's verdict over one document, as the profile has it. `class_of` knows a unit's people better than its path."""
    read: Read = {}
    if profile is None:
        return tuple(judge(policy, document, at=at, read=read) for policy in policies)
    classes = cache(class_of or profile.class_of)
    return tuple(_judged(policy, document, at, profile, classes, read) for policy in policies)


def _judged(
    policy: Policy,
    document: Mapping[str, Any],
    at: datetime,
    profile: Profile,
    class_of: Callable[[str], str],
    read: Read,
) -> Verdict:
    whole = profile.change_of(policy.id, EVERYBODY)
    if whole is not None and whole.requires is None:
        return Verdict(policy=policy.id, state=Expected.DOES_NOT_APPLY, met=True, because=whole.because)
    asked = judge(policy, document, at=at, read=read)
    if policy.requires is None:
        return asked
    other = _otherwise(policy, document, at, profile, read)
    subjects = tuple(
        _of(one, profile.change_of(policy.id, people), other, place, people)
        for place, one, people in _placed(asked.subjects, class_of)
    )
    return replace(
        summed(policy, subjects, asked=bool(subjects) or asked.state is not Expected.CANNOT_TELL), policy=policy.id
    )


def _placed(subjects: Sequence[Judged], class_of: Callable[[str], str]) -> Iterable[tuple[int, Judged, str]]:
    for place, one in enumerate(subjects):
        yield place, one, class_of(one.name) if one.kind == "unit" else EVERYBODY


def _otherwise(
    policy: Policy, document: Mapping[str, Any], at: datetime, profile: Profile, read: Read
) -> dict[int, tuple[Judged, ...]]:
    """What the subjects come to under each change that asks otherwise, by the change's id."""
    changes = [one for one in profile.changes if policy.id in one.policies and one.requires is not None]
    return {
        id(change): judge(replace(policy, requires=change.requires), document, at=at, read=read).subjects
        for change in changes
    }


def _of(
    asked: Judged, change: Change | None, other: Mapping[int, tuple[Judged, ...]], place: int, people: str
) -> Judged:
    if change is None:
        return Judged(name=asked.name, kind=asked.kind, state=asked.state, said=asked.said, people=people)
    if change.requires is None:
        return replace(asked, state=Expected.DOES_NOT_APPLY, said=(), people=people, because=change.because)
    return replace(other[id(change)][place], people=people, because=change.because)
