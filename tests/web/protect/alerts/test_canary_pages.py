"""The pages of canaries: names proposed for this district, planting, a test, the file, and who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.protect.detections.canaries import CanaryPlace
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.protect.detections.canary_guides import get_canary_guide
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import create_canaries
from tests.web.protect.alerts.test_queue import get_text

ClientFactory = Callable[[str], Client]
NEW = "/alerts/canaries/new"


@pytest.fixture
def client(as_: ClientFactory, cast: Cast, store: EvidenceStore) -> Client:
    """Return the technician's client."""
    return as_("technician")


def _list_proposals(client: Client, query: str = "") -> list[str]:
    page = client.get(NEW + query).content.decode()
    return [unescape(name) for name in re.findall(r'name="name" value="([^"]+)"', page)]


def _follow(client: Client, address: str, **form: str) -> str:
    answer = client.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_a_district_without_canaries_is_invited_to_plant_one(client: Client):
    text = get_text(client, "/alerts/canaries")
    assert "No canary is planted" in text
    assert "New canary" in text


def test_titles_are_proposed_others_on_demand_and_never_one_that_was_chosen(client: Client):
    names = _list_proposals(client, "?place=drive-document")
    assert len(names) == 5
    others = _list_proposals(client, "?place=drive-document&turn=1")
    assert set(names).isdisjoint(others)
    assert _list_proposals(client, "?place=drive-document") == names
    _follow(client, NEW, place="drive-document", name=names[0])
    assert names[0] not in _list_proposals(client, "?place=drive-document")


@pytest.mark.parametrize(("form", "message"), [
    ({"place": "ad-account", "own": "svc'; Remove-ADUser"}, "A logon name without domain would fit"),
    ({"place": "google-account"}, "Choose a name, or enter one."),
    ({"place": "no-such-place", "own": "x"}, "The full address of the account would fit"),
])  # fmt: skip
def test_a_name_that_does_not_fit_is_refused_on_the_form(client: Client, form: dict[str, str], message: str):
    answer = client.post(NEW, form)
    assert answer.status_code == 422
    assert message in unescape(answer.content.decode())


def test_a_canary_is_planted_by_its_link_tested_and_retired(client: Client, cast: Cast):
    address = _follow(client, NEW, place="drive-document", own="2026 payroll <export>")
    text = unescape(get_text(client, address))
    assert "Still to plant" in text
    assert get_canary_guide(CanaryPlace.DRIVE_DOCUMENT).plant[0].fill("2026 payroll <export>").text in text
    assert client.post(f"{address}/test").status_code == 404, "what is not planted is not tested"
    wrong = client.post(f"{address}/plant", {"value": "payroll export"})
    assert wrong.status_code == 422
    assert "The document&#x27;s link" in wrong.content.decode()
    _follow(client, f"{address}/plant", value="https://docs.google.com/document/d/1AbC_dEf-9/edit")
    assert client.post(f"{address}/plant", {"value": "1AbC_dEf-9"}).status_code == 404
    text = get_text(client, address)
    assert "No log that would show a touch came in the last seven days" in text
    assert "Google Drive" in text
    _follow(client, f"{address}/test")
    assert "Not seen: no log that would have it was ever judged." in get_text(client, address)
    assert "1 canary is blind" in get_text(client, "/alerts/canaries")
    assert b"documents:\n- 1AbC_dEf-9\n" in client.get("/alerts/canaries/file").content
    assert _follow(client, f"{address}/retire") == "/alerts/canaries"
    assert client.get(address).status_code == 404
    actions = Entry.objects.of(cast.district).order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["choose canary", "plant canary", "test canary", "export canaries", "retire canary"]


def test_an_auditor_reads_and_is_offered_nothing_to_change(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    numbers = create_canaries(cast.district)
    client = as_("auditor")
    for address in ("/alerts/canaries", *(f"/alerts/canaries/{number}" for number in numbers)):
        main = client.get(address).content.decode().partition("<main")[2]
        assert "2026 payroll export" in main or "svc-doors" in main
        assert "<form" not in main
    assert client.get(NEW).status_code == 403
    for act in ("plant", "test", "retire"):
        assert client.post(f"/alerts/canaries/{numbers[1]}/{act}").status_code == 403


def test_the_stranger_sees_none_and_changes_none(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    numbers = create_canaries(cast.district)
    client = as_("stranger")
    assert "No canary is planted" in get_text(client, "/alerts/canaries")
    assert client.get("/alerts/canaries/file").content == b"homeroom: canaries\n"
    for number in numbers:
        assert client.get(f"/alerts/canaries/{number}").status_code == 404
        for act in ("plant", "test", "retire"):
            assert client.post(f"/alerts/canaries/{number}/{act}", {"value": "1AbC_dEf-8"}).status_code == 404
    form = {"kind": "document", "value": "1AbC_dEf-9"}
    assert client.post("/alerts/canaries/import", form).status_code == 404
