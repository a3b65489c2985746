"""The JSON document of a refresh plan. Money is in minor units (cents), rounded half up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from homeroom.apps.manage.budget.evidence_problem import EvidenceProblem, WrittenProblem
from homeroom.apps.manage.budget.evidence_remarks import EvidenceRemark
from homeroom.domain.manage.refresh.plan import RefreshPlan, WaitingGroup

DOCUMENT_KEYS = (
    ("years", "the fiscal years of the plan"),
    ("replace[]", "devices that are replaced at the start of a year: `group`, `year`, `fund`, `way`, `count`"),
    ("retire[]", "devices that are retired without successor: `group`, `year`, `count`"),
    ("add[]", "devices beside those that are there: `school`, `kind`, `year`, `fund`, `way`, `count`"),
    ("weighted", "W: device-years past support and missing in the years of the plan, by weight"),
    ("past_support, missing", "both without weight"),
    ("bound, gap", "no plan has less than `bound`; `gap` is `weighted / bound - 1`, null where the bound alone is 0"),
    ("paid", "cents by fund and year"),
    ("committed", "cents by fund and year that are due after the last year"),
    ("thrown_away_minor", "cents: price × years early / life of devices that are replaced before they are due"),
    ("visits", "how many visits: schools and years in which anything is replaced or added"),
    ("slips[]", "groups with devices that wait past their support: `group`, `count`, `why`"),
    ("cannot_tell[]", "groups without a last good day, which are left alone: `group`, `count`, `why`"),
    ("curve[]", "`share` of all money, and the `weighted` that it leaves"),
    ("level", "`fund` and `amount_minor` of `--level`, else null"),
)
EVIDENCE_KEYS = (
    ("evidence.devices", "how many devices by what their last good day is from"),
    ("evidence.without_price[]", "kinds without a price, whose devices are no part of the plan"),
    ("evidence.remarks[]", "what is missing or left out, and what figures rest on: `about`, `name`, `why`"),
    (
        "evidence.extensions[]",
        "support beyond the usual end that devices could get: `id`, `title`, `devices`, `device_years` of the plan "
        "for which they would be good with it, `dollars_minor` for all of its years, `means`, and `taken`, whether the "
        "plan counts on it",
    ),
)
"""Keys that the document of a plan from evidence has beside the others."""


def build_refresh_document(plan: RefreshPlan) -> dict[str, Any]:
    """Build the document of a plan, as `homeroom refresh --json` prints it."""
    gap = plan.gap
    return {
        "years": plan.years,
        "replace": [
            {"group": item.group, "year": item.year, "fund": item.fund, "way": item.way, "count": item.count}
            for item in plan.replaced
        ],
        "retire": [{"group": item.group, "year": item.year, "count": item.count} for item in plan.retired],
        "add": [
            {
                "school": item.school,
                "kind": item.kind,
                "year": item.year,
                "fund": item.fund,
                "way": item.way,
                "count": item.count,
            }
            for item in plan.added
        ],
        "weighted": convert_number(plan.weighted),
        "past_support": plan.past_support,
        "missing": plan.missing,
        "bound": convert_number(plan.bound),
        "gap": None if gap is None else float(gap),
        "paid": _convert_payments(plan.costs.paid),
        "committed": _convert_payments(plan.costs.committed),
        "thrown_away_minor": _convert_money(plan.costs.thrown_away),
        "visits": plan.visits,
        "slips": [_convert_waiting(item) for item in plan.slips],
        "cannot_tell": [_convert_waiting(item) for item in plan.unknown],
        "curve": [{"share": float(point.share), "weighted": convert_number(point.weighted)} for point in plan.curve],
        "level": None
        if plan.level is None
        else {"fund": plan.level.fund, "amount_minor": math.ceil(plan.level.amount * 100)},
    }


def build_evidence_document(built: EvidenceProblem | WrittenProblem) -> dict[str, Any]:
    """Build the part of a document that has what a plan from evidence rests on."""
    return {
        "devices": dict(sorted(built.devices.items())),
        "without_price": list(built.unpriced),
        "remarks": convert_remarks(built.remarks),
        "extensions": [
            {
                "id": offer.extension.id,
                "title": offer.extension.title,
                "devices": offer.devices,
                "device_years": offer.device_years,
                "dollars_minor": _convert_money(offer.dollars),
                "means": list(offer.extension.means),
                "taken": offer.is_taken,
            }
            for offer in built.offers
        ],
    }


def convert_remarks(remarks: Sequence[EvidenceRemark]) -> list[dict[str, str]]:
    """Return remarks as a document has them."""
    return [{"about": remark.about, "name": remark.name, "why": remark.reason} for remark in remarks]


def _convert_waiting(item: WaitingGroup) -> dict[str, Any]:
    return {"group": item.group, "count": item.count, "why": item.reason}


def _convert_payments(payments: Mapping[str, Mapping[int, Fraction]]) -> dict[str, dict[str, int]]:
    return {
        fund: {str(year): _convert_money(dollars) for year, dollars in by_year.items()}
        for fund, by_year in payments.items()
    }


def _convert_money(dollars: Fraction) -> int:
    return math.floor(dollars * 100 + Fraction(1, 2))


def convert_number(number: Fraction) -> int | float:
    """Return a whole number as an int, and any other as a float."""
    return number.numerator if number.denominator == 1 else float(number)
