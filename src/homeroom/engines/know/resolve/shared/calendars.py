"""School days that lie after a day, up to and including today."""

from __future__ import annotations

from datetime import date

from homeroom.evidence.query.steps import Step


def list_calendar_steps(*, today: date) -> tuple[Step, ...]:
    """Build rz_since (date, days): the number of school days after a date, up to `today`.

    There is a row for each date from the day before the calendar begins to today, and none without a calendar.
    `homeroom.evidence.query.calendar_views` decides which days are the district's. An earlier day counts as the day
    before the calendar, so that its number is a lower bound.
    """
    return (
        Step(
            name="list school days",
            reads=(),
            writes=("school_days",),
            sql=f"SELECT date FROM district_days WHERE kind = 'school' AND date <= DATE '{today}'",
        ),
        Step(
            name="count school days after each date",
            reads=("school_days",),
            writes=("since",),
            sql=f"""WITH days AS (SELECT unnest(generate_series(least(min(date) - 1, DATE '{today}'), DATE '{today}',
            INTERVAL 1 DAY))::DATE AS date
            FROM district_days HAVING count(*) > 0)
        SELECT d.date, count(s.date) OVER (ORDER BY d.date DESC) - count(s.date) OVER (PARTITION BY d.date) AS days
        FROM days d LEFT JOIN rz_school_days s USING (date)""",
        ),
    )


def days_since_sql(time: str, *, today: date) -> str:
    """Return SQL for the school days since a time (UTC); null without a calendar or a time."""
    day = f"least(CAST({time} AS DATE), DATE '{today}')"
    return (
        f"(SELECT s.days FROM rz_since s WHERE s.date = greatest({day}, (SELECT min(date) FROM rz_since)) AND "
        f"{time} IS NOT NULL)"
    )
