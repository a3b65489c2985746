"""Asks on the person's own page and on the team's: nobody reads more than is theirs, and nothing is mailed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.teach.asks.models import AskClaim, AskExemption
from homeroom.library.protect.controls import load_controls
from tests.asked_district import AskedDistrict, copy_asked_district, prepare_asked_district
from tests.web.teach.awareness.people import create_person, sign_in

MFA = "staff-second-factor"
SENTENCE = "Turn on 2-Step Verification for your work account."
REASON = "My phone is <b>too old</b> for the app."


@pytest.fixture(scope="module")
def prepared(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[AskedDistrict, Path]]:
    yield from prepare_asked_district(django_db_blocker, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def place(db: None, prepared: tuple[AskedDistrict, Path], tmp_path: Path, settings: Any) -> AskedDistrict:
    settings.DATA = tmp_path
    place = copy_asked_district(*prepared, tmp_path)
    settings.NOW = place.at
    return place


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def ask_for_exemption(place: AskedDistrict, key: str = "e1") -> str:
    create_person(place, key).post(f"/my/asks/{MFA}/exemption", {"reason": REASON})
    return AskExemption.objects.of(place.district).get().public


def read_csv(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/awareness/asks/people.csv{query}")
    assert answer.status_code == 200
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(content)))


def test_a_person_reads_the_ask_and_no_word_of_the_finding(place: AskedDistrict) -> None:
    text = read(create_person(place, "e1"), "/my")
    assert SENTENCE in text
    assert "myaccount.google.com" in text
    assert "Latitude 3340 5CDE1" in text
    control = next(control for control in load_controls() if control.id == MFA)
    assert control.title not in text
    assert control.because not in text
    assert "Admin console" not in text
    assert "/findings" not in text


def test_a_person_reads_the_ask_in_spanish(place: AskedDistrict) -> None:
    client = create_person(place, "e1")
    client.post("/language", {"language": "es"})
    assert "Active la verificación en dos pasos en su cuenta de trabajo." in read(client, "/my")


def test_who_did_it_waits_for_the_next_list(place: AskedDistrict) -> None:
    client = create_person(place, "e2")
    assert client.post(f"/my/asks/{MFA}/done")["Location"] == "/my"
    text = read(client, "/my")
    assert "It goes away when our next list shows it." in text
    assert "I did it</button>" not in text
    assert AskClaim.objects.of(place.district).get().claimed_by == "e2"
    assert client.post(f"/my/asks/{MFA}/done").status_code == 302


def test_nobody_answers_for_somebody_else_or_what_is_not_asked(place: AskedDistrict) -> None:
    for client, statuses in (
        (create_person(place, "b1"), {404}),  # also a student: no pages at all
        (create_person(place, "s1"), {404}),
        (sign_in("director"), {404}),  # nobody of the evidence
        (sign_in("stranger"), {404}),
    ):
        for action in ("done", "exemption"):
            address = f"/d/maple-valley/my/asks/{MFA}/{action}"
            assert client.post(address, {"reason": REASON}).status_code in statuses
    client = create_person(place, "e2")
    for control in ("restart-overdue", "few-super-admins", "nothing"):
        assert client.post(f"/my/asks/{control}/done").status_code == 404
        assert client.post(f"/my/asks/{control}/exemption", {"reason": REASON}).status_code == 404
    assert client.get(f"/my/asks/{MFA}/done").status_code == 405
    assert not AskClaim.objects.of(place.district).exists()
    assert not AskExemption.objects.of(place.district).exists()


def test_the_team_decides_a_request_and_the_person_reads_the_answer(place: AskedDistrict) -> None:
    public = ask_for_exemption(place)
    director, person = sign_in("director"), sign_in("e1")
    assert "You told us why you cannot do it." in read(person, "/my")
    text = read(director, "/awareness/asks")
    assert "Ruth Castellan" in text
    assert "&lt;b&gt;too old&lt;/b&gt;" in text
    address = f"/awareness/asks/exemptions/{public}"
    assert SENTENCE in read(director, address)
    wrong = director.post(address, {"outcome": "granted", "reason": "A key is ordered.", "until": "yesterday"})
    assert wrong.status_code == 422
    assert b"is no day" in wrong.content
    answer = "We lend you a security key: come by."
    assert director.post(address, {"outcome": "refused", "answer": answer})["Location"] == "/awareness/asks"
    assert answer in read(person, "/my")
    assert director.get(address).status_code == 404
    assert "Ruth Castellan" not in read(director, "/awareness/asks")


def test_a_technician_grants_no_exemption_from_what_is_grave(place: AskedDistrict) -> None:
    address = f"/awareness/asks/exemptions/{ask_for_exemption(place)}"
    technician = sign_in("technician")
    text = read(technician, address)
    assert "Only your director may grant this" in text
    assert 'value="granted"' not in text
    until = (place.today + timedelta(days=9)).isoformat()
    form = {"outcome": "granted", "reason": "A key is ordered for her.", "until": until}
    assert technician.post(address, form).status_code == 403
    assert sign_in("director").post(address, form).status_code == 302
    assert SENTENCE not in read(sign_in("e1"), "/my")


def test_an_auditor_reads_counts_and_no_names_or_reasons(place: AskedDistrict) -> None:
    public = ask_for_exemption(place)
    auditor = sign_in("auditor")
    text = read(auditor, "/awareness/asks")
    assert SENTENCE in text
    assert "1 request for exemption waits for the team." in text
    for word in ("Castellan", "too old", "people.csv", "slips"):
        assert word not in text
    for address in ("slips", "people.csv", f"exemptions/{public}"):
        assert auditor.get(f"/awareness/asks/{address}").status_code == 403
        assert sign_in("stranger").get(f"/d/maple-valley/awareness/asks/{address}").status_code == 404
        assert sign_in("e1").get(f"/awareness/asks/{address}").status_code == 403


def test_the_file_has_a_row_for_each_person(place: AskedDistrict) -> None:
    director = sign_in("director")
    rows = read_csv(director)
    assert [(row["email"], row["first_name"], row["asks"]) for row in rows] == [
        ("e2@maple.test", "Mary Ann", "1"), ("e3@maple.test", "Jorge", "1"), ("e1@maple.test", "Ruth", "2"),
    ]  # fmt: skip
    assert rows[0]["sentence"] == SENTENCE
    assert rows[2]["sentence"].splitlines() == [f"1. {SENTENCE}", "2. Restart your school computer."]
    assert rows[2]["minutes"] == "10"
    assert {row["link"] for row in rows} == {"http://testserver/d/maple-valley/my"}
    assert [row["email"] for row in read_csv(director, "?ask=restart-overdue")] == ["e1@maple.test"]
    assert [row["email"] for row in read_csv(director, "?school=Lincoln%20Elementary")] == ["e1@maple.test"]
    assert read_csv(director, "?school=Nowhere") == []
    spanish = read_csv(director, f"?ask={MFA}&language=es")
    assert {row["language"] for row in spanish} == {"es"}
    assert spanish[0]["sentence"].startswith("Active la verificación")
    entries = [entry for entry in Entry.objects.of(place.district) if entry.action == "export asks"]
    assert entries[0].detail == {"control": "", "school": "", "rows": 3}


def test_slips_have_a_person_each_in_the_chosen_language(place: AskedDistrict) -> None:
    director = sign_in("director")
    text = read(director, "/awareness/asks/slips")
    assert text.count('class="slip"') == 3
    assert text.index("Mary Ann Okafor") < text.index("Jorge Valdez") < text.index("Ruth Castellan")
    spanish = read(director, "/awareness/asks/slips?language=es&page=99")
    assert 'lang="es"' in spanish
    assert "Hola, Mary Ann:" in spanish
    assert "Dear" not in spanish
    assert "¡Gracias! El equipo de tecnología de" in spanish
    assert "Nobody has this open here." in read(director, "/awareness/asks/slips?ask=nothing")
    create_person(place, "e2").post(f"/my/asks/{MFA}/done")
    assert "Okafor" not in read(director, "/awareness/asks/slips")
