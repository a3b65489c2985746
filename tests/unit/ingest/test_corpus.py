"""Every malformed or unusual file of the corpus is loaded exactly or refused at its line, for every block size.

So it is for a caller that takes no broken rows; what others get of such files is in tests/apps/know/loading.
"""

from __future__ import annotations

import pytest

from homeroom.ingest.contract.limits import STANDARD, Limits
from tests.unit.ingest.corpus import INVALID_FILES, VALID_FILES, InvalidFile, ValidFile
from tests.unit.ingest.strict_reader import SMALL_BLOCKS, expect_refusal, read

BLOCKS = [pytest.param(STANDARD, id="blocks of 4 MiB"), pytest.param(SMALL_BLOCKS, id="blocks of 16 bytes")]


def test_the_corpus_holds_sixty_files_with_names_of_their_own() -> None:
    names = [case.name for case in (*VALID_FILES, *INVALID_FILES)]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("limits", BLOCKS)
@pytest.mark.parametrize("case", VALID_FILES, ids=lambda case: case.name)
def test_an_odd_file_is_loaded_exactly(case: ValidFile, limits: Limits) -> None:
    outcome = read(case.data, limits=limits)
    assert outcome.names == case.names
    assert outcome.rows == case.rows
    assert outcome.notes == case.notes
    assert read(case.data, limits=limits, tolerant=True) == outcome


@pytest.mark.parametrize("limits", BLOCKS)
@pytest.mark.parametrize("case", INVALID_FILES, ids=lambda case: case.name)
def test_a_bad_file_is_refused_at_its_line(case: InvalidFile, limits: Limits) -> None:
    if limits is SMALL_BLOCKS and len(case.data) > 100_000:
        limits = STANDARD
    (problem,) = expect_refusal(case.data, limits=limits).problems
    assert problem.file == "given.csv"
    assert case.reason in problem.reason
    assert (problem.line, problem.field) == (case.line, case.field)
    assert problem.fits


def test_a_refusal_reads_as_one_sentence_with_its_place() -> None:
    message = str(expect_refusal(b"a,b,c\n1,2,3\n4,5\n"))
    assert message == (
        "given.csv, line 3, c: the row has 2 fields where the header has 3."
        " Use: as many fields as the header has names."
    )
