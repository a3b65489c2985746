"""Find subjects that left a control's population because the change that its remedies ask for was made.

Suspending an account that nobody uses takes it out of the accounts that must be used, and so does retiring a computer
that runs Windows 10: the work was done, so that the member is fixed, not merely settled. The evidence is the resolved
subject, which its sources' newest loads report: it shows the effect of the remedy now, and did not show it in the
snapshot in which the member opened, or something else ended it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.protect.posture.findings.transitions import OpenMember
from homeroom.domain.matching import parse_pattern
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.engines.protect.posture.control_sql import QUERYABLE_TABLES, SUBJECT_KINDS
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.pattern_sql import build_pattern_sql, list_pattern_fields
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables import TABLES

_TABLE_OF = {table.kind: table.table for table in QUERYABLE_TABLES if not table.is_folded}


@dataclass(frozen=True, kw_only=True)
class RemedyEffect:
    """What a subject of a kind shows once a remedy was carried out; `id` is of the action, or of the control."""

    id: str
    kind: str
    pattern: Any


def list_effects(control: Control, *, actions: Mapping[str, ConsoleAction]) -> tuple[RemedyEffect, ...]:
    """Return the effects of a control's actions, and of what its words ask for."""
    named = (actions[name] for name in control.remedies if name in actions)
    effects = [
        RemedyEffect(id=action.id, kind=action.subject, pattern=dict(action.effect))
        for action in named
        if action.effect
    ]
    if control.fixed_if:
        effects.append(RemedyEffect(id=control.id, kind=SUBJECT_KINDS[control.asks], pattern=control.fixed_if))
    return tuple(effects)


def find_remedied(
    store: EvidenceStore,
    kind: str,
    members: Iterable[OpenMember],
    *,
    effects: Mapping[str, tuple[RemedyEffect, ...]],
    current_snapshot: str,
    today: date,
) -> set[int]:
    """Return the ids of members whose subject shows the effect of one of its control's remedies, and did not before.

    `effects` are those of each control. Where the snapshot in which a member opened is not stored any more, what its
    subject shows now decides.
    """
    members_by_effect: dict[str, list[OpenMember]] = {}
    effects_by_id: dict[str, RemedyEffect] = {}
    for member in members:
        for effect in effects.get(member.finding[0], ()):
            if effect.kind == kind:
                effects_by_id[effect.id] = effect
                members_by_effect.setdefault(effect.id, []).append(member)
    return {
        number
        for name, candidates in members_by_effect.items()
        for number in _find_changed(
            store, effects_by_id[name], candidates, current_snapshot=current_snapshot, today=today
        )
    }


def _find_changed(
    store: EvidenceStore, effect: RemedyEffect, members: list[OpenMember], *, current_snapshot: str, today: date
) -> set[int]:
    """Return the ids of the members whose subject shows the effect now and not when they opened."""
    changed = _find_showing(store, current_snapshot, effect, {member.subject for member in members}, today)
    members_by_snapshot: dict[str, list[OpenMember]] = {}
    for member in members:
        if member.subject in changed:
            members_by_snapshot.setdefault(member.snapshot, []).append(member)
    return {
        member.id
        for snapshot, members_of_snapshot in members_by_snapshot.items()
        for earlier in (
            _find_showing(store, snapshot, effect, {member.subject for member in members_of_snapshot}, today),
        )
        for member in members_of_snapshot
        if member.subject not in earlier
    }


def _find_showing(
    store: EvidenceStore, snapshot: str, effect: RemedyEffect, subjects: set[int], today: date
) -> set[int]:
    """Return the subjects that show the effect in a snapshot; none if it is not stored any more."""
    table = TABLES[_TABLE_OF[effect.kind]]
    condition = build_pattern_sql(
        parse_pattern(effect.pattern, fields=list_pattern_fields(table), location=effect.id), today=today
    )
    try:
        session = open_session(store.pin_snapshot(derived=snapshot).restrict_to(table.name))
    except (NoSuchLoad, FileNotFoundError):
        return set()
    try:
        rows = session.execute(
            f"SELECT id FROM {table.name} WHERE id IN (SELECT unnest(?::BIGINT[])) AND ({condition}) IS TRUE",
            [sorted(subjects)],
        ).fetchall()
    finally:
        session.close()
    return {subject for (subject,) in rows}
