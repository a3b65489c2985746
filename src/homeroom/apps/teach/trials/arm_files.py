"""The list of a trial's arms as lines of a file: to assign the training, and to draw the lot again."""

from __future__ import annotations

from datetime import datetime

from homeroom.apps.teach.trials.queries import list_arms
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula

HEADER = ("name", "email", "school", "arm", "unit", "stratum", "score")


def list_arm_lines(*, district: District, public: str, actor: str, at: datetime) -> list[tuple[str, ...]]:
    """Return the header and a line for each member, and write the look into the audit trail.

    Raise LookupError for a trial that has not started, and QueryTimeout.
    """
    rows = list_arms(district=district, public=public, actor=actor, at=at)
    texts = [(row.name, row.email, row.school, row.arm, row.unit, row.stratum, row.score) for row in rows]
    return [HEADER, *(tuple(escape_formula(text) for text in line) for line in texts)]
