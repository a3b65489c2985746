"""XML: records with their lines from files of any size, nothing external, and a refusal of what is not well-formed."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.ingest.contract.limits import STANDARD
from tests.unit.ingest.detection_helpers import find_read_problem, get_only_file, list_records, write_and_detect

pytestmark = pytest.mark.scale

SCAN = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scanrun>\n<!-- x -->\n<scanrun start="1">\n{}</scanrun>\n'
HOST = '<host name="Núñez"><port id="22"/></host>\n'


def test_records_come_with_their_lines_and_the_roots_attributes(tmp_path: Path) -> None:
    file = get_only_file(write_and_detect(tmp_path, {"s.xml": SCAN.format("<info/>\n" + HOST * 2)}))
    assert file.kind.id == "scan"
    assert list_records(file) == [(6, {"name": "Núñez"}), (7, {"name": "Núñez"})]
    assert [attributes for _, attributes in file.iter_elements()] == [{"start": "1"}]


@pytest.mark.parametrize(
    ("encoding", "statement"),
    [
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("latin-1", "ISO-8859-1"),
        ("cp1252", "windows-1252"),
    ],
)
def test_a_file_in_the_encoding_that_it_names_is_read(tmp_path: Path, encoding: str, statement: str) -> None:
    text = SCAN.replace("UTF-8", statement).format(HOST)
    assert list_records(get_only_file(write_and_detect(tmp_path, {"s.xml": text.encode(encoding)}))) == [
        (5, {"name": "Núñez"})
    ]


@pytest.mark.parametrize(
    ("encoding", "statement"),
    [("utf-8", "ISO-8859-1"), ("utf-8", "UTF-16"), ("utf-8", "Shift_JIS")],
)
def test_a_file_in_another_encoding_than_it_names_is_refused(tmp_path: Path, encoding: str, statement: str) -> None:
    text = SCAN.replace("UTF-8", statement).format(HOST)
    (problem,) = write_and_detect(tmp_path, {"s.xml": text.encode(encoding)}).problems
    assert "says that it is in" in problem.reason


def test_single_bytes_of_another_encoding_than_utf_8_are_read_as_windows_1252(tmp_path: Path) -> None:
    data = SCAN.format(HOST).encode("latin-1")
    assert list_records(get_only_file(write_and_detect(tmp_path, {"s.xml": data}))) == [(5, {"name": "Núñez"})]


def test_no_records_are_no_rows(tmp_path: Path) -> None:
    file = get_only_file(write_and_detect(tmp_path, {"s.xml": SCAN.format("")}))
    assert [(list(batch), attributes) for batch, attributes in file.iter_elements()] == [([], {"start": "1"})]


def test_a_record_within_a_record_is_a_part_of_it(tmp_path: Path) -> None:
    text = SCAN.format('<host name="a"><host name="b"/></host><list><host name="c"/></list>')
    assert [
        attributes["name"] for _, attributes in list_records(get_only_file(write_and_detect(tmp_path, {"s.xml": text})))
    ] == ["a", "c"]


def test_names_in_a_namespace_are_known_by_their_local_part(tmp_path: Path) -> None:
    text = '<x:scanrun xmlns:x="urn:example"><x:host name="a"/></x:scanrun>'
    assert list_records(get_only_file(write_and_detect(tmp_path, {"s.xml": text}))) == [(1, {"name": "a"})]


def test_the_parts_of_a_record_in_a_namespace_have_plain_names_and_those_of_another_one_keep_it(tmp_path: Path) -> None:
    body = '<host name="a"><port id="22"/><y:port id="1"/></host><host name="b"><port id="80"/></host>'
    text = f'<scanrun xmlns="urn:example" xmlns:y="urn:other">{body}</scanrun>'
    batches = get_only_file(write_and_detect(tmp_path, {"s.xml": text})).iter_elements()
    port_ids = [[port.get("id") for port in host.findall("port")] for batch, _ in batches for host in batch]
    assert port_ids == [["22"], ["80"]]


@pytest.mark.parametrize(
    ("doctype", "reason"),
    [
        ('<!DOCTYPE scanrun [<!ENTITY a "b">]>', "declarations"),
        (
            '<!DOCTYPE scanrun SYSTEM "file:///etc/hostname" [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
            "declarations",
        ),
        ('<!DOCTYPE scanrun [<!ATTLIST host name CDATA "x">]>', "declarations"),
    ],
)
def test_a_document_type_that_declares_is_refused(tmp_path: Path, doctype: str, reason: str) -> None:
    (problem,) = write_and_detect(tmp_path, {"s.xml": f"{doctype}\n<scanrun><host/></scanrun>"}).problems
    assert reason in problem.reason
    assert problem.line == 1


@pytest.mark.parametrize(
    ("body", "reason", "line"),
    [
        ('<host name="&x;"/>\n', "not defined", 5),
        ("<host>&x;</host>\n", "not defined", 5),
        ("<host>\n<port>\n</host>\n", "mismatch", 7),
        ('<host name="a" name="b"/>', "redefined", 5),
        ("<a>" * 300, "depth", 5),
        ("<host>" + "x" * 10_000_100 + "</host>", "", 5),
    ],
)
def test_what_is_not_well_formed_is_refused_with_its_line(tmp_path: Path, body: str, reason: str, line: int) -> None:
    problem = find_read_problem(get_only_file(write_and_detect(tmp_path, {"s.xml": SCAN.format(body)})))
    assert reason in problem.reason
    assert problem.line == line


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    text = SCAN.format(HOST * 3)
    assert "is no XML" in find_read_problem(get_only_file(write_and_detect(tmp_path, {"s.xml": text[:-15]}))).reason


@pytest.mark.parametrize("limits", [{"row": 1 << 20}, {"entries": 1000}])
def test_a_record_that_is_too_large_is_refused(tmp_path: Path, limits: dict[str, int]) -> None:
    text = SCAN.format("<host>" + "<port a='1'/>" * 300_000 + "</host>")
    problem = find_read_problem(
        get_only_file(write_and_detect(tmp_path, {"s.xml": text}, limits=replace(STANDARD, **limits)))
    )
    assert "one record of more than" in problem.reason
    assert (problem.line, problem.field) == (5, "host")


def test_a_record_keeps_all_that_stands_in_it_wherever_the_file_is_cut_for_the_parser(tmp_path: Path) -> None:
    inner = "".join(f'<port n="{n}"><state/></port>' for n in range(97))
    text = SCAN.format("".join(f'<host name="h{n}">{inner}</host>' for n in range(700)))
    assert len(text) > 6 * (256 << 10)
    file = get_only_file(write_and_detect(tmp_path, {"s.xml": text}))
    ports = [[port.get("n") for port in host if len(port)] for batch, _ in file.iter_elements() for host in batch]
    assert ports == [[str(n) for n in range(97)]] * 700


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    with (tmp_path / "s.xml").open("w", encoding="utf-8") as stream:
        stream.write('<scanrun><task name="x">')
        for number in range(40):
            stream.write("<note>waiting</note>\n" * 5000 + f'<host name="{number}"><port id="22"/></host>\n' * 2000)
        stream.write("</task></scanrun>")
    file = get_only_file(write_and_detect(tmp_path, {}))
    tracemalloc.start()
    try:
        assert sum(len(batch) for batch, _ in file.iter_elements()) == 80_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


def test_xml_that_nobody_reads_is_told_by_its_root(tmp_path: Path) -> None:
    (problem,) = write_and_detect(tmp_path, {"s.xml": '<?xml version="1.0"?><rss><channel/></rss>'}).problems
    assert "root element rss" in problem.reason
    assert problem.fits == "an export that a connector reads, as CSV, JSON or XML"
