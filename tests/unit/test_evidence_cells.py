"""Cells of evidence rows in a technician's words; what is unfamiliar stays as it is."""

from __future__ import annotations

from typing import Any

import pytest

from homeroom.apps.protect.posture.catalog.cells import describe_departure, format_evidence_cell


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hr marks them tobedeleted", "HR marks them as to be deleted"),
        ("oneroster marks their role tobedeleted", "Roster marks their role as to be deleted"),
        ("hr says that they end on 2026-10-23", "HR has Oct 23, 2026 as their last day"),
        ("hr says that their role ended on 2026-11-19", "HR has Nov 19, 2026 as the end of their role"),
        ("powerschool says that they are not enabled", "PowerSchool has them as inactive"),
        ("hr carried them in an earlier complete load and does not now", "HR no longer lists them"),
        ("hr says terminated", "HR has them as “terminated”"),
        ("Somebody typed this", "Somebody typed this"),
        ("", ""),
    ],
)
def test_why_a_person_counts_as_gone_reads_like_a_sentence(text: str, words: str) -> None:
    assert describe_departure(text) == words


@pytest.mark.parametrize(
    ("column", "value", "cell"),
    [
        ("directory", "activedirectory", "Active Directory"),
        ("managed_by", ["google", "snipeit"], ["Google", "Snipe-IT"]),
        ("sources", ["own-list"], ["own-list"]),
        ("title", "google", "google"),
        ("cost_minor", 12345, "123.45"),
        ("left_because", None, None),
    ],
)
def test_ids_of_products_and_amounts_are_written_for_people(column: str, value: Any, cell: Any) -> None:
    assert format_evidence_cell(column, value) == cell
