"""Risk of a finding, which ranks work: severity times exposure times subjects, with diminishing weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeroom.domain.protect.control_states import Severity


@dataclass(frozen=True, kw_only=True)
class RiskTable:
    """The district's weights. `exposure` is by area of control, `exposure_otherwise` for areas it does not name.

    `diminishing` is the power of the number of subjects: 1 counts each alike, 0.5 the square root.
    """

    severity: Mapping[Severity, float]
    exposure_otherwise: float
    diminishing: float
    exposure: Mapping[str, float] = field(default_factory=dict)


def compute_risk(table: RiskTable, *, severity: Severity, area: str, subjects: int) -> float:
    """Compute the weight of a finding: it ranks work, never people or buildings.

    No subjects, no risk.
    """
    if subjects <= 0:
        return 0.0
    exposure = table.exposure.get(area, table.exposure_otherwise)
    return float(table.severity[severity] * exposure * subjects**table.diminishing)
