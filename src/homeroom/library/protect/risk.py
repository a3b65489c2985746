"""The risk weights: risk.yaml of a content folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import RiskTable
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    load_yaml,
    validate_fields,
)

_NUMBER = (int, float)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="severity", type=dict, fits="a weight for each severity"),
    ContentField(name="exposure", type=dict, fits="a factor by area of control"),
    ContentField(name="exposure_otherwise", type=_NUMBER, fits="a factor"),
    ContentField(name="diminishing", type=_NUMBER, fits="a power between 0 and 1"),
)
SEVERITY = tuple(ContentField(name=str(name), type=_NUMBER, fits="a weight") for name in Severity)


@cache
def load_risk_table(directory: Path = BUILTIN_CONTENT) -> RiskTable:
    """Load the risk weights; raise ContentRefused with all problems."""
    raw = load_yaml(directory / "risk.yaml", root=directory)
    problems = validate_fields(raw, FIELDS, file="risk.yaml")
    problems = problems or validate_fields(raw["severity"], SEVERITY, file="risk.yaml", under="severity.")
    problems = problems or _validate_ranges(raw)
    if problems:
        raise ContentRefused(problems)
    return RiskTable(
        severity={Severity(name): float(weight) for name, weight in raw["severity"].items()},
        exposure={area: float(factor) for area, factor in raw["exposure"].items()},
        exposure_otherwise=float(raw["exposure_otherwise"]),
        diminishing=float(raw["diminishing"]),
    )


def _validate_ranges(raw: dict[str, object]) -> list[ContentProblem]:
    power, exposure = raw["diminishing"], raw["exposure"]
    problems = []
    if not (isinstance(power, _NUMBER) and 0 < power <= 1):
        problems.append(
            ContentProblem(
                file="risk.yaml", field="diminishing", message=f"{power!r}; a power over 0 and up to 1 would fit"
            )
        )
    if not (
        isinstance(exposure, dict) and all(isinstance(factor, _NUMBER) and factor > 0 for factor in exposure.values())
    ):
        problems.append(ContentProblem(file="risk.yaml", field="exposure", message="factors above 0 would fit"))
    return problems
