"""Cost of ownership: what was recorded of devices of a model, for each device and each student, by currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class CostPart(StrEnum):
    """A part of what a device costs. Minutes are the team's time for its visit."""

    PRICE = "price"
    REPAIRS = "repairs"
    LICENSES = "licenses"
    MINUTES = "minutes"


@dataclass(frozen=True, kw_only=True)
class OwnedModel:
    """Devices of a model that are there, with how many of them students use."""

    kind: str
    model: str
    devices: int
    for_students: int = 0


@dataclass(frozen=True, kw_only=True)
class RecordedCost:
    """Costs recorded of devices of a model: of how many devices, in one currency, in minor units together.

    `student_devices` and `student_minor` are those of the devices that students use.
    """

    kind: str
    model: str
    part: CostPart
    currency: str
    devices: int
    minor: int
    student_devices: int = 0
    student_minor: int = 0


@dataclass(frozen=True, kw_only=True)
class ToolCost:
    """A year of a tool that runs: kinds of device that it is for (empty: people), None where no price is written."""

    tool: str
    kinds: frozenset[str]
    schools: frozenset[str]
    currency: str
    year_minor: int | None


@dataclass(frozen=True, kw_only=True)
class OwnershipPart:
    """A part of the cost for one device or student, or why it is unknown.

    `amount` is in minor units of `currency`, or minutes. `recorded` of `of` devices (or tools) have it, so that where
    they differ the amount for a student is the least that it can be.
    """

    part: CostPart
    currency: str = ""
    amount: Fraction | None = None
    recorded: int = 0
    of: int = 0
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ModelOwnership:
    """The parts of a model's cost for one device."""

    kind: str
    model: str
    devices: int
    parts: tuple[OwnershipPart, ...]


@dataclass(frozen=True, kw_only=True)
class Ownership:
    """Cost of ownership for each device by model, and for each student."""

    models: tuple[ModelOwnership, ...]
    per_student: tuple[OwnershipPart, ...]


@dataclass(frozen=True, kw_only=True)
class OwnershipRecords:
    """What is recorded: models, costs, tools, minutes by kind, devices by kind and school, and the students."""

    models: tuple[OwnedModel, ...]
    costs: tuple[RecordedCost, ...]
    tools: tuple[ToolCost, ...]
    minutes: Mapping[str, Fraction]
    devices: Mapping[tuple[str, str], int]
    students: int | None
