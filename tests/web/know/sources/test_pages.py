"""The sources pages: current loads, dropped files, and who may decide."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.models import LoadJob
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.web.know.sources.upload import FORM_BYTES
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]


def get_newest_load_id(store: EvidenceStore) -> str:
    return store.list_current_loads()[-1].id


@pytest.mark.parametrize("name", ["director", "technician", "auditor"])
def test_everybody_of_the_district_reads_what_stands(store: EvidenceStore, as_: ClientFactory, name: str) -> None:
    client = as_(name)
    assert f"/sources/loads/{get_newest_load_id(store)}" in client.get("/sources").content.decode()
    assert client.get(f"/sources/loads/{get_newest_load_id(store)}").status_code == 200


def test_a_log_is_a_source_whose_page_tells_what_was_new_and_it_can_be_undone(
    store: EvidenceStore, as_: ClientFactory, cast: Cast, tmp_path: Path
) -> None:
    event = {"EventID": 1102, "Channel": "Security", "Computer": "DC01", "EventTime": "2026-11-20 16:05:00"}
    lines = [json.dumps({**event, "EventRecordID": number}) for number in range(3)]
    (tmp_path / "dc01.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = load_files([tmp_path / "dc01.json"], district=cast.district, store=store, at=MORNING)
    load = report.loaded[0].load
    assert load is not None
    technician = as_("technician")
    assert f"/sources/loads/{load.id}" in technician.get("/sources").content.decode()
    page = technician.get(f"/sources/loads/{load.id}").content.decode()
    assert "New records" in page
    assert "in use" in page
    assert as_("auditor").post(f"/sources/loads/{load.id}/undo").status_code == 403
    assert as_("stranger").get(f"/sources/loads/{load.id}").status_code == 404
    technician.post(f"/sources/loads/{load.id}/undo")
    assert "undone" in technician.get(f"/sources/loads/{load.id}").content.decode()
    assert EventStore(store).list_logs() == ()


def test_a_stranger_sees_no_source_and_no_load(store: EvidenceStore, as_: ClientFactory) -> None:
    stranger = as_("stranger")
    assert get_newest_load_id(store) not in stranger.get("/sources").content.decode()
    assert stranger.get(f"/sources/loads/{get_newest_load_id(store)}").status_code == 404
    assert stranger.post(f"/sources/loads/{get_newest_load_id(store)}/undo").status_code == 404


@pytest.mark.parametrize("verb", ["undo", "approve", "discard"])
def test_an_auditor_decides_nothing(store: EvidenceStore, as_: ClientFactory, verb: str) -> None:
    assert as_("auditor").post(f"/sources/loads/{get_newest_load_id(store)}/{verb}").status_code == 403
    assert get_newest_load_id(store) in {load.id for load in store.list_loads()}


def test_an_auditor_drops_no_files(empty_folder: None, cast: Cast, as_: ClientFactory) -> None:
    auditor = as_("auditor")
    assert auditor.post("/sources/drop", {"files": SimpleUploadedFile("a.csv", b"1")}).status_code == 403
    assert '<form method="post" enctype' not in auditor.get("/sources/drop").content.decode()
    assert not LoadJob.objects.of(cast.district).exists()


def test_the_demo_refuses_files_in_a_clear_sentence(
    empty_folder: None, cast: Cast, as_: ClientFactory, settings: object
) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    answer = as_("director").post("/sources/drop", {"files": SimpleUploadedFile("a.csv", b"1")})
    assert answer.status_code == 400
    assert "This is the demo" in answer.content.decode()
    assert not LoadJob.objects.of(cast.district).exists()


def test_no_file_and_too_much_are_refused_before_anything_is_kept(
    empty_folder: None, cast: Cast, as_: ClientFactory, settings: object
) -> None:
    director = as_("director")
    assert director.post("/sources/drop", {}).status_code == 400
    settings.DROP_MOST_BYTES = 3  # type: ignore[attr-defined]
    answer = director.post("/sources/drop", {"files": SimpleUploadedFile("a.csv", b"1234")})
    assert "too large" in answer.content.decode()
    assert not LoadJob.objects.of(cast.district).exists()


class UnreadableUpload(io.BytesIO):
    """An upload that must not be read."""

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the upload was read")


def test_an_upload_that_is_said_to_be_too_long_is_refused_unread(
    empty_folder: None, cast: Cast, as_: ClientFactory, settings: Any
) -> None:
    settings.DROP_MOST_BYTES = 5
    answer = as_("director").generic(
        "POST", "/sources/drop", CONTENT_LENGTH=str(5 + 2 * FORM_BYTES), **{"wsgi.input": UnreadableUpload()}
    )
    assert answer.status_code == 413
    assert "too large" in answer.content.decode()
    assert not LoadJob.objects.of(cast.district).exists()


def test_files_without_the_forms_token_are_not_taken(empty_folder: None, cast: Cast, as_: ClientFactory) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = as_("director").cookies
    assert strict.post("/sources/drop", {"files": SimpleUploadedFile("a.csv", b"1")}).status_code == 403
    assert not LoadJob.objects.of(cast.district).exists()


def test_too_many_files_are_told_in_a_sentence(
    empty_folder: None, cast: Cast, as_: ClientFactory, settings: Any
) -> None:
    settings.DROP_MOST_FILES = 1
    files = [SimpleUploadedFile("a.csv", b"1"), SimpleUploadedFile("b.csv", b"1")]
    answer = as_("director").post("/sources/drop", {"files": files})
    assert answer.status_code == 400
    assert "At most 1 file" in answer.content.decode()
    assert not LoadJob.objects.of(cast.district).exists()


def test_what_was_odd_about_dropped_files_is_told_with_their_load(
    empty_folder: None, cast: Cast, as_: ClientFactory
) -> None:
    odd = {"outcome": "new", "connector": "hr", "stream": "hr.staff", "files": ["a.csv"], "problems": [], "load": "1"}
    odd |= {"read": 1, "kept": 1, "rejected": 0, "changes": [], "rejects": []}
    odd |= {"notes": [{"file": "a.csv", "note": "Hired: dates in 2 forms, 2026-05-01 (2), 5/1/2026 (1)"}]}
    job = LoadJob.objects.create(
        district=cast.district,
        state="done",
        result={"packages": [odd]},
        folder="",
        files=[],
        made_at=MORNING,
        made_by="t",
    )
    assert "Hired: dates in 2 forms" in as_("technician").get(f"/sources/jobs/{job.pk}").content.decode()


def test_a_file_of_no_known_kind_leads_to_saying_what_its_columns_mean(
    empty_folder: None, cast: Cast, as_: ClientFactory
) -> None:
    problem = {"file": "a.csv", "line": None, "field": None, "value": None, "fits": ""}
    for reason, has_link in {"is not a recognized kind of file; it has A, B": True, "is empty": False}.items():
        job = LoadJob.objects.create(
            district=cast.district,
            state="done",
            result={"refused": [problem | {"reason": reason}]},
            folder="",
            files=[],
            made_at=MORNING,
            made_by="t",
        )
        page = as_("technician").get(f"/sources/jobs/{job.pk}").content.decode()
        assert ("Match its columns" in page) is has_link, reason
