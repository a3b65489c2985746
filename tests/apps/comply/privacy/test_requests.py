"""A request goes from the letter to closed in its steps, and each step is in the audit trail without a name."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest

from homeroom.apps.comply.privacy.opt_outs.queries import list_opted_out
from homeroom.apps.comply.privacy.requests.commands import (
    NamedFile,
    RequestForm,
    match_request,
    receive_request,
    take_step,
)
from homeroom.apps.comply.privacy.requests.queries import find_request, list_requests, read_request_file
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.comply.privacy.requests import OptOutKind, StepForm, StepRefused
from homeroom.evidence.events.publish_events import publish_event_load
from tests.apps.comply.privacy.conftest import ANA, TODAY, FamilyDistrict
from tests.unit.evidence.event_loads import build_rows, write_load

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.differs_by_database("steps of homeroom.apps.comply.privacy. under locks"),
]


def receive(family: FamilyDistrict, **values: Any) -> str:
    form = {"kind": "access", "requester": "Luz Rivera", "student": "90417", "received_on": "2026-01-12"} | values
    letter = form.pop("letter", None)
    return receive_request(form=RequestForm(**form), letter=letter, today=TODAY, **family.common)


def take(family: FamilyDistrict, public: str, step: str, **values: Any) -> None:
    take_step(public=public, form=StepForm(step=step, **values), today=TODAY, **family.common)


def test_access_goes_from_letter_to_closed_with_what_each_system_holds(family: FamilyDistrict) -> None:
    letter = NamedFile(name="C:\\scans\\letter.pdf", content=io.BytesIO(b"Please show me the records of my child."))
    public = receive(family, letter=letter)
    take(family, public, "identity", proof="photo-id")
    take(family, public, "searched", text="Paper file in the office.")
    take(family, public, "answered", text="Shown at the office.")
    take(family, public, "closed")
    view = find_request(district=family.cast.district, public=public, today=TODAY)
    assert view is not None
    assert [entry.step for entry in view.entries] == ["received", "identity", "searched", "answered", "closed"]
    searched = view.find_entry("searched")
    assert searched is not None
    held = {(item["system"], item["table"]): item["rows"] for item in searched.detail["held"]}
    assert held == {
        ("oneroster", "person_records"): 1,
        ("oneroster", "enrollments"): 2,
        ("google", "account_records"): 1,
        ("snipeit", "device_records"): 1,
        ("lightspeed", "app_use_records"): 1,
    }
    assert view.line.closed_on == TODAY
    assert (view.line.outcome, view.line.is_late(date(2027, 1, 1))) == ("granted", False)
    name, path = read_request_file(district=family.cast.district, public=public, number=view.files[0].number)
    assert (name, path.read_bytes()) == ("letter.pdf", b"Please show me the records of my child.")
    assert list_requests(district=family.cast.district, today=TODAY) == ()


def test_the_search_counts_log_entries_that_name_the_student_and_shows_no_value(family: FamilyDistrict) -> None:
    rows = [
        {**row, "actor_email": email}
        for row, email in zip(
            build_rows(0, range(4)),
            ("ANA.rivera@maple.test", "ben.ode@maple.test", "joana.rivera@maple.test", "dana@maple.test"),
            strict=True,
        )
    ]
    rows[1]["target"] = "ana.rivera@maple.test"
    publish_event_load(family.store, write_load(family.store, rows))
    public = receive(family)
    take(family, public, "identity", proof="known")
    take(family, public, "searched")
    view = find_request(district=family.cast.district, public=public, today=TODAY)
    assert view is not None
    searched = view.find_entry("searched")
    assert searched is not None
    logs = [item for item in searched.detail["held"] if item["table"] == "audit_events"]
    assert logs == [{"system": "google", "table": "audit_events", "rows": 2}]
    assert searched.detail["rows"] == sum(item["rows"] for item in searched.detail["held"])
    assert "rivera" not in str(searched.detail).lower()


def test_the_audit_trail_has_every_step_and_names_nobody(family: FamilyDistrict) -> None:
    public = receive(family, text="Luz wants it.")
    take(family, public, "identity", proof="known", text="Ana's mother.")
    take(family, public, "searched")
    entries = Entry.objects.of(family.cast.district).order_by("id")
    assert [entry.action for entry in entries] == [
        "receive privacy request",
        "check identity for privacy request",
        "search records for privacy request",
    ]
    trail = json.dumps([entry.detail for entry in entries])
    assert [word for word in ("Luz", "Ana", "Rivera", "90417", "@") if word in trail] == []


def test_steps_come_in_order_and_a_refusal_names_the_step_that_fits(family: FamilyDistrict) -> None:
    public = receive(family)
    with pytest.raises(StepRefused, match="identity or withdrawn would fit"):
        take(family, public, "answered", text="Here.")
    with pytest.raises(StepRefused, match="photo-id") as refusal:
        take(family, public, "identity")
    assert refusal.value.field == "proof"
    take(family, public, "identity", proof="known")
    take(family, public, "searched")
    with pytest.raises(StepRefused, match="how the answer went out"):
        take(family, public, "answered")
    with pytest.raises(StepRefused, match="2026-01-12 to 2026-01-15"):
        take(family, public, "answered", text="Sent.", day="2026-01-11")
    take(family, public, "withdrawn", text="The parent called.")
    with pytest.raises(StepRefused, match="a new request would fit"):
        take(family, public, "closed")


def test_what_was_denied_needs_a_reason(family: FamilyDistrict) -> None:
    public = receive(family, kind="amendment")
    take(family, public, "identity", proof="signature")
    with pytest.raises(StepRefused, match="why not all of it was granted"):
        take(family, public, "decided", outcome="denied")
    take(family, public, "decided", outcome="denied", text="The grade is right; a hearing was offered.")
    view = find_request(district=family.cast.district, public=public, today=TODAY)
    assert view is not None
    assert view.line.outcome == "denied"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "wish"}, "kind"),
        ({"kind": "opt-out"}, "choices"),
        ({"requester": " "}, "requester"),
        ({"student": "nobody@maple.test"}, "student"),
        ({"student": "dana@maple.test"}, "student"),
        ({"student": ""}, "student"),
        ({"received_on": "2026-01-16"}, "received_on"),
        ({"received_on": "soon"}, "received_on"),
        ({"relation": "neighbor"}, "relation"),
    ],
)
def test_a_letter_that_does_not_fit_is_refused_by_field(
    family: FamilyDistrict, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(StepRefused) as refusal:
        receive(family, **values)
    assert refusal.value.field == field
    assert "nobody@" not in str(refusal.value)
    assert list_requests(district=family.cast.district, today=TODAY) == ()


def test_a_closed_opt_out_counts_and_one_without_a_student_cannot_close(family: FamilyDistrict) -> None:
    public = receive(family, kind="opt-out", choices=["directory"], student="", student_text="Ana R.")
    take(family, public, "identity", proof="account")
    take(family, public, "answered", text="Letter.")
    with pytest.raises(StepRefused, match="would not be obeyed"):
        take(family, public, "closed")
    assert list_opted_out(district=family.cast.district).get_students(OptOutKind.DIRECTORY) == frozenset()
    match_request(public=public, student="ANA.RIVERA@maple.test", **family.common)
    take(family, public, "closed")
    opted_out = list_opted_out(district=family.cast.district)
    assert opted_out.get_students(OptOutKind.DIRECTORY) == {family.get_id(ANA)}
    assert opted_out.get_students(OptOutKind.MEDIA) == frozenset()
    assert list_opted_out(district=family.cast.next_district).students == {}


def test_no_other_district_finds_the_request_or_its_letter(family: FamilyDistrict) -> None:
    public = receive(family, letter=NamedFile(name="letter.pdf", content=io.BytesIO(b"x")))
    assert find_request(district=family.cast.next_district, public=public, today=TODAY) is None
    with pytest.raises(LookupError):
        read_request_file(district=family.cast.next_district, public=public, number=1)
    with pytest.raises(LookupError):
        take_step(
            district=family.cast.next_district,
            public=public,
            form=StepForm(step="identity", proof="known"),
            today=TODAY,
            actor="stranger",
            at=family.common["at"],
        )
