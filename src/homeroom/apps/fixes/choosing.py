"""Which changes an action makes of what was gathered about a finding's members; and who stays out, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.apps.fixes.gathering import FLAGS, Asked, Gathered
from homeroom.apps.fixes.proposing import new_asset
from homeroom.domain.remedies import Action, Change
from homeroom.domain.spreadsheets import runs

SLICE = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One change, the subject that it is about, the record that will prove it, and what stands out about it."""

    subject: int
    instance: str
    key: str
    change: Change
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """The rows by school and name, and how many members stayed out, by reason."""

    rows: tuple[Row, ...]
    left: Mapping[str, int]


def choose(gathered: Gathered, *, action: Action, asked: Asked, mark: str) -> Chosen:
    """The changes for what was gathered. `mark` is written into new records, so that they can be found again."""
    made = _new(gathered, action, mark) if action.creates else _changed(gathered, action, asked)
    seen: set[str] = set()
    rows, left = [], Counter[str]()
    for found in made:
        if isinstance(found, str):
            left[found] += 1
        elif why := _unwanted(found, asked, seen):
            left[why] += 1
        else:
            seen.add(found.change.handle)
            rows.append(found)
    return Chosen(rows=tuple(rows), left=dict(left))


def _unwanted(row: Row, asked: Asked, seen: set[str]) -> str:
    if row.change.handle in seen:
        return "twice"
    if asked.quiet and "recent" in row.flags:
        return "recent"
    return "administrator" if asked.ordinary and "administrator" in row.flags else ""


def _changed(gathered: Gathered, action: Action, asked: Asked) -> Iterator[Row | str]:
    """For each record of the subjects a row, or why there is none."""
    target = asked.target or action.writes or (gathered.labels.lost if action.asks == "label" else "")
    for held in _each(gathered):
        yield _row(action, held, to=target or gathered.units.get(held["id"], ""))


def _new(gathered: Gathered, action: Action, mark: str) -> Iterator[Row | str]:
    """For each subject that the system carries no record of, one that would be made."""
    taken = set(gathered.tags)
    for one in _each(gathered):
        made = new_asset(action, one, labels=gathered.labels, taken=taken, mark=mark)
        if isinstance(made, str):
            yield made
        else:
            yield Row(subject=one["id"], instance="", key="", change=made, flags=_flags(action, one))


def _row(action: Action, held: Mapping[str, Any], *, to: str) -> Row | str:
    handle = held["handle"] if action.knows(held["handle"]) else held["key"]
    if held["key"] is None or held["known"] is None:
        return "no_record"
    if not action.knows(handle):
        return "odd_handle"
    if not to:
        return "no_target"
    if (held["proves"] or "").lower() in action.proof(to):
        return "already"
    back = action.back_of(held["before"])
    change = Change(handle=handle, to=to, back=None if back is None or runs(back) else back)
    return Row(
        subject=held["id"], instance=held["instance"], key=held["key"], change=change, flags=_flags(action, held)
    )


def _flags(action: Action, held: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in FLAGS[action.subject] if held[name])


def _each(gathered: Gathered) -> Iterator[Mapping[str, Any]]:
    for batch in gathered.held.to_batches(max_chunksize=SLICE):
        yield from batch.to_pylist()
