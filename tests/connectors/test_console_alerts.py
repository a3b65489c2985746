"""Alerts of Google's Alert Center and of Microsoft's tools as alert records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from homeroom.connectors.google.readers import read_alerts as read_google_alerts
from homeroom.connectors.microsoft.readers import read_alerts as read_microsoft_alerts
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.connectors.raw_frames import list_rejects, list_rows
from tests.services import entra, tenant

AT = datetime(2026, 11, 20, 14, tzinfo=UTC)


def test_an_alert_of_the_alert_center_names_the_account_and_how_severe_it_is() -> None:
    read = read_google_alerts([tenant.build_alert(1, at=AT), {"type": "x"}], 1)
    (alert,) = list_rows(read, "alert_records")
    assert alert == {
        "key": "alert-1",
        "at": AT,
        "agent_name": "person1002@maple.example",
        "address": "203.0.113.7",
        "rule": "Google identity",
        "title": "Suspicious login",
        "level": 3,
    }
    assert list_rejects(read) == [(2, "alertId", True)]


def test_an_alert_of_microsoft_names_its_account_and_techniques() -> None:
    (alert,) = list_rows(read_microsoft_alerts([entra.build_alert(1, at=AT)], 1), "alert_records")
    assert alert == {
        "key": "da1",
        "at": AT,
        "agent_name": "person1@maple.example",
        "rule": "azureAdIdentityProtection",
        "title": "Password spray",
        "level": 3,
        "groups": ["CredentialAccess"],
        "techniques": ["T1110.003"],
    }


def test_pages_of_alerts_are_known_by_their_names(tmp_path: Path) -> None:
    pages = {
        "google.alerts": {"alerts": [tenant.build_alert(1, at=AT)]},
        "microsoft.alerts": {"value": [entra.build_alert(1, at=AT)]},
    }
    for kind, page in pages.items():
        (tmp_path / f"{kind}.json").write_text(json.dumps(page), encoding="utf-8")
    detection = detect_packages([tmp_path], connectors=load_connectors())
    assert detection.problems == ()
    kinds = {file.kind.id: file.name for package in detection.packages for file in package.files}
    assert kinds == {kind: f"{kind}.json" for kind in pages}
