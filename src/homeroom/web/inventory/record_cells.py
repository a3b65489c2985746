"""Cells of the records of sources, side by side; those that a reader may not read show that they are masked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from homeroom.evidence.tables import Column, Privacy
from homeroom.web.shared.inventory_labels import format_field_value


def format_record_cell(column: Column, value: Any, *, masked: bool) -> Any:
    """Return a field of a record as pages show it; with `masked`, a filled field about students is masked."""
    if masked and column.privacy is Privacy.STUDENT and value is not None:
        return gettext("masked")
    return format_field_value(column.name, value)
