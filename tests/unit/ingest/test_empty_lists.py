"""A list without rows is taken for what it says it is, and for nothing else: an empty list makes everything gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.ingest.problems import Problem
from homeroom.ingest.recognise import packages
from homeroom.library.connectors import connectors


def _refused(folder: Path, text: str) -> Problem:
    (folder / "page.json").write_text(text)
    found = packages([folder], connectors=connectors())
    assert found.packages == ()
    (problem,) = found.problems
    return problem


@pytest.mark.parametrize(
    ("text", "reason", "fits"),
    [
        ("[]", "holds no rows, so nothing tells which list is empty", "at least one row"),
        ('{"hosts": []}', "no rows under hosts, so nothing tells which list is empty: it may be Fleet hosts (API)", "connected"),
        ('{"value": []}', "or others", "the answer with its @odata.context, or "),
        ('{"totalCount": 0, "results": []}', "it may be Jamf Pro computers", "at least one row"),
    ],
)  # fmt: skip
def test_a_page_without_rows_is_refused_with_what_it_may_be(tmp_path: Path, text: str, reason: str, fits: str) -> None:
    problem = _refused(tmp_path, text)
    assert reason in problem.reason
    assert fits in problem.fits


def test_an_answer_that_says_whose_it_is_says_that_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / "page.json").write_text('{"kind": "admin#reports#activities", "etag": "x"}')
    ((file,),) = (package.files for package in packages([tmp_path], connectors=connectors()).packages)
    assert [list(objects) for objects, _ in file.objects()] == [[]]
    assert list(map(str, file.notes)) == ["no rows in the file: the list is empty"]
