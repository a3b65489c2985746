"""Compute how an evaluation changes the open members of findings, set-wise.

A member closes only if newer evidence shows it: its subject passes (fixed), the control does not apply any more
(fixed too, where the subject shows the change that a remedy asks for), it was accepted, or the subject is gone from the
derived tables because of newer complete loads (fixed, where removing it is the remedy). Members that cannot be observed
are marked as not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.domain.protect.control_states import CloseReason, State
from homeroom.engines.protect.posture.evaluation import ControlStates, Evaluation

FindingKey = tuple[str, str]
"""A finding: its control and group."""


@dataclass(frozen=True, kw_only=True)
class OpenMember:
    """One open member as the last assessment left it."""

    id: int
    finding: FindingKey
    subject: int
    since: date
    snapshot: str
    not_seen_since: date | None


@dataclass(frozen=True, kw_only=True)
class NewMember:
    """A subject that joins a finding, and since when it fails."""

    finding: FindingKey
    kind: str
    subject: int
    since: date


@dataclass(frozen=True, kw_only=True)
class MemberChanges:
    """Members to open, members to close by reason, and members whose `not_seen_since` changes."""

    opening: tuple[NewMember, ...] = ()
    closing: Mapping[CloseReason, tuple[int, ...]] = field(default_factory=dict)
    unseen: tuple[int, ...] = ()
    seen_again: tuple[int, ...] = ()


FindUnreported = Callable[[str, Iterable[OpenMember], bool], set[int]]
"""Return the ids of members that a source reported when they opened and does not report now.

