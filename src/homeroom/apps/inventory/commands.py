"""Resolving a district: evidence in, derived evidence and the projection of people, accounts and devices out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import filelock
import pyarrow as pa

from homeroom.apps.inventory.decisions import decisions_of, told_in_short
from homeroom.apps.inventory.ledger import ledger_of, spent_of
from homeroom.apps.inventory.merging import Change, changes_between, finish, ledger_changes, merge
from homeroom.apps.inventory.models import LedgerMerge, Projection
from homeroom.apps.vulnerabilities.deriving import flaw_rules, with_flaws
from homeroom.domain.ids import public_id, subject_of
from homeroom.engines import resolve as resolve_engine
from homeroom.engines.resolve import Explained, Resolved, silent
from homeroom.engines.resolve import explain as explained_from
from homeroom.engines.resolve import resolve as resolved_from
from homeroom.evidence.session import session_of
from homeroom.evidence.store import NoSuchLoad, Store
from homeroom.library.software import products

Progress = Callable[[str, int, int], None]
LOCK_SECONDS = 600


class ResolveBusy(Exception):
    """Another resolve of the district is running."""


class NothingResolved(Exception):
    """The district was never resolved, or has no such subject."""


@dataclass(frozen=True, kw_only=True)
class ResolveReport:
    """What a resolve made: how many subjects stand, what changed in the inventory, and which values identify nobody.

    `worthless` rows are (kind, identifier, value masked, how many records carry it); empty where nothing was resolved anew.
    """

    derived: str
    generation: int
    people: int
    accounts: int
    devices: int
    opened: int
    closed: int
    merged: int
    worthless: tuple[tuple[str, str, str, int], ...]


def resolve(
    *, district: Any, store: Store, today: date, at: datetime, progress: Progress | None = None
) -> ResolveReport:
    """Resolves what stands in the store, publishes it as derived evidence, and brings the inventory to it.

    Run again over the same loads on the same day it changes nothing. Raises ResolveBusy where another run does not end
    within LOCK_SECONDS.
    """
    store.folder.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(store.folder / "resolve.lock", timeout=LOCK_SECONDS):
            return _resolved(district, store, today, at, progress or silent)
    except filelock.Timeout as late:
        raise ResolveBusy("another resolve of this district is running; try again when it has ended") from late


def links_out(store: Store) -> Iterator[dict[str, Any]]:
    """One row a person and a device: {"id": public id, "records": [{"source": connector, "key": the source's id}]}.

    Where a connector has several sources, such as two tenants, each is called by its own name. A person's records are their person records and those of the accounts that belong to them. Raises NothingResolved.
    """
    newest = store.latest_derived()
    if newest is None:
        raise NothingResolved("nothing was resolved yet; run homeroom resolve")
    session = session_of(store.pinned(derived=newest.id))
    rows = session.execute(
        """WITH shown AS (SELECT connector, count(DISTINCT instance) > 1 AS several FROM links GROUP BY connector)
        SELECT subject_kind, id, list({'source': source, 'key': key} ORDER BY source, key) FROM (
            SELECT DISTINCT subject_kind, id, CASE WHEN several THEN instance ELSE connector END AS source, key
            FROM links JOIN shown USING (connector) WHERE subject_kind IN ('person', 'device'))
        GROUP BY ALL ORDER BY subject_kind DESC, id"""
    )
    while batch := rows.fetchmany(5_000):
        for kind, subject, records in batch:
            yield {"id": public_id(kind, subject), "records": records}


def explain(*, district: Any, store: Store, public: str, masked: bool = True) -> tuple[Explained, ...]:
    """The records of one subject and the rule that joined each; an id that was merged away leads to its heir.

    Raises ValueError where `public` is no id, and NothingResolved where there is no such subject.
    """
    kind, subject = subject_of(public)
    into = LedgerMerge.objects.of(district).filter(kind=kind, subject=subject, closed=None).first()
    while into is not None:
        subject = into.into
        into = LedgerMerge.objects.of(district).filter(kind=kind, subject=subject, closed=None).first()
    newest = store.latest_derived()
    if newest is None:
        raise NothingResolved("nothing was resolved yet; run homeroom resolve")
    session = session_of(store.pinned(derived=newest.id))
    links = session.execute("SELECT * FROM links WHERE subject_kind = ? AND id = ?", [kind, subject]).to_arrow_table()
    found = explained_from(links, kind=kind, subject=subject, masked=masked)
    if not found:
        raise NothingResolved(f"there is no {kind} {public}")
    return found


def _resolved(district: Any, store: Store, today: date, at: datetime, tell: Progress) -> ResolveReport:
    projection, _ = Projection.objects.get_or_create(district=district)
    sources, shown = store.sources_id(), _shown(store, projection)
    decisions = decisions_of(district=district)
    inputs = f"{sources}-{rules_version()}{told_in_short(decisions)}"
    if (same := _unchanged(store, projection, inputs=inputs, today=today)) is not None:
        return same
    lost = district if shown is None and projection.derived else None
    pinned = store.pinned(derived=shown)
    if store.sources_id() != sources:  # a load was published in between: begin again with it
        return _resolved(district, store, today, at, tell)
    session = session_of(pinned)
    ledger = ledger_of(district=district, generation=projection.generation)
    spent = spent_of(district=district, generation=projection.generation)
    made = resolved_from(
        session, ledger=ledger, today=today, spent=spent, decisions=decisions, products=products(), progress=tell
    )
    tables = with_flaws(session, made.tables, today=today)
    derived = store.publish_derived(tables, inputs=inputs, today=today, at=at)
    as_of = max(pinned.sources["loaded_at"].to_pylist(), default=at)
    if derived.id == projection.derived:
        if projection.writing is not None:
            finish(district=district, store=store, generation=projection.generation)
        return _report(made, derived.id, projection.generation, 0, 0)
    changes = _changes(session, ledger=ledger, made=made, lost=lost)
    merged = merge(
        district=district,
        store=store,
        projection=projection,
        changes=changes,
        derived=derived.id,
        as_of=as_of,
        tell=tell,
    )
    return _report(made, derived.id, merged.generation, merged.opened, merged.closed)


@cache
def rules_version() -> str:
    """The resolving rules as one hash (12 hex digits): of every line of the engine and every product that content knows, so
    that new rules resolve anew."""
    told = repr(products()).encode() + flaw_rules().encode()
    files = sorted(Path(resolve_engine.__file__).parent.rglob("*.py"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files) + told).hexdigest()[:12]


def _unchanged(store: Store, projection: Projection, *, inputs: str, today: date) -> ResolveReport | None:
    """The report of what is shown already, where the same rules over the same loads on the same day made it."""
    newest = store.latest_derived()
    if newest is None or projection.writing is not None:
        return None
    if (newest.id, newest.inputs, newest.today) != (projection.derived, inputs, today):
        return None
    rows = {name: part.rows for name, part in newest.tables.items()}
    return ResolveReport(
        derived=newest.id,
        generation=projection.generation,
        people=rows["people"],
        accounts=rows["accounts"],
        devices=rows["devices"],
        opened=0,
        closed=0,
        merged=0,
        worthless=(),
    )


def _shown(store: Store, projection: Projection) -> str | None:
    """The resolved snapshot that the projection shows; None where there is none, or where it was cleared away."""
    if not projection.derived:
        return None
    try:
        return store.derived(projection.derived).id
    except NoSuchLoad:
        return None


def _changes(session: duckdb.DuckDBPyConnection, *, ledger: pa.Table, made: Resolved, lost: Any) -> Iterator[Change]:
    return chain(
        changes_between(session, tables=made.tables, lost=lost),
        ledger_changes(session, ledger=ledger, added=made.ledger_added, merged=made.merged),
    )


def _report(made: Resolved, derived: str, generation: int, opened: int, closed: int) -> ResolveReport:
    tables: Mapping[str, pa.Table] = made.tables
    return ResolveReport(
        derived=derived,
        generation=generation,
        people=tables["people"].num_rows,
        accounts=tables["accounts"].num_rows,
        devices=tables["devices"].num_rows,
        opened=opened,
        closed=closed,
        merged=made.merged.num_rows,
        worthless=tuple(
            (row["kind"], row["identifier"], row["value"], row["count"]) for row in made.worthless.to_pylist()
        ),
    )
