"""A resolution whose tables are computed when a test first reads them, with only the steps that they depend on.

A full resolution of the smallest district takes half a second of a processor, most of it for tables that a test does
not read. The steps declare what they read and write, so that those behind a table are known, and a step that read
another table would be refused (`homeroom.evidence.query.temp_tables`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import duckdb
import pyarrow as pa

from homeroom.engines.know.resolve import ResolveResult
from homeroom.engines.know.resolve.pipeline import INPUTS, PREFIX, TABLES
from homeroom.engines.know.resolve.records.staging import RECORD_TABLES
from homeroom.engines.know.resolve.records.subject_ids import CHANGES_INPUTS
from homeroom.evidence.query.steps import Step, iter_steps, run_steps
from homeroom.evidence.query.temp_tables import TempTables

NODES = tuple(f"{kind}_nodes" for kind in RECORD_TABLES)
"""Temporary tables of the records of each kind, with the number of their subject."""


@dataclass
class PartialResult(Mapping[str, pa.Table]):
    """The tables of a resolution, and the attributes of a ResolveResult.

    Once the steps that ran would be more than those of a full resolution, that runs instead.
    """

    session: duckdb.DuckDBPyConnection
    steps: Sequence[Step]
    inputs: Mapping[str, pa.Table]
    resolve_all: Callable[[], ResolveResult]
    step_count: int = 0
    resolved: dict[str, pa.Table] = field(default_factory=dict)

    def __getitem__(self, name: str) -> pa.Table:
        """Return a derived table, or one of NODES."""
        if name not in self.resolved:
            self.step_count += _count_steps(select_steps(self.steps, output=name))
            if name in NODES or self.step_count < _count_steps(self.steps):
                self.resolved[name] = self.resolve_table(name)
            else:
                self.resolved |= self.full_result.tables
        return self.resolved[name]

    def __iter__(self) -> Iterator[str]:
        """Yield the names of all derived tables, which somebody wants who lists them."""
        self.resolved |= self.full_result.tables
        return iter(self.full_result.tables)

    def __len__(self) -> int:
        return len(TABLES)

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """Every derived table."""
        return self

    @cached_property
    def full_result(self) -> ResolveResult:
        """The full resolution."""
        return self.resolve_all()

    @property
    def ledger_added(self) -> pa.Table:
        return self.full_result.ledger_added

    @property
    def merged(self) -> pa.Table:
        return self.full_result.merged

    @property
    def worthless(self) -> pa.Table:
        return self.full_result.worthless

    def resolve_table(self, output: str) -> pa.Table:
        """Return a table from the steps that it depends on."""
        steps, tables = select_steps(self.steps, output=output), TempTables(self.session, prefix=PREFIX)
        try:
            for name, table in self.inputs.items():
                tables.register(name, table.cast(INPUTS[name]))
            run_steps(tables, steps, outputs=(output,))
            declared = next((table for table in TABLES if table.name == output), None)
            return tables.fetch_declared(declared) if declared else tables.fetch_arrow(f"FROM {PREFIX}{output}")
        finally:
            tables.drop_all()


def select_steps(steps: Sequence[Step], *, output: str) -> list[Step]:
    """Return the steps on which a table depends, in order.

    The tables of CHANGES_INPUTS are no reason for a step: others only append rows to them.
    """
    needed, selected = {output}, []
    for step in reversed(steps):
        if needed.intersection(step.writes):
            selected.append(step)
            needed = (needed - set(step.writes)) | (set(step.reads) - CHANGES_INPUTS.keys())
    return selected[::-1]


def _count_steps(steps: Sequence[Step]) -> int:
    return sum(1 for _ in iter_steps(steps))
