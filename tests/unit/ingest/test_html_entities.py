"""Text that was escaped for a web page is unescaped once, and the file's notes report it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from homeroom.ingest.csv_files.html_entities import ESCAPED_NOTE, unescape_frame, unescape_text
from homeroom.ingest.detection.batch_reader import build_batch
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.unit.ingest.strict_reader import read


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("O&#39;Brien", "O'Brien"),
        ("O&#039;Hara &amp; Co", "O'Hara & Co"),
        ("Jos&eacute; &#x17D;i&#382;ka", "José Žižka"),
        ("&amp;lt;", "&lt;"),
        ("a &quot;b&quot; &lt;c&gt;", 'a "b" <c>'),
        ("Smith &#146;s", "Smith ’s"),
        ("AT&T; R&D", "AT&T; R&D"),
        ("bell&#7; and &#0; and &#xD800;", "bell&#7; and &#0; and &#xD800;"),
    ],
)
def test_escapes_are_undone_once_and_what_nobody_escapes_stays(written: str, expected: str) -> None:
    assert unescape_text(written) == expected


def test_a_value_with_tags_is_left_to_its_reader() -> None:
    frame = pl.DataFrame(
        {"a": ["<p>fixed in &lt;5.0</p>", "x &lt; 5", None], "b": ["&amp;", "", "c"], "_line": [2, 3, 4]}
    )
    result, lines = unescape_frame(frame)
    assert result["a"].to_list() == ["<p>fixed in &lt;5.0</p>", "x < 5", None]
    assert (result["b"].to_list(), sorted(lines)) == (["&", "", "c"], [2, 3])


def test_a_list_says_how_many_values_were_escaped_and_where_the_first_is() -> None:
    outcome = read(b"a,b\nx,y\nO&#39;Brien,R&amp;D\nz,&copy;\n")
    assert outcome.rows == ((2, "x", "y"), (3, "O'Brien", "R&D"), (4, "z", "©"))
    assert outcome.notes == (f"{ESCAPED_NOTE}, first on line 3 (3 times)",)


def test_answers_of_a_system_that_escapes_them_are_read_alike_alone_and_together(tmp_path: Path) -> None:
    for number, name in enumerate(("R&amp;D", "Lab"), start=1):
        asset = {"id": number, "asset_tag": str(number), "serial": "S", "model": {"name": name}}
        (tmp_path / f"{number}.json").write_text(json.dumps({"total": 2, "rows": [asset]}))
    for together in (True, False):
        (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
        files = package.files
        frames = (
            [build_batch(files, [0, 1]).frame]
            if together
            else [frame for file in files for frame in file.iter_chunks()]
        )
        assert [name for frame in frames for name in frame["model.name"]] == ["R&D", "Lab"]
        assert [list(map(str, file.notes)) for file in files] == [[f"{ESCAPED_NOTE}, first on line 1"], []]
