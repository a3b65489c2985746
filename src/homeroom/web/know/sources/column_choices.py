"""The form in which a person chooses what each column of a list means: a row for each column of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from homeroom.evidence.tables import TABLES
from homeroom.ingest.mappings.mapping_targets import COMPOSED_KEYS, OPTIONAL_KEYS
from homeroom.web.shared.inventory_labels import get_field_label

ROW_ID = "row_id"
"""The field with the heading of the ids of rows; a column of ids may have a meaning of its own as well."""
SHOWN_SAMPLES = 3
_CONSTANT = "purpose"
"""A column that is chosen once for the list and not read from it."""


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """A column of the list: its heading, its first values, and the field of Homeroom that it fills (empty if none)."""

    field: str
    heading: str
    samples: str
    target: str


@dataclass(frozen=True, kw_only=True)
class ColumnTarget:
    """A field of Homeroom that a column may fill."""

    name: str
    label: str
    meaning: str
    is_required: bool


@dataclass(frozen=True, kw_only=True)
class RowIdChoice:
    """The heading of the ids of rows, and the fields that identify rows of a list without ids (empty if none do)."""

    heading: str
    instead: str


def list_targets(table: str) -> list[ColumnTarget]:
    """Return the fields that columns of a list may fill, the required ones first."""
    definition = TABLES[table]
    required = set(definition.key) - {"key", _CONSTANT, *OPTIONAL_KEYS.get(table, ())}
    targets = [
        ColumnTarget(
            name=name,
            label=get_field_label(name),
            meaning=definition.get_column(name).meaning,
            is_required=name in required,
        )
        for name in definition.names
        if name not in (_CONSTANT, "key")
    ]
    return sorted(targets, key=lambda target: not target.is_required)


def list_choices(
    headings: Sequence[str], samples: Mapping[str, Sequence[str]], *, heading_by_column: Mapping[str, str]
) -> list[ColumnChoice]:
    """Return a choice for each column of the list, in its order, with the meaning that is chosen so far."""
    column_by_heading = {heading: column for column, heading in heading_by_column.items() if column != "key"}
    return [
        ColumnChoice(
            field=f"column-{number}",
            heading=heading,
            samples=" · ".join(samples[heading][:SHOWN_SAMPLES])[:120],
            target=column_by_heading.get(heading, ""),
        )
        for number, heading in enumerate(headings)
    ]


def build_row_id_choice(table: str, *, heading_by_column: Mapping[str, str]) -> RowIdChoice | None:
    """Return the choice of the column of ids; None for a table whose rows have no ids."""
    if "key" not in TABLES[table].key:
        return None
    labels = [f"“{get_field_label(name)}”" for name in COMPOSED_KEYS.get(table, ())]
    return RowIdChoice(heading=heading_by_column.get("key", ""), instead=", ".join(labels))


def read_choices(form: Mapping[str, str], *, headings: Sequence[str], table: str) -> dict[str, str]:
    """Return {column: heading} of a submitted form; a column that is chosen twice has its first heading."""
    chosen = {form.get(f"column-{number}", ""): heading for number, heading in reversed(list(enumerate(headings)))}
    if form.get(ROW_ID, "") in headings:
        chosen["key"] = form[ROW_ID]
    return {column: chosen[column] for column in TABLES[table].names if column in chosen and column != _CONSTANT}


def find_double_choices(form: Mapping[str, str], *, headings: Sequence[str], table: str) -> list[str]:
    """Return a message for each field that more than one column of a submitted form is to fill."""
    counts = Counter(form.get(f"column-{number}", "") for number in range(len(headings)))
    return [
        gettext("“%(field)s” is chosen for %(count)s columns. Choose it for one.")
        % {"field": get_field_label(column), "count": counts[column]}
        for column in TABLES[table].names
        if counts[column] > 1
    ]
