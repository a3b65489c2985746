"""The state database loses a person: rows about them go, others lose what names them, and nobody else is touched."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session

from homeroom.apps.comply.erasing.remaining_data import list_remaining_data
from homeroom.apps.comply.erasing.state_eraser import StateEraser
from homeroom.apps.know.agents.models import Agent, Answer
from homeroom.apps.know.inventory.models import Decision, LedgerEntry, LedgerMerge, Person
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.manage.planning.models import Work
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.commands import provide_person
from homeroom.apps.platform.districts.models import User
from homeroom.apps.platform.people_sign_in.models import SignInCode
from homeroom.apps.protect.incidents.models import Incident, IncidentEntry
from homeroom.evidence.erasing.person_terms import PersonTerms, TermMatcher
from tests.cast import Cast, create_cast

pytestmark = [
    pytest.mark.django_db(databases="__all__"),
    pytest.mark.differs_by_database("bulk deletes, JSON and binary values"),
]
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
BELA, MIRA = 4711, 4712
TERMS = PersonTerms(
    subjects=frozenset({BELA}),
    publics=frozenset({"p-0000000000007"}),
    records=frozenset({("sis", "person", "k-1")}),
    ids=frozenset({"7700431", "bela.vex@students.example", "k-1"}),
    names=frozenset({"bela vexworth"}),
    spellings=frozenset({"bela vexworth"}),
)


@pytest.fixture
def cast() -> Cast:
    return create_cast()


def erase(cast: Cast, *, preview: bool = False) -> StateEraser:
    eraser = StateEraser(cast.district, TermMatcher(TERMS), preview=preview)
    eraser.erase()
    return eraser


def add_ledger_entry(cast: Cast, key: str, subject: int) -> None:
    entry = {"kind": "person", "connector": "oneroster", "instance": "sis", "opened": 1}
    LedgerEntry.objects.create(district=cast.district, key=key, subject=subject, **entry)


def add_decision(cast: Cast, key: str, reason: str) -> None:
    records: dict[str, Any] = {
        f"{side}_{name}": "sis" for side in ("one", "other") for name in ("connector", "instance")
    }
    Decision.objects.create(
        district=cast.district,
        kind="person",
        one_key=key,
        other_key="k-9",
        same=False,
        question="q",
        why=reason,
        at=AT,
        **records,
    )


def test_the_user_who_opened_own_pages_goes_and_the_office_stays(cast: Cast):
    person = provide_person(district=cast.district, address="bela.vex@students.example")
    other = provide_person(district=cast.district, address="mira.vex@staff.example")
    next_door = provide_person(district=cast.next_district, address="bela.vex@students.example")
    User.objects.filter(username="director").update(email="bela.vex@students.example")
    code = {"made_at": AT, "expires_at": AT}
    SignInCode.objects.create(district=cast.district, digest="1", address="bela.vex@students.example", **code)
    assert erase(cast, preview=True).removed["districts.User"] == 1
    assert erase(cast).removed["districts.User"] == 1
    users = set(User.objects.values_list("pk", flat=True))
    assert person.pk not in users
    assert {other.pk, next_door.pk, cast.director.pk} <= users
    assert SignInCode.objects.of(cast.district).get().address == "[erased]"


def test_rows_about_the_person_go_and_those_of_others_stay(cast: Cast):
    for key, subject in (("k-1", BELA), ("k-2", MIRA)):
        add_ledger_entry(cast, key, subject)
        add_decision(cast, key, "Asked.")
    LedgerMerge.objects.create(district=cast.district, kind="person", subject=99, into=BELA, opened=1)
    eraser = erase(cast)
    assert list(LedgerEntry.objects.of(cast.district).values_list("key", flat=True)) == ["k-2"]
    assert list(Decision.objects.of(cast.district).values_list("one_key", flat=True)) == ["k-2"]
    assert LedgerMerge.objects.of(cast.district).count() == 0
    assert eraser.removed["inventory.LedgerEntry"] == 1


def test_rows_of_earlier_generations_go(cast: Cast):
    common = {"district": cast.district, "public": "p-x", "opened": 1, "sort": "x", "name": "X", "kind": "student"}
    Person.objects.create(subject=MIRA, closed=2, **common)
    Person.objects.create(subject=MIRA, closed=None, **common)
    erase(cast)
    assert list(Person.objects.of(cast.district).values_list("closed", flat=True)) == [None]


def test_texts_and_documents_lose_ids_and_names(cast: Cast):
    record_audit_entry(
        district=cast.district,
        at=AT,
        actor="technician",
        action="open person",
        subject="p-0000000000007",
        detail={"rows": ["7700431", "8"]},
    )
    Work.objects.create(
        district=cast.district,
        item="x",
        week=date(2026, 11, 16),
        act="noted",
        note="Béla Vexworth and Mira.",
        made_at=AT,
    )
    job = LoadJob.objects.create(
        district=cast.district,
        made_at=AT,
        made_by="x",
        folder="f",
        result={"a": {"bela.vex@students.example": 7700431}},
    )
    eraser = erase(cast)
    entry = Entry.objects.of(cast.district).get(action="open person")
    assert (entry.subject, entry.detail) == ("[erased]", {"rows": ["[erased]", "8"]})
    assert Work.objects.of(cast.district).get().note == "[erased] and Mira."
    job.refresh_from_db()
    assert job.result == {"a": {"[erased]": None}}
    assert (eraser.changed["audit.Entry"], eraser.changed["planning.Work"]) == (1, 1)


def test_the_next_district_keeps_its_own(cast: Cast):
    record_audit_entry(district=cast.next_district, at=AT, actor="stranger", action="x", subject="7700431")
    erase(cast)
    assert Entry.objects.of(cast.next_district).get().subject == "7700431"


def test_a_preview_counts_and_changes_nothing(cast: Cast):
    add_ledger_entry(cast, "k-1", BELA)
    eraser = erase(cast, preview=True)
    assert eraser.removed["inventory.LedgerEntry"] == 1
    assert LedgerEntry.objects.of(cast.district).count() == 1


def test_compressed_answers_and_sessions_are_opened(cast: Cast):
    agent = Agent.objects.create(district=cast.district, identifier="a", enrolled_at=AT, seen_at=AT)
    rows = [{"user": "bela.vex@students.example", "host": "pc"}, {"user": "mira", "host": "pc"}]
    packed = zlib.compress(msgspec.json.encode(rows))
    answer = Answer.objects.create(district=cast.district, agent=agent, question="q", at=AT, rows=packed)
    for text in ("7700431", "something else"):
        session = SessionStore()
        session["search"] = text
        session.save()
    erase(cast)
    answer.refresh_from_db()
    assert [row["user"] for row in msgspec.json.decode(zlib.decompress(bytes(answer.rows)))] == ["[erased]", "mira"]
    assert [session.get_decoded()["search"] for session in Session.objects.all()] == ["something else"]


def test_an_incident_that_is_not_over_keeps_its_evidence_and_the_certificate_names_it(cast: Cast):
    for public, state in (("i-1", "open"), ("i-2", "closed")):
        incident = Incident.objects.create(
            district=cast.district, public=public, title="Mail", severity="high", state=state, made_at=AT
        )
        entry = {"kind": "note", "at": AT, "text": "Bela Vexworth called.", "written_at": AT}
        IncidentEntry.objects.create(district=cast.district, incident=incident, **entry)
    erase(cast)
    texts = dict(IncidentEntry.objects.of(cast.district).values_list("incident__public", "text"))
    assert texts == {"i-1": "Bela Vexworth called.", "i-2": "[erased] called."}
    remaining = list_remaining_data(cast.district, TERMS, TermMatcher(TERMS))
    assert [item.what for item in remaining] == ["incident i-1"]
