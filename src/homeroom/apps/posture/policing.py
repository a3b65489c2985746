"""Policies over tenant settings as part of a judgement: each failing one a finding a tenant, its places the members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from homeroom.apps.posture.comparing import Standing
from homeroom.apps.posture.shelf import PLACE, policy_controls
from homeroom.apps.posture.tenants import Line, Where
from homeroom.domain.controls import Control
from homeroom.domain.ids import place_subject
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import CODES, MEMBERS, Counts, Judgement, Sheet

_WORST = (State.FAIL, State.EXCEPTED, State.CANNOT_TELL, State.PASS, State.NOT_APPLICABLE)
"""In which order a state decides where two elements of a tenant have one name."""
_LISTED = (State.FAIL, State.CANNOT_TELL, State.EXCEPTED)
Places = Mapping[int, tuple[str, State]]
"""By place, its tenant and its state under one policy."""


def asked_of(lines: Iterable[Line]) -> tuple[Control, ...]:
    """The policies of which some tenant's documents show anything, as controls. Of the others nothing is known and nothing asked."""
    there = {line.policy.id for line in lines if _shown(line)}
    return tuple(control for control in policy_controls() if control.id in there)


def with_policies(judgement: Judgement, lines: Sequence[Line]) -> Judgement:
    """The judgement with every policy of `lines` beside the controls. Acceptances are in the lines already."""
    every = {control.id: _places(control.id, lines) for control in policy_controls()}
    found = {control.id: every[control.id] for control in asked_of(lines)}
    return replace(
        judgement,
        counts={**judgement.counts, **{name: _counts(places) for name, places in found.items()}},
        sheets={
            **judgement.sheets,
            **{name: _sheet(places) for name, places in every.items()},
        },  # unread, it closes nothing
        members=pa.concat_tables([judgement.members, *(_members(name, places) for name, places in found.items())]),
    )


def left(lines: Iterable[Line], members: Iterable[Standing]) -> set[int]:
    """Of members whose place is not judged any more, the ids of those whose tenant is: its newer documents have no such place."""
    heard = {(line.policy.id, line.tenant) for line in lines if _shown(line)}
    return {one.id for one in members if one.finding in heard}


def numbered(line: Line, where: Where) -> int:
    """The number of a place."""
    return place_subject(line.tenant, where.name)


def _shown(line: Line) -> bool:
    return any(where.state in (State.PASS, State.FAIL, State.EXCEPTED) for where in line.where)


def _places(control: str, lines: Iterable[Line]) -> Places:
    found: dict[int, tuple[str, State]] = {}
    for line in (line for line in lines if line.policy.id == control):
        for where in line.where:
            number = numbered(line, where)
            known = found.get(number, (line.tenant, where.state))[1]
            found[number] = (line.tenant, min(known, where.state, key=_WORST.index))
    return found


def _counts(places: Places) -> Counts:
    states = [state for _, state in places.values()]
    return Counts(
        passing=states.count(State.PASS),
        failing=states.count(State.FAIL),
        cannot_tell=states.count(State.CANNOT_TELL),
        not_applicable=states.count(State.NOT_APPLICABLE),
        excepted=states.count(State.EXCEPTED),
    )


def _sheet(places: Places) -> Sheet:
    ids = sorted(places)
    codes = [CODES.index(places[one][1]) for one in ids]
    return Sheet(kind=PLACE, ids=np.array(ids, dtype=np.int64), codes=np.array(codes, dtype=np.uint8), rows={})


def _members(control: str, places: Places) -> pa.Table:
    rows = [
        {"control": control, "group": tenant, "subject_kind": PLACE, "subject": one, "state": str(state), "rows": None}
        for one, (tenant, state) in sorted(places.items())
        if state in _LISTED
    ]
    return pa.Table.from_pylist(rows, schema=MEMBERS)
