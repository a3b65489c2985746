"""Evaluation of a settings document by a policy: each unit, group, list element, or the tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from homeroom.engines.protect.baselines.conditions import evaluate_condition, list_sections
from homeroom.engines.protect.baselines.explanations import ConditionExplanation, explain_failures
from homeroom.engines.protect.baselines.paths import MISSING, DocumentScope, SettingPath, get_value, parse_path
from homeroom.engines.protect.baselines.policies import BaselinePolicy, PolicyState
from homeroom.engines.protect.baselines.single_sign_on import add_privileged_sign_in
from homeroom.engines.protect.baselines.units import SettingsUnit, build_units

TENANT = "the tenant"
PER_UNIT, PER_TENANT = ("unit",), ("tenant",)
UNIT_FIELDS = ("unit", "kind", "own")
"""The fields of a unit's scope besides its settings."""


@dataclass(frozen=True, kw_only=True)
class AssessedSubject:
    """One subject under a policy: its name, its kind (unit, group, element, tenant), its state and explanations.

    Where a profile is in use, `people` is the class of people of the unit, and `because` the profile's reason.
    """

    name: str
    kind: str
    state: PolicyState
    explanations: tuple[ConditionExplanation, ...] = ()
    people: str = ""
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class PolicyVerdict:
    """A policy's verdict.

    `met`: true, false, or null where it is unknown; `assumed`: met by the vendor's default.
    """

    policy: str
    state: PolicyState
    met: bool | None
    assumed: bool = False
    because: str = ""
    subjects: tuple[AssessedSubject, ...] = ()


UnitCache = dict[tuple[tuple[str, str], ...], tuple[SettingsUnit, ...]]
"""The units of a document by the setting names that a policy renames, cached for the next policies."""


def evaluate_policy(
    policy: BaselinePolicy, document: Mapping[str, Any], *, at: datetime, unit_cache: UnitCache | None = None
) -> PolicyVerdict:
    """Evaluate a policy over a document at a time.

    `unit_cache` stores the units of the document for the next policy.
    """
    if policy.requires is None:
        return PolicyVerdict(policy=policy.id, state=PolicyState.BY_HAND, met=None, because=policy.by_hand)
    document = add_privileged_sign_in(document)
    results: dict[tuple[int, ...], AssessedSubject] = {}
    subjects = tuple(
        _evaluate_once(results, settings_key, policy, name, kind, scope, at)
        for name, kind, scope, settings_key in _iterate_subjects(policy, document, unit_cache)
    )
    return summarize_subjects(policy, subjects, has_settings=bool(subjects) or _has_any_list(policy, document))


def _has_any_list(policy: BaselinePolicy, document: Mapping[str, Any]) -> bool:
    """Check whether the document has any of the lists: an empty list is data, a missing one is not."""
    lists = (get_value(parse_path(path_text), DocumentScope(item=document, root=document)) for path_text in policy.each)
    return any(value is not MISSING and (bool(value) or not policy.never_empty) for value in lists)


def summarize_subjects(
    policy: BaselinePolicy, subjects: tuple[AssessedSubject, ...], *, has_settings: bool
) -> PolicyVerdict:
    """Derive the verdict from the subjects' states.

    `has_settings` is false where the document has nothing that the policy reads.
    """
    states = {subject.state for subject in subjects}
    if PolicyState.FAILS in states:
        return PolicyVerdict(policy=policy.id, state=PolicyState.FAILS, met=False, subjects=subjects)
    if PolicyState.CANNOT_TELL in states or not has_settings:
        if policy.assumed is None:
            return PolicyVerdict(policy=policy.id, state=PolicyState.CANNOT_TELL, met=None, subjects=subjects)
        return PolicyVerdict(
            policy=policy.id,
            state=PolicyState.CANNOT_TELL,
            met=policy.assumed.fits,
            assumed=True,
            because=policy.assumed.because,
            subjects=subjects,
        )
    state = PolicyState.PASSES if PolicyState.PASSES in states else PolicyState.DOES_NOT_APPLY
    return PolicyVerdict(policy=policy.id, state=state, met=True, subjects=subjects)


