"""The header of a member against the columns of the specification."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from homeroom.ingest.oneroster.columns import Member
from homeroom.ingest.oneroster.violations import Violations, name_told
from homeroom.ingest.rows import folded

EXTENSION = "metadata."
_EITHER = ("users", "userMasterIdentifier", "resourceSourcedIds")
"""A member of 1.2, known by a column, and one that some prints of the binding have there and others do not: either fits."""


def columns_of(
    names: Sequence[str], *, member: Member, file: str, line: int, violations: Violations
) -> Mapping[str, str]:
    """The file's own name of each column of the specification that is there. What breaks a rule is told.

    Names that differ by case, blanks or punctuation alone are understood, so that the values below them are checked too.
    """
    exact = set(names)
    ours = {folded(column.name): column.name for column in member.columns if column.name not in exact}
    found: dict[str, str] = {}
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        column = member.column(name)
        if column is None and folded(name) in ours:
            right = ours.pop(folded(name))
            violations.add("header.case", file=file, line=line, field=right, value=name_told(name), fits=right)
            found[right], places[right] = name, place
        elif column is not None:
            found[name], places[name] = name, place
        elif not (name.startswith(EXTENSION) or _either(name, member=member)):
            violations.add("header.unknown", file=file, line=line, field=name_told(name))
    for column in member.columns:
        if column.name not in found:
            violations.add("header.missing", file=file, line=line, field=column.name)
    _must_be_in_order(places, member=member, file=file, line=line, violations=violations)
    last = max(places.values(), default=-1)
    for place, name in enumerate(names):
        if name.startswith(EXTENSION) and place < last:
            violations.add("header.extension-place", file=file, line=line, field=name)
    return found


def _must_be_in_order(
    places: Mapping[str, int], *, member: Member, file: str, line: int, violations: Violations
) -> None:
    wanted = [column.name for column in member.columns if column.name in places]
    there = sorted(wanted, key=lambda name: places[name])
    furthest = -1
    for name in there:
        if wanted.index(name) < furthest:
            before = wanted[wanted.index(name) + 1]
            violations.add("header.order", file=file, line=line, field=name, fits=f"a place before {before}")
        furthest = max(furthest, wanted.index(name))


def _either(name: str, *, member: Member) -> bool:
    return (member.name, name) == (_EITHER[0], _EITHER[2]) and member.column(_EITHER[1]) is not None
