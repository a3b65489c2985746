"""Whose file it is: reports of other tools are refused by what they are, and never taken for one of those that are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from homeroom.ingest.contract.connector import CsvKind
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.detection.file_kinds import NoMatch, match_kind
from homeroom.library.know.connectors import load_connectors

NOTHING_NEAR = "a file that a connector reads, or a mapping file for this one"
XEOL = {
    "matches": [{"Cycle": {"ProductName": "Node", "Eol": "2022-04-30"}, "artifact": {"name": "node", "version": "12"}}],
    "source": {"type": "directory", "target": "/workspace"},
    "distro": {"name": "", "version": ""},
    "descriptor": {"name": "xeol", "version": "0.10.8"},
}
TFSEC_FINDING = {"rule_id": "AVD-1", "long_id": "x", "severity": "HIGH", "status": 0, "location": {"filename": "a.tf"}}
TERRASCAN = {"results": {"violations": None, "skipped_violations": None, "scan_summary": {"violated_policies": 0}}}


def _refuse(tmp_path: Path, name: str, text: str) -> Problem:
    (tmp_path / name).write_text(text, encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.packages == ()
    (problem,) = detection.problems
    return problem


@pytest.mark.parametrize("matches", [XEOL["matches"], []], ids=["findings", "nothing"])
def test_a_report_of_xeol_is_not_one_of_grype_and_the_refusal_names_it(tmp_path: Path, matches: object) -> None:
    problem = _refuse(tmp_path, "xeol.json", json.dumps({**XEOL, "matches": matches}))
    assert problem.fits == "Grype results (JSON), but its descriptor.name is xeol"


@pytest.mark.parametrize(
    "report",
    [{"results": None}, {"results": [TFSEC_FINDING]}, TERRASCAN],
    ids=["tfsec without findings", "tfsec", "terrascan"],
)
def test_reports_of_other_tools_are_no_empty_result_of_osv_scanner(tmp_path: Path, report: object) -> None:
    problem = _refuse(tmp_path, "report.json", json.dumps(report))
    assert problem.reason.startswith("is not a recognized kind of file")
    assert problem.fits == NOTHING_NEAR


@pytest.mark.parametrize(
    ("header", "fits"),
    [
        ("Device,Serial Number,Status,Name", NOTHING_NEAR),
        ("Section ID,ID,Room", NOTHING_NEAR),
        ("results,status,name", NOTHING_NEAR),
        ("QID,Title,Severity,Category", "Qualys report (CSV), which also needs IP"),
        ("definition.id,definition.name,severity", "Tenable Vulnerability Management findings (CSV), which also needs asset.id"),
        ("Section SIS ID,SIS ID", "SDS V1 enrollments of students, which is known by its file's name, StudentEnrollment.csv"),
        ("SIS ID,School SIS ID,First Name,Grade", "SDS V1 students, which also needs Username"),
        ("User,Group,Role", NOTHING_NEAR),
        ("Hostname,Last Seen,OS Version,Type,Local IP,Serial Number,Host ID,MAC Address", NOTHING_NEAR),
        ("id,userPrincipalName,displayName,userType,identities,companyName", NOTHING_NEAR),
    ],
)  # fmt: skip
def test_what_fits_is_of_the_same_product_and_says_what_is_missing(header: str, fits: str) -> None:
    match = match_kind(header.split(","), kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, NoMatch), match
    assert match.fits == fits


@pytest.mark.parametrize(
    ("root", "fits"),
    [
        ("NexposeReports", "XML with the root element NexposeReport"),
        ("QUALYS_REPORTS", "XML with the root element QUALYS_REPORT"),
        ("playlist", "an export that a connector reads, as CSV, JSON or XML"),
    ],
)
def test_xml_names_only_a_root_that_is_alike(tmp_path: Path, root: str, fits: str) -> None:
    assert _refuse(tmp_path, "x.xml", f'<?xml version="1.0"?><{root}><a/></{root}>').fits == fits
