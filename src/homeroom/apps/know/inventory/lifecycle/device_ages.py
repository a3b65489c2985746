"""How old devices in use are, by years since they were bought or first enrolled, and by school."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from homeroom.apps.platform.districts.evidence_store import fetch_small_resolved, get_evidence_store
from homeroom.domain.platform.district import District

MAX_YEARS = 7
"""Devices of so many years and more are counted together."""
UNKNOWN = "unknown"
_SQL = """WITH born AS (
        SELECT l.id, coalesce(min(r.purchased_on), min(r.enrolled_at)::DATE) AS first_day
        FROM links l JOIN device_records r ON l.instance = r.instance AND l.key = r.key
        WHERE l.subject_kind = 'device' AND l.table_name = 'device_records' GROUP BY l.id)
    SELECT coalesce(d.school, '') AS school, date_trunc('month', b.first_day)::DATE AS first_month, count(*)::BIGINT
    FROM devices d LEFT JOIN born b USING (id)
    WHERE d.known AND d.retired IS NOT TRUE AND (d.active IS NOT FALSE OR d.in_assets)
    GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True, kw_only=True)
class SchoolDeviceAges:
    """Devices in use at one school by class of age; `name` may be empty."""

    name: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Number of the school's devices in all classes."""
        return sum(self.counts.values())


@dataclass(frozen=True, kw_only=True)
class DeviceAges:
    """The classes of age in order, the counts of the district, and those of its schools by name.

    Classes are full years, `0` to `7+`, and `unknown` if a device has no day.
    """

    classes: tuple[str, ...]
    counts: Mapping[str, int]
    schools: tuple[SchoolDeviceAges, ...]


def get_device_ages(*, district: District, today: date) -> DeviceAges | None:
    """Return the ages of devices in the newest snapshot; None without a device in use. Raise QueryTimeout."""
    rows = fetch_small_resolved(get_evidence_store(district=district), _SQL)
    return group_device_ages(rows, today=today) if rows else None


def group_device_ages(rows: Sequence[tuple[str, date | None, int]], *, today: date) -> DeviceAges:
    """Group counts by (school, first month or None) to classes of full years."""
    counts: dict[str, Counter[str]] = {}
    for school, first_month, count in rows:
        counts.setdefault(school, Counter())[_classify(first_month, today)] += count
    total = sum(counts.values(), Counter[str]())
    years = [str(year) for year in range(MAX_YEARS)] + [f"{MAX_YEARS}+"]
    return DeviceAges(
        classes=tuple([*years, UNKNOWN] if total[UNKNOWN] else years),
        counts=total,
        schools=tuple(SchoolDeviceAges(name=name, counts=counts[name]) for name in sorted(counts)),
    )


def _classify(first_month: date | None, today: date) -> str:
    if first_month is None:
        return UNKNOWN
    years = max(0, (today.year * 12 + today.month - first_month.year * 12 - first_month.month) // 12)
    return str(years) if years < MAX_YEARS else f"{MAX_YEARS}+"
