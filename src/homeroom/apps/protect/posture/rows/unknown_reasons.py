"""Why a control cannot be decided for a row: which of the values that it tests are missing, and in which system.

A value that no record of a system has is missing in its export, or its connection may not read it: the guide of the
system lists the steps. A value that other records of the system have is missing in this record alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from django.utils.translation import gettext_lazy

from homeroom.apps.protect.posture.catalog.columns import get_column_title
from homeroom.apps.protect.posture.catalog.confinement import list_individual_columns
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.rows.page import EvidenceRow
from homeroom.apps.protect.posture.rows.snapshot import (
    open_snapshot_device_index,
    open_snapshot_rows,
    query_assessed_snapshot,
)
from homeroom.apps.protect.posture.rows.subject_states import TABLE_OF
from homeroom.apps.protect.posture.rows.worst_row import select_worst_rows
from homeroom.domain.guides import ExportGuide
from homeroom.domain.matching import TODAY, PatternNode, evaluate_pattern, iter_tests, parse_pattern
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import TABLES
from homeroom.library.know.guides import load_guides

LIST_TITLES = {
    "software": gettext_lazy("Installed programs"),
    "services": gettext_lazy("Open ports and services"),
    "vulnerabilities_found": gettext_lazy("Vulnerabilities that a scan found"),
}
"""By table with rows of a device: what a device without any row lacks."""
SYSTEM_COLUMN = {"accounts": "directory", "devices": "managed_by"}
"""By table: the column that names the system, or the systems, that report a row."""


@dataclass(frozen=True, kw_only=True)
class MissingValue:
    """A value that a control tests and a row does not have.

    `system` is the title of the system that reports the row and `guide` the id of its guide, both empty if none does.
    `is_missing_everywhere` is true if no row of that system has it.
    """

    title: str
    system: str = ""
    guide: str = ""
    is_missing_everywhere: bool = False


def list_unknown_reasons(
    *, district: District, assessment: AssessmentRef, control: Control, rows: Sequence[EvidenceRow]
) -> Mapping[int, tuple[MissingValue, ...]]:
    """Return the missing values behind each row in the state unknown, by subject.

    Empty for a control over what is no row. Raise QueryTimeout.
    """
    if not rows or control.subject or rows[0].kind not in TABLE_OF:
        return {}
    if control.asks in FOLDED_TABLES:
        return _list_reasons_of_devices(district, assessment, control, [row.subject for row in rows])
    table = TABLE_OF[rows[0].kind]
    fields = list_pattern_fields(TABLES[table])
    applies, requires = (parse_pattern(pattern, fields=fields) for pattern in (control.applies_to, control.requires))
    tested = tuple(sorted(_list_valued_fields(applies) | _list_valued_fields(requires)))
    system_column = SYSTEM_COLUMN.get(table)
    columns = tuple(dict.fromkeys((*tested, *_list_all_fields(applies), *([system_column] if system_column else []))))
    values = _load_values(district, assessment, table, columns, [row.subject for row in rows])
    filled = _find_filled(district, assessment, table, tested, system_column) if system_column else {}
    hidden = set(list_individual_columns(table))
    reasons: dict[int, tuple[MissingValue, ...]] = {}
    for subject, row in values.items():
        undecided = applies if evaluate_pattern(applies, row, today=assessment.today) is None else requires
        missing = [name for name in sorted(_list_valued_fields(undecided) - hidden) if row.get(name) is None]
        systems = _list_systems(row.get(system_column)) if system_column else []
        reasons[subject] = tuple(_build_missing_value(name, table, systems, filled) for name in missing)
    return reasons


def list_tested_titles(control: Control) -> tuple[str, ...]:
    """Return the titles of the values that a control tests; those of individual people are left out."""
    table = control.asks or "accounts"
    fields = list_pattern_fields(TABLES[table])
    patterns = [parse_pattern(pattern, fields=fields) for pattern in (control.applies_to, control.requires)]
    hidden = set(list_individual_columns(table))
    names = sorted({name for pattern in patterns for name in _list_valued_fields(pattern)} - hidden)
    return tuple(get_column_title(name, table=table) for name in names)


def _list_reasons_of_devices(
    district: District, assessment: AssessmentRef, control: Control, subjects: Sequence[int]
) -> dict[int, tuple[MissingValue, ...]]:
    """Return what is missing of devices under a control over their programs, services or vulnerabilities.

    A device without any row has no such list at all: the system that manages it should report it.
    """
    table = control.asks
    fields = list_pattern_fields(TABLES[table])
    patterns = [parse_pattern(pattern, fields=fields) for pattern in (control.applies_to, control.requires)]
    tested = tuple(sorted({name for pattern in patterns for name in _list_valued_fields(pattern)}))
    worst = select_worst_rows(
        rows=open_snapshot_device_index(district=district, assessment=assessment, table=table),
        control=control,
        today=assessment.today,
        columns=tested,
        subjects=subjects,
    )
    managers = _load_values(district, assessment, "devices", ("managed_by",), subjects)
    reporting = _list_reporting_systems(district, assessment, table) if "source" in TABLES[table].names else set()
    reasons: dict[int, tuple[MissingValue, ...]] = {}
    for subject in dict.fromkeys(subjects):
        cells = worst.get(subject, [])
        missing = [name for place, name in enumerate(tested) if any(row[place] is None for row in cells)]
        if cells and len(missing) < len(tested):
            reasons[subject] = tuple(_build_missing_value(name, table, (), {}) for name in missing)
        else:
            systems = _list_systems(managers.get(subject, {}).get("managed_by"))
            filled = {system: {table} for system in systems if system in reporting}
            reasons[subject] = (_build_missing_value(table, table, systems, filled, title=str(LIST_TITLES[table])),)
    return reasons


def _list_reporting_systems(district: District, assessment: AssessmentRef, table: str) -> set[str]:
    """Return the systems that report rows of a table."""
    sql = f"SELECT DISTINCT source FROM {table} WHERE source IS NOT NULL"
    rows = query_assessed_snapshot(
        district=district, assessment=assessment, query=lambda session: session.execute(sql).fetchall()
    )
    return {row[0] for row in rows}


def _list_valued_fields(pattern: PatternNode) -> set[str]:
    """Return the columns whose value a pattern needs; a test whether there is any needs none."""
    return {test.field for test in iter_tests(pattern) if test.operator != "exists"} - {TODAY}


def _list_all_fields(pattern: PatternNode) -> list[str]:
    return sorted({test.field for test in iter_tests(pattern)} - {TODAY})


def _load_values(
    district: District, assessment: AssessmentRef, table: str, columns: Sequence[str], subjects: Sequence[int]
) -> dict[int, dict[str, Any]]:
    rows = open_snapshot_rows(district=district, assessment=assessment, table=table)
    positions = rows.find_positions(subjects).tolist()
    stored = [(subject, position) for subject, position in zip(subjects, positions, strict=True) if position >= 0]
    cells = rows.read_cells([position for _, position in stored], columns)
    return {subject: dict(zip(columns, row, strict=True)) for (subject, _), row in zip(stored, cells, strict=True)}


def _find_filled(
    district: District, assessment: AssessmentRef, table: str, tested: Sequence[str], system_column: str
) -> dict[str, set[str]]:
    """Return by system the tested columns that any of its rows has."""
    is_list = system_column == "managed_by"
    system = f"unnest({system_column})" if is_list else system_column
    counts = ", ".join(f'count("{name}")' for name in tested)
    inner = ", ".join(f'"{name}"' for name in tested)
    sql = f"SELECT system, {counts} FROM (SELECT {system} AS system, {inner} FROM {table}) GROUP BY 1"

    def query(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(sql).fetchall()

    if not tested:
        return {}
    rows = query_assessed_snapshot(district=district, assessment=assessment, query=query)
    return {row[0]: {name for name, count in zip(tested, row[1:], strict=True) if count} for row in rows if row[0]}


def _map_guides() -> dict[str, ExportGuide]:
    """Return the guide of each connector: the one with its name, or else the first."""
    guides: dict[str, ExportGuide] = {}
    for guide in load_guides():
        for connector in guide.connectors:
            if connector not in guides or guide.id == connector:
                guides[connector] = guide
    return guides


def _list_systems(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _build_missing_value(
    name: str, table: str, systems: Sequence[str], filled: Mapping[str, set[str]], *, title: str = ""
) -> MissingValue:
    title = title or get_column_title(name, table=table)
    guides = _map_guides()
    with_guide = [system for system in systems if system in guides]
    if not with_guide:
        return MissingValue(title=title)
    with_value = [system for system in with_guide if name in filled.get(system, set())]
    system = (with_value or with_guide)[0]
    return MissingValue(
        title=title,
        system=guides[system].title,
        guide=guides[system].id,
        is_missing_everywhere=not with_value,
    )
