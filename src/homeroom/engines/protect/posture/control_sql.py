"""Compile controls to SQL: one query per table, with a column of state codes for each control."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from homeroom.domain.matching import list_fields, parse_pattern
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.distinct_rows import ControlPatterns, distinct_rows_sql, list_tested_columns
from homeroom.engines.protect.posture.evaluation import STATE_CODES
from homeroom.evidence.query.pattern_sql import build_pattern_sql, list_pattern_fields
from homeroom.evidence.tables import RESOURCE_TABLES, TABLES


@dataclass(frozen=True, kw_only=True)
class QueryableTable:
    """A table that a control may query, and the kind of its subjects.

    `subject_column` is the column that identifies the subject. If that is not `id`, a subject has any number of rows:
    it fails if any row fails, else is unknown if any row is unknown, else passes if any row passes, else the control
    does not apply. `reported_sql` is SQL over a subject `d` without any row: whether a source of such rows still covers
    it, so that what a row reported is over; if none does, the state is unknown. `has_repeats` is true if many devices
    have rows that are equal in everything that controls test: each distinct row is then evaluated once.
    `varied_columns` are columns that make most rows distinct: they count only where some control may test them
    (`distinct_rows_sql`). `vulnerabilities_sql` is SQL over a row `t`: the list of CVEs that make it fail under a
    control that requires something of one of `vulnerability_columns`; the vulnerabilities of a row can be suppressed.
    """

    table: str
    kind: str
    subject_column: str = "id"
    reported_sql: str = "true"
    has_repeats: bool = False
    varied_columns: tuple[str, ...] = ()
    vulnerabilities_sql: str = ""
    vulnerability_columns: frozenset[str] = frozenset()

    @property
    def is_folded(self) -> bool:
        """True if several rows make one subject."""
        return self.subject_column != "id"


_HAS_VULNERABILITY_SOURCE = """d.id IN (SELECT id FROM links WHERE subject_kind = 'device' AND gone IS NOT TRUE
    AND connector IN (SELECT DISTINCT source FROM vulnerabilities_found))"""
QUERYABLE_TABLES: tuple[QueryableTable, ...] = (
    QueryableTable(table="people", kind="person"),
    QueryableTable(table="accounts", kind="account"),
    QueryableTable(table="devices", kind="device"),
    QueryableTable(
        table="software",
        kind="device",
        subject_column="device",
        reported_sql="false",
        has_repeats=True,
        varied_columns=("name", "version"),
        vulnerabilities_sql="t.exploited_cves",
        vulnerability_columns=frozenset({"exploited_cves"}),
    ),
    QueryableTable(table="services", kind="device", subject_column="device", reported_sql="d.scanned IS TRUE"),
    QueryableTable(
        table="vulnerabilities_found",
        kind="device",
        subject_column="device",
        reported_sql=_HAS_VULNERABILITY_SOURCE,
        vulnerabilities_sql="[t.cve]",
        vulnerability_columns=frozenset({"known_exploited", "ransomware", "due_on", "title"}),
    ),
    *(QueryableTable(table=table.name, kind=kind) for kind, table in RESOURCE_TABLES.items()),
)
FOLDED_TABLES: Mapping[str, QueryableTable] = {
    queryable.table: queryable for queryable in QUERYABLE_TABLES if queryable.is_folded
}
"""Tables with any number of rows per device."""
SUBJECT_KINDS: Mapping[str, str] = {queryable.table: queryable.kind for queryable in QUERYABLE_TABLES}
"""Kind of the subjects of each table that a control may query."""
WORST_FIRST = (1, 4, 2, 0, 3)
"""State codes in deciding order: fail, excepted, cannot_tell, pass, not applicable."""
SUPPRESSED = "suppressed_vulnerabilities"
"""Table of (device, cves) in a session with suppressed vulnerabilities; see `find_suppressed_vulnerabilities`."""
MAX_GROUP_NAME = 120
"""Characters of a group's name: as many as a finding stores."""


@dataclass(frozen=True, kw_only=True)
class TableQuery:
    """One query and its columns: `id`, then for the nth control `c<n>` and, if it groups, `g<n>`.

    `has_rows` is true if the query also returns `rows`, the rows of the queried table behind each subject. `is_folded`
    is true if it also returns `heard`: false for a subject that has no row and that no source reports on any more.
    """

    kind: str
    controls: tuple[Control, ...]
    has_groups: tuple[bool, ...]
    text: str
    has_rows: bool = False
    is_folded: bool = False