def _evaluate_once(
    results: dict[tuple[int, ...], AssessedSubject],
    settings_key: tuple[int, ...],
    policy: BaselinePolicy,
    name: str,
    kind: str,
    scope: Callable[[], DocumentScope],
    at: datetime,
) -> AssessedSubject:
    """Evaluate a subject, or reuse the result of one with identical settings.

    `settings_key` is empty where no other subject can have the same settings.
    """
    previous = results.get(settings_key) if settings_key else None
    if previous is not None:
        return AssessedSubject(name=name, kind=kind, state=previous.state, explanations=previous.explanations)
    result = _evaluate_subject(policy, name, kind, scope(), at)
    if settings_key:
        results[settings_key] = result
    return result


def _iterate_subjects(
    policy: BaselinePolicy, document: Mapping[str, Any], unit_cache: UnitCache | None
) -> Iterator[tuple[str, str, Callable[[], DocumentScope], tuple[int, ...]]]:
    """Yield name, kind, scope (built on demand), and a key that subjects with identical settings share.

    The key is empty where no other subject can have the same settings.
    """
    if policy.each == PER_UNIT:
        conditions = [condition for condition in (policy.applies_to, policy.requires) if condition is not None]
        sections = sorted(frozenset[str]().union(*(list_sections(condition) for condition in conditions)))
        reads_unit = any(name in UNIT_FIELDS or "*" in name for name in sections)
        for unit in _get_units(policy, document, {} if unit_cache is None else unit_cache):
            settings_key = () if reads_unit else tuple(id(unit.settings.get(section)) for section in sections)
            yield unit.name, unit.kind, partial(_build_unit_scope, unit, policy, document), settings_key
        return
    root = DocumentScope(item=_apply_defaults(document, policy.unset), root=document)
    if policy.each == PER_TENANT:
        yield TENANT, "tenant", lambda: root, ()
        return
    for path_text in policy.each:
        items = get_value(parse_path(path_text), root)
        for item in [] if items is MISSING or items is None else items if isinstance(items, list) else [items]:
            yield _get_name(policy, item), "element", partial(root.enter_item, _apply_defaults(item, policy.unset)), ()


def _get_units(policy: BaselinePolicy, document: Mapping[str, Any], unit_cache: UnitCache) -> tuple[SettingsUnit, ...]:
    names = tuple(sorted(policy.renamed.items()))
    if names not in unit_cache:
        unit_cache[names] = build_units(document, renamed=policy.renamed)
    return unit_cache[names]


def _build_unit_scope(unit: SettingsUnit, policy: BaselinePolicy, document: Mapping[str, Any]) -> DocumentScope:
    item = {**unit.settings, "unit": unit.name, "kind": unit.kind, "own": unit.own}
    return DocumentScope(item=_apply_defaults(item, policy.unset), root=document)


def _apply_defaults(item: Any, unset: Mapping[str, Any]) -> Any:
    for path_text, value in unset.items():
        where = parse_path(path_text)
        if isinstance(item, Mapping) and get_value(where, DocumentScope(item=item, root=item)) is MISSING:
            item = _set_value(item, where.names, value)
    return item


def _set_value(item: Mapping[str, Any], names: tuple[str, ...], value: Any) -> Mapping[str, Any]:
    first, rest = names[0], names[1:]
    inside = item.get(first)
    fields = inside if isinstance(inside, Mapping) else {}
    return {**item, first: _set_value(fields, rest, value) if rest else value}


def _get_name(policy: BaselinePolicy, item: Any) -> str:
    if not policy.named and isinstance(item, Mapping):
        return TENANT
    where: SettingPath = parse_path(policy.named)
    name = get_value(where, DocumentScope(item=item, root=item))
    return str(name) if isinstance(name, str | int) else "one without a name"


def _evaluate_subject(
    policy: BaselinePolicy, name: str, kind: str, scope: DocumentScope, at: datetime
) -> AssessedSubject:
    if policy.applies_to is not None:
        applies = evaluate_condition(policy.applies_to, scope, at=at)
        if applies is False:
            return AssessedSubject(name=name, kind=kind, state=PolicyState.DOES_NOT_APPLY)
        if applies is None:
            return AssessedSubject(
                name=name,
                kind=kind,
                state=PolicyState.CANNOT_TELL,
                explanations=explain_failures(policy.applies_to, scope, at=at),
            )
    assert policy.requires is not None
    fits = evaluate_condition(policy.requires, scope, at=at)
    state = PolicyState.PASSES if fits else PolicyState.CANNOT_TELL if fits is None else PolicyState.FAILS
    return AssessedSubject(
        name=name, kind=kind, state=state, explanations=explain_failures(policy.requires, scope, at=at)
    )
