"""Cells of the records of sources, side by side; those that a reader may not read show that they are masked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from homeroom.evidence.tables import Column, Privacy
from homeroom.web.shared.inventory_labels import format_field_value

_NAMED_AFTER_HOLDERS = frozenset({"name", "local_admins"})
"""Fields of a device that are often named after who holds it, and so masked where the holder is."""


def format_record_cell(column: Column, value: Any, *, masked: bool, is_holder_masked: bool = False) -> Any:
    """Return a field of a record as pages show it; with `masked`, a filled field about students is masked.

    With `is_holder_masked`, so is what is named after the holder of a device.
    """
    is_private = (masked and column.privacy is Privacy.STUDENT) or (
        is_holder_masked and column.name in _NAMED_AFTER_HOLDERS
    )
    if is_private and value is not None:
        return gettext("masked")
    return format_field_value(column.name, value)
