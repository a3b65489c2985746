"""A file of a newer version than Homeroom can read is refused entirely, with a message about what would fit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors

BOM: dict[str, Any] = {"bomFormat": "CycloneDX", "components": [{"type": "library", "name": "a", "version": "1"}]}
ADVISORY: dict[str, Any] = {"id": "GHSA-1", "modified": "2026-01-01T00:00:00Z", "affected": []}


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        (BOM | {"specVersion": "3.0"}, "specVersion"),
        (ADVISORY | {"schema_version": "2.0.0"}, "schema_version"),
    ],
)
def test_a_newer_schema_is_refused_and_told(tmp_path: Path, entered: dict[str, Any], field: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(entered), encoding="utf-8")
    result = detect_packages([tmp_path], connectors=load_connectors())
    (problem,) = result.problems
    assert (result.packages, problem.field, problem.value) == ((), field, entered[field])


@pytest.mark.parametrize("value", [BOM | {"specVersion": "1.6"}, ADVISORY | {"schema_version": "1.7.0"}, ADVISORY])
def test_a_version_that_is_known_or_not_said_is_read(tmp_path: Path, value: dict[str, Any]) -> None:
    (tmp_path / "a.json").write_text(json.dumps(value), encoding="utf-8")
    result = detect_packages([tmp_path], connectors=load_connectors())
    assert (result.problems, len(result.packages)) == ((), 1)


@pytest.mark.parametrize(
    ("version", "read"), [("1.0", 1), ("1.2", 1), ("v1p1", 1), ("1.2.1", 1), ("1.3", 0), ("2.0", 0)]
)
def test_a_bundle_of_a_newer_oneroster_is_refused(tmp_path: Path, version: str, read: int) -> None:
    orgs = "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n1,active,,Maple,district,,\n"
    manifest = f"propertyName,value\noneroster.version,{version}\nfile.orgs,bulk\n"
    (tmp_path / "manifest.csv").write_text(manifest, encoding="utf-8")
    (tmp_path / "orgs.csv").write_text(orgs, encoding="utf-8")
    assert len(detect_packages([tmp_path], connectors=load_connectors()).packages) == read


INTERCHANGE = '<InterchangeStudent xmlns="http://ed-fi.org/{}"><Student/></InterchangeStudent>'
BENCHMARK = "<x:Benchmark xmlns:x='http://checklists.nist.gov/xccdf/{}' id='b'/>"


@pytest.mark.parametrize(
    ("text", "is_known", "newer", "field"),
    [
        (INTERCHANGE, ("5.2.0", "4.0.0-a", "0310"), "6.0.0", "xmlns"),
        (BENCHMARK, ("1.1", "1.2"), "2.0", "xmlns"),
        ('<bom xmlns="http://cyclonedx.org/schema/bom/{}"/>', ("1.4", "1.7"), "2.0", "xmlns"),
        ('<nmaprun args="nmap &gt;x" xmloutputversion="{}"/>', ("1.04", "1.05"), "2.0", "xmloutputversion"),
        ('<NexposeReport version="{}"/>', ("1.0", "2.0"), "3.0", "version"),
        ('<niktoscan version="9" nxmlversion="{}"/>', ("1.1", "1.2"), "2.0", "nxmlversion"),
    ],
)
def test_an_xml_that_says_a_newer_version_is_refused(
    tmp_path: Path, text: str, is_known: tuple[str, ...], newer: str, field: str
) -> None:
    for version in is_known:
        (tmp_path / "known.xml").write_text(text.format(version))
        assert detect_packages([tmp_path / "known.xml"], connectors=load_connectors()).problems == ()
    (tmp_path / "newer.xml").write_text(text.format(newer))
    result = detect_packages([tmp_path / "newer.xml"], connectors=load_connectors())
    (problem,) = result.problems
    assert (result.packages, problem.field, problem.value) == ((), field, newer)
    assert "a version whose files nobody here can read" in str(problem)


def test_an_xml_that_says_no_version_is_read(tmp_path: Path) -> None:
    (tmp_path / "plain.xml").write_text("<InterchangeStudent><Student/></InterchangeStudent>")
    assert detect_packages([tmp_path], connectors=load_connectors()).problems == ()


def test_a_root_element_of_a_newer_version_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "report.nessus").write_text('<?xml version="1.0"?><NessusClientData_v3><Report/></NessusClientData_v3>')
    (problem,) = detect_packages([tmp_path], connectors=load_connectors()).problems
    assert problem.reason == "is NessusClientData_v3, a version whose files nobody here can read"
    assert problem.fits == "NessusClientData_v2"
