"""Whom one tool reaches, by school: users, accounts that gave it permissions, devices; counts under ten are hidden."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from homeroom.domain.manage.tools.adoption import GrantedScope, NamedRecord, SchoolLoss, ToolReach
from homeroom.domain.manage.tools.school_names import SchoolNames, means_all_schools
from homeroom.domain.small_counts import MIN_COUNT, select_hidden_cells
from homeroom.engines.manage.tools.fleet_lists import read_fleet_lists
from homeroom.engines.manage.tools.read_records import NAMES_TABLE
from homeroom.engines.manage.tools.schools import DEVICES_TABLE
from homeroom.engines.manage.tools.use import ListedSchools, UsePeriod, read_use

COUNTS = ("users", "accounts", "devices")
_USERS_SQL = """SELECT school, count(DISTINCT email) FILTER (email <> '' AND coalesce(users, 1) > 0),
    sum(users) FILTER (email = '') FROM _tl_use
    WHERE list = ? AND since IS NOT DISTINCT FROM ? AND until IS NOT DISTINCT FROM ? GROUP BY school ORDER BY school"""
_LIST_SQL = f"""SELECT u.connector, u.instance, u.load_id FROM app_use_records u
    JOIN {NAMES_TABLE} n ON n."table" = 'app_use_records' AND n.name = u.app
    WHERE concat_ws(' ', u.connector, u.instance, u.load_id) = ? LIMIT 1"""
_LISTED_SQL = """WITH listed AS (SELECT since, until, nullif(trim(school_name), '') AS school_name,
        lower(coalesce(email, '')) AS email FROM app_use_records
        WHERE connector = ? AND instance = ? AND load_id = ? GROUP BY ALL)
    SELECT ? AS list, since, until, coalesce(school_name, e.school, '') AS school, bool_or(listed.email = '')
    FROM listed LEFT JOIN _tl_emails e USING (email) GROUP BY ALL"""
_GRANTS_SQL = f"""CREATE OR REPLACE TEMP TABLE _tl_grants AS
    SELECT g.connector, g.account_key = '' AS everybody, coalesce(a.id, hash(g.connector, g.account_key)) AS account,
        coalesce(p.school, a.school, '') AS school, g.scopes
    FROM app_grants g JOIN {NAMES_TABLE} n ON n."table" = 'app_grants' AND n.name = g.app_key
    LEFT JOIN (SELECT connector, instance, key, min(id) AS id FROM links WHERE subject_kind = 'account' GROUP BY ALL) l
        ON l.connector = g.connector AND l.instance = g.instance AND l.key = g.account_key
    LEFT JOIN accounts a ON a.id = l.id LEFT JOIN people p ON p.id = a.person"""
_ACCOUNTS_SQL = "SELECT school, count(DISTINCT account) FROM _tl_grants WHERE NOT everybody GROUP BY school"
_SCOPES_SQL = """SELECT connector, scope, count(DISTINCT account) FILTER (NOT everybody), bool_or(everybody)
    FROM (SELECT connector, everybody, account, unnest(scopes) AS scope FROM _tl_grants) GROUP BY ALL ORDER BY ALL"""
_DEVICES_SQL = f"""SELECT d.school, count(DISTINCT d.id) FROM (
        SELECT device AS id FROM software WHERE list_contains(?::VARCHAR[], name)
        UNION SELECT id FROM _tl_fits WHERE covered IS NOT FALSE) has
    JOIN {DEVICES_TABLE} d USING (id) GROUP BY d.school"""
_BROWSERS_SQL = f"""SELECT coalesce(max(e.browsers) FILTER (coalesce(e.org_unit, '') = ''), sum(e.browsers))
    FROM extension_records e JOIN {NAMES_TABLE} n ON n."table" = 'extension_records' AND n.name = e.app_key
    WHERE NOT coalesce(e.disabled, false)"""


@dataclass(frozen=True, kw_only=True)
class ReachCounts:
    """What lists count of a tool: by kind of count, then by school (empty where unknown); scopes are counted apart.

    A kind that no list counts is missing. `has_schools` is false where the list of use counts the district alone;
    `missing` are schools that the list of use lacks, so that nobody knows their users.
    """

    period: UsePeriod | None
    missing: frozenset[str]
    by_school: Mapping[str, Mapping[str, int]]
    users: int | None
    browsers: int | None
    scopes: tuple[GrantedScope, ...]
    has_schools: bool


def read_reach(
    session: duckdb.DuckDBPyConnection,
    *,
    tool: str,
    records: Sequence[NamedRecord],
    schools: Sequence[str],
    names: SchoolNames,
) -> ReachCounts:
    """Read the reach of one tool, which runs in `schools`, from its records.

    The session has the devices of `read_schools`. Write NAMES_TABLE.
    """
    _write_names(session, tool, records)
    present = {record.table for record in records}
    programs = [record.key for record in records if record.table == "software_records"]
    by_school: dict[str, Mapping[str, int]] = {}
    period, browsers = None, None
    scopes: tuple[GrantedScope, ...] = ()
    if "app_use_records" in present:
        period = read_use(session, names=names)[0][tool].newest
        by_school["users"] = _read_users(session, period, names)
    if "app_grants" in present:
        session.execute(_GRANTS_SQL)
        by_school["accounts"] = dict(session.execute(_ACCOUNTS_SQL).fetchall())
        scopes = _read_scopes(session)
    if programs or "coverage_records" in present:
        read_fleet_lists(session)
        by_school["devices"] = dict(session.execute(_DEVICES_SQL, [programs]).fetchall())
    if "extension_records" in present:
        row = session.execute(_BROWSERS_SQL).fetchone()
        browsers = int(row[0]) if row and row[0] is not None else None
    return ReachCounts(
        period=period,
        missing=_find_missing(session, by_school, period=period, schools=schools, names=names),
        by_school=by_school,
        users=period.users if period else None,
        browsers=browsers,
        scopes=scopes,
        has_schools=any(school for school in by_school.get("users", {})),
    )


def build_reach(counts: ReachCounts) -> ToolReach:
    """Build the reach of a tool in the district, without counts of people and devices under ten."""
    totals: dict[str, int | None] = {
        "users": counts.users,
        **{kind: sum(counts.by_school[kind].values()) for kind in ("accounts", "devices") if kind in counts.by_school},
        "browsers": counts.browsers,
    }
    hidden = tuple(kind for kind, total in totals.items() if _is_small(total))
    period = counts.period
    return ToolReach(
        **{kind: None if kind in hidden else total for kind, total in totals.items()},
        since=period.since if period else None,
        until=period.until if period else None,
        scopes=counts.scopes,
        hidden=hidden,
    )


def build_losses(
    counts: ReachCounts, *, schools: Sequence[str], list_only_here: Callable[[str], tuple[str, ...]]
) -> tuple[SchoolLoss, ...]:
    """Build what each school would lose, by name; those of no school are last.

    `schools` are where the tool runs, and `list_only_here` has the capabilities that nothing else has in a school.
    """
    parts = {kind: part for kind, part in counts.by_school.items() if kind != "users" or counts.has_schools}
    listed = sorted({*schools, *(school for part in parts.values() for school in part)} - {""})
    if any(part.get("") for part in parts.values()):
        listed.append("")
    shown = {kind: _hide_small([part.get(school, 0) for school in listed]) for kind, part in parts.items()}
    missing = {("users", school) for school in counts.missing}
    losses = []
    for position, school in enumerate(listed):
        line = {kind: column[position] for kind, column in shown.items() if (kind, school) not in missing}
        losses.append(
            SchoolLoss(
                school=school,
                **line,
                only_here=list_only_here(school) if school else (),
                hidden=tuple(kind for kind in COUNTS if kind in line and line[kind] is None),
            )
        )
    return tuple(losses)


def _write_names(session: duckdb.DuckDBPyConnection, tool: str, records: Sequence[NamedRecord]) -> None:
    """Write the table of names of one tool, by which lists of use, permissions and devices are read."""
    rows = [{"table": record.table, "name": record.key, "tool": tool} for record in records]
    schema = pa.schema([("table", pa.string()), ("name", pa.string()), ("tool", pa.string())])
    session.register("_tl_rows", pa.Table.from_pylist(rows, schema=schema))
    session.execute(f"CREATE OR REPLACE TEMP TABLE {NAMES_TABLE} AS SELECT * FROM _tl_rows")
    session.unregister("_tl_rows")


def _find_missing(
    session: duckdb.DuckDBPyConnection,
    by_school: Mapping[str, Mapping[str, int]],
    *,
    period: UsePeriod | None,
    schools: Sequence[str],
    names: SchoolNames,
) -> frozenset[str]:
    """Return the schools without users that the list of a period lacks through any app."""
    everywhere = {*schools, *(school for part in by_school.values() for school in part)} - {""}
    absent = tuple(sorted(school for school in everywhere if not by_school.get("users", {}).get(school)))
    if period is None or not absent:
        return frozenset()
    source = session.execute(_LIST_SQL, [period.list]).fetchone()
    rows = session.execute(_LISTED_SQL, [*source, period.list]).fetchall() if source else []
    return frozenset(ListedSchools(rows, names).list_missing(absent, period))


def _read_users(session: duckdb.DuckDBPyConnection, period: UsePeriod, names: SchoolNames) -> dict[str, int]:
    """Return the users of a period by school: people where the list names any, else what it counts."""
    rows = session.execute(_USERS_SQL, [period.list, period.since, period.until]).fetchall()
    has_people = any(people for _, people, _ in rows)
    users: Counter[str] = Counter()
    for school, people, counted in rows:
        place = "" if not school.strip() or means_all_schools(school) else names.resolve(school)
        users[place] += people if has_people else int(counted or 0)
    if not has_people and any(users[place] for place in users if place):
        users.pop("", None)  # a total of the district beside its schools counts them twice
    return dict(users)


def _read_scopes(session: duckdb.DuckDBPyConnection) -> tuple[GrantedScope, ...]:
    return tuple(
        GrantedScope(
            system=system,
            scope=scope,
            accounts=None if _is_small(accounts) else accounts,
            everybody=bool(is_for_all),
        )
        for system, scope, accounts, is_for_all in session.execute(_SCOPES_SQL).fetchall()
    )


def _is_small(count: int | None) -> bool:
    return count is not None and 0 < count < MIN_COUNT


def _hide_small(column: Sequence[int]) -> list[int | None]:
    """Return the counts of a column, None in place of those that are hidden."""
    hidden = select_hidden_cells([[count] for count in column])
    return [None if (row, 0) in hidden else count for row, count in enumerate(column)]
