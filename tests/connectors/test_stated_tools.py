"""The district's own file of needs and tools is read, and refused with every field that does not fit."""

from __future__ import annotations

import pytest

from homeroom.connectors.district.readers import read_tools
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.know.mappings import read_document
from tests.connectors.raw_frames import list_rows

STATED = """
homeroom: tools
needs:
  content-filter: {for: students}
  lms:
tools:
  - {name: Brightpath Math, also: [bpmath.example], does: [math-practice], also_does: [],
     season: {from: "04-01", to: "02-29"}}
  - {name: Kami}
"""


def test_needs_and_tools_are_read():
    read = read_document(STATED, file="tools.yaml", reader=read_tools)
    assert list_rows(read, "need_records") == [
        {"capability": "content-filter", "audience": "students"}, {"capability": "lms"},
    ]  # fmt: skip
    brightpath, kami = list_rows(read, "tool_records")
    assert brightpath == {
        "name": "Brightpath Math", "also": ["bpmath.example"], "does": ["math-practice"], "also_does": [],
        "season_from": "04-01", "season_until": "02-29",
    }  # fmt: skip
    assert kami == {"name": "Kami"}


@pytest.mark.parametrize(
    ("text", "field", "fits"),
    [
        ("needs: {content-filtr: {for: students}}", "needs.content-filtr", "content-filter"),
        ("needs: {lms: {for: pupils}}", "needs.lms.for", "students"),
        ("needs: {lms: students}", "needs.lms", "{for: students}"),
        ("needs: {lms: {for: students, by: fall}}", "needs.lms.by", "for"),
        ("needs: [lms]", "needs", "a capability a line"),
        ("tools: {name: Kami}", "tools", "a list"),
        ("tools: [Kami]", "tools[0]", "{name: Brightpath Math"),
        ("tools: [{does: [lms]}]", "tools[0].name", "the tool's name"),
        ("tools: [{name: Kami, does: lms}]", "tools[0].does", "a list"),
        ("tools: [{name: Kami, does: [math-practise]}]", "tools[0].does[0]", "math-practice"),
        ("tools: [{name: Kami, also_does: [lsm]}]", "tools[0].also_does[0]", "lms"),
        ("tools: [{name: Kami}, {name: KAMI}]", "tools[1].name", "each tool once"),
        ("tools: [{name: Kami, cost: 5}]", "tools[0].cost", "name, also"),
        ('tools: [{name: Kami, season: {from: "13-01", to: "05-31"}}]', "tools[0].season.from", "a day of a year"),
        ('tools: [{name: Kami, season: {from: "04-01"}}]', "tools[0].season.to", "a day of a year"),
        ("wants: {}", "wants", "homeroom, needs, tools"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(text: str, field: str, fits: str):
    with pytest.raises(FileRefused) as refusal:
        read_document(f"homeroom: tools\n{text}\n", file="tools.yaml", reader=read_tools)
    (problem,) = refusal.value.problems
    assert (problem.file, problem.field) == ("tools.yaml", field)
    assert problem.fits.startswith(fits)


def test_all_mistakes_are_reported_at_once():
    text = "homeroom: tools\nneeds: {lsm: {for: x}}\ntools: [{name: 5}]\n"
    with pytest.raises(FileRefused) as refusal:
        read_document(text, file="tools.yaml", reader=read_tools)
    assert [problem.field for problem in refusal.value.problems] == ["needs.lsm", "needs.lsm.for", "tools[0].name"]
