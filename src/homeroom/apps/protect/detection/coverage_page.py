"""Query of the coverage page: the coverage with its logs by title, and the blind rules by log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from homeroom.apps.protect.detection.coverage import measure_district_coverage
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.coverage import Coverage, LogGain, LogSourceKind, RuleCoverage
from homeroom.library.protect.logs.log_kinds import load_log_kinds

SHOWN_GAINS = 8
"""So many logs to add are shown at once."""
MAX_KINDS = 3
"""Rules that more kinds of logs would let see are one group."""


@dataclass(frozen=True, kw_only=True)
class BlindGroup:
    """Rules that see nothing because no log of `kinds` comes; `is_any` if it is one of more than could be named.

    A group without both is about logs that Homeroom does not know.
    """

    kinds: tuple[LogSourceKind, ...]
    rules: tuple[RuleCoverage, ...]
    is_any: bool = False


@dataclass(frozen=True, kw_only=True)
class CoveragePage:
    """The coverage of a district, the logs that came by title with their numbers, and the blind rules by log."""

    coverage: Coverage
    seen: tuple[tuple[LogSourceKind, int], ...]
    blind: tuple[BlindGroup, ...]

    @property
    def best(self) -> tuple[LogGain, ...]:
        """Return the logs that open most for each minute of work."""
        return self.coverage.gains[:SHOWN_GAINS]

    @property
    def more(self) -> tuple[LogGain, ...]:
        """Return the other logs to add."""
        return self.coverage.gains[SHOWN_GAINS:]


def load_coverage_page(*, district: District, now: datetime) -> CoveragePage:
    """Return the coverage of a district as its page has it."""
    coverage = measure_district_coverage(district=district, now=now)
    kinds = {kind.id: kind for kind in load_log_kinds()}
    seen = sorted(
        ((kinds[name], count) for name, count in coverage.seen.items()), key=lambda pair: pair[0].title.casefold()
    )
    return CoveragePage(coverage=coverage, seen=tuple(seen), blind=_group_blind_rules(coverage, kinds))


def _group_blind_rules(coverage: Coverage, kinds: dict[str, LogSourceKind]) -> tuple[BlindGroup, ...]:
    """Return the blind rules by the kinds that would let them see, the largest group first."""
    groups: dict[tuple[str, ...], list[RuleCoverage]] = {}
    various: list[RuleCoverage] = []
    for rule in coverage.rules:
        if not rule.can_see:
            (various if len(rule.kinds) > MAX_KINDS else groups.setdefault(rule.kinds, [])).append(rule)
    ordered = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    named = [BlindGroup(kinds=tuple(kinds[name] for name in names), rules=tuple(rules)) for names, rules in ordered]
    return (*named, BlindGroup(kinds=(), rules=tuple(various), is_any=True)) if various else tuple(named)
