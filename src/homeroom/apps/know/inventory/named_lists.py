"""Staff lists known by their columns alone: a person answers once, for a header, whether they decide who belongs.

Next month's list with the same header needs no question. What `district.yaml` declares about a kind of person comes
before any answer, and needs none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

import pyarrow as pa
from django.db import transaction

from homeroom.apps.know.inventory.models import ListAnswer
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.engines.know.resolve import NAMED_LISTS_SCHEMA
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.query.session import open_session


class NoListToName(Exception):
    """The load is no current list whose authority is a question."""


@dataclass(frozen=True, kw_only=True)
class NameableList:
    """A current load that decides about `kinds` (staff, student) after a person confirms it.

    `decides` is the answer, None if there is none yet. `is_declared` is true if the district's facts name another list
    or this one for all of the kinds, so that there is nothing to ask.
    """

    load: Load
    kinds: tuple[str, ...]
    decides: bool | None
    is_declared: bool
    answered_by: str = ""

    @property
    def file(self) -> str:
        """Name of its first file."""
        return self.load.files[0].name if self.load.files else self.load.instance

    @property
    def is_open(self) -> bool:
        """True if nobody has answered, and no fact of the district does."""
        return self.decides is None and not self.is_declared


def list_nameable_lists(*, district: District, store: EvidenceStore) -> tuple[NameableList, ...]:
    """Return the current lists whose authority somebody has to state, with the answers."""
    loads = [load for load in store.list_current_loads() if load.may_decide]
    if not loads:
        return ()
    answers = {(row.connector, row.fingerprint): row for row in ListAnswer.objects.of(district)}
    declared_kinds = _load_declared_kinds(store)
    lists = []
    for load in sorted(loads, key=lambda load: load.chain):
        answer = answers.get((load.connector, load.headings))
        lists.append(
            NameableList(
                load=load,
                kinds=load.may_decide,
                decides=None if answer is None else answer.decides,
                is_declared=set(load.may_decide) <= declared_kinds,
                answered_by="" if answer is None else answer.made_by,
            )
        )
    return tuple(lists)


def find_nameable_list(*, district: District, store: EvidenceStore, load_id: str) -> NameableList | None:
    """Return the list of a load, or None if its authority is no question."""
    lists = list_nameable_lists(district=district, store=store)
    return next((item for item in lists if item.load.id == load_id), None)


def build_named_lists(lists: Sequence[NameableList]) -> pa.Table:
    """Return the lists that decide, as the resolve engine takes them."""
    rows = sorted(
        {
            (kind, item.load.connector, item.load.instance)
            for item in lists
            if item.decides and not item.is_declared
            for kind in item.kinds
        }
    )
    return pa.Table.from_pylist(
        [dict(zip(NAMED_LISTS_SCHEMA.names, row, strict=True)) for row in rows], schema=NAMED_LISTS_SCHEMA
    )


def hash_named_lists(named: pa.Table) -> str:
    """Return a hash (12 hex digits) of the lists that decide; empty if there are none."""
    return hashlib.sha256(repr(named.to_pylist()).encode()).hexdigest()[:12] if named.num_rows else ""


def answer_list(
    *, district: District, store: EvidenceStore, load_id: str, decides: bool, actor: str, at: datetime
) -> NameableList:
    """Store whether lists with the header of this load decide who belongs, with an audit entry.

    The next resolve goes by it. A newer answer replaces an older one. Raise NoSuchLoad, and NoListToName.
    """
    store.get_load(load_id)
    nameable = find_nameable_list(district=district, store=store, load_id=load_id)
    if nameable is None:
        raise NoListToName(f"{load_id} is no list that could decide who belongs, or a newer one has replaced it")
    with transaction.atomic():
        ListAnswer.objects.bulk_create(
            [
                ListAnswer(
                    district_id=district.pk,
                    connector=nameable.load.connector,
                    fingerprint=nameable.load.headings,
                    decides=decides,
                    made_by=actor,
                    made_at=at,
                )
            ],
            update_conflicts=True,
            unique_fields=["district", "connector", "fingerprint"],
            update_fields=["decides", "made_by", "made_at"],
        )
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="name the list that decides" if decides else "name a list that does not decide",
            subject_kind="load",
            subject=load_id,
            detail={"source": nameable.load.instance, "kinds": ", ".join(nameable.kinds)},
        )
    answered = find_nameable_list(district=district, store=store, load_id=load_id)
    if answered is None:
        raise NoSuchLoad(f"{load_id} was replaced meanwhile")
    return answered


@dataclass(frozen=True, kw_only=True)
class _PinnedSources:
    sources: str
    folder: str
    store: EvidenceStore = field(compare=False)


def _load_declared_kinds(store: EvidenceStore) -> frozenset[str]:
    """Return the kinds of person for which the district's facts declare an authority."""
    if not any("authorities" in load.tables for load in store.list_current_loads()):
        return frozenset()
    return _query_declared_kinds(
        _PinnedSources(sources=store.compute_sources_id(), folder=str(store.folder), store=store)
    )


@lru_cache(maxsize=64)
def _query_declared_kinds(pinned: _PinnedSources) -> frozenset[str]:
    """Return the kinds; remembered until the sources change, because Today asks for them."""
    session = open_session(pinned.store.pin_snapshot().restrict_to("authorities"))
    return frozenset(kind for (kind,) in session.execute("SELECT DISTINCT lower(kind) FROM authorities").fetchall())
