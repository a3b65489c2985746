"""Names of tools: 400 messy lines of 250 products, with look-alikes, joined by the tool that each names."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Sequence

from bench.support.goals import Goal, require_exactly
from bench.support.medians import compute_medians
from bench.tool_names.order_lines import OrderLine, write_lines

LINES, PRODUCTS, SEEDS = 400, 250, range(1, 11)
REPEATED_LINES = 400_000
GOALS = {
    "pairs_precision": Goal(at_least=0.995),
    "pairs_recall": Goal(at_least=0.97),
    "look_alikes_joined": require_exactly(0),
    "cpu_seconds_for_400000": Goal(at_most=2),
}


def measure(*, runs: int) -> dict[str, float]:
    """Return medians over `runs` of the figures of ten sets of lines, the worst set counting."""
    return compute_medians([_run_once(run) for run in range(runs)])


def join_lines(lines: Sequence[OrderLine]) -> list[str]:
    """Return the key of each line: the tool that it names, else its bare text."""
    from homeroom.domain.manage.tools.names import ToolNames
    from homeroom.library.manage.tools.product_files import load_tool_products

    names = ToolNames(load_tool_products())
    keys = []
    for line in lines:
        product = names.find(line.text)
        keys.append(f"tool {product.id}" if product else f"bare {names.bare(line.text)}")
    return keys


def judge_lines(lines: Sequence[OrderLine], near: set[str]) -> dict[str, float]:
    """Return precision and recall over pairs of lines, and how many look-alikes share a key with another product."""
    keys = join_lines(lines)
    together = _count_pairs(zip(keys, [line.product for line in lines], strict=True))
    joined, same = _count_pairs(keys), _count_pairs([line.product for line in lines])
    products: dict[str, set[str]] = defaultdict(set)
    for key, line in zip(keys, lines, strict=True):
        products[key].add(line.product)
    return {
        "pairs_precision": together / joined if joined else 1.0,
        "pairs_recall": together / same if same else 1.0,
        "look_alikes_joined": float(sum(len(group) > 1 and bool(group & near) for group in products.values())),
    }


def _count_pairs(keys: object) -> int:
    return sum(count * (count - 1) // 2 for count in Counter(keys).values())  # type: ignore[call-overload]


def _run_once(run: int) -> dict[str, float]:
    figures = [judge_lines(*write_lines(seed=seed + 100 * run, lines=LINES, products=PRODUCTS)) for seed in SEEDS]
    lines, _ = write_lines(seed=1 + 100 * run, lines=3000, products=PRODUCTS)
    started = time.process_time()
    join_lines((lines * (REPEATED_LINES // len(lines) + 1))[:REPEATED_LINES])
    return {
        "pairs_precision": min(figure["pairs_precision"] for figure in figures),
        "pairs_recall": min(figure["pairs_recall"] for figure in figures),
        "look_alikes_joined": max(figure["look_alikes_joined"] for figure in figures),
        "cpu_seconds_for_400000": time.process_time() - started,
    }
