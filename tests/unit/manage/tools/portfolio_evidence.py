"""Evidence of an invented district for the portfolio: schools, people, contracts, use, coverage, backups."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from homeroom.domain.manage.tools.capabilities import Audience, Capability
from homeroom.domain.manage.tools.portfolio import Portfolio
from homeroom.domain.manage.tools.products import Season, ToolProduct
from homeroom.engines.manage.tools.portfolio import ToolContent, build_portfolio
from homeroom.evidence.query.session import SOURCES_SCHEMA, build_view_schema, open_session_over

TODAY = date(2026, 11, 28)
FIRST_SCHOOL_DAY = date(2026, 8, 17)
STUDENTS = {"Oak Elementary": 300, "Elm Middle": 200, "Ash High": 500}

CAPABILITIES = (
    Capability(id="content-filter", title="Filter", audience=Audience.STUDENTS, needed="CIPA", words=("filter",)),
    Capability(id="classroom-management", title="Screens", audience=Audience.STUDENTS, words=("classroom",)),
    Capability(id="math-practice", title="Math", audience=Audience.STUDENTS),
    Capability(id="quiz-game", title="Quizzes", audience=Audience.STUDENTS),
    Capability(id="lms", title="Courses", audience=Audience.STUDENTS, needed="Courses need a place"),
    Capability(id="video-meeting", title="Meetings", audience=Audience.EVERYBODY),
    Capability(id="backup-servers", title="Backups", audience=Audience.DISTRICT, needed="Ransomware"),
    Capability(id="password-manager", title="Passwords", audience=Audience.STAFF),
)
PRODUCTS = (
    ToolProduct(
        id="kestrel-filter", name="Kestrel Filter", vendor="Kestrel", does=frozenset({"content-filter"}),
        also_does=frozenset({"classroom-management"}), extension_ids=("abcdefghijklmnopabcdefghijklmnop",),
    ),
    ToolProduct(id="heron-filter", name="Heron Filter", does=frozenset({"content-filter"})),
    ToolProduct(id="finch-class", name="Finch Class", does=frozenset({"classroom-management"})),
    ToolProduct(id="wren-math", name="Wren Math", names=("WrenMath",), does=frozenset({"math-practice"})),
    ToolProduct(id="lark-math", name="Lark Math", does=frozenset({"math-practice"})),
    ToolProduct(
        id="spring-math", name="Spring Math", does=frozenset({"math-practice"}),
        season=Season(starts="04-01", ends="05-31"),
    ),
    ToolProduct(id="nest", name="Nest Courses", does=frozenset({"lms"}), also_does=frozenset({"video-meeting"})),
    ToolProduct(id="gull-meet", name="Gull Meet", does=frozenset({"video-meeting"}), client_ids=("77.apps.example",)),
    ToolProduct(id="owl-backup", name="Owl Backup", does=frozenset({"backup-servers"}), software=("owl",)),
)  # fmt: skip


@dataclass
class PortfolioEvidence:
    """Rows by table, and what reads them; by default three schools with their students, and a calendar."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    consoles: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add the students and the days of school up to today."""
        number = 0
        for school, count in STUDENTS.items():
            for _ in range(count):
                number += 1
                self.rows["people"].append({"id": number, "kind": "student", "here": True, "school": school,
                                            "email": f"s{number}@maple.example"})  # fmt: skip
        day = FIRST_SCHOOL_DAY
        while day <= date(2027, 5, 28):
            if day.weekday() < 5:
                self.rows["calendar_days"].append({"connector": "district", "instance": "district", "date": day,
                                                   "org_key": "", "kind": "school"})  # fmt: skip
            day += timedelta(days=1)

    def add_contract(self, key: str, product: str, *, cost: int | None = 100_000, **values: Any) -> None:
        """Add a contract that runs this fiscal year, with 100 seats."""
        self._add("contract_records", {
            "key": key, "product": product, "cost_minor": cost, "currency": "USD", "seats": 100,
            "starts_on": date(2026, 7, 1), "ends_on": date(2027, 6, 30), **values,
        }, instance="contracts")  # fmt: skip

    def add_use(self, app: str, users: int | None, *, school: str = "", **values: Any) -> None:
        """Add a row of a list of use about an app, from September to October."""
        self._add("app_use_records", {
            "app": app, "email": "", "school_name": school, "since": date(2026, 9, 1), "until": date(2026, 10, 30),
            "users": users, **values,
        }, instance=values.pop("instance", "portal"))  # fmt: skip

    def add_use_everywhere(self, app: str, users: int, **values: Any) -> None:
        """Add as many users of an app in each school."""
        for school in STUDENTS:
            self.add_use(app, users, school=school, **values)

    def add_backup(self, system: str, *, days: int | None, tool: str = "Owl Backup", job: str = "") -> None:
        """Add a backup of a system that succeeded so many days ago."""
        at = None if days is None else datetime.combine(TODAY - timedelta(days=days), time(3), tzinfo=UTC)
        self._add("backup_records", {"system": system, "job": job, "tool": tool, "last_success": at}, instance="b")

    def add_device(self, number: int, *, school: str = "Oak Elementary", **values: Any) -> None:
        """Add an active Chromebook of a student."""
        self.rows["devices"].append({
            "id": number, "serial": f"SN{number:05}", "kind": "chromebook", "platform": "chromeos", "active": True,
            "known": True, "holder_kind": "student", "school": school, **values,
        })  # fmt: skip

    def add_covered(
        self, number: int, *, tool: str | None = "Kestrel Filter", seen: int | None = 1, **values: Any
    ) -> None:
        """Add a row of a list of coverage about a device, which reported so many days ago."""
        at = None if seen is None else datetime.combine(TODAY - timedelta(days=seen), time(15), tzinfo=UTC)
        self._add("coverage_records", {
            "purpose": "filter", "key": str(number), "tool": tool, "serial": f"sn{number:05}", "last_seen": at,
            **values,
        }, instance="filter")  # fmt: skip

    def add_row(self, table: str, **values: Any) -> None:
        """Add a row of a source table."""
        self._add(table, values, instance=values.pop("instance", "other"))

    def open(self) -> duckdb.DuckDBPyConnection:
        """Open a session over the rows."""
        tables = {name: _build_table(name, rows) for name, rows in self.rows.items() if name != "sources"}
        sources = pa.Table.from_pylist(
            [{"connector": name, "instance": name, "stream": name, "scope": "/"} for name in self.consoles],
            schema=SOURCES_SCHEMA,
        )
        return open_session_over(tables, sources=sources)

    def build(self, *, today: date = TODAY) -> Portfolio:
        """Build the portfolio."""
        content = ToolContent(
            products=PRODUCTS, capabilities={entry.id: entry for entry in CAPABILITIES}, consoles=self.consoles
        )
        with self.open() as session:
            return build_portfolio(session, content=content, today=today)

    def _add(self, table: str, values: dict[str, Any], *, instance: str) -> None:
        self.rows[table].append({"connector": instance, "instance": instance, "load_id": f"{instance}-1", **values})


def _build_table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    names = {key for row in rows for key in row}
    schema = build_view_schema(name)
    return pa.Table.from_pylist(rows, schema=pa.schema([item for item in schema if item.name in names]))
