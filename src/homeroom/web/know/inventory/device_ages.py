"""The histogram of the ages of devices in use."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.know.inventory.lifecycle.device_ages import MAX_YEARS, UNKNOWN, get_device_ages
from homeroom.domain.platform.district import District
from homeroom.engines.charts.histogram import build_histogram
from homeroom.evidence.query.executor import QueryTimeout

OLD_YEARS = 5
"""Devices of so many years and more are marked: most districts plan to replace them by then."""


def build_age_picture(*, district: District, today: date) -> dict[str, Any]:
    """Return {chart, classes, schools, old, unknown, total}; empty without devices, or if the query takes too long.

    A school is (name, counts in the order of the classes, total). Without the day of any device there is no chart.
    """
    try:
        ages = get_device_ages(district=district, today=today)
    except QueryTimeout:
        return {}
    if ages is None or set(ages.counts) <= {UNKNOWN}:
        return {}
    labels = {"0": gettext("Under 1"), UNKNOWN: gettext("Unknown")}
    old = {str(years) for years in range(OLD_YEARS, MAX_YEARS)} | {f"{MAX_YEARS}+"}
    names = {UNKNOWN: UNKNOWN, **dict.fromkeys(old, "soon")}
    classes = [(labels.get(name, name), ages.counts[name], names.get(name, "")) for name in ages.classes]
    return {
        "chart": build_histogram(classes),
        "classes": [label for label, _, _ in classes],
        "schools": [
            (school.name, [school.counts[name] for name in ages.classes], school.total) for school in ages.schools
        ],
        "old": sum(ages.counts[name] for name in old),
        "old_years": OLD_YEARS,
        "unknown": ages.counts[UNKNOWN],
        "total": sum(ages.counts.values()),
    }
