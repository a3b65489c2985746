"""Aging by school and cost of ownership of a district, and the document that holds them."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from threading import Lock
from typing import Any

from homeroom.apps.manage.budget.aging_rows import load_aging_rows
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.manage.aging.ownership import CostPart, Ownership, OwnershipPart
from homeroom.domain.manage.aging.schools import SchoolAging, ShownCount
from homeroom.domain.platform.district import District
from homeroom.engines.manage.aging.ownership import build_ownership
from homeroom.engines.manage.aging.school_aging import build_school_aging

REMEMBERED = 8
"""How many districts' figures a process remembers, until other evidence is loaded or the day is over."""


@dataclass(frozen=True, kw_only=True)
class DistrictAging:
    """Aging of each school by name, the cost of ownership, and how many devices no source has in a school."""

    schools: tuple[SchoolAging, ...]
    ownership: Ownership
    without_school: int


_remembered: OrderedDict[tuple[str, ...], DistrictAging] = OrderedDict()
_lock = Lock()


def load_aging(*, district: District, today: date) -> DistrictAging:
    """Return the aging of a district's schools as of a day, remembered until the evidence changes.

    Raise NothingResolved, QueryTimeout.
    """
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    key = (str(store.folder), derived.id if derived else "", store.compute_sources_id(), today.isoformat())
    with _lock:
        if key in _remembered:
            _remembered.move_to_end(key)
            return _remembered[key]
    aging = _compute_aging(district, today)
    with _lock:
        _remembered[key] = aging
        while len(_remembered) > REMEMBERED:
            _remembered.popitem(last=False)
    return aging


def _compute_aging(district: District, today: date) -> DistrictAging:
    rows = load_aging_rows(district=district, today=today)
    return DistrictAging(
        schools=build_school_aging(rows.people, rows.devices, rows.megabits, today=today),
        ownership=build_ownership(rows.costs),
        without_school=sum(item.count for item in rows.devices if not item.school),
    )


DOCUMENT_KEYS = (
    ("schools[]", "each school by name"),
    ("schools[].students, staff", "`count`, or null and `why`: no roster lists them, or they are fewer than ten"),
    (
        "schools[].devices",
        "devices of students: `in_support`, `spare` (in support too), `past_support`, `unknown` (no last good day), "
        "`in_repair`; `per_student` and `spare_per_student`, null where students are not shown",
    ),
    ("schools[].switches, access_points", "`total` in use, `past_support`, `unknown`"),
    ("schools[].line", "`megabits` of its lines, `needed`, `missing`, and `why` where one is null"),
    (
        "schools[].missing[]",
        "`if` (testing, more students), `item` (devices, switch, access_point, megabits), `needed`, `missing`, `why`",
    ),
    ("schools[].first", "by `if`, the item that lacks the largest share of its need, or null"),
    ("ownership.models[]", "`kind`, `model`, `devices`, and `parts[]` for one device"),
    ("ownership.per_student[]", "parts for one student"),
    (
        "parts[]",
        "`part` (price, repairs, licenses, minutes), `currency`, `minor` (licenses: a year) or `minutes`, `recorded` "
        "`of`: how many devices or tools have it; `why` where nobody recorded it",
    ),
    ("without_school", "devices that no source has in a school"),
)


def build_aging_document(aging: DistrictAging) -> dict[str, Any]:
    """Build the document, as `homeroom aging --json` prints it."""
    return {
        "schools": [_convert_school(item) for item in aging.schools],
        "ownership": {
            "models": [
                {
                    "kind": model.kind,
                    "model": model.model,
                    "devices": model.devices,
                    "parts": [_convert_part(part) for part in model.parts],
                }
                for model in aging.ownership.models
            ],
            "per_student": [_convert_part(part) for part in aging.ownership.per_student],
        },
        "without_school": aging.without_school,
    }


def round_amount(amount: Fraction) -> int:
    """Round an amount half up to a whole number."""
    return math.floor(amount + Fraction(1, 2))


def _convert_school(item: SchoolAging) -> dict[str, Any]:
    devices = item.devices
    return {
        "school": item.school,
        "students": _convert_count(item.students),
        "staff": _convert_count(item.staff),
        "devices": {
            "in_support": devices.in_support,
            "spare": devices.spare,
            "past_support": devices.past_support,
            "unknown": devices.unknown,
            "in_repair": devices.in_repair,
            "per_student": _convert_ratio(devices.per_student),
            "spare_per_student": _convert_ratio(devices.spare_per_student),
        },
        **{
            f"{kind}es" if kind.endswith("ch") else f"{kind}s": {
                "total": gear.total,
                "past_support": gear.past_support,
                "unknown": gear.unknown,
            }
            for kind, gear in item.gear.items()
        },
        "line": {
            "megabits": item.line.megabits,
            "needed": item.line.needed,
            "missing": item.line.missing,
            "why": item.line.why or None,
        },
        "missing": [
            {
                "if": part.scenario,
                "item": part.item,
                "needed": part.needed,
                "missing": part.missing,
                "why": part.why or None,
            }
            for part in item.missing
        ],
        "first": dict(item.first),
    }


def _convert_count(shown: ShownCount) -> dict[str, Any]:
    return {"count": shown.count, "why": shown.why or None}


def _convert_ratio(ratio: Fraction | None) -> float | None:
    return None if ratio is None else round(float(ratio), 3)


def _convert_part(part: OwnershipPart) -> dict[str, Any]:
    amount: Mapping[str, Any]
    if part.part is CostPart.MINUTES:
        amount = {"minutes": None if part.amount is None else round(float(part.amount), 1)}
    else:
        amount = {
            "currency": part.currency or None,
            "minor": None if part.amount is None else round_amount(part.amount),
        }
    return {
        "part": str(part.part),
        **amount,
        "recorded": part.recorded,
        "of": part.of,
        "why": part.why or None,
    }
