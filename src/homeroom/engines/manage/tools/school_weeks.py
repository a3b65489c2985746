"""Counts by school and week from lists: people who use a tool, and tickets of the help desk.

A week begins on Monday. A list counts for a school in a week if it has any row of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from homeroom.domain.manage.tools.capabilities import Audience
from homeroom.domain.manage.tools.school_names import means_all_schools
from homeroom.engines.manage.tools.schools import Schools, read_schools
from homeroom.engines.manage.tools.use import EMAIL_SCHOOLS_SQL

MAX_DAYS = 7
"""Days of a period that is of one week: the week of its middle day."""
_FULL_FROM = 4
"""Weekday (Friday) of the last ticket from which its week is complete."""
_PERIODS_SQL = f"""CREATE OR REPLACE TEMP TABLE _tl_weeks AS
    SELECT concat_ws(' ', u.connector, u.instance, u.load_id) AS list, u.app, lower(coalesce(u.email, '')) AS email,
        coalesce(nullif(trim(u.school_name), ''), e.school, '') AS school,
        date_trunc('week', u.since + ((u.until - u.since) // 2)::INTEGER)::DATE AS week,
        CASE WHEN u.email <> '' THEN coalesce(u.users, 1) ELSE u.users END AS users
    FROM app_use_records u LEFT JOIN _tl_emails e ON e.email = lower(u.email)
    WHERE u.until >= u.since AND u.until - u.since < {MAX_DAYS}"""
_USERS_SQL = """WITH apps AS (SELECT list, school, week, app, max(users) AS users FROM _tl_weeks
        WHERE email = '' AND list_contains($apps, app) GROUP BY ALL),
    counted AS (SELECT list, school, week, sum(users)::BIGINT AS users FROM apps GROUP BY ALL),
    people AS (SELECT list, school, week, count(DISTINCT email) FILTER (users > 0) AS users FROM _tl_weeks
        WHERE email <> '' AND list_contains($apps, app) GROUP BY ALL)
    SELECT w.school, w.week, max(coalesce(p.users, c.users, CASE WHEN c.list IS NULL THEN 0 END))
    FROM (SELECT DISTINCT list, school, week FROM _tl_weeks WHERE school <> '') w
    LEFT JOIN counted c ON c.list = w.list AND c.school = w.school AND c.week = w.week
    LEFT JOIN people p ON p.list = w.list AND p.school = w.school AND p.week = w.week
    WHERE w.list IN (SELECT list FROM _tl_weeks WHERE list_contains($apps, app))
    GROUP BY w.school, w.week ORDER BY ALL"""
_TICKETS_SQL = """SELECT trim(school_name), date_trunc('week', opened_on)::DATE, count(*) FROM ticket_records
    WHERE opened_on IS NOT NULL AND trim(coalesce(school_name, '')) <> '' GROUP BY ALL ORDER BY ALL"""
_TICKET_DAYS_SQL = "SELECT min(opened_on), max(opened_on) FROM ticket_records"


@dataclass(frozen=True, kw_only=True)
class SchoolWeeks:
    """Counts by school and the Monday of each week, None where a list has no number; `students` are those of schools.

    `students` is empty unless two schools with counts have students.
    """

    counts: Mapping[tuple[str, date], int | None]
    students: Mapping[str, int]

    def list_values(self) -> tuple[tuple[str, date, float | None], ...]:
        """List (school, week, value): counts per student, without schools that have none; else the counts."""
        return tuple(
            (school, week, None if count is None else count / self.students.get(school, 1))
            for (school, week), count in sorted(self.counts.items())
            if not self.students or school in self.students
        )


def count_users(session: duckdb.DuckDBPyConnection, *, apps: tuple[str, ...]) -> SchoolWeeks:
    """Count the people who used any of a tool's apps in periods of at most seven days.

    A school that a list has in a week through other apps alone has none.
    """
    schools = read_schools(session)
    session.execute(EMAIL_SCHOOLS_SQL)
    session.execute(_PERIODS_SQL)
    rows = session.execute(_USERS_SQL, {"apps": list(apps)}).fetchall()
    counts: dict[tuple[str, date], int | None] = {}
    for school, week, users in rows:
        if not means_all_schools(school):
            place = schools.names.resolve(school), week
            counts[place] = max(counts.get(place) or 0, users) if users is not None else counts.get(place)
    return _build_weeks(counts, schools)


def count_tickets(session: duckdb.DuckDBPyConnection) -> SchoolWeeks:
    """Count tickets by school, in complete weeks in which any was opened."""
    schools = read_schools(session)
    days = session.execute(_TICKET_DAYS_SQL).fetchone()
    counted: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for name, week, tickets in session.execute(_TICKETS_SQL).fetchall():
        if not means_all_schools(name) and days and _is_complete(week, first=days[0], last=days[1]):
            counted[schools.names.resolve(name)][week] += tickets
    weeks = sorted({week for numbers in counted.values() for week in numbers})
    counts = {(school, week): numbers.get(week, 0) for school, numbers in counted.items() for week in weeks}
    return _build_weeks(counts, schools)


def _is_complete(week: date, *, first: date, last: date) -> bool:
    """Check whether a list that begins and ends with these days has the whole week."""
    return week >= first - timedelta(days=2) and week + timedelta(days=_FULL_FROM) <= last


def _build_weeks(counts: Mapping[tuple[str, date], int | None], schools: Schools) -> SchoolWeeks:
    own = schools.people.get(Audience.STUDENTS, {})
    students = {school: own[school] for school in sorted({school for school, _ in counts}) if own.get(school)}
    return SchoolWeeks(counts=counts, students=students if len(students) > 1 else {})
