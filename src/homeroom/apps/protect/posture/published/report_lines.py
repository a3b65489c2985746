"""Lines of an assessment report: the counts of each control, its subjects with their records, and open findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.models import ControlResult, Finding, FindingResult
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import SUBJECT_KINDS
from homeroom.engines.protect.posture.evaluation import ControlCounts


@dataclass(frozen=True, kw_only=True)
class ReportedSubject:
    """One subject by its public id and its records: (connector, the source's own id)."""

    id: str
    records: tuple[tuple[str, str], ...]

    def serialize(self) -> dict[str, Any]:
        """Return {"id", "records": [{"source", "key"}]}."""
        return {"id": self.id, "records": [{"source": source, "key": key} for source, key in self.records]}


@dataclass(frozen=True, kw_only=True)
class ControlLine:
    """One control's counts, and its subjects if they were requested."""

    control: Control
    counts: ControlCounts
    failing: tuple[ReportedSubject, ...] | None = None
    cannot_tell: tuple[ReportedSubject, ...] | None = None

    def serialize(self, *, as_of: datetime | None) -> dict[str, Any]:
        """Return the line as plain values."""
        values: dict[str, Any] = {
            "id": self.control.id,
            "title": self.control.title,
            "problem": describe_problem(self.control, count=self.counts.failing),
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
            values["subjects"] = [subject.serialize() for subject in self.failing]
            values["cannot_tell_subjects"] = [subject.serialize() for subject in self.cannot_tell]
        return values


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """One open finding. `state` is open, or not_seen where the newest judgment saw none of its members.

    `people` counts several accounts of one person once.
    """

    id: str
    control: str
    group: str
    title: str
    problem: str
    members: int
    people: int
    since: date
    state: str

    def serialize(self) -> dict[str, Any]:
        """Return the line as plain values."""
        return {**asdict(self), "since": self.since.isoformat()}


def build_control_lines(
    session: duckdb.DuckDBPyConnection,
    *,
    counts: Mapping[str, ControlCounts],
    controls: Sequence[Control],
    members: pa.Table | None = None,
) -> tuple[ControlLine, ...]:
    """Build a line for each control, in the given order; with subjects if a table of MEMBERS is given.

    Subjects of controls over individual values are in it too: who asks for them runs the program beside the exports.
    """
    if members is None:
        return tuple(ControlLine(control=control, counts=counts[control.id]) for control in controls)
    subjects = _load_subjects(session, members, controls)
    return tuple(
        ControlLine(
            control=control,
            counts=counts[control.id],
            failing=tuple(subjects.get((control.id, State.FAIL), ())),
            cannot_tell=tuple(subjects.get((control.id, State.CANNOT_TELL), ())),
        )
        for control in controls
    )


def get_counts(row: ControlResult) -> ControlCounts:
    """Return the counts of one control in one assessment."""
    return ControlCounts(**{name: getattr(row, name) for name in ControlCounts.__dataclass_fields__})


def _load_subjects(
    session: duckdb.DuckDBPyConnection, members: pa.Table, controls: Sequence[Control]
) -> dict[tuple[str, str], list[ReportedSubject]]:
    """Return the records of each member: those of the subject, or of the rows behind a tenant.

    The account that represents an unknown person has those of this person's other accounts too. A log has no record: it
    has its product and kind in their place, a flow its product, element and way, a tool its
    id in the portfolio, a need its capability, a renewal its contract.
    """
    kinds = {item.id: SUBJECT_KINDS.get(item.asks, item.subject) for item in controls}
    listed = members.filter(pc.is_in(members["state"], pa.array([State.FAIL, State.CANNOT_TELL])))
    listed = listed.append_column(
        "row_kind", pa.array([kinds[item] for item in listed["control"].to_pylist()], pa.string())
    )
    session.register("_members", listed)
    rows = session.execute(
        """WITH named AS (
            SELECT control, state, subject_kind, subject, row_kind, unnest(coalesce("rows", [subject])) AS id
                FROM _members
        ), told AS (
            SELECT row_kind, id, list(DISTINCT {'source': connector, 'key': key}) AS records FROM (
                SELECT subject_kind AS row_kind, id, connector, key FROM links WHERE gone IS NOT TRUE
                UNION ALL SELECT l.subject_kind, a.asked_with, l.connector, l.key FROM links l
                    JOIN accounts a ON a.id = l.id AND l.subject_kind = 'account'
                    WHERE a.asked_with IS NOT NULL AND l.gone IS NOT TRUE
                UNION ALL SELECT 'log', id, product, kind FROM logs
                UNION ALL SELECT 'flow', id, 'vendors', concat_ws(' ', coalesce(product, vendor), element, way)
                    FROM flows
                UNION ALL SELECT 'tool', id, 'tools', tool FROM tools
                UNION ALL SELECT 'need', id, 'needs', capability FROM tool_needs
                UNION ALL SELECT 'renewal', id, 'renewals', contract FROM tool_renewals) GROUP BY ALL
        )
        SELECT control, state, subject_kind, subject, list_sort(list_distinct(flatten(list(records)))) AS records
        FROM named LEFT JOIN told USING (row_kind, id) GROUP BY ALL ORDER BY control, state, subject"""
    ).fetchall()
    session.unregister("_members")
    subjects: dict[tuple[str, str], list[ReportedSubject]] = {}
    for control, state, kind, subject, records in rows:
        record_keys = tuple((record["source"], record["key"]) for record in records or ())
        subjects.setdefault((control, state), []).append(
            ReportedSubject(id=format_public_id(kind, subject), records=record_keys)
        )
    return subjects


def build_finding_lines(*, district: District, number: int, controls: Sequence[Control]) -> tuple[FindingLine, ...]:
    """Build a line for every finding with open members in the published assessment."""
    by_id = {control.id: control for control in controls}
    rows = FindingResult.objects.of(district).filter(assessment=number).select_related("finding")
    return tuple(
        FindingLine(
            id=row.finding.public,
            control=row.finding.control,
            group=row.finding.group,
            title=_format_title(by_id.get(row.finding.control), row.finding),
            problem=_describe_members(by_id.get(row.finding.control), row),
            members=row.members,
            people=row.people or row.members,
            since=row.since,
            state="open" if row.members > row.not_seen + row.stale else "not_seen",
        )
        for row in rows.order_by("finding__control", "finding__group")
    )


def _format_title(control: Control | None, row: Finding) -> str:
    if control is None:
        return row.control
    return control.groups.title.format(group=row.group) if row.group and control.groups else control.title


def _describe_members(control: Control | None, row: FindingResult) -> str:
    if control is None:
        return row.finding.control
    return describe_problem(control, count=row.members, group=row.finding.group)
