"""Cost of ownership: parts for each device and student, what nobody recorded, and currencies that are never added."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from homeroom.domain.manage.aging.ownership import (
    CostPart,
    OwnedModel,
    OwnershipPart,
    OwnershipRecords,
    RecordedCost,
    ToolCost,
)
from homeroom.engines.manage.aging.ownership import build_ownership

ACER = OwnedModel(kind="chromebook", model="Acer 311", devices=40, for_students=30)


def record_cost(part: CostPart, currency: str, devices: int, minor: int) -> RecordedCost:
    return RecordedCost(
        kind="chromebook",
        model="Acer 311",
        part=part,
        currency=currency,
        devices=devices,
        minor=minor,
        student_devices=devices,
        student_minor=minor,
    )


def build_records(
    *costs: RecordedCost,
    tools: tuple[ToolCost, ...] = (),
    minutes: Mapping[str, Fraction] | None = None,
    students: int | None = 100,
    models: tuple[OwnedModel, ...] = (ACER,),
) -> OwnershipRecords:
    return OwnershipRecords(
        models=models,
        costs=costs,
        tools=tools,
        minutes=minutes or {},
        devices={("chromebook", "Oak"): 30, ("chromebook", "Elm"): 10, ("laptop", "Oak"): 10},
        students=students,
    )


def build_tool(name: str, minor: int | None, *kinds: str, schools: frozenset[str] = frozenset()) -> ToolCost:
    return ToolCost(tool=name, kinds=frozenset(kinds), schools=schools, currency="USD", year_minor=minor)


def find_parts(parts: tuple[OwnershipPart, ...], part: CostPart) -> list[tuple[str, Fraction | None]]:
    return [(item.currency, item.amount) for item in parts if item.part is part]


def test_a_price_is_over_the_devices_that_have_one_and_repairs_over_all() -> None:
    ownership = build_ownership(
        build_records(record_cost(CostPart.PRICE, "USD", 20, 600_000), record_cost(CostPart.REPAIRS, "USD", 4, 20_000))
    )
    parts = ownership.models[0].parts
    assert find_parts(parts, CostPart.PRICE) == [("USD", Fraction(30_000))]
    assert find_parts(parts, CostPart.REPAIRS) == [("USD", Fraction(500))]
    assert (parts[0].recorded, parts[0].of) == (20, 40)
    assert find_parts(ownership.per_student, CostPart.PRICE) == [("USD", Fraction(6_000))]
    assert (ownership.per_student[0].recorded, ownership.per_student[0].of) == (20, 30)


def test_a_part_that_nobody_recorded_is_named_and_never_zero() -> None:
    ownership = build_ownership(build_records())
    for parts in (ownership.models[0].parts, ownership.per_student):
        assert [part.part for part in parts] == list(CostPart)
        assert all(part.amount is None and part.why for part in parts)


def test_currencies_are_never_added() -> None:
    costs = [record_cost(CostPart.PRICE, "USD", 10, 300_000), record_cost(CostPart.PRICE, "CAD", 10, 400_000)]
    ownership = build_ownership(build_records(*costs))
    assert find_parts(ownership.models[0].parts, CostPart.PRICE) == [("CAD", 40_000), ("USD", 30_000)]
    assert find_parts(ownership.per_student, CostPart.PRICE) == [("CAD", 4_000), ("USD", 3_000)]


def test_a_year_of_a_tool_is_shared_by_its_kinds_of_device_in_its_schools() -> None:
    both = build_tool("Manager", 100_000, "chromebook", "laptop", schools=frozenset({"Oak"}))
    parts = build_ownership(build_records(tools=(both,))).models[0].parts
    # 30 of the 40 devices in Oak are chromebooks: three quarters of the year, over all 40 chromebooks.
    assert find_parts(parts, CostPart.LICENSES) == [("USD", Fraction(100_000 * 3, 4 * 40))]


def test_a_tool_without_a_price_is_named() -> None:
    tools = (build_tool("Manager", None, "chromebook"), build_tool("Filter", 4_000, "chromebook"))
    ownership = build_ownership(build_records(tools=tools))
    (part,) = [item for item in ownership.models[0].parts if item.part is CostPart.LICENSES]
    assert (part.amount, part.recorded, part.of) == (100, 1, 2)
    assert part.why == "no price is written for Manager"
    assert find_parts(ownership.per_student, CostPart.LICENSES) == [("USD", Fraction(40))]


def test_minutes_are_those_of_the_kind() -> None:
    ownership = build_ownership(build_records(minutes={"chromebook": Fraction(20)}))
    assert find_parts(ownership.models[0].parts, CostPart.MINUTES) == [("", Fraction(20))]
    assert find_parts(ownership.per_student, CostPart.MINUTES) == [("", Fraction(6))]


def test_fewer_than_ten_students_have_no_cost_of_their_own() -> None:
    parts = build_ownership(build_records(record_cost(CostPart.PRICE, "USD", 9, 100), students=9)).per_student
    assert {part.why for part in parts} == {"fewer than ten students"}
