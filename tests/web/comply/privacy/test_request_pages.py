"""Pages of requests, disclosures and opt-outs: who sees what, and what a form comes to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from homeroom.apps.comply.privacy.disclosures.queries import list_disclosures
from homeroom.apps.comply.privacy.opt_outs.queries import count_opt_outs
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from tests.apps.comply.privacy.conftest import publish_family
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
NAMES = ("Ana", "Rivera", "90417")


@pytest.fixture
def families(cast: Cast, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    publish_family(get_evidence_store(district=cast.district))
    return cast


def write_letter(client: Client, **values: Any) -> str:
    form = {"kind": "access", "requester": "Luz Rivera", "relation": "parent", "student": "90417", **values}
    answer = client.post("/privacy/new-request", {"received_on": "2026-01-12", **form})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


def test_a_letter_with_its_file_becomes_a_request_with_a_day_due(as_: ClientFactory, families: Cast) -> None:
    officer = as_("privacy")
    address = write_letter(officer, letter=SimpleUploadedFile("letter.pdf", b"Please."))
    page = read(officer, address)
    assert "45 days" not in page
    assert "Feb 26, 2026" in page, "45 days of FERPA"
    assert "letter.pdf" in page
    assert "Ana Rivera" in read(officer, "/privacy/requests")
    assert officer.get(f"{address}/files/1").getvalue() == b"Please."


def test_the_steps_are_taken_on_the_page_and_a_wrong_one_is_explained(as_: ClientFactory, families: Cast) -> None:
    officer = as_("director")
    address = write_letter(officer)
    refused = officer.post(address, {"step": "closed"})
    assert refused.status_code == 422
    assert "identity or withdrawn would fit" in refused.content.decode()
    for step in (
        {"step": "identity", "proof": "account"},
        {"step": "searched", "text": "No paper."},
        {"step": "answered", "text": "By mail."},
        {"step": "closed"},
    ):
        assert officer.post(address, step).status_code == 302, step
    assert "enrollments" in read(officer, address)
    assert "Closed" in read(officer, "/privacy/requests?show=closed")
    files = {form: officer.get(f"{address}/records.{form}") for form in ("pdf", "html", "zip")}
    assert {form: answer.status_code for form, answer in files.items()} == dict.fromkeys(files, 200)
    assert officer.get(f"{address}/records.exe").status_code == 404


def test_the_auditor_sees_that_and_when_and_never_who(as_: ClientFactory, families: Cast) -> None:
    officer, auditor = as_("privacy"), as_("auditor")
    address = write_letter(officer, text="My child Ana.", letter=SimpleUploadedFile("ana.pdf", b"x"))
    upload(officer, "/privacy/opt-outs", "student,kind\n90417,media\n")
    add_disclosure(officer)
    pages = (address, "/privacy/requests", "/privacy/disclosures", "/privacy/opt-outs")
    shown = {page: read(auditor, page) for page in pages}
    none: dict[str, list[str]] = {page: [] for page in pages}
    assert {page: [name for name in NAMES if name in text] for page, text in shown.items()} == none
    table = auditor.get("/privacy/disclosures.csv").getvalue().decode()
    assert [name for name in NAMES if name in table] == []
    assert "Ana Rivera" in officer.get("/privacy/disclosures.csv").getvalue().decode()
    for page in (f"{address}/files/1", f"{address}/records.pdf", "/privacy/new-request"):
        assert auditor.get(page).status_code == 403, page
    offers = ("Record a request", 'name="step"', 'type="file"', "Mark as wrong")
    assert {page: [offer for offer in offers if offer in text] for page, text in shown.items()} == none


def test_technicians_and_strangers_see_no_letter(as_: ClientFactory, families: Cast) -> None:
    address = write_letter(as_("privacy"))
    for page in (address, "/privacy/requests", "/privacy/disclosures", "/privacy/opt-outs", f"{address}/records.pdf"):
        assert as_("technician").get(page).status_code == 403, page
        assert as_("stranger").get(f"/d/maple-valley{page}").status_code == 404, page
    assert as_("stranger").get(address).status_code == 404
    assert "Luz" not in read(as_("stranger"), "/privacy/requests")


def test_files_are_loaded_and_rejects_are_listed(as_: ClientFactory, families: Cast) -> None:
    officer = as_("privacy")
    page = upload(officer, "/privacy/opt-outs", "student,kind\n90417,media\n5,media\n")
    assert "1 row was not loaded" in page
    assert count_opt_outs(district=families.district)["media"] == 1
    page = upload(
        officer,
        "/privacy/disclosures",
        "student,disclosed_on,recipient,purpose,basis,what\n90417,2026-01-09,Clinic,Arm,emergency,card\n",
        act="load",
    )
    assert "1 entry is new" in page
    wrong = officer.post("/privacy/opt-outs", {"file": SimpleUploadedFile("a.csv", b"name\nAna\n")})
    assert wrong.status_code == 422


def test_a_disclosure_is_written_down_printed_and_marked_as_wrong(as_: ClientFactory, families: Cast) -> None:
    officer = as_("privacy")
    add_disclosure(officer)
    line = list_disclosures(district=families.district)[0][0]
    assert officer.get(f"/privacy/disclosures/{line.student}.pdf").content.startswith(b"%PDF")
    assert officer.get("/privacy/disclosures/p-0000000000000.pdf").status_code == 404
    officer.post(f"/privacy/disclosures/{line.number}/withdraw", {"reason": "Another student."})
    assert "Another student." in read(officer, f"/privacy/disclosures?student={line.student}")
    refused = officer.post("/privacy/disclosures", {"student": "90417", "basis": "whim"})
    assert refused.status_code == 422


def upload(client: Client, address: str, text: str, **values: str) -> str:
    answer = client.post(address, {"file": SimpleUploadedFile("list.csv", text.encode()), **values})
    assert answer.status_code == 200, answer.content.decode()
    return str(answer.content.decode())


def add_disclosure(client: Client) -> None:
    form = {"student": "90417", "disclosed_on": "2026-01-09", "recipient": "Clinic", "purpose": "Arm"}
    answer = client.post("/privacy/disclosures", {**form, "basis": "emergency", "what": "card"})
    assert answer.status_code == 302, answer.content.decode()
