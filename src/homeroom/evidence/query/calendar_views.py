"""Views that merge all calendars into the district's school days and bell times, used by every query."""

from __future__ import annotations

VIEW = "district_days"
DISTRICT_DAYS = f"""
CREATE VIEW {VIEW} AS
WITH own AS (
    SELECT *, kind <> 'school' AND title IS NOT NULL AS is_closing FROM calendar_days
    WHERE coalesce(org_key, '') = ''
      AND (title IS NULL OR EXISTS (SELECT 1 FROM calendar_days WHERE kind = 'school'))
), asked AS (
    SELECT * FROM own
    UNION ALL
    SELECT *, false FROM calendar_days
    WHERE coalesce(org_key, '') <> '' AND NOT EXISTS (SELECT 1 FROM own WHERE kind = 'school')
), days AS (
    SELECT *,
           bool_or(is_closing) OVER same
           AND NOT bool_or(kind = 'school' AND title IS NOT NULL AND coalesce(org_key, '') = '') OVER same AS is_closed
    FROM asked WINDOW same AS (PARTITION BY date)
)
SELECT date,
       CASE WHEN bool_or(kind = 'school') THEN 'school' ELSE min(kind) END AS kind,
       CASE WHEN bool_or(kind = 'school') THEN min(title) FILTER (kind = 'school') ELSE min(title) END AS title,
       min(first_bell) FILTER (kind = 'school') AS first_bell,
       max(last_bell) FILTER (kind = 'school') AS last_bell
FROM days WHERE NOT is_closed OR is_closing GROUP BY date
"""
"""A view over calendar_days, one row per day: date, kind, title, first_bell, last_bell.

The district's own days count if it has any with school. If only schools have calendars, a day is a school day if any
school has school; the district then begins with its first bell and ends with its last one. A closing of the whole
district that has a name closes a day that another calendar only counts as a weekday: so a calendar of closings alone
works beside district.yaml. Closings without any school day are no calendar.
"""

DISTRICT_BELLS = f"""
CREATE VIEW district_bells AS
WITH said AS MATERIALIZED (SELECT date, org_key, kind, first_bell, last_bell FROM calendar_days),
listed AS MATERIALIZED (SELECT date, kind, title FROM {VIEW}),
own AS (
    SELECT date, min(first_bell) AS first_bell, max(last_bell) AS last_bell
    FROM said WHERE kind = 'school' AND coalesce(org_key, '') = '' GROUP BY date
), school AS (
    SELECT date, first_bell, last_bell FROM said WHERE kind = 'school' AND org_key <> ''
    UNION ALL
    SELECT d.date, w.first_bell, w.last_bell
    FROM listed d JOIN bell_weeks w ON w.kind = 'school' AND w.weekday = lower(left(dayname(d.date), 3))
    ANTI JOIN (SELECT * FROM said WHERE kind <> 'school' OR first_bell IS NOT NULL) c
        ON c.date = d.date AND c.org_key = w.org_key
    WHERE d.kind = 'school'
), schools AS (
    SELECT date, min(first_bell) AS first_bell, max(last_bell) AS last_bell FROM school GROUP BY date
)
SELECT d.date, d.kind, d.title,
       coalesce(o.first_bell, s.first_bell) AS first_bell,
       coalesce(o.last_bell, s.last_bell) AS last_bell
FROM listed d LEFT JOIN own o USING (date) LEFT JOIN schools s USING (date)
"""
"""A view over district_days with the bells of every school: date, kind, title, first_bell, last_bell.

The district's own bells count if it names any for that day. Otherwise they are the earliest first and the latest last
bell of all schools, each by its own calendar for that day or, if that names no bell, by the usual week of the school. A
school whose own calendar has no school on that day rings none.
"""

DISTRICT_WEEK = """
CREATE VIEW district_week AS
SELECT weekday, min(first_bell) AS first_bell, max(last_bell) AS last_bell
FROM bell_weeks WHERE kind = 'school' GROUP BY weekday
"""
"""A view over bell_weeks: the weekdays on which any school has school, with the earliest and latest bell.

It keeps class undisturbed where no dated calendar reaches. It knows neither holidays nor when the year begins, and is
never counted as school days.
"""

VIEWS = (DISTRICT_DAYS, DISTRICT_BELLS, DISTRICT_WEEK)
TABLES = frozenset({"calendar_days", "bell_weeks"})
"""What the views are over."""
