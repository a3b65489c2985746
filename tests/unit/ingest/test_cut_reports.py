"""A report that is one record and ends early keeps its whole entries, wherever it is cut."""

from __future__ import annotations

import re

import pytest
from lxml import etree

from homeroom.ingest.xml_files.cut_reports import UnrepairableXml, close_cut_report, count_open

ENTRY = b'<result id="%d"><host>192.0.2.%d</host><nvt oid="1"><name>Old &amp; weak</name></nvt></result>\n'
REPORT = b"<report><report><results>\n" + b"".join(ENTRY % (n, n) for n in range(5)) + b"</results></report></report>"
SECOND_END = REPORT.index(b"</result>", REPORT.index(b"</result>") + 1) + len(b"</result>")


@pytest.mark.parametrize("length", range(SECOND_END, len(REPORT)))
def test_a_cut_report_keeps_its_whole_entries(length: int) -> None:
    cut = REPORT[:length]
    assert count_open(cut)
    root = etree.fromstring(close_cut_report(cut))
    ids = [element.get("id") for element in root.iter("result")]
    assert ids == [str(number) for number in range(len(re.findall(rb"</result>", cut)))]
    assert all(element.findtext("nvt/name") == "Old & weak" for element in root.iter("result"))


def test_a_report_that_is_broken_before_its_end_is_not_closed() -> None:
    for text in (
        REPORT.replace(b"</nvt>", b"", 1),
        REPORT.replace(b'id="2"', b"id=2")[:-20],
        b"<report>",
        REPORT[:90],
        REPORT,
    ):
        with pytest.raises(UnrepairableXml):
            close_cut_report(text)


def test_a_whole_report_has_nothing_open() -> None:
    assert count_open(REPORT) == 0
    assert count_open(REPORT + b"more") is None
