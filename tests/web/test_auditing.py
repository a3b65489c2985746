"""What an auditor takes away hides pupils, and the audit trail writes every detail whatever its name."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from homeroom.apps.audit.commands import record
from homeroom.apps.audit.queries import trail
from homeroom.apps.posture.models import Finding
from tests.cast import Cast

As = Callable[[str], Client]


def rows_of(client: Client, cast: Cast, control: str) -> list[dict[str, str]]:
    one = Finding.objects.of(cast.district).get(control=control)
    answer: Any = client.get(f"/findings/{one.public}/rows.csv")
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_a_finding_s_file_hides_who_holds_a_pupil_s_device_from_an_auditor(as_: As, judged_district: Cast) -> None:
    whole = rows_of(as_("technician"), judged_district, "chromeos-expired")
    hidden = rows_of(as_("auditor"), judged_district, "chromeos-expired")
    held = [(mine["Holder"], theirs["Holder"]) for mine, theirs in zip(whole, hidden, strict=True)]
    assert all(theirs in (mine, "masked") for mine, theirs in held)
    assert sum(theirs == "masked" for _, theirs in held) > 0
    assert [row["Serial"] for row in whole] == [row["Serial"] for row in hidden]
    masked = [line.detail["masked"] for line in trail(district=judged_district.district, action="export finding").lines]
    assert masked == [True, False]


def test_a_finding_s_file_hides_a_pupil_s_account_whole_and_a_teacher_s_not(as_: As, judged_district: Cast) -> None:
    rows = rows_of(as_("auditor"), judged_district, "staff-second-factor")
    assert {row["Name"] == "masked" for row in rows} == {True, False}
    assert all(row["Address"] == "masked" for row in rows if row["Name"] == "masked")


def test_the_trail_tells_a_detail_that_is_named_items(as_: As, cast: Cast) -> None:
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    record(district=cast.district, at=at, actor="director", action="plan week", detail={"items": ["a-1", "b-2"]})
    page = as_("auditor").get("/audit")
    assert page.status_code == 200
    assert "items: a-1, b-2" in page.content.decode()
