"""Qualys's levels and types as the words for severities.

Severities 1 to 5 are its own levels (minimal, medium, serious, critical, urgent) and become info, low, medium, high and
critical here; information that it only gathered is info.
"""

from __future__ import annotations

from collections.abc import Mapping

from homeroom.ingest.rows.scan_findings import SEVERITIES

WORDS: Mapping[str, str | None] = {
    **SEVERITIES,
    "1": "info",
    "2": "low",
    "3": "medium",
    "4": "high",
    "5": "critical",
}
INFORMATION_TYPES = ("ig", "information", "information gathered")
"""How reports call a detection that is no vulnerability, in lower case."""
SOLVED_BY_STATUS: Mapping[str, bool] = {
    "fixed": True,
    "active": False,
    "new": False,
    "reopened": False,
    "re-opened": False,
}
"""Whether a detection is gone, by its status in lower case."""
