"""Lays a judgement out for pages before it is published: what `judged` reads."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from homeroom.apps.posture.judged import BEHIND, FOLDER, MEMBERS, TABLE_OF, file_of
from homeroom.apps.posture.models import Member
from homeroom.apps.posture.shelf import PLACE
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import ABSENT, CODES, Codes, Ids, Sheet
from homeroom.engines.posture.questions import FOLDED
from homeroom.evidence import laid as rows
from homeroom.evidence.by_device import on_devices
from homeroom.evidence.laid import Laid, laid
from homeroom.evidence.shelves import forget, numbers, write_mapped
from homeroom.evidence.store import Store

Tables = Mapping[str, Laid]
"""The rows of the judged snapshot by kind of subject."""
_FAIL = CODES.index(State.FAIL)


def lay(*, district: Any, store: Store, number: int, derived: str, sheets: Mapping[str, Sheet]) -> None:
    """Writes the files of judgement `number` over that snapshot. Its members have to be written, and nobody reads it yet."""
    shutil.rmtree(file_of(store, number=number, derived=derived, name="").parent, ignore_errors=True)  # a killed run's
    tables = {kind: laid(store, derived=derived, table=table) for kind, table in TABLE_OF.items()}
    for table in FOLDED:
        on_devices(store, derived=derived, table=table)
    members, controls = _members(district, tables)
    write_mapped(file_of(store, number=number, derived=derived, name=MEMBERS), members)
    for kind in dict.fromkeys(sheet.kind for sheet in sheets.values() if sheet.kind != PLACE):
        same = {name: sheet for name, sheet in sheets.items() if sheet.kind == kind}
        failing = {name: _places(members, controls.get(name, [])) for name in same}
        made = _of_rows(tables[kind], same, failing) if kind in tables else _of_few(same)
        write_mapped(file_of(store, number=number, derived=derived, name=kind), pa.table(dict(made)))


def is_laid(*, store: Store, number: int, derived: str) -> bool:
    """Whether that judgement has its files."""
    return file_of(store, number=number, derived=derived, name=MEMBERS).exists()


def forget_laid(*, store: Store, kept: Sequence[tuple[int, str]]) -> None:
    """Removes what is laid out but for those judgements (number, snapshot) and the newest snapshot."""
    newest = store.latest_derived()
    forget(
        store.folder / FOLDER,
        keep=[file_of(store, number=number, derived=derived, name="").parent.name for number, derived in kept],
    )
    forget(store.folder / rows.FOLDER, keep=[*(derived for _, derived in kept), *([newest.id] if newest else [])])


def _members(district: Any, tables: Tables) -> tuple[pa.Table, dict[str, list[int]]]:
    """(finding, place, subject) of every open member, in order, and the findings of each control."""
    open_now = Member.objects.of(district).filter(closed=None)
    told = open_now.values_list("finding_id", "subject", "finding__control", "finding__subject_kind")
    found = list(told.iterator(chunk_size=10_000))
    findings = np.fromiter((one[0] for one in found), dtype=np.int64, count=len(found))
    subjects = np.fromiter((one[1] for one in found), dtype=np.int64, count=len(found))
    kinds = np.array([one[3] for one in found], dtype=object)
    at = np.full(len(found), -1, dtype=np.int64)
    for kind, table in tables.items():
        at[kinds == kind] = table.places(subjects[kinds == kind])
    order = np.lexsort((subjects, at, at < 0, findings))
    controls: dict[str, list[int]] = {}
    for finding, control in sorted({(one[0], one[2]) for one in found}):
        controls.setdefault(control, []).append(finding)
    made = pa.table({"finding": findings[order], "place": at[order], "subject": subjects[order]})
    return made.replace_schema_metadata({"findings": json.dumps(controls)}), controls


def _places(members: pa.Table, findings: Sequence[int]) -> Ids:
    """The places of the open members of those findings, as far as they have one."""
    at = numbers(members, "place")[np.isin(numbers(members, "finding"), findings)]
    found: Ids = at[at >= 0]
    return found


def _of_rows(table: Laid, sheets: Mapping[str, Sheet], failing: Mapping[str, Ids]) -> Iterator[tuple[str, pa.Array]]:
    """A column of codes for each control, place by place."""
    ids = table.ids[table.by_id]
    for name, sheet in sheets.items():
        codes: Codes = np.full(len(ids), ABSENT, dtype=np.uint8)
        codes[table.by_id] = sheet.codes_of(ids)
        codes[failing[name]] = _FAIL
        yield name, pa.array(codes)


def _of_few(sheets: Mapping[str, Sheet]) -> Iterator[tuple[str, pa.Array]]:
    """The same for subjects that are no rows of a table (directories), with the rows that stand behind each."""
    ids: Ids = np.unique(np.concatenate([sheet.ids for sheet in sheets.values()]))
    yield "id", pa.array(ids)
    for name, sheet in sheets.items():
        yield name, pa.array(sheet.codes_of(ids))
        behind = [list(sheet.rows.get(one, ())) for one in ids.tolist()]
        yield BEHIND + name, pa.array(behind, pa.list_(pa.int64()))