def build_queries(
    session: duckdb.DuckDBPyConnection, *, controls: Sequence[Control], today: date, has_suppressed: bool = False
) -> list[TableQuery]:
    """Build one query for each table, and one for each control whose subjects are not rows of its table.

    With `has_suppressed` the session has the table SUPPRESSED: what fails by those vulnerabilities alone is excepted.
    """
    subject_controls = [control for control in controls if control.subject]
    queryable = [
        _build_row_query(queryable, table_controls, today, has_suppressed and bool(queryable.vulnerabilities_sql))
        if queryable.is_folded
        else _build_table_query(session, queryable, table_controls, today)
        for queryable in QUERYABLE_TABLES
        if (
            table_controls := [
                candidate for candidate in controls if candidate.asks == queryable.table and not candidate.subject
            ]
        )
    ]
    return [*queryable, *(_build_subject_query(session, control, today) for control in subject_controls)]


def is_vulnerability_control(control: Control) -> bool:
    """Return whether subjects fail the control by vulnerabilities, which can be suppressed."""
    table = FOLDED_TABLES.get(control.asks)
    if table is None or control.subject or control.sql or not table.vulnerabilities_sql:
        return False
    tested = list_fields(parse_pattern(control.requires, fields=list_pattern_fields(TABLES[control.asks])))
    return bool(table.vulnerability_columns & tested)


def substitute_today(text: str, *, today: date) -> str:
    """Return the control's SQL with the day in place of $today."""
    return re.sub(r"\$today\b", f"DATE '{today}'", text.strip().rstrip(";"))


def _build_row_query(
    table: QueryableTable, controls: Sequence[Control], today: date, has_suppressed: bool
) -> TableQuery:
    """Build the query of controls whose subjects have any number of rows: the worst row of each decides."""
    columns, has_groups = ["d.id", f"f.{table.subject_column} IS NOT NULL OR {table.reported_sql} AS heard"], []
    for index, control in enumerate(controls):
        group = _group_name_sql(control.groups.by, "d") if control.groups else ""
        columns += [f"({_code_sql(f'f.r{index}')}) AS c{index}", *([f"{group} AS g{index}"] if group else [])]
        has_groups.append(bool(group))
    text = f"""SELECT {", ".join(columns)} FROM devices d
        LEFT JOIN ({_worst_rank_sql(table, controls, today, has_suppressed)}) f ON f.{table.subject_column} = d.id"""
    return TableQuery(
        kind=table.kind, controls=tuple(controls), has_groups=tuple(has_groups), text=text, is_folded=True
    )


def _worst_rank_sql(table: QueryableTable, controls: Sequence[Control], today: date, has_suppressed: bool) -> str:
    """Return SQL for the lowest rank of each subject of a folded table under every control, as r0, r1 and so on."""
    code_sql = _code_with_suppressed_sql if has_suppressed else _pattern_code_sql
    ranks = [f"({_rank_sql(code_sql(item, today))})::UTINYINT" for item in controls]
    source = _source_with_suppressed_sql(table) if has_suppressed else table.table
    patterns = [_parse_patterns(control) for control in controls]
    if not table.has_repeats or not list_tested_columns(patterns):
        minimums = ", ".join(f"min({rank}) AS r{index}" for index, rank in enumerate(ranks))
        return f"SELECT {table.subject_column}, {minimums} FROM {source} t GROUP BY {table.subject_column}"
    extra_columns = ("spared",) if has_suppressed else ()
    distinct = distinct_rows_sql(
        source,
        patterns,
        subject=table.subject_column,
        varied=table.varied_columns,
        extra_columns=extra_columns,
        today=today,
    )
    rank_columns = ", ".join(f"{rank} AS r{index}" for index, rank in enumerate(ranks))
    minimums = ", ".join(f"min(r{index}) AS r{index}" for index in range(len(ranks)))
    return f"""WITH distinct_rows AS MATERIALIZED ({distinct}),
        judged AS (SELECT unnest(subjects) AS {table.subject_column}, * EXCLUDE (subjects)
            FROM (SELECT {rank_columns}, subjects FROM distinct_rows))
        SELECT {table.subject_column}, {minimums} FROM judged GROUP BY {table.subject_column}"""


def _source_with_suppressed_sql(table: QueryableTable) -> str:
    """Return SQL for the table's rows, each with whether it names vulnerabilities, all of them suppressed."""
    return f"""(SELECT t.*, coalesce(len({table.vulnerabilities_sql}) > 0 AND list_has_all(s.cves,
        list_transform({table.vulnerabilities_sql}, x -> coalesce(upper(x), ''))), false)
        AS spared FROM {table.table} t LEFT JOIN {SUPPRESSED} s ON s.device = t.{table.subject_column})"""


def _code_with_suppressed_sql(control: Control, today: date) -> str:
    """Return SQL for a row's code, excepted instead of failing if all its vulnerabilities are suppressed.

    This holds only for controls that test vulnerabilities.
    """
    code = _pattern_code_sql(control, today)
    return f"CASE WHEN spared AND {code} = 1 THEN 4 ELSE {code} END" if is_vulnerability_control(control) else code


