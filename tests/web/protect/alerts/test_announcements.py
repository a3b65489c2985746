"""Expected activity on the page: announcing with a preview, what is refused and what would fit, ending, taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.detection.announced_work import list_announced_work
from homeroom.apps.protect.detection.models import AnnouncedWork, StoredAlert
from homeroom.domain.ids import format_public_id
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import TODAY, publish_load
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import FIRED_AT, STUDENT, STUDENT_ID, create_alert
from tests.web.protect.alerts.test_queue import get_text, list_titles

ClientFactory = Callable[[str], Client]
TEACHER = Entity(kind=EntityKind.ACCOUNT, name="ana@maple.example", part=Part.ACTOR, role=Role.STAFF, country="MX")
ADDRESS = Entity(kind=EntityKind.ADDRESS, name="198.51.100.7", part=Part.OTHER, country="MX")
FORM = {
    "who": "ana@maple.example",
    "countries": "Mexico",
    "from_day": str(TODAY - timedelta(days=2)),
    "until_day": str(TODAY + timedelta(days=10)),
    "reason": "Visits her family in the winter break.",
}
NEW = "/alerts/expected/new"

pytestmark = pytest.mark.usefixtures("store")


def announce(client: Client, **changes: str) -> Any:
    """Preview a form, and announce what the preview shows."""
    shown = client.post(NEW, FORM | changes | {"act": "preview"})
    assert shown.status_code == 200, shown.content.decode()
    key = shown.content.decode().split('name="previewed" value="')[1].split('"')[0]
    return client.post(NEW, FORM | changes | {"act": "announce", "previewed": key})


def create_foreign_alert(cast: Cast, number: int = 1, **changes: Any) -> StoredAlert:
    values = {"entities": (TEACHER, ADDRESS), "severity": Severity.MEDIUM, "title": "A sign-in from abroad"}
    return create_alert(cast.district, number, **values | changes)


def test_announced_work_makes_an_open_alert_expected_and_is_in_the_trail(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast)
    client = as_("director")
    assert len(list_titles(client)) == 1
    answer = announce(client)
    assert (answer.status_code, answer["Location"]) == (302, "/alerts/expected")
    assert list_titles(client) == []
    assert "Visits her family" in get_text(client, "/alerts?state=expected")
    page = get_text(client, "/alerts/expected")
    assert "Who: ana@maple.example Countries: Mexico Jan 13, 2026 to Jan 25, 2026" in page
    assert ">1</a>" in client.get("/alerts/expected").content.decode()
    entry = Entry.objects.of(cast.district).get(action="announce work")
    assert (entry.actor, entry.detail["countries"], entry.detail["who"]) == ("director", ["MX"], 1)


def test_the_preview_says_what_the_last_90_days_had_and_nothing_is_announced_without_it(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast, 1)
    create_foreign_alert(cast, 2, at=FIRED_AT - timedelta(days=30), state="closed", verdict="real")
    create_foreign_alert(cast, 3, at=FIRED_AT - timedelta(days=100))
    create_alert(cast.district, 4)
    client = as_("director")
    text = " ".join(client.post(NEW, FORM | {"act": "announce"}).content.decode().split())
    assert "2 detections in 2 alerts." in text
    assert "1 of them lies in its days and becomes expected at once." in text
    assert "1 of the alerts was closed as real" in text
    changed = client.post(NEW, FORM | {"act": "announce", "previewed": "0123456789abcdef"})
    assert changed.status_code == 200
    assert not AnnouncedWork.objects.of(cast.district).exists()


@pytest.mark.parametrize(("changes", "field", "sentence"), [
    ({"who": "", "countries": ""}, "who", "Name at least one"),
    ({"who": ""}, "who", "Everything from these countries would be expected"),
    ({"countries": "Mexiko"}, "countries", "Mexico or MX would fit"),
    ({"countries": "XQ"}, "countries", "is no country"),
    ({"addresses": "203.0.113.0/240"}, "addresses", "203.0.113.0/24 would fit"),
    ({"who": "", "addresses": "203.0.0.0/8"}, "addresses", "a /16 or smaller would fit"),
    ({"hosts": "FILE01.maple.example"}, "hosts", "FILE01 would fit"),
    ({"who": "*@maple.example"}, "who", "Names are whole here"),
    ({"until_day": "2026-01-01"}, "until_day", "The end is before the beginning"),
    ({"until_day": "in May"}, "until_day", "2026-12-19 would fit"),
    ({"until_day": ""}, "until_day", "Say until when"),
    ({"until_day": "", "until_time": "18:00", "daily_from": "01:00", "daily_until": "02:00"}, "until_day", "the day"),
    ({"daily_from": "25:00", "daily_until": "26:00"}, "daily_from", "01:30 and 02:30"),
    ({"daily_from": "01:30"}, "daily_from", "Two times of day"),
    ({"reason": "trip"}, "reason", "Say in a sentence"),
    ({"who": "\n".join(f"user{n}" for n in range(201))}, "who", "At most 200"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_what_would(
    as_: ClientFactory, cast: Cast, changes: dict[str, str], field: str, sentence: str
):
    answer = as_("director").post(NEW, FORM | changes | {"act": "preview"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'<a href="#{field}">' in page
    assert sentence in page
    assert not AnnouncedWork.objects.of(cast.district).exists()


def test_days_and_times_are_the_districts(as_: ClientFactory, cast: Cast):
    form = {"from_time": "18:00", "until_day": str(TODAY), "daily_from": "22:00", "daily_until": "02:30"}
    announce(as_("director"), **form)
    [item] = list_announced_work(district=cast.district)
    zone = ZoneInfo(cast.district.timezone)
    assert item.starts == datetime.combine(TODAY - timedelta(days=2), datetime.min.time(), zone) + timedelta(hours=18)
    assert item.ends is not None
    assert item.ends.astimezone(zone).date() == TODAY
    assert item.countries == ("MX",)
    assert "Jan 13, 2026, 18:00 to Jan 15, 2026, daily 22:00 to 2:30" in get_text(as_("auditor"), "/alerts/expected")


def test_from_an_alert_the_form_has_what_it_names_and_the_alert_becomes_expected(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast)
    client, address = as_("technician"), f"{NEW}?alert=alert-0000000000000001"
    page = client.get(address).content.decode()
    assert ">ana@maple.example</textarea>" in page
    assert ">198.51.100.7</textarea>" in page
    assert ">Mexico</textarea>" in page
    form = {"alert": "alert-0000000000000001", "addresses": "198.51.100.7", "countries": "MX"}
    answer = announce(client, **form)
    assert answer["Location"] == "/alerts/alert-0000000000000001"
    assert StoredAlert.objects.of(cast.district).get().state == "expected"
    page = client.get(answer["Location"], follow=True).content.decode()
    assert "Visits her family" in page


def test_a_student_is_named_by_id_and_covered_by_it(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast, entities=(STUDENT,))
    client = as_("director")
    page = client.get(f"{NEW}?alert=alert-0000000000000001").content.decode()
    assert STUDENT_ID in page
    assert STUDENT.name not in page
    announce(client, who=STUDENT_ID, countries="")
    assert StoredAlert.objects.of(cast.district).get().state == "expected"


def test_a_technician_silences_nothing_that_is_more_than_medium(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast, severity=Severity.HIGH)
    client = as_("technician")
    assert client.get(f"{NEW}?alert=alert-0000000000000001").status_code == 403
    answer = client.post(NEW, FORM | {"act": "preview"})
    assert answer.status_code == 422
    assert "your director may announce it" in answer.content.decode()
    assert announce(client, who="ben@maple.example").status_code == 302


def test_what_always_alerts_is_announced_in_vain(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast, always=True)
    client = as_("director")
    assert "1 alerts all the same" in client.post(NEW, FORM | {"act": "preview"}).content.decode()
    announce(client)
    assert StoredAlert.objects.of(cast.district).get().state == "new"


def test_ending_early_leaves_what_was_covered_and_taking_back_does_not(as_: ClientFactory, cast: Cast):
    create_foreign_alert(cast)
    client = as_("technician")
    announce(client)
    number = AnnouncedWork.objects.of(cast.district).get().pk
    assert client.post(f"/alerts/expected/{number}/end", {"act": "end"}).status_code == 302
    assert list_titles(client) == []
    assert "Nothing is expected now" in get_text(client, "/alerts/expected")
    assert "ended by technician" in get_text(client, "/alerts/expected?state=over")
    [item] = list_announced_work(district=cast.district)
    assert item.ends is not None
    assert item.ends.date() <= TODAY + timedelta(days=1)
    assert "over already" in get_text(client, client.post(f"/alerts/expected/{number}/end", {"act": "end"})["Location"])
    assert client.post(f"/alerts/expected/{number}/end", {"act": "withdraw"}).status_code == 302
    assert len(list_titles(client)) == 1
    assert list_announced_work(district=cast.district) == ()
    actions = [entry.action for entry in Entry.objects.of(cast.district).order_by("pk")]
    assert actions == ["announce work", "end announced work", "withdraw announced work"]


def test_the_same_work_is_announced_once(as_: ClientFactory, cast: Cast):
    client = as_("director")
    announce(client)
    assert announce(client).status_code == 422
    assert AnnouncedWork.objects.of(cast.district).count() == 1


def test_the_next_district_sees_and_ends_nothing_of_it(as_: ClientFactory, cast: Cast):
    announce(as_("director"))
    number = AnnouncedWork.objects.of(cast.district).get().pk
    stranger = as_("stranger")
    assert "Nothing is announced" in get_text(stranger, "/alerts/expected")
    assert stranger.post(f"/alerts/expected/{number}/end", {"act": "withdraw"}).status_code == 404
    assert stranger.get(f"{NEW}?alert=alert-0000000000000001").status_code == 404


def test_the_list_is_paged_within_a_stage(as_: ClientFactory, cast: Cast):
    for number in range(51):
        AnnouncedWork.objects.create(
            district_id=cast.district.pk,
            key=str(number),
            entry=dict.fromkeys(("who", "targets", "addresses", "countries", "daily_from", "daily_until", "starts"))
            | {"hosts": [f"SCAN{number}"], "ends": str(date(2027, 1, 1) + timedelta(days=number))},
            reason=f"Scan number {number}.",
            announced_by="director",
            announced_at=FIRED_AT,
        )
    client = as_("auditor")
    first = get_text(client, "/alerts/expected")
    assert "Now (51)" in first
    assert "Scan number 49." in first
    assert "Scan number 50." not in first
    assert "Scan number 50." in get_text(client, "/alerts/expected?after=50")


def test_the_work_of_a_file_is_in_the_same_list_and_names_a_student_by_id(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
):
    email, account = "jorge.ondaatje9@maple.test", format_public_id("account", 9)
    lists = dict.fromkeys(("targets", "hosts", "addresses", "countries", "starts", "daily_from", "daily_until"))
    rows = [
        lists | {"key": name, "who": [name], "ends": ends, "reason": "It is in the file."}
        for name, ends in (("jorge.valdez3@maple.test", None), (email, "2026-01-14"))
    ]
    publish_load(store, "district", "district.expected", "expected_activities", rows, at=FIRED_AT)
    client = as_("technician")
    now = get_text(client, "/alerts/expected")
    assert "Who: jorge.valdez3@maple.test for good a file 0 Change the file and load it" in now
    over = client.get("/alerts/expected?state=over").content.decode()
    assert f"student {account}" in over
    assert email not in over


def test_an_account_announced_by_one_name_is_covered_by_all(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    actor = Entity(kind=EntityKind.ACCOUNT, name="jorge.valdez3@maple.test", part=Part.ACTOR, role=Role.STAFF)
    create_foreign_alert(cast, entities=(actor,))
    client = as_("director")
    unknown = client.post(NEW, FORM | {"act": "preview", "who": "jorge", "countries": ""}).content.decode()
    assert "Homeroom knows no account called jorge." in unknown
    preview = client.post(NEW, FORM | {"act": "preview", "who": "Jorge Valdez", "countries": ""}).content.decode()
    assert "1 detection in 1 alert." in " ".join(preview.split())
