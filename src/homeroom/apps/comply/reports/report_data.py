"""Data for a report: the numbers of the published assessment, and rows of the assessed snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import duckdb
from django.utils.translation import get_language

from homeroom.apps.comply.reports.figure_sources import ALL_SOURCES_SQL, control_sources_sql, table_sources_sql
from homeroom.apps.comply.reports.report import ENGLISH, DistrictReport, FigureSource, ReportFigure
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.catalog.translated_controls import translate_control
from homeroom.apps.protect.posture.published.queries import (
    AssessedControl,
    AssessmentRef,
    get_control_result,
    list_failing_subjects,
)
from homeroom.apps.protect.posture.rows.by_state import count_states_by_column
from homeroom.apps.protect.posture.rows.snapshot import query_assessed_snapshot
from homeroom.apps.protect.posture.rows.subject_states import list_rows_behind
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.retry import retry_on_timeout
from homeroom.evidence.query.executor import QueryTimeout

_SOURCES_SQL = "SELECT instance, connector, min(loaded_at) FROM sources WHERE {which} GROUP BY ALL ORDER BY instance"


def get_report_language() -> str:
    """Return the language of a report that is built now: the active one."""
    return (get_language() or ENGLISH).partition("-")[0]


class NotAssessed(Exception):
    """The district was never assessed, so there is nothing to report."""


@dataclass(frozen=True, kw_only=True)
class ReportData:
    """Data source of one report: district, assessment and day. All rows come from the assessed snapshot."""

    district: District
    assessment: AssessmentRef
    today: date

    def query_snapshot[T](self, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Run a query in a session over the assessed snapshot. Raise QueryTimeout."""
        return retry_on_timeout(
            lambda: query_assessed_snapshot(district=self.district, assessment=self.assessment, query=ask)
        )

    def query_rows(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """Return the rows of an SQL query over the assessed snapshot. Raise QueryTimeout."""
        return self.query_snapshot(lambda session: session.execute(sql, parameters or None).fetchall())

    def list_failing_subjects(self, control: str) -> tuple[int, ...]:
        """Return the failing subjects of a control, as its page lists them."""
        return list_failing_subjects(district=self.district, assessment=self.assessment, control=control)

    def get_result(self, control: str) -> AssessedControl | None:
        """Return a control's numbers; None if it was not assessed."""
        result = get_control_result(district=self.district, assessment=self.assessment, control=control)
        return replace(result, control=translate_control(result.control)) if result is not None else None

    def count_states_by(self, control: str, *, column: str) -> Mapping[Any, Mapping[str, int]]:
        """Count the subjects of a control by state, grouped by a column of its table."""
        return retry_on_timeout(
            lambda: count_states_by_column(
                district=self.district, assessment=self.assessment, control=control, column=column
            )
        )

    def describe_failing(self, control_result: AssessedControl) -> str:
        """Return what is wrong under a control; of one failing tenant, how many rows are behind it."""
        control = control_result.control
        if control.behind is not None and control_result.numbers.failing == 1:
            try:
                rows = list_rows_behind(
                    district=self.district,
                    assessment=self.assessment,
                    control=control.id,
                    kind=control.subject,
                    subjects=self.list_failing_subjects(control.id),
                )
            except QueryTimeout:
                return control_result.problem
            return control.behind.format_for(len(rows))
        return control_result.problem

    def build_figure(self, control: str, *, label: str) -> ReportFigure | None:
        """Build a figure from a control's numbers, the same as on its page. None if it was not assessed."""
        control_result = self.get_result(control)
        if control_result is None:
            return None
        numbers = control_result.numbers
        return ReportFigure(
            label=label,
            part=numbers.failing,
            total=numbers.population,
            cannot_tell=numbers.cannot_tell,
            sources=self.find_sources(control_sources_sql(control_result.control)),
            control=control,
        )

    def list_sources(self, table: str) -> tuple[FigureSource, ...]:
        """Return the source instances that report people, accounts or devices, each with the age of its oldest part.

        Return all source instances if the table has no rows.
        """
        return self.match_sources(table_sources_sql(table)) or self.list_all_sources()

    def find_sources(self, condition: str) -> tuple[FigureSource, ...]:
        """Return the source instances that match `condition` (SQL over `sources`); else those of the devices."""
        return self.match_sources(condition) or self.list_sources("devices")

    def list_all_sources(self) -> tuple[FigureSource, ...]:
        """Return every source instance, for figures over all controls."""
        return self.match_sources(ALL_SOURCES_SQL)

    def match_sources(self, condition: str) -> tuple[FigureSource, ...]:
        """Return the source instances that match `condition` (SQL over `sources`), possibly none; asked once each."""
        if condition not in self._sources:
            self._sources[condition] = self._query_sources(condition)
        return self._sources[condition]

    def _query_sources(self, condition: str) -> tuple[FigureSource, ...]:
        return tuple(
            FigureSource(
                name=product_word(connector) if instance == connector else f"{product_word(connector)}: {instance}",
                loaded_at=loaded_at,
            )
            for instance, connector, loaded_at in self.query_rows(_SOURCES_SQL.format(which=condition))
        )

    def create_report(
        self, *, name: str, title: str, lead: str, figures: Sequence[ReportFigure | None], **fields: Any
    ) -> DistrictReport:
        """Create a report of this district and day; figures that are None are left out."""
        return DistrictReport(
            name=name,
            title=title,
            lead=lead,
            district=self.district.name,
            timezone=self.district.timezone,
            today=self.today,
            as_of=self.assessment.as_of,
            language=get_report_language(),
            figures=tuple(figure for figure in figures if figure is not None),
            **fields,
        )

    @cached_property
    def _sources(self) -> dict[str, tuple[FigureSource, ...]]:
        """Source instances by condition; most figures of a report have those of a few tables."""
        return {}

    @cached_property
    def store(self) -> EvidenceStore:
        """Return the district's evidence store."""
        return get_evidence_store(district=self.district)
