"""The matrix of remedies by exposure and worst severity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from homeroom.apps.protect.posture.published.queries import SEVERITIES
from homeroom.apps.protect.vulnerabilities.published.queries import RemedySummary
from homeroom.engines.charts.matrix import MatrixChart, build_matrix_chart
from homeroom.web.shared.exposure_labels import EXPOSURE_LABELS, OTHERS

UNRATED = "unrated"


def build_exposure_matrix(remedies: Iterable[RemedySummary]) -> MatrixChart:
    """Return how many remedies that devices need there are, by the most exposed of them and their worst severity."""
    counts = Counter((_find_exposure(remedy), remedy.worst or UNRATED) for remedy in remedies if remedy.devices)
    columns = [severity for severity in (*SEVERITIES, UNRATED) if any(column == severity for _, column in counts)]
    return build_matrix_chart(counts, rows=tuple(EXPOSURE_LABELS), columns=columns)


def _find_exposure(remedy: RemedySummary) -> str:
    return next((exposure for exposure in EXPOSURE_LABELS if exposure in remedy.reasons), OTHERS)
