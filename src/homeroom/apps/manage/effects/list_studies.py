"""What a start changed in the use of a tool or in tickets, from loaded lists by school and week."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path

import duckdb

from homeroom.apps.manage.effects.started_files import read_started_file
from homeroom.domain.manage.estimates.studies import Study, StudyEffect, WeekValue
from homeroom.engines.manage.effect.effects import estimate_effect
from homeroom.engines.manage.tools.school_weeks import MAX_DAYS, SchoolWeeks, count_tickets, count_users
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

_TOOLS_SQL = """SELECT t.tool, t.name, list(l.record_key) FILTER (l.record_table = 'app_use_records')
    FROM tools t LEFT JOIN tool_links l ON l.tool = t.id GROUP BY ALL ORDER BY ALL"""
_MAX_NAMES = 8


class NoLists(ValueError):
    """No loaded list has weeks to compare; the message names what would fit."""


@dataclass(frozen=True, kw_only=True)
class ListStudy:
    """A study of lists; its values are counts per student of the school if `is_per_student`, else counts."""

    study: Study
    is_per_student: bool


def estimate_use_effect(path: Path, *, tool: str, store: EvidenceStore) -> StudyEffect:
    """Estimate what the starts of a file changed in the people who use a tool. Raise as `read_use_study` does."""
    return estimate_effect(read_use_study(path, tool=tool, store=store).study)


def estimate_ticket_effect(path: Path, *, store: EvidenceStore) -> StudyEffect:
    """Estimate what the starts of a file changed in tickets per week. Raise NoLists and FileRefused."""
    return estimate_effect(read_ticket_study(path, store=store).study)


def read_use_study(path: Path, *, tool: str, store: EvidenceStore) -> ListStudy:
    """Return the study of the people who use a tool, with the starts of a file.

    `tool` is its name or id in the portfolio. Raise NoLists, and FileRefused if the file does not fit.
    """

    def count_weeks(session: duckdb.DuckDBPyConnection) -> tuple[str, SchoolWeeks]:
        name, apps = _find_tool(session, tool)
        weeks = count_users(session, apps=apps)
        if not weeks.counts:
            raise NoLists(
                f"no list has the use of {name} by school in periods of up to {MAX_DAYS} days; "
                "a list of use by week with schools or addresses would fit"
            )
        return f"use of {name}", weeks

    return _read_study(path, store=store, count_weeks=count_weeks)


def read_ticket_study(path: Path, *, store: EvidenceStore) -> ListStudy:
    """Return the study of tickets by school and week, with the starts of a file. Raise NoLists and FileRefused."""

    def count_weeks(session: duckdb.DuckDBPyConnection) -> tuple[str, SchoolWeeks]:
        weeks = count_tickets(session)
        if not weeks.counts:
            raise NoLists("no list of tickets by day and school is loaded; a mapping to ticket_records would fit")
        return "tickets", weeks

    return _read_study(path, store=store, count_weeks=count_weeks)


def _read_study(
    path: Path,
    *,
    store: EvidenceStore,
    count_weeks: Callable[[duckdb.DuckDBPyConnection], tuple[str, SchoolWeeks]],
) -> ListStudy:
    newest = store.get_latest_derived()
    if newest is None:
        raise NoLists("nothing was loaded yet; run homeroom load, then homeroom assess")
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        name, weeks = count_weeks(session)
    values = tuple(WeekValue(school=school, week=week, value=value) for school, week, value in weeks.list_values())
    schools = sorted({item.school for item in values})
    days = read_started_file(path, schools=schools)
    mondays = {school: day - timedelta(days=day.weekday()) for school, day in days.items() if day is not None}
    starts = {school: mondays.get(school) for school in schools}
    return ListStudy(study=Study(name=name, weeks=values, starts=starts), is_per_student=bool(weeks.students))


def _find_tool(session: duckdb.DuckDBPyConnection, tool: str) -> tuple[str, tuple[str, ...]]:
    """Return a tool's name and what lists of use call it. Raise NoLists if no list has it."""
    rows = session.execute(_TOOLS_SQL).fetchall()
    wanted = " ".join(tool.split()).casefold()
    for identifier, name, apps in rows:
        if wanted in (identifier.casefold(), name.casefold()) and apps:
            return name, tuple(apps)
    used = [name for _, name, apps in rows if apps]
    nearest = get_close_matches(tool, used, n=1, cutoff=0.5) or used[:_MAX_NAMES]
    fits = f"{', '.join(nearest)} would fit" if nearest else "a list of the use of apps would fit"
    raise NoLists(f"no list has the use of {tool!r}; {fits}")
