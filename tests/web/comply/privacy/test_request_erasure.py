"""A destruction request leads to an erasure: what it would do, why it is refused, and its register when it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from homeroom.apps.comply.erasing.commands import build_hasher
from homeroom.apps.comply.erasing.request_erasures import build_reason
from homeroom.apps.comply.erasing.state_eraser import StateEraser
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.evidence.erasing.find_person import find_people
from homeroom.evidence.erasing.person_terms import TermMatcher
from homeroom.evidence.erasing.register import Register, list_registers, write_register
from tests.cast import Cast
from tests.web.comply.privacy.test_request_pages import ClientFactory, families, read, write_letter
from tests.web.conftest import MORNING

__all__ = ["families"]
pytestmark = pytest.mark.django_db(databases=["default", "jobs"])


def ask_for_destruction(client: Client) -> str:
    address = write_letter(client, kind="destruction")
    for step in (
        {"step": "identity", "proof": "known"},
        {"step": "searched"},
        {"step": "decided", "outcome": "granted"},
    ):
        assert client.post(address, step).status_code == 302
    return address


def erase_from_state(cast: Cast, address: str) -> None:
    """Erase the student from the database, and write the register that an erasure leaves."""
    store, request = get_evidence_store(district=cast.district), address.rpartition("/")[2]
    people = find_people(store, ["90417"], merged={}, list_subjects=lambda _: set())
    StateEraser(cast.district, TermMatcher(people.terms)).erase()
    hasher = build_hasher(cast.district)
    register = Register(
        number=1, district=cast.district.slug, at=MORNING, by="R. Okafor", why=f"{build_reason(request)}.", people=1,
        key=hasher.fingerprint, hashes=hasher.hash_terms(people.terms), erased={"evidence": {"rows": {"people": 3}}},
        finished_at=MORNING + timedelta(minutes=2),
    )  # fmt: skip
    write_register(store.folder, register)


def test_looking_at_an_erasure_counts_what_goes_and_changes_nothing(as_: ClientFactory, families: Cast) -> None:
    officer = as_("privacy")
    address = ask_for_destruction(officer)
    assert "Not erased yet" in read(officer, address)
    page = read(officer, f"{address}/erasure")
    assert "person records" in page
    assert "privacy: privacy request" in page
    assert "a current load still lists them" in page.lower().replace("\n", " ")
    assert "homeroom erase p-" in page
    assert "--district maple-valley" in page
    assert not [name for name in ("Ana", "Rivera", "90417") if name in page]
    assert list_registers(get_evidence_store(district=families.district).folder) == ()


def test_a_registered_erasure_is_on_the_page_and_the_request_can_be_closed(as_: ClientFactory, families: Cast) -> None:
    officer = as_("privacy")
    address = ask_for_destruction(officer)
    erase_from_state(families, address)
    page = read(officer, address)
    assert "Erasure 1," in page
    assert "000001.json" in page
    assert "not matched to a student" not in page
    assert "homeroom erase" not in page
    done = read(officer, f"{address}/erasure")
    assert "on the register" in done
    assert "homeroom erase" not in done
    assert officer.post(address, {"step": "answered", "text": "By letter."}).status_code == 302
    assert officer.post(address, {"step": "closed"}).status_code == 302
    assert "Erasure 1," in read(officer, address)
    assert officer.get("/privacy/requests?show=closed").status_code == 200


def test_only_who_changes_privacy_looks_and_only_at_requests_for_destruction(
    as_: ClientFactory, families: Cast
) -> None:
    officer = as_("privacy")
    address = ask_for_destruction(officer)
    for name, status in (("auditor", 403), ("technician", 403), ("stranger", 404), ("director", 200)):
        assert as_(name).get(f"{address}/erasure").status_code == status, name
    assert officer.get(f"{write_letter(officer)}/erasure").status_code == 404
