"""Lists of use: how many people used each tool in each period, and which schools a list has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import duckdb

from homeroom.domain.manage.tools.school_names import SchoolNames, means_all_schools
from homeroom.engines.manage.tools.read_records import NAMES_TABLE
from homeroom.engines.manage.tools.schools import Scope

EMAIL_SCHOOLS_SQL = """CREATE OR REPLACE TEMP TABLE _tl_emails AS SELECT email, min(school) AS school FROM (
    SELECT lower(r.email) AS email, p.school FROM person_records r JOIN links l ON l.subject_kind = 'person'
        AND l.connector = r.connector AND l.instance = r.instance AND l.key = r.key JOIN people p ON p.id = l.id
    WHERE r.email <> '' AND p.school IS NOT NULL
    UNION ALL SELECT lower(email), school FROM people WHERE email <> '' AND school IS NOT NULL
    UNION ALL SELECT lower(a.email), coalesce(p.school, a.school) FROM accounts a LEFT JOIN people p ON p.id = a.person
    WHERE a.email <> '' AND coalesce(p.school, a.school) IS NOT NULL) GROUP BY email"""
"""Statement that creates the temporary table _tl_emails: the school of each address."""
_USE_SQL = f"""CREATE OR REPLACE TEMP TABLE _tl_use AS
    SELECT n.tool, u.app, concat_ws(' ', u.connector, u.instance, u.load_id) AS list,
        lower(coalesce(u.email, '')) AS email, coalesce(nullif(trim(u.school_name), ''), e.school, '') AS school,
        u.since, u.until,
        CASE WHEN u.email <> '' THEN coalesce(u.users, 1) ELSE u.users END AS users
    FROM app_use_records u JOIN {NAMES_TABLE} n ON n."table" = 'app_use_records' AND n.name = u.app
    LEFT JOIN _tl_emails e ON e.email = lower(u.email)"""
_PERIODS_SQL = """WITH apps AS (
        SELECT tool, list, since, until, app,
            CASE WHEN bool_or(email = '' AND school = '') THEN max(users) FILTER (email = '' AND school = '')
                ELSE sum(users) FILTER (email = '') END AS counted
        FROM _tl_use GROUP BY ALL),
    people AS (SELECT tool, list, since, until, count(DISTINCT email) FILTER (users > 0) AS people
        FROM _tl_use WHERE email <> '' GROUP BY ALL)
    SELECT a.tool, a.list, a.since, a.until, coalesce(p.people, sum(a.counted))::BIGINT AS users
    FROM apps a LEFT JOIN people p ON p.tool = a.tool AND p.list = a.list AND p.since IS NOT DISTINCT FROM a.since
        AND p.until IS NOT DISTINCT FROM a.until
    GROUP BY a.tool, a.list, a.since, a.until, p.people ORDER BY ALL"""
_USED_SCHOOLS_SQL = """SELECT DISTINCT tool, list, since, until, school, email <> '' FROM _tl_use
    WHERE coalesce(users, 1) > 0 ORDER BY ALL"""
_LISTED_SCHOOLS_SQL = (
    """SELECT list, since, until, school, bool_or(email = '') FROM _tl_use GROUP BY ALL ORDER BY ALL"""
)


@dataclass(frozen=True, kw_only=True)
class UsePeriod:
    """The use of a tool in one period of one list; None for users or days that the list lacks."""

    list: str
    since: date | None
    until: date | None
    users: int | None

    @property
    def end(self) -> date:
        """The last day, for ordering; the first of all where it is unknown."""
        return self.until or date.min


@dataclass(frozen=True, kw_only=True)
class ToolUse:
    """The use of one tool: its periods by end, and the schools that have users in the newest of them."""

    periods: tuple[UsePeriod, ...]
    schools: Scope

    @property
    def newest(self) -> UsePeriod:
        """The newest period; of several that end on one day, that with the most users."""
        return max(self.periods, key=lambda period: (period.end, period.users or 0, period.since or date.min))

    @property
    def most_users(self) -> int | None:
        """The most users of any period; None where none is counted."""
        return max((period.users for period in self.periods if period.users is not None), default=None)


class ListedSchools:
    """The schools that each list of use has, through any app."""

    def __init__(self, rows: list[tuple[str, date | None, date | None, str, bool]], names: SchoolNames) -> None:
        self._rows: dict[str, list[tuple[date | None, date | None, str | None]]] = defaultdict(list)
        for name, since, until, school, is_count in rows:
            place = _resolve_place(school, is_count=is_count, names=names)
            if place != "":
                self._rows[name].append((since, until, place))

    def list_missing(self, schools: tuple[str, ...], period: UsePeriod) -> tuple[str, ...]:
        """List those schools that the list of a period lacks in it."""
        present: set[str] = set()
        for since, until, place in self._rows.get(period.list, ()):
            if _has_overlap(since, until, period):
                if place is None:
                    return ()
                present.add(place)
        return tuple(school for school in schools if school not in present)


def read_use(session: duckdb.DuckDBPyConnection, *, names: SchoolNames) -> tuple[dict[str, ToolUse], ListedSchools]:
    """Read the use of each tool, and the schools of each list."""
    session.execute(EMAIL_SCHOOLS_SQL)
    session.execute(_USE_SQL)
    periods: dict[str, list[UsePeriod]] = defaultdict(list)
    for tool, name, since, until, users in session.execute(_PERIODS_SQL).fetchall():
        periods[tool].append(UsePeriod(list=name, since=since, until=until, users=users))
    schools = _read_used_schools(session, names)
    listed = ListedSchools(session.execute(_LISTED_SCHOOLS_SQL).fetchall(), names)
    return {tool: _build_use(tool, own, schools) for tool, own in periods.items()}, listed


_Place = tuple[str, str, date | None]


def _read_used_schools(session: duckdb.DuckDBPyConnection, names: SchoolNames) -> Mapping[_Place, set[str | None]]:
    """Return the schools with users by tool, list and last day; None among them means all."""
    schools: dict[_Place, set[str | None]] = defaultdict(set)
    for tool, name, _, until, school, is_person in session.execute(_USED_SCHOOLS_SQL).fetchall():
        place = _resolve_place(school, is_count=not is_person, names=names)
        if place != "":
            schools[tool, name, until].add(place)
    return schools


def _build_use(tool: str, periods: list[UsePeriod], schools: Mapping[_Place, set[str | None]]) -> ToolUse:
    ordered = tuple(sorted(periods, key=lambda period: (period.end, period.list, period.since or date.min)))
    end = ordered[-1].end
    used = [
        place
        for period in ordered
        if period.end == end
        for place in schools.get((tool, period.list, period.until), set())
    ]
    by_name = frozenset(place for place in used if place is not None)
    return ToolUse(periods=ordered, schools=None if None in used and not by_name else by_name)


def _resolve_place(school: str, *, is_count: bool, names: SchoolNames) -> str | None:
    """Return the school's name, None for the district, and empty for a person of no school."""
    if not school.strip():
        return None if is_count else ""
    return None if means_all_schools(school) else names.resolve(school)


def _has_overlap(since: date | None, until: date | None, period: UsePeriod) -> bool:
    first, last = since or until, until or since
    if first is None or last is None or period.until is None:
        return True
    return first <= period.until and last >= (period.since or period.until)
