"""Every bad or odd file of the corpus is loaded exactly or refused at its line; no block size changes that."""

from __future__ import annotations

import pytest

from homeroom.ingest.limits import STANDARD, Limits
from tests.unit.ingest.corpus import LOADS, REFUSES, Loads, Refuses
from tests.unit.ingest.reading import SMALL, read, refusal

BLOCKS = [pytest.param(STANDARD, id="blocks of 4 MiB"), pytest.param(SMALL, id="blocks of 16 bytes")]


def test_the_corpus_holds_sixty_files_with_names_of_their_own() -> None:
    names = [case.name for case in (*LOADS, *REFUSES)]
    assert len(names) >= 60
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("limits", BLOCKS)
@pytest.mark.parametrize("case", LOADS, ids=lambda case: case.name)
def test_an_odd_file_is_loaded_exactly(case: Loads, limits: Limits) -> None:
    found = read(case.data, limits=limits)
    assert found.names == case.names
    assert found.rows == case.rows
    assert found.notes == case.notes


@pytest.mark.parametrize("limits", BLOCKS)
@pytest.mark.parametrize("case", REFUSES, ids=lambda case: case.name)
def test_a_bad_file_is_refused_at_its_line(case: Refuses, limits: Limits) -> None:
    if limits is SMALL and len(case.data) > 100_000:
        limits = STANDARD
    (problem,) = refusal(case.data, limits=limits).problems
    assert problem.file == "given.csv"
    assert case.reason in problem.reason
    assert (problem.line, problem.field) == (case.line, case.field)
    assert problem.fits


def test_a_refusal_reads_as_one_sentence_with_its_place() -> None:
    said = str(refusal(b"a,b,c\n1,2,3\n4,5\n"))
    assert said == (
        "given.csv, line 3, c: the row has 2 fields where the header has 3."
        " What fits: as many fields as the header has names."
    )
