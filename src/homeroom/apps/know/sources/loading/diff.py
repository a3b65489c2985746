"""Compare a draft load with the current rows: its scope, its mode, its base, its differences, and reasons to hold it.

The scope of a load is the part of the district that it covers: as stated, as in the file, or common to its rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from homeroom.apps.know.sources.loading.plan import READER_VERSION, is_event_package
from homeroom.apps.know.sources.loading.read import DraftLoad, add_note, describe_lost_rows
from homeroom.apps.know.sources.saved_mappings import hash_headings
from homeroom.evidence.diff.load_scopes import DISTRICT_SCOPE, UNIT_PREFIX
from homeroom.evidence.files.blobs import write_table
from homeroom.evidence.files.manifests import Load, Partition
from homeroom.evidence.loads.current_rows import select_current_rows
from homeroom.evidence.loads.load_diff import diff_to_current, find_hold_reasons, overlay_on_base
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.detection.detect import Package

_MAX_NAMED_SCOPES = 5


@dataclass(frozen=True, kw_only=True)
class LoadDiff:
    """A load with its differences to the current rows and the reasons to hold it, and the draft that it was made of."""

    draft: DraftLoad
    load: Load


def diff_load(draft: DraftLoad, *, store: EvidenceStore, at: datetime) -> LoadDiff:
    """Build the load of a draft as a load of that time. Raise FileRefused if it needs a base or a scope to be stated.

    A delta or partial load is overlaid on its base.
    """
    package, instance, tables, files = draft.plan.package, draft.plan.instance, draft.tables, draft.files
    scope = determine_scope(draft, store=store)
    is_log = is_event_package(package)
    base = None if is_log else _find_base(store, instance, package.stream, scope)
    mode = _determine_mode(draft, base=base)
    if mode == "partial" and not draft.incomplete and package.mode != "partial":
        files = add_note(files, describe_lost_rows(draft.lost_rows))
    if mode == "delta" and base is None and not package.accumulates:
        raise _build_missing_base_refusal(package, instance=instance)
    if mode != "full" and base is not None:
        tables = overlay_on_base(store.blobs, base=base, tables=tables, by=get_replacement_keys(package))
    load = Load(
        id="",
        connector=package.connector.name,
        instance=instance,
        stream=package.stream,
        scope=scope,
        mode=mode,
        loaded_at=at,
        fingerprint=draft.plan.fingerprint,
        reader_version=READER_VERSION,
        files=files,
        tables=tables,
        rows_read=draft.rows_read,
        rows_kept=draft.rows_read - draft.rows_rejected,
        rows_rejected=draft.rows_rejected,
        rejects=draft.rejects,
        usual_lost_rows=base.usual_lost_rows if mode != "full" and base is not None else draft.lost_rows,
        dropped=draft.dropped,
        base=base.id if base is not None and mode != "full" else "",
        unit_column=package.connector.unit_column.get(package.stream, ""),
        decides=package.connector.authority,
        may_decide=package.connector.authority_once_named,
        headings=hash_headings(package.files[0].sniffed.names) if package.connector.authority_once_named else "",
    )
    if is_log:  # the stored events of its days are compared with when it is published
        return LoadDiff(draft=draft, load=load)
    load = _add_differences(load, store=store, base=base)
    reasons = find_hold_reasons(load.tables, files=load.files if load.base and mode == "partial" else ())
    return LoadDiff(draft=draft, load=msgspec.structs.replace(load, hold_reasons=reasons))


def diff_held_load(held_load: Load, *, store: EvidenceStore, at: datetime) -> Load:
    """Return the held load as it would be now, with its difference to the current rows.

    Raise ValueError if its source was loaded again since it was held.
    """
    base = _find_base(store, held_load.instance, held_load.stream, held_load.scope)
    if held_load.base and (base is None or base.id != held_load.base):
        raise ValueError("the source was loaded again since; discard this load and load its files again")
    own_tables = {name: part for name, part in held_load.tables.items() if not part.carried_over}
    return _add_differences(msgspec.structs.replace(held_load, tables=own_tables, loaded_at=at), store=store, base=base)


def determine_scope(draft: DraftLoad, *, store: EvidenceStore) -> str:
    """Return the scope of a load. An empty list without a scope has that of the source's only current load.

    Raise FileRefused if several loads are current: then the empty scope is ambiguous, and a person has to state it.
    """
    package = draft.plan.package
    if draft.plan.stated_scope or draft.scope:
        return draft.plan.stated_scope or draft.scope
    if draft.rows_read or package.sync_id or package.mode != "full" or package.accumulates:
        return DISTRICT_SCOPE if draft.common_unit == "/" else f"{UNIT_PREFIX}{draft.common_unit}"
    current_scopes = sorted(
        {
            stored_load.scope
            for stored_load in store.list_current_loads()
            if (stored_load.instance, stored_load.stream) == (draft.plan.instance, package.stream)
        }
    )
    if len(current_scopes) > 1:
        rest_note = (
            f" and {len(current_scopes) - _MAX_NAMED_SCOPES} more" if len(current_scopes) > _MAX_NAMED_SCOPES else ""
        )
        reason = "has no rows and does not say what it looked at, and several parts of this source stand"
        fits = f"--scope with one of {', '.join(current_scopes[:_MAX_NAMED_SCOPES])}{rest_note}"
        raise build_refusal(package.files[0].name, reason, fits=fits)
    return current_scopes[0] if current_scopes else DISTRICT_SCOPE


def _determine_mode(draft: DraftLoad, *, base: Load | None) -> str:
    """Return the mode of a load. It is partial too if it lost more rows than the newest full load of its chain.

    Rows that are lost each time were never loaded, so nothing is gone because of them.
    """
    package = draft.plan.package
    if package.mode == "delta" or package.accumulates:
        return "delta"
    is_partial = draft.incomplete or (base is not None and draft.lost_rows > base.usual_lost_rows)
    return "partial" if is_partial else package.mode


def _find_base(store: EvidenceStore, instance: str, stream: str, scope: str) -> Load | None:
    return next(
        (stored_load for stored_load in store.list_current_loads() if stored_load.chain == (instance, stream, scope)),
        None,
    )


def get_replacement_keys(package: Package) -> dict[str, Sequence[str]]:
    """Return the keys by which a delta replaces rows.

    A delta of users that carry their own roles (OneRoster 1.1) replaces all roles of a user; a newer record of a
    vulnerability replaces all of its ranges.
    """
    own_roles = not any(isinstance(file.kind, CsvKind) and "roles" in file.kind.member for file in package.files)
    return {"cve_ranges": ("id",), **({"role_records": ("person_key",)} if own_roles else {})}


def _add_differences(load: Load, *, store: EvidenceStore, base: Load | None) -> Load:
    """Add the differences to the current rows of its stream and scope."""
    before = {}
    for name in load.tables:
        rows = select_current_rows(store, load, table=name)
        if rows is not None:
            before[name] = Partition(blob=write_table(store.blobs, rows), rows=rows.num_rows)
    return msgspec.structs.replace(
        load, tables=diff_to_current(store.blobs, base=base, tables=load.tables, before=before)
    )


def _build_missing_base_refusal(package: Package, *, instance: str) -> FileRefused:
    """Build the refusal of a delta that was loaded before its bulk export."""
    reason = f"a delta of {instance}, and no bulk export of it was loaded"
    return build_refusal(package.files[0].name, reason, fits="the bulk export first, then its deltas in order")
