"""Test the steps of the vulnerability engine and of the review: what they read is written before, and is used."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from homeroom.engines.protect.vulnerabilities.engine import INPUTS, OUTPUTS, PREFIX, list_vulnerability_stages
from homeroom.engines.protect.vulnerabilities.gap_review import REVIEW_INPUTS, REVIEW_OUTPUTS, list_review_stages
from homeroom.evidence.query.steps import Stage, find_order_problems, find_unused_reads, iter_steps, list_steps
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights

TODAY = date(2026, 11, 24)
ENGINE_STAGES = list_vulnerability_stages(products=(), weights=load_vulnerability_weights(), today=TODAY)
REVIEW_STAGES = list_review_stages(days={"medium": 30}, today=TODAY, ensure_remedies=lambda needed: needed)
CASES = pytest.mark.parametrize(
    ("stages", "inputs", "outputs"),
    [
        pytest.param(ENGINE_STAGES, INPUTS, OUTPUTS, id="engine"),
        pytest.param(REVIEW_STAGES, REVIEW_INPUTS, REVIEW_OUTPUTS, id="review"),
    ],
)


@CASES
def test_each_step_reads_what_was_written_before_and_each_table_is_read(
    stages: Sequence[Stage], inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    assert find_order_problems(list_steps(stages), inputs=inputs, outputs=outputs) == ()


@CASES
def test_each_step_names_the_tables_that_it_declares(
    stages: Sequence[Stage], inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    assert find_unused_reads(list_steps(stages), prefix=PREFIX) == ()


@CASES
def test_each_input_is_read_and_no_two_steps_have_the_same_name(
    stages: Sequence[Stage], inputs: Sequence[str], outputs: Sequence[str]
) -> None:
    steps = [step for _, step in iter_steps(list_steps(stages))]
    assert set(inputs) <= {name for step in steps for name in step.reads}
    assert len({step.name for step in steps}) == len(steps)
