"""Messy lines of orders are joined by the tool that they name, and look-alikes by nothing."""

from __future__ import annotations

import pytest

from bench.tool_names.names import judge_lines
from bench.tool_names.order_lines import OrderLine, write_lines


@pytest.mark.parametrize("seed", [11, 12])
def test_messy_lines_are_joined_by_tool(seed: int) -> None:
    figures = judge_lines(*write_lines(seed=seed))
    assert figures["pairs_precision"] >= 0.995
    assert figures["pairs_recall"] >= 0.97
    assert figures["look_alikes_joined"] == 0


def test_lines_hold_typos_and_look_alikes_of_names() -> None:
    lines, near = write_lines(seed=11)
    assert len(lines) == 400
    assert len({line.product for line in lines}) == 250
    assert near <= {line.product for line in lines}
    assert len(near) > 20


def test_a_wrong_join_and_a_missed_join_are_counted() -> None:
    lines = [OrderLine("Kami", "a"), OrderLine("kamiapp.com", "b"), OrderLine("Nearpod", "c"), OrderLine("Pod", "c")]
    assert judge_lines(lines, {"b"}) == {"pairs_precision": 0.0, "pairs_recall": 0.0, "look_alikes_joined": 1.0}
