"""The lines of an assessment's report: what each control says, its subjects by their records, and open findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.apps.posture.models import ControlResult, Finding, FindingResult
from homeroom.domain.controls import Control
from homeroom.domain.ids import public_id
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import Counts
from homeroom.engines.posture.questions import KINDS


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One subject by its public id and its records: (connector, the source's own id)."""

    id: str
    records: tuple[tuple[str, str], ...]

    def as_json(self) -> dict[str, Any]:
        """{"id", "records": [{"source", "key"}]}."""
        return {"id": self.id, "records": [{"source": source, "key": key} for source, key in self.records]}


@dataclass(frozen=True, kw_only=True)
class ControlLine:
    """One control's numbers, and its subjects where they were asked for."""

    control: Control
    counts: Counts
    failing: tuple[Subject, ...] | None = None
    cannot_tell: tuple[Subject, ...] | None = None

    def as_json(self, *, as_of: datetime | None) -> dict[str, Any]:
        """The line as plain values."""
        told: dict[str, Any] = {
            "id": self.control.id,
            "title": self.control.title,
            "severity": str(self.control.severity),
            "area": self.control.area,
            "population": self.counts.population,
            "passing": self.counts.passing,
            "failing": self.counts.failing,
            "cannot_tell": self.counts.cannot_tell,
            "excepted": self.counts.excepted,
            "not_applicable": self.counts.not_applicable,
            "as_of": as_of.isoformat() if as_of else None,
        }
        if self.failing is not None and self.cannot_tell is not None:
            told["subjects"] = [subject.as_json() for subject in self.failing]
            told["cannot_tell_subjects"] = [subject.as_json() for subject in self.cannot_tell]
        return told


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One open finding. `state` is open, or not_seen where the newest judgement saw none of its members."""

    id: str
    control: str
    group: str
    title: str
    members: int
    since: date
    state: str

    def as_json(self) -> dict[str, Any]:
        """The line as plain values."""
        return {**asdict(self), "since": self.since.isoformat()}


def control_lines(
    session: duckdb.DuckDBPyConnection,
    *,
    counts: Mapping[str, Counts],
    controls: Sequence[Control],
    members: pa.Table | None = None,
) -> tuple[ControlLine, ...]:
    """A line for each control, in the given order; with subjects where the members (a table of MEMBERS) are given."""
    if members is None:
        return tuple(ControlLine(control=one, counts=counts[one.id]) for one in controls)
    found = _subjects(session, members, controls)
    return tuple(
        ControlLine(
            control=one,
            counts=counts[one.id],
            failing=tuple(found.get((one.id, State.FAIL), ())),
            cannot_tell=tuple(found.get((one.id, State.CANNOT_TELL), ())),
        )
        for one in controls
    )


def counts_of(row: ControlResult) -> Counts:
    """What one control said in one assessment."""
    return Counts(**{name: getattr(row, name) for name in Counts.__dataclass_fields__})


def _subjects(
    session: duckdb.DuckDBPyConnection, members: pa.Table, controls: Sequence[Control]
) -> dict[tuple[str, str], list[Subject]]:
    """The records behind each member: those of the subject, or of the rows that stand behind a tenant."""
    kinds = {one.id: KINDS.get(one.asks, one.subject) for one in controls}
    wanted = members.filter(pc.is_in(members["state"], pa.array([State.FAIL, State.CANNOT_TELL])))
    wanted = wanted.append_column(
        "row_kind", pa.array([kinds[one] for one in wanted["control"].to_pylist()], pa.string())
    )
    session.register("_members", wanted)
    rows = session.execute(
        """WITH named AS (
            SELECT control, state, subject_kind, subject, row_kind, unnest(coalesce("rows", [subject])) AS id FROM _members
        ), told AS (
            SELECT subject_kind AS row_kind, id, list(DISTINCT {'source': connector, 'key': key}) AS records
            FROM links WHERE gone IS NOT TRUE GROUP BY ALL
        )
        SELECT control, state, subject_kind, subject, list_sort(list_distinct(flatten(list(records)))) AS records
        FROM named LEFT JOIN told USING (row_kind, id) GROUP BY ALL ORDER BY control, state, subject"""
    ).fetchall()
    session.unregister("_members")
    found: dict[tuple[str, str], list[Subject]] = {}
    for control, state, kind, subject, records in rows:
        told = tuple((record["source"], record["key"]) for record in records or ())
        found.setdefault((control, state), []).append(Subject(id=public_id(kind, subject), records=told))
    return found


def finding_lines(*, district: Any, number: int, controls: Sequence[Control]) -> tuple[FindingLine, ...]:
    """Every finding with open members in that assessment, which is the published one."""
    by_id = {one.id: one for one in controls}
    rows = FindingResult.objects.of(district).filter(assessment=number).select_related("finding")
    return tuple(
        FindingLine(
            id=row.finding.public,
            control=row.finding.control,
            group=row.finding.group,
            title=_title(by_id.get(row.finding.control), row.finding),
            members=row.members,
            since=row.since,
            state="open" if row.members > row.not_seen + row.stale else "not_seen",
        )
        for row in rows.order_by("finding__control", "finding__group")
    )


def _title(control: Control | None, row: Finding) -> str:
    if control is None:
        return row.control
    return control.groups.title.format(group=row.group) if row.group and control.groups else control.title
