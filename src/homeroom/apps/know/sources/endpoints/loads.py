"""Loads: listed, their rejects, and decisions about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import msgspec

from homeroom.apps.know.sources.load_report import Reject
from homeroom.apps.platform.endpoints.endpoint import Caller, CallRefused, Endpoint, Id, NoParameters
from homeroom.evidence.files.manifests import Load

MAX_REJECTS, REJECTS_COST = 10_000, 10
_MISSING, _FORBIDDEN, _BUSY = 404, 403, 503


@dataclass(frozen=True, kw_only=True)
class LoadFile:
    """One file of a load."""

    name: str
    kind: str
    sha256: str
    rows: int
    rejected: int
    notes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """Rows that were read, of those the ones that are stored, and those that were rejected."""

    read: int
    kept: int
    rejected: int


@dataclass(frozen=True, kw_only=True)
class TableCounts:
    """Rows of a table after a load, and how they differ from those before."""

    rows: int
    added: int
    removed: int
    changed: int


@dataclass(frozen=True, kw_only=True)
class LoadDocument:
    """One load: its identity, files, rows, and changes. `dropped` counts values by column that are never stored."""

    id: str
    source: str
    instance: str
    stream: str
    scope: str
    mode: str
    loaded_at: datetime
    files: tuple[LoadFile, ...]
    rows: RowCounts
    dropped: dict[str, int]
    changes: dict[str, TableCounts]
    held_because: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListedLoad(LoadDocument):
    """A load and its state: whether it is current, replaced, undone or waiting."""

    state: str


@dataclass(frozen=True, kw_only=True)
class LoadParameters:
    """The id of a load."""

    load_id: Id


@dataclass(frozen=True, kw_only=True)
class RejectParameters:
    """The load, and a part of its rejects."""

    load_id: Id
    offset: Annotated[int, msgspec.Meta(ge=0, le=10**9)] = 0
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_REJECTS)] = MAX_REJECTS


@dataclass(frozen=True, kw_only=True)
class RejectPage:
    """Some rejects of a load, with masked values, and the number of all of them."""

    total: int
    rejects: tuple[Reject, ...]


def describe_load(load: Load) -> LoadDocument:
    """Return a load as a document."""
    return LoadDocument(**_describe_fields(load))


def _describe_fields(load: Load) -> dict[str, Any]:
    return {
        "id": load.id,
        "source": load.connector,
        "instance": load.instance,
        "stream": load.stream,
        "scope": load.scope,
        "mode": load.mode,
        "loaded_at": load.loaded_at,
        "files": tuple(
            LoadFile(
                name=file.name,
                kind=file.kind,
                sha256=file.sha256,
                rows=file.rows,
                rejected=file.rejected,
                notes=tuple(file.notes),
            )
            for file in load.files
        ),
        "rows": RowCounts(read=load.rows_read, kept=load.rows_kept, rejected=load.rows_rejected),
        "dropped": dict(load.dropped),
        "changes": {
            name: TableCounts(rows=part.rows, added=part.added, removed=part.removed, changed=part.changed)
            for name, part in load.tables.items()
        },
        "held_because": tuple(load.hold_reasons),
    }


def _list_loads(caller: Caller, _parameters: NoParameters) -> tuple[ListedLoad, ...]:
    from homeroom.apps.know.sources.queries import list_load_states

    rows = list_load_states(store=caller.store)
    return tuple(ListedLoad(**_describe_fields(load), state=state) for load, state in rows)


def _list_rejects(caller: Caller, parameters: RejectParameters) -> RejectPage:
    from homeroom.apps.know.sources.reject_export import load_reject_page
    from homeroom.evidence.loads.store import NoSuchLoad

    try:
        rejects, total = load_reject_page(
            store=caller.store, load_id=parameters.load_id, offset=parameters.offset, limit=parameters.limit
        )
    except NoSuchLoad as error:
        raise CallRefused(str(error), status=_MISSING) from None
    return RejectPage(total=total, rejects=rejects)


def _approve(caller: Caller, parameters: LoadParameters) -> LoadDocument:
    from homeroom.apps.know.sources.commands import approve

    return _decide(caller, parameters, partial(approve, may_remove=caller.holds("sources.approve_removals")))


def _discard(caller: Caller, parameters: LoadParameters) -> LoadDocument:
    from homeroom.apps.know.sources.commands import discard

    return _decide(caller, parameters, discard)


def _undo(caller: Caller, parameters: LoadParameters) -> LoadDocument:
    from homeroom.apps.know.sources.commands import undo

    return _decide(caller, parameters, undo)


def _decide(caller: Caller, parameters: LoadParameters, command: Callable[..., Load]) -> LoadDocument:
    from homeroom.apps.know.sources.commands import RemovalRefused
    from homeroom.evidence.loads.store import NoSuchLoad, StoreBusy

    try:
        load = command(
            district=caller.district,
            store=caller.store,
            load_id=parameters.load_id,
            actor=caller.actor,
            at=caller.now,
        )
    except NoSuchLoad as error:
        raise CallRefused(str(error), status=_MISSING) from None
    except RemovalRefused as error:
        raise CallRefused(str(error), status=_FORBIDDEN) from None
    except StoreBusy as error:
        raise CallRefused(str(error), status=_BUSY) from None
    except ValueError as error:
        raise CallRefused(str(error)) from None
    return describe_load(load)


LIST_LOADS = Endpoint(
    name="listLoads",
    method="GET",
    path="loads",
    title="List current loads, those that wait for a decision, and those that were undone.",
    permission="sources.read",
    parameters=NoParameters,
    result=tuple[ListedLoad, ...],
    run=_list_loads,
)
LIST_REJECTS = Endpoint(
    name="listRejects",
    method="GET",
    path="loads/{load_id}/rejects",
    title="List what a load rejected: file, line, field, the masked value, and the reason.",
    permission="sources.read",
    parameters=RejectParameters,
    result=RejectPage,
    run=_list_rejects,
    is_recorded=True,
    cost=REJECTS_COST,
)
APPROVE_LOAD = Endpoint(
    name="approveLoad",
    method="POST",
    path="loads/{load_id}/approve",
    title="Publish a load that waits. One that removes records takes the permission sources.approve_removals too.",
    permission="sources.load",
    parameters=LoadParameters,
    result=LoadDocument,
    run=_approve,
)
DISCARD_LOAD = Endpoint(
    name="discardLoad",
    method="POST",
    path="loads/{load_id}/discard",
    title="Drop a load that waits.",
    permission="sources.load",
    parameters=LoadParameters,
    result=LoadDocument,
    run=_discard,
)
UNDO_LOAD = Endpoint(
    name="undoLoad",
    method="POST",
    path="loads/{load_id}/undo",
    title="Undo a published load completely.",
    permission="sources.load",
    parameters=LoadParameters,
    result=LoadDocument,
    run=_undo,
)
ENDPOINTS = (LIST_LOADS, LIST_REJECTS, APPROVE_LOAD, DISCARD_LOAD, UNDO_LOAD)
