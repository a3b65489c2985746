"""Tasks, decisions, files and contacts of an incident: who, when, why, and unchanged."""

from __future__ import annotations

import hashlib
import stat
import sys
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.incidents import respond
from homeroom.apps.protect.incidents.commands import close_incident
from homeroom.apps.protect.incidents.contacts import (
    is_reprint_due,
    list_contacts,
    list_missing_contacts,
    record_print,
    set_contact,
)
from homeroom.apps.protect.incidents.queries import find_incident, list_files, list_tasks
from homeroom.apps.protect.incidents.records import IncidentRefused
from tests.apps.protect.incidents.conftest import NOON

pytestmark = pytest.mark.differs_by_database("transactions")
BY = {"actor": "technician", "at": NOON + timedelta(hours=1)}


def test_a_playbook_gives_its_tasks_once_and_each_is_done_or_does_not_apply_for_a_reason(cast, incident):
    where = {"district": cast.district, "public": incident}
    added = respond.follow_playbook(**where, playbook="lost-laptop", **BY)
    assert (added, respond.follow_playbook(**where, playbook="lost-laptop", **BY)) == (len(list_tasks(**where)), 0)
    first, second = list_tasks(**where)[:2]
    assert (first.phase, first.role) == ("first_hour", "technician")
    respond.change_task(**where, task=first.number, state="done", owner="technician", actual=12, **BY)
    with pytest.raises(IncidentRefused, match="sentence"):
        respond.change_task(**where, task=second.number, state="not_applicable", owner="", **BY)
    with pytest.raises(IncidentRefused, match="first-hour tasks are open"):
        close_incident(**where, reason="Found it.", **BY)
    for task in list_tasks(**where)[1:]:
        respond.change_task(
            **where, task=task.number, state="not_applicable", owner="", reason="It was in the car.", **BY
        )
    assert close_incident(**where, reason="Found it.", **BY)
    assert (list_tasks(**where)[0].actual, list_tasks(**where)[0].changed_by) == (12, "technician")


def test_a_decision_needs_its_reason_and_a_note_may_be_about_earlier(cast, incident):
    where = {"district": cast.district, "public": incident}
    with pytest.raises(IncidentRefused, match="reason"):
        respond.record_decision(**where, text="Turn off guest Wi-Fi.", reason=" ", **BY)
    respond.record_decision(**where, text="Turn off guest Wi-Fi.", reason="The flood comes from it.", **BY)
    respond.write_note(**where, text="The teacher saw a note.", happened_at=NOON - timedelta(hours=1), **BY)
    with pytest.raises(IncidentRefused, match="past"):
        respond.write_note(**where, text="Tomorrow.", happened_at=NOON + timedelta(days=1), **BY)
    people = [line for line in find_incident(**where).timeline if line.author == "person"]
    assert [(line.kind, line.reason) for line in people] == [
        ("note", ""), ("opened", ""), ("decision", "The flood comes from it."),
    ]  # fmt: skip


def test_a_file_is_under_its_hash_for_its_owner_only_and_a_changed_one_is_refused(cast, incident, tmp_path: Path):
    where = {"district": cast.district, "public": incident}
    content = b"From: somebody\n"
    sha256 = respond.attach_file(**where, name="C:\\mail\\note.eml", content=BytesIO(content), note="", **BY)
    assert sha256 == hashlib.sha256(content).hexdigest()
    view = list_files(**where)[0]
    assert (view.name, view.bytes, view.made_by) == ("note.eml", len(content), "technician")
    name, path = respond.read_file(**where, number=view.number)
    assert (name, path.read_bytes()) == ("note.eml", content)
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(LookupError):
        respond.read_file(district=cast.next_district, public=incident, number=view.number)
    path.write_bytes(b"other")
    with pytest.raises(IncidentRefused, match="SHA-256"):
        respond.read_file(**where, number=view.number)
    assert Entry.objects.of(cast.district).filter(action="attach file to incident").get().detail["sha256"] == sha256


class _Endless:
    """A file of zeros without end."""

    def read(self, size: int) -> bytes:
        return bytes(size)


def test_a_file_that_is_too_large_leaves_nothing_behind(cast, incident, tmp_path: Path):
    with pytest.raises(IncidentRefused, match="50 MB"):
        respond.attach_file(district=cast.district, public=incident, name="disk.img", content=_Endless(), note="", **BY)
    assert list((tmp_path / "incidents").rglob("*")) == [tmp_path / "incidents" / "maple-valley"]


def test_insurer_and_counsel_come_first_and_ms_isac_only_for_members(cast):
    kinds = [contact.kind for contact in list_contacts(district=cast.district)]
    assert kinds[:2] == ["insurer", "counsel"]
    assert "ms_isac" not in kinds
    assert {"insurer", "counsel", "state"} <= set(list_missing_contacts(district=cast.district))
    values = {"name": "Harbor Mutual", "phone": "1-555-010-0199", "email": "", "reference": "Policy 7"}
    set_contact(district=cast.district, kind="insurer", **values, **BY)
    set_contact(district=cast.district, kind="ms_isac", **{**values, "name": "MS-ISAC"}, **BY)
    contacts = {contact.kind: contact for contact in list_contacts(district=cast.district)}
    assert (contacts["insurer"].phone, contacts["ms_isac"].name) == ("1-555-010-0199", "MS-ISAC")
    set_contact(district=cast.district, kind="insurer", name="", phone="", email="", reference="", **BY)
    assert "insurer" in list_missing_contacts(district=cast.district)
    assert "ms_isac" not in {contact.kind for contact in list_contacts(district=cast.next_district)}


def test_a_sheet_is_due_again_ninety_days_after_it_was_printed(cast):
    assert not is_reprint_due(district=cast.district, at=NOON)
    record_print(district=cast.district, actor="director", at=NOON)
    assert not is_reprint_due(district=cast.district, at=NOON + timedelta(days=90))
    assert is_reprint_due(district=cast.district, at=NOON + timedelta(days=91))
    assert not is_reprint_due(district=cast.next_district, at=NOON + timedelta(days=91))
