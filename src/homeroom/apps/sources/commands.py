"""Loading exports as evidence, and a person's word on them: approve, discard, undo."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from homeroom.apps.audit.commands import record
from homeroom.apps.audit.queries import recorded_subjects
from homeroom.apps.sources.mapped import remembered_connectors
from homeroom.apps.sources.reading import READER_VERSION, Read, Step, drafted_of, fingerprint, needs_base
from homeroom.apps.sources.rejected import count_of, first_rejects
from homeroom.apps.sources.reports import Loaded, LoadReport
from homeroom.apps.sources.scoping import covered
from homeroom.evidence.against import compared, over_base, too_much
from homeroom.evidence.blobs import write_table
from homeroom.evidence.manifests import Load, Partition
from homeroom.evidence.memory import give_back
from homeroom.evidence.standing import standing_in
from homeroom.evidence.store import Store
from homeroom.ingest.connector import Connector
from homeroom.ingest.limits import Limits
from homeroom.ingest.problems import Problem, Refused
from homeroom.ingest.recognise import Package, Place, Recognised, packages
from homeroom.library.connectors import connectors
from homeroom.library.mappings import mapping_of
from homeroom.library.shipped import shipped_mapping

FIRST_REJECTS = 20


def _silent(_step: str, _done: int, _total: int) -> None:
    """No progress to show."""


def load(
    paths: Sequence[Path],
    *,
    district: Any,
    store: Store,
    at: datetime,
    source: str | None = None,
    scope: str | None = None,
    approved: bool = False,
    actor: str = "",
    mapping: str = "",
    progress: Step = _silent,
    limits: Limits | None = None,
) -> LoadReport:
    """Recognises every file by content and makes evidence of it, package by package.

    `source` names the source instance (default: the connector's name), `scope` the part of the district that the files
    cover (default: worked out from their organisational units). `approved` publishes even what would delete or change so
    much that a person should look first. A package is loaded whole or not at all; the others are loaded all the same.
    `mapping` names a mapping that is shipped, by which every file is read then, whatever else it looks like.
    `limits` are those of the settings where none are given.
    Raises StoreBusy where another load of the district does not end, and LookupError for an unknown mapping.
    """
    limits = limits or settings.LIMITS
    shipped = (shipped_mapping(mapping).connector,) if mapping else None
    progress("Looking at the files", 0, 0)
    found = (
        packages(paths, connectors=shipped, limits=limits) if shipped else _recognised(paths, limits, district=district)
    )
    give_back()
    loaded = []
    for number, package in enumerate(found.packages):
        progress(f"{package.connector.title} ({number + 1} of {len(found.packages)})", number, len(found.packages))
        loaded.append(
            load_package(package, store=store, at=at, source=source, scope=scope, approved=approved, progress=progress)
        )
    write_down(district=district, store=store, actor=actor)
    return LoadReport(loaded=tuple(loaded), problems=found.problems, ignored=found.ignored)


def load_package(
    package: Package,
    *,
    store: Store,
    at: datetime,
    source: str | None,
    scope: str | None = None,
    approved: bool = False,
    progress: Step = _silent,
) -> Loaded:
    """Makes evidence of one package, whole or not at all; `write_down` then gives it its audit entry. As `load` otherwise."""
    with store.writing():
        loaded = _load_one(package, store=store, at=at, source=source, scope=scope, approved=approved, step=progress)
        store.sweep()  # what this load put aside, and what a killed one left
    give_back()
    return loaded


def approve(*, district: Any, store: Store, load_id: str, actor: str, at: datetime) -> Load:
    """Publishes a held load. Raises NoSuchLoad, and ValueError where its source was loaded again since it was held."""
    with store.writing():
        held = store.waiting(load_id)
        # A run that was killed between publishing and discarding left both.
        published = next((one for one in store.standing() if one.fingerprint == held.fingerprint), None)
        if published is None:
            published = store.publish(_renewed(held, store=store, at=at))
        store.discard(load_id)
    _said(district, at, actor, "approve load", published)
    write_down(district=district, store=store, actor=actor)
    return published


def discard(*, district: Any, store: Store, load_id: str, actor: str, at: datetime) -> Load:
    """Drops a held load. Raises NoSuchLoad."""
    with store.writing():
        dropped = store.discard(load_id)
        store.sweep()
    _said(district, at, actor, "discard load", dropped)
    return dropped


def undo(*, district: Any, store: Store, load_id: str, actor: str, at: datetime) -> Load:
    """Takes a published load back whole. Raises NoSuchLoad, and ValueError where another load was laid over it."""
    with store.writing():
        undone = store.undo(load_id)
    _said(district, at, actor, "undo load", undone)
    return undone


def write_down(*, district: Any, store: Store, actor: str) -> None:
    """An audit entry for every published load that has none: also for those whose writer was killed right after."""
    told = recorded_subjects(district=district, action="load")
    for one in store.every_load():
        if one.id not in told:
            _said(district, one.loaded_at, actor, "load", one)


def _recognised(paths: Sequence[Path], limits: Limits, *, district: Any) -> Recognised:
    """What lies at the paths, with the district's own lists: those that it remembers, and mapping files beside them."""
    saved, problems = remembered_connectors(district=district)
    known = (*saved, *connectors())
    found = packages(paths, connectors=known, limits=limits)
    mapped: list[Connector] = []
    told: list[Problem] = list(problems)
    places: dict[str, Place] = {}
    for mapping in found.mappings:
        try:
            mapped.append(mapping_of(mapping.text, file=mapping.name))
            places |= {kind.id: mapping.place for kind in mapped[-1].kinds}
        except Refused as why:
            told += why.problems
    if mapped:
        # A mapping file beside the list goes before what is remembered of the same headings.
        every = (*mapped, *_others(saved, mapped), *connectors())
        found = packages(paths, connectors=every, limits=limits, places=places)
    return dataclasses.replace(found, problems=(*told, *found.problems))


def _others(saved: Sequence[Connector], mapped: Sequence[Connector]) -> list[Connector]:
    """The remembered lists that no mapping file takes as well."""
    taken = [frozenset(kind.needs) for one in mapped for kind in one.kinds]
    return [one for one in saved if not any(needs <= set(one.kinds[0].needs) for needs in taken)]


def _load_one(
    package: Package, *, store: Store, at: datetime, source: str | None, scope: str | None, approved: bool, step: Step
) -> Loaded:
    began = time.perf_counter()
    instance = source or package.connector.name
    mark = fingerprint(package, instance=instance, scope=scope)

    def ended(outcome: str, load: Load | None = None, **more: object) -> Loaded:
        return Loaded(
            outcome=outcome,
            connector=package.connector.name,
            stream=package.stream,
            files=tuple(file.name for file in package.files),
            seconds=round(time.perf_counter() - began, 3),
            load=load,
            rejects=first_rejects(store, load, limit=FIRST_REJECTS),
            rejected=count_of(store, load),
            **more,  # type: ignore[arg-type]
        )

    # What a log's file said stands on under the loads that were laid over it.
    known = store.loads() if package.accumulates else store.standing()
    same = next((one for one in known if one.fingerprint == mark), None)
    if same is not None:
        return ended("unchanged", same)
    waiting = next((one for one in store.held() if one.fingerprint == mark), None)
    if waiting is not None and not approved:
        return ended("held", waiting)
    try:
        made, reasons, took = _drafted(
            package, store=store, at=at, instance=instance, scope=scope, mark=mark, step=step
        )
    except Refused as why:
        return ended("refused", problems=why.problems)
    if reasons and not approved:
        return ended("held", store.hold(made), file_seconds=took)
    if waiting is not None:
        store.discard(waiting.id)
    return ended("new", store.publish(made), file_seconds=took)


def _drafted(
    package: Package, *, store: Store, at: datetime, instance: str, scope: str | None, mark: str, step: Step
) -> tuple[Load, tuple[str, ...], tuple[float, ...]]:
    drafted = drafted_of(package, store=store, instance=instance, progress=step)
    seen, tables = drafted.seen, drafted.tables
    mode = _mode(package, seen)
    covers = covered(package, seen, said=scope, store=store, instance=instance)
    base = _base(store, instance, package.stream, covers)
    if mode == "delta" and base is None and not package.accumulates:
        raise needs_base(package, instance=instance)
    if mode != "full" and base is not None:
        tables = over_base(store.blobs, base=base, tables=tables, by=_replaces(package))
    made = Load(
        id="",
        connector=package.connector.name,
        instance=instance,
        stream=package.stream,
        scope=covers,
        mode=mode,
        loaded_at=at,
        fingerprint=mark,
        reader_version=READER_VERSION,
        files=drafted.files,
        tables=tables,
        rows_read=seen.rows,
        rows_kept=seen.rows - drafted.lost,
        rows_rejected=drafted.lost,
        rejects=drafted.rejects,
        dropped=dict(seen.dropped),
        base=base.id if base is not None and mode != "full" else "",
        unit_column=package.connector.unit_column.get(package.stream, ""),
        decides=package.connector.authority,
    )
    made = _compared(made, store=store, base=base)
    reasons = too_much(made.tables)
    return msgspec.structs.replace(made, held_because=reasons), reasons, tuple(seen.seconds)


def _compared(made: Load, *, store: Store, base: Load | None) -> Load:
    """The load with its difference to what stands of its stream in its scope."""
    before = {}
    for name in made.tables:
        rows = standing_in(store, made, table=name)
        if rows is not None:
            before[name] = Partition(blob=write_table(store.blobs, rows), rows=rows.num_rows)
    return msgspec.structs.replace(made, tables=compared(store.blobs, base=base, tables=made.tables, before=before))


def _mode(package: Package, seen: Read) -> str:
    if package.mode == "delta" or package.accumulates:
        return "delta"
    return "partial" if seen.incomplete else package.mode


def _replaces(package: Package) -> dict[str, Sequence[str]]:
    """A delta of users that carry their own roles (OneRoster 1.1) replaces all roles of a user, not one by one; a newer
    record of a flaw replaces all of its ranges."""
    own_roles = not any("roles" in file.kind.member for file in package.files)
    return {"cve_ranges": ("id",), **({"role_records": ("person_key",)} if own_roles else {})}


def _base(store: Store, instance: str, stream: str, scope: str) -> Load | None:
    return next((one for one in store.standing() if one.chain == (instance, stream, scope)), None)


def _renewed(held: Load, *, store: Store, at: datetime) -> Load:
    """The held load as it would be now, with its difference to what stands now."""
    base = _base(store, held.instance, held.stream, held.scope)
    if held.base and (base is None or base.id != held.base):
        raise ValueError("the source was loaded again since; discard this load and load its files again")
    own = {name: part for name, part in held.tables.items() if not part.carried}
    return _compared(msgspec.structs.replace(held, tables=own, loaded_at=at), store=store, base=base)


def _said(district: Any, at: datetime, actor: str, action: str, load: Load) -> None:
    detail = {"source": load.instance, "stream": load.stream, "scope": load.scope, "rows": load.rows_kept}
    record(district=district, at=at, actor=actor, action=action, subject_kind="load", subject=load.id, detail=detail)
