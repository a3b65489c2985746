"""Cells about students in evidence rows, masked on pages and in files alike for a role that does not read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.protect.posture.rows.page import EvidencePage, EvidenceRow


def mask_page(page: EvidencePage, *, hide_students: bool) -> EvidencePage:
    """Return a page whose students' rows show masked cells; the link of such a row shows the public id."""
    if not hide_students:
        return page
    rows = [replace(row, cells=_mask_row_cells(page, row)) if row.student else row for row in page.rows]
    return replace(page, rows=tuple(rows))


def mask_cells(page: EvidencePage, row: EvidenceRow, cells: Sequence[Any], *, hide_students: bool) -> list[Any]:
    """Return cells of a row with those about a student masked."""
    if not (hide_students and row.student):
        return list(cells)
    return [
        gettext("masked") if private and cell not in (None, "") else cell
        for private, cell in zip(page.private, cells, strict=True)
    ]


def _mask_row_cells(page: EvidencePage, row: EvidenceRow) -> tuple[Any, ...]:
    first, *others = mask_cells(page, row, row.cells, hide_students=True)
    return (None if page.private[0] else first, *others)
