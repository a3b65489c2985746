"""Texts are detected by patterns and come with their companion files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.ingest.detection_helpers import get_only_file, write_and_detect

BELLS: dict[str, str | bytes] = {
    "days.bell": "BEGIN:DAYS\nBELLS\n",
    "types.bell": "* normal\n",
    "meta.json": '{"name": "x"}',
}


@pytest.mark.parametrize(
    "data", [b"BEGIN:DAYS\nx\n", b"\xef\xbb\xbfBEGIN:DAYS\r\nx\r\n", "BEGIN:DAYS\rx\r".encode("utf-16")]
)
def test_a_text_comes_whole_with_plain_line_ends(tmp_path: Path, data: bytes) -> None:
    file = get_only_file(write_and_detect(tmp_path, {"a.txt": data}))
    assert (file.kind.id, dict(file.texts)) == ("calendar", {"a.txt": "BEGIN:DAYS\nx\n"})


def test_what_stands_beside_belongs_to_the_package(tmp_path: Path) -> None:
    result = write_and_detect(tmp_path, {**BELLS, "META.JSON": BELLS["meta.json"]})
    (package,) = result.packages
    assert result.problems == ()
    assert [file.is_companion for file in package.files] == [False, True, True]
    assert {name.casefold() for name in package.files[0].texts} == {"days.bell", "types.bell", "meta.json"}


def test_a_text_without_what_must_stand_beside_it_is_refused(tmp_path: Path) -> None:
    result = write_and_detect(tmp_path, {name: BELLS[name] for name in ("days.bell", "types.bell")})
    assert result.packages == ()
    first = result.problems[0]
    assert (first.file, first.field) == ("days.bell", "meta.json")
    assert first.fits == "one folder with days.bell, types.bell, meta.json"


def test_what_stands_beside_is_text_too(tmp_path: Path) -> None:
    result = write_and_detect(tmp_path, {**BELLS, "types.bell": b"\x89PNG\r\n\x1a\n"})
    assert result.packages == ()
    assert {(problem.file, problem.reason) for problem in result.problems} == {("types.bell", "is a PNG picture")}


def test_a_text_of_more_than_eight_mebibytes_is_refused(tmp_path: Path) -> None:
    (problem,) = write_and_detect(tmp_path, {"a.txt": "BEGIN:DAYS\n" + "x\n" * (5 << 20)}).problems
    assert "is larger than 8,388,608 bytes" in problem.reason


def test_a_link_that_was_saved_as_text_is_told_for_what_it_is(tmp_path: Path) -> None:
    (problem,) = write_and_detect(tmp_path, {"days.bell": "../other/days.bell"}).problems
    assert problem.reason == "is a link to a file days.bell, saved as text"
