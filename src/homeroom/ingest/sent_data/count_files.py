"""Count the files that a vendor was given, bundles and sheets together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from homeroom.domain.comply.privacy.vocabulary import Vocabulary
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.sent_data.bundle_counts import PERSON_COLUMNS, count_bundle, get_member
from homeroom.ingest.sent_data.counts import ColumnCount, SentCounts
from homeroom.ingest.sent_data.open_tables import SentTable, open_tables
from homeroom.ingest.sent_data.sheet_counts import count_sheet

_FITS = "headings in the first row, such as Student ID or Date of Birth"


def count_files(
    paths: Sequence[Path], *, vocabulary: Vocabulary, limits: Limits, staff_emails: Collection[str] = ()
) -> SentCounts:
    """Return what the files carry of students. What cannot be read is a problem, and the rest is counted."""

    def is_known(names: Sequence[str]) -> bool:
        return sum(vocabulary.find_heading(name) is not None for name in names) >= min(2, len(names))

    tables, problems = open_tables(paths, limits=limits, is_known=is_known)
    bundles: dict[str, dict[str, list[SentTable]]] = {}
    sheets: list[SentTable] = []
    for table in tables:
        if (member := get_member(table)) is None:
            sheets.append(table)
        elif member in PERSON_COLUMNS or member == "orgs":
            bundles.setdefault(table.source.folder, {}).setdefault(member, []).append(table)
    found_problems = list(problems)
    roster = _count_bundles(bundles, vocabulary, found_problems)
    columns: list[ColumnCount] = []
    uncounted = staff_rows = 0
    for table in sheets:
        try:
            counts = count_sheet(table, vocabulary=vocabulary, staff_emails=staff_emails)
        except FileRefused as error:
            found_problems += error.problems
            continue
        if not counts.has_elements:
            reason = "no heading names a kind of student data"
            found_problems.append(Problem(file=table.source.name, reason=reason, fits=_FITS))
        columns += counts.columns
        uncounted += counts.uncounted
        staff_rows += counts.staff_rows
    return SentCounts(
        roster=tuple(roster),
        sheets=tuple(columns),
        problems=tuple(found_problems),
        uncounted=uncounted,
        staff_rows=staff_rows,
        files=len(tables),
    )


def _count_bundles(
    bundles: dict[str, dict[str, list[SentTable]]], vocabulary: Vocabulary, problems: list[Problem]
) -> list[ColumnCount]:
    roster: list[ColumnCount] = []
    for members in bundles.values():
        try:
            roster += count_bundle(members, vocabulary=vocabulary)
        except FileRefused as error:
            problems += error.problems
    return roster