def _rank_sql(code: str) -> str:
    """Return SQL for the rank of a row's code in WORST_FIRST."""
    return (
        f"CASE {code} "
        f"{' '.join(f'WHEN {state_code} THEN {position}' for position, state_code in enumerate(WORST_FIRST))} END"
    )


def _code_sql(rank: str) -> str:
    """Return SQL for the code of the deciding row; not applicable if there is no row."""
    return (
        f"CASE {rank} "
        f"{' '.join(f'WHEN {position} THEN {state_code}' for position, state_code in enumerate(WORST_FIRST))} ELSE 3 "
        f"END::UTINYINT"
    )


def _build_table_query(
    session: duckdb.DuckDBPyConnection, table: QueryableTable, controls: Sequence[Control], today: date
) -> TableQuery:
    columns, joins, has_groups = ["t.id"], [], []
    for index, control in enumerate(controls):
        result_columns = _list_result_columns(session, control, today) if control.sql else ()
        state, group = _state_sql(index, result_columns) if control.sql else (_pattern_code_sql(control, today), "")
        group = _group_name_sql(control.groups.by, "t") if control.groups and not group else group
        columns += [f"{state} AS c{index}", *([f"{group} AS g{index}"] if group else [])]
        has_groups.append(bool(group))
        if control.sql:
            joins.append(f"LEFT JOIN ({substitute_today(control.sql, today=today)}) s{index} ON s{index}.id = t.id")
    text = f"SELECT {', '.join(columns)} FROM {table.table} t {' '.join(joins)}"
    return TableQuery(kind=table.kind, controls=tuple(controls), has_groups=tuple(has_groups), text=text)


def _group_name_sql(columns: Sequence[str], alias: str) -> str:
    """Return SQL for a group's name: the first column, then each further one not contained in it.

    It is null if the first column is.
    """
    first_column = f'{alias}."{columns[0]}"'
    further = "".join(
        f""" || CASE WHEN {alias}."{column}" IS NULL"""
        f""" OR contains(lower({first_column}), lower({alias}."{column}")) THEN ''"""
        f""" ELSE ', ' || {alias}."{column}" END"""
        for column in columns[1:]
    )
    return f"left({first_column}{further}, {MAX_GROUP_NAME})"


def _build_subject_query(session: duckdb.DuckDBPyConnection, control: Control, today: date) -> TableQuery:
    result_columns = _list_result_columns(session, control, today)
    state, group = _state_sql(0, result_columns)
    parts = [
        "s0.id",
        f"{state} AS c0",
        *([f"{group} AS g0"] if group else []),
        *(["s0.rows"] if "rows" in result_columns else []),
    ]
    text = f"SELECT {', '.join(parts)} FROM ({substitute_today(control.sql, today=today)}) s0"
    return TableQuery(
        kind=control.subject,
        controls=(control,),
        has_groups=(bool(group),),
        text=text,
        has_rows="rows" in result_columns,
    )


def _list_result_columns(session: duckdb.DuckDBPyConnection, control: Control, today: date) -> tuple[str, ...]:
    description = session.execute(f"DESCRIBE {substitute_today(control.sql, today=today)}").fetchall()
    names = tuple(row[0] for row in description)
    if not {"id", "state"} <= set(names):
        raise ValueError(f"{control.id}: sql gives {', '.join(names)}; id and state would fit, and grp or rows")
    return names


def _state_sql(index: int, result_columns: Sequence[str]) -> tuple[str, str]:
    cases = " ".join(f"WHEN '{state}' THEN {code}" for code, state in enumerate(STATE_CODES))
    unknown = f"error('a control gave the state ' || coalesce(s{index}.state, 'null'))"
    state = f"(CASE WHEN s{index}.id IS NULL THEN 3 ELSE CASE s{index}.state {cases} ELSE {unknown} END END)::UTINYINT"
    return state, f"s{index}.grp" if "grp" in result_columns else ""


def _pattern_code_sql(control: Control, today: date) -> str:
    forms = _parse_patterns(control)
    applies, requires = build_pattern_sql(forms.applies, today=today), build_pattern_sql(forms.requires, today=today)
    return (
        f"(CASE WHEN NOT {applies} THEN 3 WHEN {applies} IS NULL THEN 2 "
        f"ELSE coalesce((NOT {requires})::UTINYINT, 2::UTINYINT) END)::UTINYINT"
    )


def _parse_patterns(control: Control) -> ControlPatterns:
    allowed_fields = list_pattern_fields(TABLES[control.asks])
    return ControlPatterns(
        applies=parse_pattern(control.applies_to, fields=allowed_fields, location=f"{control.id}: applies_to"),
        requires=parse_pattern(control.requires, fields=allowed_fields, location=f"{control.id}: requires"),
    )
