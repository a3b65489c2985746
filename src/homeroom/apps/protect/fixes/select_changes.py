"""Select the changes that an action makes for a finding's members, and count who is left out by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from homeroom.apps.protect.fixes.collect import FLAG_SQL, FixEvidence, FixOptions
from homeroom.apps.protect.fixes.suggestions import build_new_asset
from homeroom.domain.protect.remedies import ConsoleAction, FixChange
from homeroom.domain.spreadsheets import is_formula

BATCH_ROWS = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SelectedChange:
    """One change with its subject, the record that will verify it, and flags for the reviewer."""

    subject: int
    instance: str
    key: str
    change: FixChange
    flags: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SelectedChanges:
    """Changes by school and name, and the number of members left out by reason."""

    rows: tuple[SelectedChange, ...]
    left_out: Mapping[str, int]


def select_changes(
    gathered: FixEvidence, *, action: ConsoleAction, options: FixOptions, marker: str
) -> SelectedChanges:
    """Return the changes for the collected evidence.

    `marker` is written into new records so that they can be found again.
    """
    candidates = (
        _iter_new_records(gathered, action, marker)
        if action.creates
        else _iter_record_changes(gathered, action, options)
    )
    handles: set[str] = set()
    rows, left = [], Counter[str]()
    for candidate in candidates:
        if isinstance(candidate, str):
            left[candidate] += 1
        elif reason := _find_exclusion_reason(candidate, options, handles):
            left[reason] += 1
        else:
            handles.add(candidate.change.handle)
            rows.append(candidate)
    return SelectedChanges(rows=tuple(rows), left_out=dict(left))


def _find_exclusion_reason(row: SelectedChange, options: FixOptions, handles: set[str]) -> str:
    if row.change.handle in handles:
        return "twice"
    if options.quiet and "recent" in row.flags:
        return "recent"
    return "administrator" if options.ordinary and "administrator" in row.flags else ""


def _iter_record_changes(
    gathered: FixEvidence, action: ConsoleAction, options: FixOptions
) -> Iterator[SelectedChange | str]:
    """Yield a change for each record of the subjects, or the reason why there is none."""
    target = options.target or action.writes or (gathered.labels.label_lost if action.asks == "label" else "")
    for member in _iter_members(gathered):
        yield _build_change(action, member, to=target or gathered.units.get(member["id"], ""))


def _iter_new_records(gathered: FixEvidence, action: ConsoleAction, marker: str) -> Iterator[SelectedChange | str]:
    """Yield a new record for each subject that the system has no record of, or the reason why there is none."""
    used_tags = set(gathered.tags)
    for member in _iter_members(gathered):
        change = build_new_asset(action, member, labels=gathered.labels, used_tags=used_tags, marker=marker)
        if isinstance(change, str):
            yield change
        else:
            yield SelectedChange(
                subject=member["id"], instance="", key="", change=change, flags=_list_flags(action, member)
            )


def _build_change(action: ConsoleAction, member: Mapping[str, Any], *, to: str) -> SelectedChange | str:
    handle = member["handle"] if action.is_valid_handle(member["handle"]) else member["key"]
    if member["key"] is None or member["known"] is None:
        return "no_record"
    if not action.is_valid_handle(handle):
        return "odd_handle"
    if not to:
        return "no_target"
    if (member["proves"] or "").lower() in action.get_expected_values(to):
        return "already"
    back = action.compute_undo_value(member["before"])
    labels = {name: member[name] or "" for name in ("upn", "display_name")} if action.carries_names else {}
    cells = {name: "" if is_formula(text) else text for name, text in labels.items()}
    change = FixChange(handle=handle, to=to, back=None if back is None or is_formula(back) else back, cells=cells)
    return SelectedChange(
        subject=member["id"],
        instance=member["instance"],
        key=member["key"],
        change=change,
        flags=_list_flags(action, member),
    )


def _list_flags(action: ConsoleAction, member: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in FLAG_SQL[action.subject] if member[name])


def _iter_members(gathered: FixEvidence) -> Iterator[Mapping[str, Any]]:
    for batch in gathered.members.to_batches(max_chunksize=BATCH_ROWS):
        yield from batch.to_pylist()
