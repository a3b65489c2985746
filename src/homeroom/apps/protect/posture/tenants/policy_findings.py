"""Policies over tenant settings in an assessment: one finding per failing policy and tenant, with members."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from homeroom.apps.protect.posture.catalog.controls import PLACE, list_policy_controls
from homeroom.apps.protect.posture.findings.transitions import OpenMember
from homeroom.apps.protect.posture.tenants.settings import PolicyResult, PolicyTarget
from homeroom.domain.ids import hash_place_id
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.evaluation import MEMBERS, STATE_CODES, ControlCounts, ControlStates, Evaluation

_WORST = (State.FAIL, State.EXCEPTED, State.CANNOT_TELL, State.PASS, State.NOT_APPLICABLE)
"""Precedence of states where two elements of a tenant have one name."""
_MEMBER_STATES = (State.FAIL, State.CANNOT_TELL, State.EXCEPTED)
StateByTarget = Mapping[int, tuple[str, State]]
"""Target number to its tenant and its state under one policy."""


def list_policies_with_settings(lines: Iterable[PolicyResult]) -> tuple[Control, ...]:
    """Return as controls the policies that some tenant's documents can answer."""
    policy_ids = {line.policy.id for line in lines if _has_known_state(line)}
    return tuple(control for control in list_policy_controls() if control.id in policy_ids)


def add_policies(judgment: Evaluation, lines: Sequence[PolicyResult]) -> Evaluation:
    """Return the evaluation with every policy of `lines` added to the controls.

    Acceptances are in the lines already.
    """
    targets_by_policy = {control.id: _merge_targets(control.id, lines) for control in list_policy_controls()}
    policies_with_settings = {
        control.id: targets_by_policy[control.id] for control in list_policies_with_settings(lines)
    }
    return replace(
        judgment,
        counts={
            **judgment.counts,
            **{name: _count_states(targets) for name, targets in policies_with_settings.items()},
        },
        control_states={
            **judgment.control_states,
            **{name: _build_sheet(targets) for name, targets in targets_by_policy.items()},
        },  # unread, it closes nothing
        members=pa.concat_tables(
            [judgment.members, *(_build_members(name, targets) for name, targets in policies_with_settings.items())]
        ),
    )


def find_removed_targets(lines: Iterable[PolicyResult], members: Iterable[OpenMember]) -> set[int]:
    """Return the ids of members whose target is gone while its tenant is still reported.

    The tenant's newer documents have no such target.
    """
    reported = {(line.policy.id, line.tenant) for line in lines if _has_known_state(line)}
    return {member.id for member in members if member.finding in reported}


def hash_target_id(line: PolicyResult, target: PolicyTarget) -> int:
    """Return the number of a target."""
    return hash_place_id(line.tenant, target.name)


def _has_known_state(line: PolicyResult) -> bool:
    return any(target.state in (State.PASS, State.FAIL, State.EXCEPTED) for target in line.where)


def _merge_targets(control: str, lines: Iterable[PolicyResult]) -> StateByTarget:
    targets: dict[int, tuple[str, State]] = {}
    for line in (line for line in lines if line.policy.id == control):
        for target in line.where:
            number = hash_target_id(line, target)
            worst = targets.get(number, (line.tenant, target.state))[1]
            targets[number] = (line.tenant, min(worst, target.state, key=_WORST.index))
    return targets


def _count_states(targets: StateByTarget) -> ControlCounts:
    states = [state for _, state in targets.values()]
    return ControlCounts(
        passing=states.count(State.PASS),
        failing=states.count(State.FAIL),
        cannot_tell=states.count(State.CANNOT_TELL),
        not_applicable=states.count(State.NOT_APPLICABLE),
        excepted=states.count(State.EXCEPTED),
    )


def _build_sheet(targets: StateByTarget) -> ControlStates:
    ids = sorted(targets)
    codes = [STATE_CODES.index(targets[target][1]) for target in ids]
    return ControlStates(kind=PLACE, ids=np.array(ids, dtype=np.int64), codes=np.array(codes, dtype=np.uint8), rows={})


def _build_members(control: str, targets: StateByTarget) -> pa.Table:
    rows = [
        {
            "control": control,
            "group": tenant,
            "subject_kind": PLACE,
            "subject": target,
            "state": str(state),
            "rows": None,
        }
        for target, (tenant, state) in sorted(targets.items())
        if state in _MEMBER_STATES
    ]
    return pa.Table.from_pylist(rows, schema=MEMBERS)
