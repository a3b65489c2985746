"""Cost of ownership: price, repairs, licenses and minutes for each device of a model, and for each student.

A part that nobody recorded is named, not guessed, and amounts in different currencies are never added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fractions import Fraction

from homeroom.domain.manage.aging.ownership import (
    CostPart,
    ModelOwnership,
    OwnedModel,
    Ownership,
    OwnershipPart,
    OwnershipRecords,
    RecordedCost,
    ToolCost,
)
from homeroom.domain.small_counts import MIN_COUNT

NOT_RECORDED = {
    CostPart.PRICE: "no list has a price",
    CostPart.REPAIRS: "no purchase names a device of it after it was bought",
    CostPart.LICENSES: "no tool with a price is for this kind of device",
    CostPart.MINUTES: "no list has the minutes of this kind",
}


def build_ownership(records: OwnershipRecords) -> Ownership:
    """Return the parts of the cost of each model, by kind and name, and of each student."""
    costs: defaultdict[tuple[str, str, CostPart], list[RecordedCost]] = defaultdict(list)
    for cost in records.costs:
        costs[cost.kind, cost.model, cost.part].append(cost)
    licenses = _spread_licenses(records)
    models = []
    for model in sorted(records.models, key=lambda item: (item.kind, item.model)):
        parts = [
            *_list_parts(CostPart.PRICE, model, costs[model.kind, model.model, CostPart.PRICE]),
            *_list_parts(CostPart.REPAIRS, model, costs[model.kind, model.model, CostPart.REPAIRS]),
            *licenses.get(model.kind, (_name_missing(CostPart.LICENSES),)),
            _build_minutes(records, model),
        ]
        models.append(ModelOwnership(kind=model.kind, model=model.model, devices=model.devices, parts=tuple(parts)))
    return Ownership(models=tuple(models), per_student=tuple(_list_student_parts(records)))


def _list_parts(part: CostPart, model: OwnedModel, costs: Sequence[RecordedCost]) -> list[OwnershipPart]:
    """Return a part in each currency: a price over the devices that have one, repairs over all devices."""
    if not costs:
        return [_name_missing(part)]
    return [
        OwnershipPart(
            part=part,
            currency=cost.currency,
            amount=Fraction(cost.minor, cost.devices if part is CostPart.PRICE else model.devices),
            recorded=cost.devices,
            of=model.devices,
        )
        for cost in sorted(costs, key=lambda item: item.currency)
    ]


def _build_minutes(records: OwnershipRecords, model: OwnedModel) -> OwnershipPart:
    minutes = records.minutes.get(model.kind)
    if minutes is None:
        return _name_missing(CostPart.MINUTES)
    return OwnershipPart(part=CostPart.MINUTES, amount=minutes, recorded=model.devices, of=model.devices)


def _spread_licenses(records: OwnershipRecords) -> dict[str, tuple[OwnershipPart, ...]]:
    """Return by kind what a year of the tools for it costs for each device; a tool's devices share it equally."""
    parts: dict[str, tuple[OwnershipPart, ...]] = {}
    for kind in sorted({kind for tool in records.tools for kind in tool.kinds}):
        tools = [tool for tool in records.tools if kind in tool.kinds]
        total = _count_devices(records, frozenset({kind}), frozenset())
        if not total:
            continue
        amounts: defaultdict[str, Fraction] = defaultdict(Fraction)
        for tool in tools:
            sharing = _count_devices(records, tool.kinds, tool.schools)
            if tool.year_minor is not None and sharing:
                share = Fraction(_count_devices(records, frozenset({kind}), tool.schools), sharing)
                amounts[tool.currency] += tool.year_minor * share / total
        parts[kind] = _list_license_parts(amounts, tools)
    return parts


def _list_license_parts(amounts: dict[str, Fraction], tools: Sequence[ToolCost]) -> tuple[OwnershipPart, ...]:
    priced = sum(tool.year_minor is not None for tool in tools)
    reason = f"no price is written for {', '.join(_list_unpriced(tools))}" if priced < len(tools) else ""
    if not amounts:
        return (
            OwnershipPart(
                part=CostPart.LICENSES, recorded=0, of=len(tools), why=reason or NOT_RECORDED[CostPart.LICENSES]
            ),
        )
    return tuple(
        OwnershipPart(
            part=CostPart.LICENSES, currency=currency, amount=amount, recorded=priced, of=len(tools), why=reason
        )
        for currency, amount in sorted(amounts.items())
    )


def _list_unpriced(tools: Iterable[ToolCost]) -> list[str]:
    names = sorted(tool.tool for tool in tools if tool.year_minor is None)
    return [*names[:3], f"{len(names) - 3} more"] if len(names) > 3 else names


def _count_devices(records: OwnershipRecords, kinds: frozenset[str], schools: frozenset[str]) -> int:
    return sum(
        count
        for (kind, school), count in records.devices.items()
        if kind in kinds and (not schools or school in schools)
    )


def _list_student_parts(records: OwnershipRecords) -> list[OwnershipPart]:
    students = records.students
    if not students or students < MIN_COUNT:
        reason = "no roster lists students" if not students else "fewer than ten students"
        return [OwnershipPart(part=part, why=reason) for part in CostPart]
    parts: list[OwnershipPart] = []
    of = sum(model.for_students for model in records.models)
    for part in (CostPart.PRICE, CostPart.REPAIRS):
        parts += _sum_student_costs(records, part, students, of)
    paid = [tool for tool in records.tools if tool.year_minor != 0]
    amounts: defaultdict[str, Fraction] = defaultdict(Fraction)
    for tool in paid:
        if tool.year_minor is not None:
            amounts[tool.currency] += Fraction(tool.year_minor, students)
    parts += _list_license_parts(amounts, paid) if paid else [_name_missing(CostPart.LICENSES)]
    return [*parts, _sum_student_minutes(records, students, of)]


def _sum_student_costs(records: OwnershipRecords, part: CostPart, students: int, of: int) -> list[OwnershipPart]:
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for cost in records.costs:
        if cost.part is part and cost.student_devices:
            counts[cost.currency][0] += cost.student_devices
            counts[cost.currency][1] += cost.student_minor
    if not counts:
        return [_name_missing(part)]
    return [
        OwnershipPart(part=part, currency=currency, amount=Fraction(minor, students), recorded=devices, of=of)
        for currency, (devices, minor) in sorted(counts.items())
    ]


def _sum_student_minutes(records: OwnershipRecords, students: int, of: int) -> OwnershipPart:
    timed = [model for model in records.models if model.for_students and model.kind in records.minutes]
    if not timed:
        return _name_missing(CostPart.MINUTES)
    minutes = sum((records.minutes[model.kind] * model.for_students for model in timed), Fraction())
    recorded = sum(model.for_students for model in timed)
    return OwnershipPart(part=CostPart.MINUTES, amount=minutes / students, recorded=recorded, of=of)


def _name_missing(part: CostPart) -> OwnershipPart:
    return OwnershipPart(part=part, why=NOT_RECORDED[part])
