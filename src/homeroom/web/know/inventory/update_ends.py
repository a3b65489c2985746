"""The histogram of when Chromebooks stop getting updates."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.know.inventory.lifecycle.update_ends import PAST, UNKNOWN, get_update_ends
from homeroom.domain.platform.district import District
from homeroom.engines.charts.histogram import build_histogram
from homeroom.evidence.query.executor import QueryTimeout


def build_update_picture(*, district: District, today: date) -> dict[str, Any]:
    """Return {chart, classes, schools, past}; empty without managed Chromebooks, and if the query takes too long.

    A school is (name, number that ends by the next fall, counts in the order of the classes, total).
    """
    try:
        ends = get_update_ends(district=district, today=today)
    except QueryTimeout:
        return {}
    if ends is None:
        return {}
    this_year = today.year
    labels = {PAST: gettext("Past"), UNKNOWN: gettext("Unknown")}
    names = {PAST: PAST, UNKNOWN: UNKNOWN, str(this_year): "soon", f"{this_year}+": "soon"}
    classes = [(labels.get(name, name), ends.counts[name], names.get(name, "")) for name in ends.classes]
    return {
        "chart": build_histogram(classes),
        "classes": [label for label, _, _ in classes],
        "schools": [
            (school.name, school.by_fall, [school.counts[name] for name in ends.classes], school.total)
            for school in ends.schools
        ],
        "fall": ends.fall,
        "by_fall": sum(school.by_fall for school in ends.schools),
        "past": ends.counts[PAST],
        "this_year": ends.counts[str(this_year)] + ends.counts[f"{this_year}+"],
        "total": sum(ends.counts.values()),
    }
