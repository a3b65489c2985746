"""Prowler's results become verdict records, from CSV and OCSF."""

from __future__ import annotations

import pytest

from homeroom.connectors.prowler import readers
from homeroom.ingest.contract.errors import FileRefused
from tests.connectors.raw_frames import contains_text, list_rejects
from tests.connectors.recordings import read_recording, select_columns

VERDICT_COLUMNS = ("tenant", "product", "policy", "org_unit", "result", "criticality")


def test_a_verdict_is_of_a_check_and_a_resource() -> None:
    _, read = read_recording("prowler/result.csv")
    bucket = "123456789012/arn:aws:s3:::students"
    assert read.scope == "accounts:aws 123456789012"
    assert select_columns(read, "verdict_records", *VERDICT_COLUMNS) == [
        ("123456789012", "aws", "bucket_public", bucket, "FAIL", "critical"),
        ("123456789012", "aws", "bucket_public", f"{bucket} (2)", "PASS (muted)", "critical"),
        ("123456789012", "aws", "contact_current", "arn:aws:iam::123456789012:root", "MANUAL", "medium"),
    ]
    assert select_columns(read, "verdict_records", "details")[0] == ("The bucket ‹b›students‹/b› is public.",)
    assert list_rejects(read) == [(5, "CHECK_ID", True)]
    assert not contains_text(read, "it@maple.example")


def test_ocsf_says_the_same_and_a_finding_without_a_check_is_known_by_its_own_id() -> None:
    _, read = read_recording("prowler/result.ocsf.json")
    assert select_columns(read, "verdict_records", *VERDICT_COLUMNS) == [
        ("s1", "azure", "insight_configured", "/subscriptions/s1/insight", "FAIL (muted)", "Low"),
        (None, None, "f2", "eu-west-1", "MANUAL", None),
    ]


def test_findings_of_a_newer_ocsf_are_refused_whole() -> None:
    with pytest.raises(FileRefused, match="a version whose files nobody here can read"):
        readers.read_findings(
            [{"status_code": "FAIL", "metadata": {"version": "2.0.0"}, "finding_info": {"uid": "f"}}], 1
        )
    assert readers.read_findings(
        [{"status_code": "FAIL", "metadata": {"version": "1.9"}, "finding_info": {"uid": "f"}}], 1
    )


@pytest.mark.parametrize(
    ("recording", "kind", "check"),
    [
        ("prowler/version-3.json", "prowler.json", "acm_certificates_expiration_check"),
        ("prowler/version-3.csv", "prowler.csv", "acm_check"),
    ],
)
def test_version_3_is_read_from_its_own_json_and_csv(recording: str, kind: str, check: str) -> None:
    recognized, read = read_recording(recording)
    assert recognized == kind
    resource = "arn:aws:acm:us-east-1:111122223333:certificate/1"
    assert select_columns(read, "verdict_records", *VERDICT_COLUMNS) == [
        ("111122223333", "aws", check, resource, "FAIL", "high")
    ]
