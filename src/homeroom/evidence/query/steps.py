"""Steps of an engine as data: the temporary tables that each reads and writes, run in order.

A table is dropped after the last step that reads it, and `find_order_problems` shows without running anything whether
each step reads only what was written before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.query.temp_tables import TempTables, find_table_names


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step. `reads` and `writes` name temporary tables, without the prefix of their engine.

    It has one body. `sql` is a SELECT, whose rows become the single table in `writes`, or a statement that changes
    that table. `run` is a function for what SQL alone does not express; tables that it creates and `writes` does not
    name are dropped when it ends. `steps` are the parts of a larger step, under the same rule.

    A step runs only if the query `when` returns true. A step that reads a table which it writes changes that table, so
    that the table exists even if the step does not run.
    """

    name: str
    writes: tuple[str, ...]
    reads: tuple[str, ...] = ()
    sql: str = ""
    run: Callable[[TempTables], None] | None = None
    steps: tuple[Step, ...] = ()
    when: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError if the step has not exactly one body, or a SELECT not exactly one table."""
        bodies = bool(self.sql) + (self.run is not None) + bool(self.steps)
        if bodies != 1:
            raise ValueError(f"step {self.name} has {bodies} of sql, run and steps; it needs one")
        if self.is_select and len(self.writes) != 1:
            raise ValueError(f"step {self.name} writes {len(self.writes)} tables; a SELECT writes one")

    @property
    def is_select(self) -> bool:
        """True if `sql` is a query whose rows become a table."""
        return self.sql.lstrip().startswith(("SELECT", "WITH", "FROM"))


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Steps under a name that progress reports and the printed graph use."""

    name: str
    steps: tuple[Step, ...]


def run_steps(tables: TempTables, steps: Sequence[Step], *, outputs: Collection[str] = ()) -> None:
    """Run steps in order, and drop each table after the last step that reads it, except the outputs.

    Raise UndeclaredTable if a step names a table that it does not declare.
    """
    for step, unneeded in zip(steps, list_unneeded_tables(steps, outputs=outputs), strict=True):
        _run_step(tables, step)
        tables.drop(unneeded)


def run_stages(
    tables: TempTables, stages: Sequence[Stage], *, outputs: Collection[str], report: Progress = ignore_progress
) -> None:
    """Run the steps of every stage like `run_steps`, and report each stage by its name and number."""
    steps = list_steps(stages)
    unneeded = iter(list_unneeded_tables(steps, outputs=outputs))
    for number, stage in enumerate(stages):
        report(stage.name, number, len(stages))
        for step in stage.steps:
            _run_step(tables, step)
            tables.drop(next(unneeded))


def list_steps(stages: Sequence[Stage]) -> tuple[Step, ...]:
    """Return the steps of all stages in order."""
    return tuple(step for stage in stages for step in stage.steps)


def list_unneeded_tables(steps: Sequence[Step], *, outputs: Collection[str] = ()) -> list[frozenset[str]]:
    """Return for each step the tables that no later step needs as the step leaves them, except the outputs."""
    needed = set(outputs)
    unneeded: list[frozenset[str]] = []
    for step in reversed(steps):
        unneeded.append(frozenset({*step.reads, *step.writes} - needed))
        needed = (needed - set(step.writes)) | set(step.reads)
    return unneeded[::-1]


def find_order_problems(
    steps: Sequence[Step], *, inputs: Collection[str] = (), outputs: Collection[str] = ()
) -> tuple[str, ...]:
    """Return a sentence for each table that is read before it is written, or written and never read."""
    problems: list[str] = []
    existing = set(inputs)
    for step in steps:
        problems += [
            f"{step.name} reads {name}, which no step before it writes" for name in sorted(set(step.reads) - existing)
        ]
        if step.steps:
            inner_inputs = frozenset(step.reads)
            problems += find_order_problems(step.steps, inputs=inner_inputs, outputs=step.writes)
        existing |= set(step.writes)
    problems += [f"no step writes the output {name}" for name in sorted(set(outputs) - existing)]
    for step, unneeded in zip(steps, list_unneeded_tables(steps, outputs=outputs), strict=True):
        unread = set(step.writes) & unneeded
        problems += [f"{step.name} writes {name}, which no step after it reads" for name in sorted(unread)]
    return tuple(problems)


def find_unused_reads(steps: Sequence[Step], *, prefix: str) -> tuple[str, ...]:
    """Return a sentence for each table that a step with `sql` declares and its text does not name, or the reverse."""
    problems: list[str] = []
    for _, step in iter_steps(steps):
        if step.sql:
            names = find_table_names(f"{step.sql} {step.when}", prefix=prefix)
            # The text of a SELECT need not name the table that its rows become.
            created = frozenset(step.writes if step.is_select else ()) - names
            declared = frozenset((*step.reads, *step.writes)) - created
            problems += [
                f"{step.name} declares {name}, which its SQL does not name" for name in sorted(declared - names)
            ]
            problems += [f"{step.name} names {name}, which it does not declare" for name in sorted(names - declared)]
    return tuple(problems)


def iter_steps(steps: Sequence[Step], *, depth: int = 0) -> Iterator[tuple[int, Step]]:
    """Yield every step with its depth, the parts of a larger step after it."""
    for step in steps:
        yield depth, step
        yield from iter_steps(step.steps, depth=depth + 1)


def _run_step(tables: TempTables, step: Step) -> None:
    with tables.run_in_scope(step.name, reads=step.reads, writes=step.writes):
        if step.when and not tables.fetch_rows(step.when)[0][0]:
            return
        if step.run is not None:
            step.run(tables)
        elif step.steps:
            run_steps(tables, step.steps, outputs=(*step.reads, *step.writes))
        elif step.is_select:
            tables.create(step.writes[0], step.sql)
        else:
            tables.execute(step.sql)
