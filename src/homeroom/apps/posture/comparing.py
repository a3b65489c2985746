"""What one judgement changes among the open members of findings: set-wise, and never by what could not be seen.

A member closes only where newer evidence shows it: its subject passes (fixed), the control does not apply any more, it
was accepted, or the subject is gone from the derived tables because of newer complete loads. All else is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from homeroom.domain.states import Closed, State
from homeroom.engines.posture.judgement import Judgement, Sheet

Key = tuple[str, str]
"""A finding: its control and group."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One open member as the last judgement left it."""

    id: int
    finding: Key
    subject: int
    since: date
    snapshot: str
    not_seen_since: date | None


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A subject that joins a finding, and since when it fails."""

    finding: Key
    kind: str
    subject: int
    since: date


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Members to open, members to close by reason, and members whose `not seen since` changes."""

    opening: tuple[Opening, ...] = ()
    closing: Mapping[Closed, tuple[int, ...]] = field(default_factory=dict)
    unseen: tuple[int, ...] = ()
    seen_again: tuple[int, ...] = ()


Unheard = Callable[[str, Iterable[Standing], bool], set[int]]
"""Of members of one kind of subject, the ids of those of whom a source that spoke when they opened speaks no more.

Their own sources where the last argument is false, else any source at all."""

Gone = Callable[[str, Iterable[Standing]], set[int]]
"""Of members of one kind of subject that is not in the derived tables, the ids of those whose subject is really gone."""


def compared(*, standing: Iterable[Standing], judgement: Judgement, gone: Gone, unheard: Unheard) -> Changes:
    """What changes from the open members to the judgement."""
    failing = _failing(judgement.members)
    open_now = {(one.finding, one.subject): one for one in standing}
    kept = [one for key, one in open_now.items() if key in failing]
    lost = [one for key, one in open_now.items() if key not in failing]
    closing, unseen = _closing(lost, failing, judgement, gone)
    unseen += _taken_back(closing, lost, judgement, unheard)
    since = {(one.finding[0], one.subject): one.since for one in lost}
    opening = tuple(
        Opening(
            finding=finding,
            kind=kind,
            subject=subject,
            since=since.get((finding[0], subject), judgement.today),
        )
        for (finding, subject), kind in failing.items()
        if (finding, subject) not in open_now
    )
    return Changes(
        opening=opening,
        closing=closing,
        unseen=tuple(one.id for one in unseen if one.not_seen_since is None),
        seen_again=tuple(one.id for one in kept if one.not_seen_since is not None),
    )


def _failing(members: pa.Table) -> dict[tuple[Key, int], str]:
    failing = members.filter(pc.equal(members.column("state"), str(State.FAIL)))
    columns = failing.select(["control", "group", "subject_kind", "subject"]).to_pydict()
    return {((control, group), subject): kind for control, group, kind, subject in zip(*columns.values(), strict=True)}


def _closing(
    lost: list[Standing], failing: Mapping[tuple[Key, int], str], judgement: Judgement, gone: Gone
) -> tuple[dict[Closed, tuple[int, ...]], list[Standing]]:
    moved = {(finding[0], subject) for finding, subject in failing}
    closing: dict[Closed, list[int]] = {}
    unseen: list[Standing] = []
    absent: dict[str, list[Standing]] = {}
    for one in lost:
        sheet = judgement.sheets.get(one.finding[0])
        state = sheet.state_of(one.subject) if sheet else State.NOT_APPLICABLE
        if sheet is not None and sheet.is_unheard(one.subject):
            unseen.append(one)
        elif sheet is not None and state is None:
            absent.setdefault(sheet.kind, []).append(one)
        elif (one.finding[0], one.subject) in moved:
            closing.setdefault(Closed.NO_LONGER_APPLIES, []).append(one.id)
        elif state in _WHY:
            closing.setdefault(_why(state, sheet), []).append(one.id)
        else:
            unseen.append(one)
    for kind, members in absent.items():
        left = gone(kind, members)
        closing.setdefault(Closed.GONE, []).extend(one.id for one in members if one.id in left)
        unseen += [one for one in members if one.id not in left]
    return {why: tuple(ids) for why, ids in closing.items() if ids}, unseen


def _taken_back(
    closing: dict[Closed, tuple[int, ...]], lost: list[Standing], judgement: Judgement, unheard: Unheard
) -> list[Standing]:
    """Members that would close only because a source is missing: taken out of `closing`, they are not seen.

    What passes must still have its own sources; whether a control applies can hang on any source.
    """
    by_id = {one.id: one for one in lost}
    back: list[Standing] = []
    for why, anywhere in ((Closed.FIXED, False), (Closed.NO_LONGER_APPLIES, True)):
        kinds: dict[str, list[Standing]] = {}
        for one in (by_id[number] for number in closing.get(why, ())):
            if sheet := judgement.sheets.get(one.finding[0]):
                kinds.setdefault(sheet.kind, []).append(one)
        mute = {number for kind, members in kinds.items() for number in unheard(kind, members, anywhere)}
        back += [by_id[number] for number in closing.get(why, ()) if number in mute]
        if mute:
            closing[why] = tuple(number for number in closing[why] if number not in mute)
    return back


def _why(state: State | None, sheet: Sheet | None) -> Closed:
    """What is no longer among the rows of a subject that a source still speaks of (a port, a flaw) was put right."""
    rid = sheet is not None and sheet.folds and state is State.NOT_APPLICABLE
    return Closed.FIXED if rid else _WHY[state]


_WHY: dict[State | None, Closed] = {
    State.PASS: Closed.FIXED,
    State.NOT_APPLICABLE: Closed.NO_LONGER_APPLIES,
    State.EXCEPTED: Closed.ACCEPTED,
}
