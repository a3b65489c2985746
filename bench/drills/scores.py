"""Score judgments of events against what is true of a simulated world."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from homeroom.sample.drills.events import DrillEvent, WrittenFile

CLICKS = frozenset({"clicked", "posted"})
REMOVED = frozenset({"machine", "other"})
_Z = 1.959963984540054


@dataclass(kw_only=True)
class JudgmentCounts:
    """Counts of judged events: truly removable, own, removed rightly and wrongly, undecided, without a judgment."""

    removable: int = 0
    own: int = 0
    rightly: int = 0
    wrongly: int = 0
    cannot_tell: int = 0
    missing: int = 0

    @property
    def events(self) -> int:
        return self.removable + self.own

    def count_event(self, event: DrillEvent, verdict: str | None) -> None:
        """Count an event and its verdict; None is no judgment."""
        removable = event.origin in REMOVED
        self.removable += removable
        self.own += not removable
        self.cannot_tell += verdict == "cannot tell"
        self.missing += verdict is None
        if verdict in REMOVED:
            self.rightly += removable
            self.wrongly += not removable

    def compute_precision(self) -> float | None:
        """Return the share of removed events that are not the recipient's; None if none was removed."""
        return divide(self.rightly, self.rightly + self.wrongly)

    def compute_recall(self) -> float | None:
        """Return the share of events that are not the recipient's that were removed; None if there is none."""
        return divide(self.rightly, self.removable)

    def compute_own_removed(self) -> float | None:
        """Return the share of the recipients' own events that were removed."""
        return divide(self.wrongly, self.own)

    def compute_cannot_tell(self) -> float | None:
        """Return the share of undecided events."""
        return divide(self.cannot_tell, self.events)


@dataclass(kw_only=True)
class DrillIntervals:
    """What drills' intervals hold: true share, planted chance, and widths against Wilson's over the truth."""

    drills: int = 0
    true_inside: int = 0
    chance_inside: int = 0
    width_ratios: list[float] = field(default_factory=list)
    cannot_tell_people: int = 0
    delivered: int = 0

    def count_drill(self, file: WrittenFile, answer: Mapping[str, Any] | None) -> None:
        """Count a drill; without an answer, or without an interval, nothing is inside."""
        self.drills += 1
        if answer is None:
            return
        missed, delivered = answer["missed"], len(file.drill.delivered_at)
        self.cannot_tell_people += missed["cannot_tell"] or 0
        self.delivered += delivered
        low, high = missed["low"], missed["high"]
        if low is None or high is None or not delivered:
            return
        count = len(file.drill.missed)
        self.true_inside += low <= count / delivered <= high
        self.chance_inside += low <= file.drill.chance <= high
        bottom, top = compute_wilson(count, delivered)
        self.width_ratios.append((high - low) / (top - bottom))

    def summarize(self) -> dict[str, float | None]:
        """Return the shares of drills, and the median of the width ratios."""
        return {
            "drills": self.drills,
            "true_share_inside": divide(self.true_inside, self.drills),
            "planted_chance_inside": divide(self.chance_inside, self.drills),
            "width_over_wilson": median(self.width_ratios) if self.width_ratios else None,
        }


def divide(part: float, total: float) -> float | None:
    """Return the share, or None if there is nothing to divide by."""
    return part / total if total else None


def compute_wilson(count: int, total: int) -> tuple[float, float]:
    """Return Wilson's interval of 95 % for a share (Wilson 1927); total is at least 1."""
    share, square = count / total, _Z * _Z
    center = (share + square / (2 * total)) / (1 + square / total)
    half = _Z / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total * total))
    return center - half, center + half


def read_judgments(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of an events file by the file that they are about."""
    judgments: dict[str, list[dict[str, Any]]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            judgment = json.loads(line)
            judgments[judgment["file"]].append(judgment)
    return judgments


def match_judgments(file: WrittenFile, judgments: Sequence[Mapping[str, Any]]) -> list[tuple[DrillEvent, str | None]]:
    """Return the events of a file with the verdict on each, by row and kind; several of a row in their order.

    A CSV's rows may count its header or not: the count that fits more of the events is taken.
    """
    shifts = (0, 1) if file.name.endswith(".csv") else (0,)
    return max(
        (_match_shifted(file, judgments, shift) for shift in shifts),
        key=lambda pairs: sum(verdict is not None for _, verdict in pairs),
    )


def _match_shifted(
    file: WrittenFile, judgments: Iterable[Mapping[str, Any]], shift: int
) -> list[tuple[DrillEvent, str | None]]:
    verdicts: dict[tuple[int, str], list[str]] = defaultdict(list)
    for judgment in judgments:
        verdicts[judgment["row"] - shift, judgment["event"]].append(judgment["whose"])
    pairs: list[tuple[DrillEvent, str | None]] = []
    for row, event in file.shown:
        waiting = verdicts[row, event.kind]
        pairs.append((event, waiting.pop(0) if waiting else None))
    return pairs
