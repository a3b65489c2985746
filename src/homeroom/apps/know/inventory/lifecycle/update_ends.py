"""When devices in use stop getting automatic updates, by year and school."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.apps.platform.districts.evidence_store import fetch_small_resolved, get_evidence_store
from homeroom.domain.platform.district import District

MAX_YEARS_AHEAD = 8
"""Years after this many are counted together with the last of them."""
FALL_MONTH = 8
"""The month in which schools start again."""
_SQL = f"""SELECT coalesce(school, '') AS school, year(expires_on)::INT AS ends,
    coalesce(month(expires_on) < {FALL_MONTH}, false) AS by_fall, count(*)::BIGINT FROM devices
    WHERE platform = 'chromeos' AND managed AND active GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class SchoolUpdateEnds:
    """Managed Chromebooks in use at one school by the class of year in which their updates end; `name` may be empty.

    `by_fall` of them get no updates any more when the next fall begins.
    """

    name: str
    counts: Mapping[str, int]
    by_fall: int = 0

    @property
    def total(self) -> int:
        """Number of the school's devices in all classes."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class UpdateEnds:
    """The classes of years in order, the counts of the district, and those of its schools by name.

    Classes are `past` (before this year), years, the last with a plus if it has later ones too, and `unknown`.
    `fall` is the first day of the next fall.
    """

    fall: date
    classes: tuple[str, ...]
    counts: Mapping[str, int]
    schools: tuple[SchoolUpdateEnds, ...]


PAST, UNKNOWN = "past", "unknown"


def get_update_ends(*, district: District, today: date) -> UpdateEnds | None:
    """Return the ends of updates in the newest snapshot; None without a managed Chromebook. Raise QueryTimeout."""
    rows = fetch_small_resolved(get_evidence_store(district=district), _SQL)
    return group_update_ends(rows, today=today) if rows else None


def group_update_ends(rows: Sequence[tuple[str, int | None, bool, int]], *, today: date) -> UpdateEnds:
    """Group counts by (school, year or None, whether it is before fall of that year) to classes of years."""
    this_year, fall = today.year, find_next_fall(today)
    years = [year for _, year, _, _ in rows if year is not None and year >= this_year]
    last = min(max(years, default=this_year), this_year + MAX_YEARS_AHEAD)
    has_later = any(year > last for year in years)
    counts: dict[str, Counter[str]] = {}
    by_fall: Counter[str] = Counter()
    for school, year, is_by_fall, count in rows:
        counts.setdefault(school, Counter())[_classify(year, this_year=this_year, last=last, plus=has_later)] += count
        if year is not None and (year, not is_by_fall) <= (fall.year, False):
            by_fall[school] += count
    total = sum(counts.values(), Counter[str]())
    named = [str(year) for year in range(this_year, last)] + [f"{last}+" if has_later else str(last)]
    return UpdateEnds(
        fall=fall,
        classes=tuple(name for name in (PAST, *named, UNKNOWN) if name in named or total[name]),
        counts=total,
        schools=tuple(
            SchoolUpdateEnds(name=name, counts=counts[name], by_fall=by_fall[name]) for name in sorted(counts)
        ),
    )


def find_next_fall(today: date) -> date:
    """Return the first day of the next fall, when schools start again."""
    return date(today.year + (today.month >= FALL_MONTH), FALL_MONTH, 1)


def _classify(year: int | None, *, this_year: int, last: int, plus: bool) -> str:
    if year is None:
        return UNKNOWN
    if year < this_year:
        return PAST
    return str(year) if year < last else f"{last}+" if plus else str(last)
