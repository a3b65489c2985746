"""Files that an auditor downloads mask students, and the audit trail records all details."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.models import Head
from homeroom.apps.platform.audit.queries import AuditFilter, list_audit_entries
from homeroom.apps.platform.audit.signing import sign_trail
from homeroom.apps.protect.posture.models import Finding
from tests.cast import Cast

ClientFactory = Callable[[str], Client]


def download_rows(client: Client, cast: Cast, control: str) -> list[dict[str, str]]:
    finding = Finding.objects.of(cast.district).get(control=control)
    response: Any = client.get(f"/findings/{finding.public}/rows.csv")
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_a_finding_s_file_hides_who_holds_a_student_s_device_from_an_auditor(
    as_: ClientFactory, judged_district: Cast
) -> None:
    full_rows = download_rows(as_("technician"), judged_district, "chromeos-expired")
    masked_rows = download_rows(as_("auditor"), judged_district, "chromeos-expired")
    holders = [
        (full_value["Assigned to"], auditor_value["Assigned to"])
        for full_value, auditor_value in zip(full_rows, masked_rows, strict=True)
    ]
    assert all(auditor_value in (full_value, "masked") for full_value, auditor_value in holders)
    assert sum(auditor_value == "masked" for _, auditor_value in holders) > 0
    assert [row["Serial"] for row in full_rows] == [row["Serial"] for row in masked_rows]
    masked = [
        line.detail["masked"]
        for line in list_audit_entries(
            district=judged_district.district, shown=AuditFilter(action="export finding")
        ).lines
    ]
    assert masked == [True, False]


def test_a_finding_s_file_hides_a_student_s_account_whole_and_a_teacher_s_not(
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


AUDIT_DAYS = (datetime(2026, 1, 5, 12, tzinfo=UTC), datetime(2026, 1, 7, 5, tzinfo=UTC))
"""Noon of January 5, and late in the evening of January 6 in the district's time zone."""


def record_two_days(cast: Cast) -> None:
    """Record what a technician opened on the first day, and what Homeroom and the director did on the second."""
    first, second = AUDIT_DAYS
    common: dict[str, Any] = {"district": cast.district}
    record_audit_entry(
        at=first, actor="technician", action="opened-student", subject_kind="person", subject="p-abc123", **common
    )
    record_audit_entry(
        at=second,
        actor="director",
        action="list subjects",
        subject_kind="control",
        subject="staff-second-factor/fail",
        **common,
    )
    record_audit_entry(at=second, actor="", action="resolve", detail={"formula": "=1+1"}, **common)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("action=opened+student", ["opened student"]),
        ("action=Student", ["opened student"]),
        ("action=viewed+rows", ["viewed rows"]),
        ("action=matched", ["matched records"]),
        ("actor=Homeroom", ["matched records"]),
        ("actor=direct", ["viewed rows"]),
        ("record=P-ABC123", ["opened student"]),
        ("record=person+p-abc123", ["opened student"]),
        ("record=staff-second-factor,+Failing", ["viewed rows"]),
        ("since=2026-01-06", ["matched records", "viewed rows"]),
        ("until=2026-01-05", ["opened student"]),
        ("since=2026-01-07", []),
        ("actor=nobody", []),
    ],
)
def test_the_trail_is_filtered_by_the_words_that_it_shows_and_exported_alike(
    as_: ClientFactory, cast: Cast, query: str, expected: list[str]
) -> None:
    record_two_days(cast)
    client = as_("auditor")
    actions = re.findall(r'<td data-label="Action">(.+?)</td>', client.get(f"/audit?{query}").content.decode())
    assert actions == expected
    response: Any = client.get(f"/audit.csv?{query}")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert [row["Action"] for row in rows if row["Action"] != "export audit trail"] == expected


def test_the_exported_trail_holds_no_formula_and_says_who_exported_it(as_: ClientFactory, cast: Cast) -> None:
    record_audit_entry(
        district=cast.district, at=AUDIT_DAYS[0], actor="=cmd()", action="note on work", subject="@SUM(1)"
    )
    response: Any = as_("auditor").get("/audit.csv?action=note")
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode()))
    assert (row["Who"][0], row["Target"][0]) == ("'", "'")
    (entry,) = list_audit_entries(district=cast.district, shown=AuditFilter(action="export audit trail")).lines
    assert (entry.actor, entry.detail) == ("auditor", {"action": "note"})


def test_a_date_that_is_none_is_refused_with_an_example(as_: ClientFactory, cast: Cast) -> None:
    for address in ("/audit?since=2026-02-31", "/audit.csv?until=soon"):
        response = as_("auditor").get(address)
        assert response.status_code == 422
        assert "Use a date such as 2026-01-31." in response.content.decode()


def test_the_page_states_what_is_signed_and_warns_if_the_end_was_cut_off(
    as_: ClientFactory, cast: Cast, tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    record_two_days(cast)
    sign_trail(district=cast.district, at=AUDIT_DAYS[1])
    page = as_("auditor").get("/audit").content.decode()
    assert "Signed through entry 3 on Jan" in page
    assert "homeroom verify" not in page
    Head.objects.of(cast.district).update(number=2)
    page = as_("auditor").get("/audit").content.decode()
    assert "Run “homeroom verify” on the server: entry 3 is missing at the end." in page
