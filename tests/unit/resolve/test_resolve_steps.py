"""Test the steps of the resolution as data: their order, and what their SQL names."""

from __future__ import annotations

from datetime import date

from homeroom.engines.resolve.pipeline import INPUTS, OUTPUTS, PREFIX, list_resolve_stages
from homeroom.evidence.query.steps import find_order_problems, find_unused_reads, iter_steps, list_steps

STEPS = list_steps(list_resolve_stages(today=date(2026, 1, 15)))


def test_each_step_reads_only_what_was_written_before_and_nothing_is_written_in_vain() -> None:
    assert find_order_problems(STEPS, inputs=INPUTS, outputs=OUTPUTS) == ()


def test_each_step_declares_the_tables_that_its_sql_names() -> None:
    assert find_unused_reads(STEPS, prefix=PREFIX) == ()


def test_most_steps_are_sql_and_every_step_has_a_name_of_its_own_in_its_stage() -> None:
    all_steps = [step for _, step in iter_steps(STEPS)]
    assert sum(bool(step.sql) for step in all_steps) > 0.9 * sum(not step.steps for step in all_steps)
    for stage in list_resolve_stages(today=date(2026, 1, 15)):
        names = [step.name for step in stage.steps]
        repeated = {name for name in names if names.count(name) > 1}
        assert repeated <= {
            "match accounts by what they share with an assigned account",
            "assign accounts by what they share with another",
        }