Checks their own sources if the last argument is false, else any source at all.
"""

FindGone = Callable[[str, Iterable[OpenMember]], set[int]]
"""Of members missing from the derived tables, return the ids of those whose subject is really gone."""


FindRemedied = Callable[[str, Iterable[OpenMember]], set[int]]
"""Of members to which their control does not apply any more, return the ids of those that a remedy took out of it."""


def find_no_remedied(_kind: str, _members: Iterable[OpenMember]) -> set[int]:
    """Find nobody, for evaluations without remedies."""
    return set()


def diff_members(
    *,
    open_members: Iterable[OpenMember],
    judgment: Evaluation,
    find_gone: FindGone,
    find_unreported: FindUnreported,
    find_remedied: FindRemedied = find_no_remedied,
    fixed_if_gone: Collection[str] = (),
) -> MemberChanges:
    """Return the changes that lead from the open members to the evaluation.

    `fixed_if_gone` are the ids of the controls whose remedy is to remove the subject from its source.
    """
    failing = _collect_failing(judgment.members)
    open_by_key = {(member.finding, member.subject): member for member in open_members}
    still_failing = [member for key, member in open_by_key.items() if key in failing]
    missing = [member for key, member in open_by_key.items() if key not in failing]
    closing, unseen = _classify_missing(missing, failing, judgment, find_gone, fixed_if_gone)
    _move_remedied(closing, missing, failing, judgment, find_remedied)
    unseen += _withdraw_closings(closing, missing, judgment, find_unreported)
    since = {(member.finding[0], member.subject): member.since for member in missing}
    opening = tuple(
        NewMember(
            finding=finding,
            kind=kind,
            subject=subject,
            since=since.get((finding[0], subject), judgment.today),
        )
        for (finding, subject), kind in failing.items()
        if (finding, subject) not in open_by_key
    )
    return MemberChanges(
        opening=opening,
        closing=closing,
        unseen=tuple(member.id for member in unseen if member.not_seen_since is None),
        seen_again=tuple(member.id for member in still_failing if member.not_seen_since is not None),
    )


def _collect_failing(members: pa.Table) -> dict[tuple[FindingKey, int], str]:
    failing = members.filter(pc.equal(members.column("state"), str(State.FAIL)))
    columns = failing.select(["control", "group", "subject_kind", "subject"]).to_pydict()
    return {((control, group), subject): kind for control, group, kind, subject in zip(*columns.values(), strict=True)}


def _classify_missing(
    missing: list[OpenMember],
    failing: Mapping[tuple[FindingKey, int], str],
    judgment: Evaluation,
    find_gone: FindGone,
    fixed_if_gone: Collection[str],
) -> tuple[dict[CloseReason, tuple[int, ...]], list[OpenMember]]:
    moved = {(finding[0], subject) for finding, subject in failing}
    closing: dict[CloseReason, list[int]] = {}
    unseen: list[OpenMember] = []
    absent: dict[str, list[OpenMember]] = {}
    for member in missing:
        sheet = judgment.control_states.get(member.finding[0])
        state = sheet.get_state(member.subject) if sheet else State.NOT_APPLICABLE
        if sheet is not None and sheet.is_unreported(member.subject):
            unseen.append(member)
        elif sheet is not None and state is None:
            absent.setdefault(sheet.kind, []).append(member)
        elif (member.finding[0], member.subject) in moved:
            closing.setdefault(CloseReason.NO_LONGER_APPLIES, []).append(member.id)
        elif state in _REASON_OF_STATE:
            closing.setdefault(_get_close_reason(state, sheet), []).append(member.id)
        else:
            unseen.append(member)
    for kind, members in absent.items():
        disappeared_ids = find_gone(kind, members)
        for member in members:
            if member.id in disappeared_ids:
                reason = CloseReason.FIXED if member.finding[0] in fixed_if_gone else CloseReason.GONE
                closing.setdefault(reason, []).append(member.id)
        unseen += [member for member in members if member.id not in disappeared_ids]
    return {reason: tuple(ids) for reason, ids in closing.items() if ids}, unseen


def _move_remedied(
    closing: dict[CloseReason, tuple[int, ...]],
    missing: list[OpenMember],
    failing: Mapping[tuple[FindingKey, int], str],
    judgment: Evaluation,
    find_remedied: FindRemedied,
) -> None:
    """Move members to the fixed ones whose subject left the control's population by the change of a remedy.

    One that joined another finding of its control still fails, and was not fixed.
    """
    still_failing = {(finding[0], subject) for finding, subject in failing}
    by_id = {member.id: member for member in missing}
    by_kind: dict[str, list[OpenMember]] = {}
    for number in closing.get(CloseReason.NO_LONGER_APPLIES, ()):
        member = by_id[number]
        sheet = judgment.control_states.get(member.finding[0])
        if sheet is not None and (member.finding[0], member.subject) not in still_failing:
            by_kind.setdefault(sheet.kind, []).append(member)
    remedied = {number for kind, members in by_kind.items() for number in find_remedied(kind, members)}
    if remedied:
        settled = closing[CloseReason.NO_LONGER_APPLIES]
        closing[CloseReason.NO_LONGER_APPLIES] = tuple(number for number in settled if number not in remedied)
        closing[CloseReason.FIXED] = (*closing.get(CloseReason.FIXED, ()), *sorted(remedied))


def _withdraw_closings(
    closing: dict[CloseReason, tuple[int, ...]],
    missing: list[OpenMember],
    judgment: Evaluation,
    find_unreported: FindUnreported,
) -> list[OpenMember]:
    """Remove members from `closing` that would close only because a source is missing; return them as not seen.

    For members that pass, their own sources must still report; whether a control applies can depend on any source.
    """
    by_id = {member.id: member for member in missing}
    withdrawn: list[OpenMember] = []
    for reason, anywhere in ((CloseReason.FIXED, False), (CloseReason.NO_LONGER_APPLIES, True)):
        kinds: dict[str, list[OpenMember]] = {}
        for member in (by_id[number] for number in closing.get(reason, ())):
            if sheet := judgment.control_states.get(member.finding[0]):
                kinds.setdefault(sheet.kind, []).append(member)
        unreported = {number for kind, members in kinds.items() for number in find_unreported(kind, members, anywhere)}
        withdrawn += [by_id[number] for number in closing.get(reason, ()) if number in unreported]
        if unreported:
            closing[reason] = tuple(number for number in closing[reason] if number not in unreported)
    return withdrawn


def _get_close_reason(state: State | None, sheet: ControlStates | None) -> CloseReason:
    """Return the close reason for a state.

    A row (a port, a vulnerability) that is missing while a source still reports its subject counts as fixed.
    """
    is_folded_row_gone = sheet is not None and sheet.is_folded and state is State.NOT_APPLICABLE
    return CloseReason.FIXED if is_folded_row_gone else _REASON_OF_STATE[state]


_REASON_OF_STATE: dict[State | None, CloseReason] = {
    State.PASS: CloseReason.FIXED,
    State.NOT_APPLICABLE: CloseReason.NO_LONGER_APPLIES,
    State.EXCEPTED: CloseReason.ACCEPTED,
}
