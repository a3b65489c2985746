"""School days counted: how many lie after a day, up to and including today."""

from __future__ import annotations

from datetime import date

import duckdb

from homeroom.engines.resolve.sql import made


def count_school_days(session: duckdb.DuckDBPyConnection, *, today: date) -> None:
    """Makes rz_since (date, days): school days after that date up to `today`, for each date from the calendar's eve to today.

    Which days are the district's says `homeroom.evidence.calendars`. Empty without a calendar. A day before the calendar begins counts as its eve, so the number is then the least that it can be.
    """
    made(
        session,
        "school_days",
        f"SELECT date FROM district_days WHERE kind = 'school' AND date <= DATE '{today}'",
    )
    made(
        session,
        "since",
        f"""WITH days AS (SELECT unnest(generate_series(least(min(date) - 1, DATE '{today}'), DATE '{today}', INTERVAL 1 DAY))::DATE AS date
            FROM district_days HAVING count(*) > 0)
        SELECT d.date, count(s.date) OVER (ORDER BY d.date DESC) - count(s.date) OVER (PARTITION BY d.date) AS days
        FROM days d LEFT JOIN rz_school_days s USING (date)""",
    )


def days_since(time: str, *, today: date) -> str:
    """SQL: the school days since a time (UTC); null without a calendar or a time."""
    day = f"least(CAST({time} AS DATE), DATE '{today}')"
    return f"(SELECT s.days FROM rz_since s WHERE s.date = greatest({day}, (SELECT min(date) FROM rz_since)) AND {time} IS NOT NULL)"
