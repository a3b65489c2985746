"""Check of a member's header against the columns of the specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeroom.ingest.oneroster.column_spec import MemberSpec
from homeroom.ingest.oneroster.violations import Violations, mask_name
from homeroom.ingest.rows.field_table import normalize_heading

EXTENSION = "metadata."
_ALTERNATIVE_COLUMNS = ("users", "userMasterIdentifier", "resourceSourcedIds")
"""A member of 1.2, a column that identifies it, and a column that only some prints of the binding have.

A file fits with or without that column.
"""


def map_columns(
    names: Sequence[str], *, member: MemberSpec, file: str, line: int, violations: Violations
) -> Mapping[str, str]:
    """Return the file's own name of each column of the specification that is present.

    Broken rules are recorded. Names that differ by case, blanks or punctuation alone are understood, so that the values
    below them are checked too.
    """
    exact = set(names)
    specified_names = {
        normalize_heading(column.name): column.name for column in member.columns if column.name not in exact
    }
    file_names: dict[str, str] = {}
    positions: dict[str, int] = {}
    for position, name in enumerate(names):
        column = member.get_column(name)
        if column is None and normalize_heading(name) in specified_names:
            specified_name = specified_names.pop(normalize_heading(name))
            violations.add(
                "header.case", file=file, line=line, field=specified_name, value=mask_name(name), fits=specified_name
            )
            file_names[specified_name], positions[specified_name] = name, position
        elif column is not None:
            file_names[name], positions[name] = name, position
        elif not (name.startswith(EXTENSION) or _is_alternative(name, member=member)):
            violations.add("header.unknown", file=file, line=line, field=mask_name(name))
    for column in member.columns:
        if column.name not in file_names:
            violations.add("header.missing", file=file, line=line, field=column.name)
    _must_be_in_order(positions, member=member, file=file, line=line, violations=violations)
    last = max(positions.values(), default=-1)
    for position, name in enumerate(names):
        if name.startswith(EXTENSION) and position < last:
            violations.add("header.extension-place", file=file, line=line, field=name)
    return file_names


def _must_be_in_order(
    positions: Mapping[str, int], *, member: MemberSpec, file: str, line: int, violations: Violations
) -> None:
    specified_order = [column.name for column in member.columns if column.name in positions]
    file_order = sorted(specified_order, key=lambda name: positions[name])
    furthest = -1
    for name in file_order:
        if specified_order.index(name) < furthest:
            before = specified_order[specified_order.index(name) + 1]
            violations.add("header.order", file=file, line=line, field=name, fits=f"a place before {before}")
        furthest = max(furthest, specified_order.index(name))


def _is_alternative(name: str, *, member: MemberSpec) -> bool:
    return (member.name, name) == (_ALTERNATIVE_COLUMNS[0], _ALTERNATIVE_COLUMNS[2]) and member.get_column(
        _ALTERNATIVE_COLUMNS[1]
    ) is not None
