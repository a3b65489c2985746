"""An export of a drill that is dropped on a page is stored without what people typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import RequestFactory

from homeroom.apps.know.sources.jobs import store_uploads
from homeroom.apps.know.sources.upload_handlers import TypedTextHandler

ENTRY = {"campaign_id": 42, "email": "t1@maple.example", "time": "2026-10-06T14:00:00Z", "message": "Submitted Data"}
DETAILS = json.dumps({"payload": {"password": ["hunter2"]}, "browser": {"address": "203.0.113.7"}})


@pytest.mark.parametrize("entries", [1, 2_000])
def test_a_dropped_campaign_is_on_no_disk_with_a_password(entries: int, tmp_path: Path, settings: object) -> None:
    settings.DATA = tmp_path  # type: ignore[attr-defined]
    campaign = {"id": 42, "results": [], "timeline": [{**ENTRY, "details": DETAILS}] * entries}
    files = {
        "files": SimpleUploadedFile("campaign.json", json.dumps(campaign).encode()),
        "other": SimpleUploadedFile("other.csv", b"a,b\n1,2\n"),
        "empty": SimpleUploadedFile("empty.csv", b""),
    }
    request = RequestFactory().post("/sources/drop", files)
    request.upload_handlers = [TypedTextHandler(request)]
    upload = request.FILES["files"]
    assert isinstance(upload, TemporaryUploadedFile)
    assert b"hunter2" not in Path(upload.temporary_file_path()).read_bytes()
    folder, _ = store_uploads([upload, request.FILES["other"]])
    stored = (folder / "campaign.json").read_bytes()
    assert len(json.loads(stored)["timeline"]) == entries
    assert b"hunter2" not in stored
    assert (folder / "other.csv").read_bytes() == b"a,b\n1,2\n"
    for stored_file in request.FILES.values():
        stored_file.close()
