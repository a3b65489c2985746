"""A list without rows is read only as what it claims to be, since an empty list makes everything disappear."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors


def _detect_problem(folder: Path, text: str) -> Problem:
    (folder / "page.json").write_text(text)
    result = detect_packages([folder], connectors=load_connectors())
    assert result.packages == ()
    (problem,) = result.problems
    return problem


@pytest.mark.parametrize(
    ("text", "reason", "fits"),
    [
        ("[]", "holds no rows, so nothing tells which list is empty", "at least one row"),
        ('{"hosts": []}', "no rows under hosts, so nothing tells which list is empty: it may be Fleet hosts "
                          "(API)", "connected"),
        ('{"value": []}', "or others", "the answer with its @odata.context, or "),
        ('{"totalCount": 0, "results": []}', "it may be Jamf Pro computers", "at least one row"),
    ],
)  # fmt: skip
def test_a_page_without_rows_is_refused_with_what_it_may_be(tmp_path: Path, text: str, reason: str, fits: str) -> None:
    problem = _detect_problem(tmp_path, text)
    assert reason in problem.reason
    assert fits in problem.fits


def test_an_answer_that_says_whose_it_is_says_that_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text('{"kind": "admin#directory#users", "etag": "x"}')
    ((file,),) = (package.files for package in detect_packages([tmp_path], connectors=load_connectors()).packages)
    assert [list(objects) for objects, _ in file.iter_objects()] == [[]]
    assert list(map(str, file.notes)) == ["no rows in the file: the list is empty"]
