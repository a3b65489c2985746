"""The one table of risk weights: risk.yaml of a content folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from homeroom.domain.risk import RiskTable
from homeroom.domain.states import Severity
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read

_NUMBER = (int, float)
FIELDS: tuple[Field, ...] = (
    Field(name="severity", type=dict, fits="a weight for each severity"),
    Field(name="exposure", type=dict, fits="a factor by area of control"),
    Field(name="exposure_otherwise", type=_NUMBER, fits="a factor"),
    Field(name="diminishing", type=_NUMBER, fits="a power between 0 and 1"),
)
SEVERITY = tuple(Field(name=str(name), type=_NUMBER, fits="a weight") for name in Severity)


@cache
def risk_table(directory: Path = SHIPPED) -> RiskTable:
    """The weights. Raises ContentRefused with all that does not fit."""
    given = read(directory / "risk.yaml", root=directory)
    problems = misfits(given, FIELDS, file="risk.yaml")
    problems = problems or misfits(given["severity"], SEVERITY, file="risk.yaml", under="severity.")
    problems = problems or _outside(given)
    if problems:
        raise ContentRefused(problems)
    return RiskTable(
        severity={Severity(name): float(weight) for name, weight in given["severity"].items()},
        exposure={area: float(factor) for area, factor in given["exposure"].items()},
        exposure_otherwise=float(given["exposure_otherwise"]),
        diminishing=float(given["diminishing"]),
    )


def _outside(given: dict[str, object]) -> list[Problem]:
    power, exposure = given["diminishing"], given["exposure"]
    problems = []
    if not (isinstance(power, _NUMBER) and 0 < power <= 1):
        problems.append(
            Problem(file="risk.yaml", field="diminishing", told=f"{power!r}; a power over 0 and up to 1 would fit")
        )
    if not (isinstance(exposure, dict) and all(isinstance(one, _NUMBER) and one > 0 for one in exposure.values())):
        problems.append(Problem(file="risk.yaml", field="exposure", told="factors above 0 would fit"))
    return problems
