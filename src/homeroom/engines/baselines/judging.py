"""Judges a settings document by a policy: each unit, group, element or the tenant as a whole, with what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from homeroom.engines.baselines.conditions import held
from homeroom.engines.baselines.forms import first_names
from homeroom.engines.baselines.paths import MISSING, Path, Scope, found, path
from homeroom.engines.baselines.policies import Expected, Policy
from homeroom.engines.baselines.saying import Said, told
from homeroom.engines.baselines.signing import with_sign_in
from homeroom.engines.baselines.units import Unit, units

TENANT = "the tenant"
UNIT, WHOLE = ("unit",), ("tenant",)
ITSELF = ("unit", "kind", "own")
"""What a unit's scope has beside its settings."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One subject under a policy: its name, its kind (unit, group, element, tenant), its state and why.

    `people` is the class of people whose unit it is, and `because` what a profile says of them, where one is in use.
    """

    name: str
    kind: str
    state: Expected
    said: tuple[Said, ...] = ()
    people: str = ""
    because: str = ""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A policy's verdict. `met`: true, false, or null where it cannot be told; `assumed`: met by what is delivered."""

    policy: str
    state: Expected
    met: bool | None
    assumed: bool = False
    because: str = ""
    subjects: tuple[Judged, ...] = ()


Read = dict[tuple[tuple[str, str], ...], tuple[Unit, ...]]
"""The units of a document by the names that a policy lets stand for others, read once for many policies."""


def judge(policy: Policy, document: Mapping[str, Any], *, at: datetime, read: Read | None = None) -> Verdict:
    """The verdict over that document at that moment. `read` keeps what one document holds for the next policy."""
    if policy.requires is None:
        return Verdict(policy=policy.id, state=Expected.BY_HAND, met=None, because=policy.by_hand)
    document = with_sign_in(document)
    known: dict[tuple[int, ...], Judged] = {}
    subjects = tuple(
        _again(known, same, policy, name, kind, scope, at)
        for name, kind, scope, same in _subjects(policy, document, read)
    )
    return summed(policy, subjects, asked=bool(subjects) or _listed(policy, document))


def _listed(policy: Policy, document: Mapping[str, Any]) -> bool:
    """Whether the document has one of the lists at all: an empty one is an answer, one that is not there is none."""
    lists = (found(path(written), Scope(item=document, root=document)) for written in policy.each)
    return any(one is not MISSING and (bool(one) or not policy.never_empty) for one in lists)


def summed(policy: Policy, subjects: tuple[Judged, ...], *, asked: bool) -> Verdict:
    """What the subjects' states come to. `asked` is false where the document has nothing of what the policy reads."""
    states = {one.state for one in subjects}
    if Expected.FAILS in states:
        return Verdict(policy=policy.id, state=Expected.FAILS, met=False, subjects=subjects)
    if Expected.CANNOT_TELL in states or not asked:
        if policy.assumed is None:
            return Verdict(policy=policy.id, state=Expected.CANNOT_TELL, met=None, subjects=subjects)
        return Verdict(
            policy=policy.id,
            state=Expected.CANNOT_TELL,
            met=policy.assumed.fits,
            assumed=True,
            because=policy.assumed.because,
            subjects=subjects,
        )
    state = Expected.PASSES if Expected.PASSES in states else Expected.DOES_NOT_APPLY
    return Verdict(policy=policy.id, state=state, met=True, subjects=subjects)


def _again(
    known: dict[tuple[int, ...], Judged],
    same: tuple[int, ...],
    policy: Policy,
    name: str,
    kind: str,
    scope: Callable[[], Scope],
    at: datetime,
) -> Judged:
    """What a subject comes to, or what one with the very same settings came to. `same` is empty where none has."""
    like = known.get(same) if same else None
    if like is not None:
        return Judged(name=name, kind=kind, state=like.state, said=like.said)
    judged = _judged(policy, name, kind, scope(), at)
    if same:
        known[same] = judged
    return judged


def _subjects(
    policy: Policy, document: Mapping[str, Any], read: Read | None
) -> Iterator[tuple[str, str, Callable[[], Scope], tuple[int, ...]]]:
    """Name, kind, scope (made when it is asked for), and what tells another subject with the same settings (empty: nothing)."""
    if policy.each == UNIT:
        forms = [form for form in (policy.applies_to, policy.requires) if form is not None]
        looked_at = sorted(frozenset[str]().union(*(first_names(form) for form in forms)))
        itself = any(name in ITSELF or "*" in name for name in looked_at)
        for unit in _units(policy, document, {} if read is None else read):
            same = () if itself else tuple(id(unit.settings.get(section)) for section in looked_at)
            yield unit.name, unit.kind, partial(_of_unit, unit, policy, document), same
        return
    root = Scope(item=_with_defaults(document, policy.unset), root=document)
    if policy.each == WHOLE:
        yield TENANT, "tenant", lambda: root, ()
        return
    for written in policy.each:
        items = found(path(written), root)
        for item in [] if items is MISSING or items is None else items if isinstance(items, list) else [items]:
            yield _name(policy, item), "element", partial(root.within, _with_defaults(item, policy.unset)), ()


def _units(policy: Policy, document: Mapping[str, Any], read: Read) -> tuple[Unit, ...]:
    names = tuple(sorted(policy.renamed.items()))
    if names not in read:
        read[names] = units(document, renamed=policy.renamed)
    return read[names]


def _of_unit(unit: Unit, policy: Policy, document: Mapping[str, Any]) -> Scope:
    item = {**unit.settings, "unit": unit.name, "kind": unit.kind, "own": unit.own}
    return Scope(item=_with_defaults(item, policy.unset), root=document)


def _with_defaults(item: Any, unset: Mapping[str, Any]) -> Any:
    for written, value in unset.items():
        where = path(written)
        if isinstance(item, Mapping) and found(where, Scope(item=item, root=item)) is MISSING:
            item = _put(item, where.names, value)
    return item


def _put(item: Mapping[str, Any], names: tuple[str, ...], value: Any) -> Mapping[str, Any]:
    first, rest = names[0], names[1:]
    inside = item.get(first)
    below = inside if isinstance(inside, Mapping) else {}
    return {**item, first: _put(below, rest, value) if rest else value}


def _name(policy: Policy, item: Any) -> str:
    if not policy.named and isinstance(item, Mapping):
        return TENANT
    where: Path = path(policy.named)
    name = found(where, Scope(item=item, root=item))
    return str(name) if isinstance(name, str | int) else "one without a name"


def _judged(policy: Policy, name: str, kind: str, scope: Scope, at: datetime) -> Judged:
    if policy.applies_to is not None:
        applies = held(policy.applies_to, scope, at=at)
        if applies is False:
            return Judged(name=name, kind=kind, state=Expected.DOES_NOT_APPLY)
        if applies is None:
            return Judged(name=name, kind=kind, state=Expected.CANNOT_TELL, said=told(policy.applies_to, scope, at=at))
    assert policy.requires is not None
    fits = held(policy.requires, scope, at=at)
    state = Expected.PASSES if fits else Expected.CANNOT_TELL if fits is None else Expected.FAILS
    return Judged(name=name, kind=kind, state=state, said=told(policy.requires, scope, at=at))
