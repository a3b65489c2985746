"""Files that an auditor downloads mask students, and the audit trail records all details."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.audit.queries import list_audit_entries
from homeroom.apps.posture.models import Finding
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


def download_rows(client: Client, cast: Cast, control: str) -> list[dict[str, str]]:
    finding = Finding.objects.of(cast.district).get(control=control)
    response: Any = client.get(f"/findings/{finding.public}/rows.csv")
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_a_finding_s_file_hides_who_holds_a_pupil_s_device_from_an_auditor(
    as_: ClientFactory, judged_district: Cast
) -> None:
    full_rows = download_rows(as_("technician"), judged_district, "chromeos-expired")
    masked_rows = download_rows(as_("auditor"), judged_district, "chromeos-expired")
    holders = [
        (full_value["Holder"], auditor_value["Holder"])
        for full_value, auditor_value in zip(full_rows, masked_rows, strict=True)
    ]
    assert all(auditor_value in (full_value, "masked") for full_value, auditor_value in holders)
    assert sum(auditor_value == "masked" for _, auditor_value in holders) > 0
    assert [row["Serial"] for row in full_rows] == [row["Serial"] for row in masked_rows]
    masked = [
        line.detail["masked"]
        for line in list_audit_entries(district=judged_district.district, action="export finding").lines
    ]
    assert masked == [True, False]


def test_a_finding_s_file_hides_a_pupil_s_account_whole_and_a_teacher_s_not(
    as_: ClientFactory, judged_district: Cast
) -> None:
    rows = download_rows(as_("auditor"), judged_district, "staff-second-factor")
    assert {row["Name"] == "masked" for row in rows} == {True, False}
    assert all(row["Address"] == "masked" for row in rows if row["Name"] == "masked")


def test_the_trail_tells_a_detail_that_is_named_items(as_: ClientFactory, cast: Cast) -> None:
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    record_audit_entry(
        district=cast.district, at=at, actor="director", action="plan week", detail={"items": ["a-1", "b-2"]}
    )
    page = as_("auditor").get("/audit")
    assert page.status_code == 200
    assert "items: a-1, b-2" in page.content.decode()
