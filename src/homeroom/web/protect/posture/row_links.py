"""Links of evidence rows to their records in the consoles of vendors."""

from __future__ import annotations

from collections.abc import Mapping

from homeroom.apps.know.console_links.queries import ConsoleLink, load_console_links
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.rows.page import EvidencePage
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout


def list_row_links(
    district: District, assessment: AssessmentRef, page: EvidencePage | None, *, hide_students: bool
) -> Mapping[int, tuple[ConsoleLink, ...]]:
    """Return the links of a page's rows, by subject; none of a student's account with `hide_students`."""
    rows = page.rows if page else ()
    shown = [row for row in rows if not (hide_students and row.student and row.kind != "device")]
    if not shown:
        return {}
    try:
        return load_console_links(
            district=district,
            derived=assessment.derived,
            kind=shown[0].kind,
            subjects=[row.subject for row in shown],
        )
    except QueryTimeout:
        return {}
