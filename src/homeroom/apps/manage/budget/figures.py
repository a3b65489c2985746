"""What pages show of a refresh plan: counts by year and kind, money by fund and year, the curve, and who waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.domain.manage.refresh.problem import RefreshProblem

MAX_SLIPS = 200
"""Groups that wait, of which pages show no more; the document has all."""
DOCUMENT_FIGURES = (
    "years", "weighted", "past_support", "missing", "bound", "gap", "paid", "committed", "thrown_away_minor", "visits",
    "curve", "level",
)  # fmt: skip


def build_figures(document: Mapping[str, Any], problem: RefreshProblem) -> dict[str, Any]:
    """Build the figures of a plan's document."""
    groups = {group.id: group for group in problem.groups}
    replaced: Counter[tuple[str, int]] = Counter()
    schools: Counter[tuple[str, int]] = Counter()
    for item in document["replace"]:
        group = groups[item["group"]]
        replaced[group.kind, item["year"]] += item["count"]
        schools[group.school, item["year"]] += item["count"]
    for item in document["add"]:
        replaced[item["kind"], item["year"]] += item["count"]
        schools[item["school"], item["year"]] += item["count"]
    slips = sorted(document["slips"], key=lambda item: (-item["count"], item["group"]))
    return {
        **{key: document[key] for key in DOCUMENT_FIGURES},
        "kinds": _list_lines(replaced, document["years"]),
        "schools": _list_lines(schools, document["years"]),
        "retired": sum(item["count"] for item in document["retire"]),
        "slips": [
            {**item, "school": groups[item["group"]].school, "kind": groups[item["group"]].kind}
            for item in slips[:MAX_SLIPS]
        ],
        "more_slips": max(0, len(slips) - MAX_SLIPS),
        "waiting": sum(item["count"] for item in slips),
        "unknown": sum(item["count"] for item in document["cannot_tell"]),
        "devices": sum(group.count for group in problem.groups),
    }


def _list_lines(counts: Mapping[tuple[str, int], int], years: Iterable[int]) -> list[list[Any]]:
    """Return a line a name, with the count of each year."""
    labels = list(years)
    return [[name, [counts.get((name, year), 0) for year in labels]] for name in sorted({name for name, _ in counts})]
