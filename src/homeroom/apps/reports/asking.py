"""What a report may ask: the published judgement's numbers, and rows of the snapshot that was judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import duckdb

from homeroom.apps.districts.stores import store_of
from homeroom.apps.posture.evidence import patient
from homeroom.apps.posture.places import answered
from homeroom.apps.posture.queries import Judgement, Result, failing_subjects, result
from homeroom.apps.posture.states import states_by
from homeroom.apps.posture.words import product_word
from homeroom.apps.reports.report import Figure, Report, Source
from homeroom.apps.reports.resting import ALL, carrying, which
from homeroom.evidence.store import Store

_SOURCES = "SELECT instance, connector, min(loaded_at) FROM sources WHERE {which} GROUP BY ALL ORDER BY instance"


class NothingJudged(Exception):
    """The district was never judged, so there is nothing to report."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One asking for a report: whose, and of which judgement. Every row comes from the snapshot that was judged."""

    district: Any
    of: Judgement
    today: date

    def answer[T](self, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """What `ask` makes of a session over the judged snapshot. Raises TooSlow where evidence does not answer."""
        return patient(lambda: answered(district=self.district, of=self.of, ask=ask))

    def rows(self, sql: str, **given: Any) -> list[tuple[Any, ...]]:
        """The rows of one question over the judged snapshot. Raises TooSlow where evidence does not answer."""
        return self.answer(lambda session: session.execute(sql, given or None).fetchall())

    def failing(self, control: str) -> tuple[int, ...]:
        """The failing subjects of a control, as its page lists them."""
        return failing_subjects(district=self.district, of=self.of, control=control)

    def result(self, control: str) -> Result | None:
        """A control's numbers; None where it was not judged."""
        return result(district=self.district, of=self.of, control=control)

    def states_by(self, control: str, *, column: str) -> Mapping[Any, Mapping[str, int]]:
        """How many subjects of a control stand in each state, by a column of the table that it asks."""
        return patient(lambda: states_by(district=self.district, of=self.of, control=control, column=column))

    def figure(self, control: str, *, label: str) -> Figure | None:
        """A control's failing as a figure: the same numbers as on its page. None where it was not judged."""
        found = self.result(control)
        if found is None:
            return None
        numbers = found.numbers
        return Figure(
            label=label,
            part=numbers.failing,
            whole=numbers.population,
            cannot_tell=numbers.cannot_tell,
            sources=self.behind(which(found.control)),
            control=control,
        )

    def sources(self, table: str) -> tuple[Source, ...]:
        """The source instances that carry the rows of people, accounts or devices, each with the age of its oldest part; all where none has a row."""
        return self._named(carrying(table)) or self.every_source()

    def behind(self, which: str) -> tuple[Source, ...]:
        """The source instances for which `which` holds, SQL over the table `sources`; those behind the devices where none does."""
        return self._named(which) or self.sources("devices")

    def every_source(self) -> tuple[Source, ...]:
        """Every source instance, for what is counted over all controls."""
        return self._named(ALL)

    def _named(self, which: str) -> tuple[Source, ...]:
        return tuple(
            Source(
                name=product_word(connector) if instance == connector else f"{product_word(connector)}: {instance}",
                loaded_at=at,
            )
            for instance, connector, at in self.rows(_SOURCES.format(which=which))
        )

    def report(self, *, name: str, title: str, lead: str, figures: Sequence[Figure | None], **rest: Any) -> Report:
        """A report of this district and day; figures that nobody counted are left out."""
        return Report(
            name=name,
            title=title,
            lead=lead,
            district=self.district.name,
            timezone=self.district.timezone,
            today=self.today,
            as_of=self.of.as_of,
            figures=tuple(one for one in figures if one is not None),
            **rest,
        )

    @cached_property
    def store(self) -> Store:
        """The district's evidence."""
        return store_of(district=self.district)
