"""The pages of connections: who may connect which system, and that no secret is shown again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.know.connections.models import Connection, Sync
from homeroom.apps.platform.audit.models import Entry
from tests.cast import Cast

pytestmark = pytest.mark.django_db(databases="__all__")

ClientFactory = Callable[[str], Client]
SECRET = "a secret that nobody sees again"
FORM = {
    "name": "oneroster",
    "setting-address": "https://sis.maple.example/ims/oneroster/rostering/v1p2",
    "setting-token_address": "https://sis.maple.example/token",
    "setting-client_id": "maple",
    "setting-client_secret": SECRET,
    "feed": ["orgs", "users"],
    "every_hours": "24",
    "quiet": "night",
}


@pytest.fixture
def connected(empty_folder: None, cast: Cast, as_: ClientFactory) -> Connection:
    answer = as_("director").post("/sources/consoles/connect/oneroster", FORM)
    assert answer.status_code == 302, answer.content.decode()
    return Connection.objects.of(cast.district).get(name="oneroster")


def test_a_console_is_connected_with_a_sealed_secret_and_without_what_is_not_ticked(connected: Connection) -> None:
    assert SECRET not in connected.sealed
    assert SECRET not in str(connected.plain)
    assert connected.off == ["academicSessions", "courses", "classes", "enrollments"]
    assert connected.next_at is not None


def test_no_page_shows_the_secret_again(connected: Connection, as_: ClientFactory) -> None:
    technician = as_("technician")
    for address in ("", "/of/oneroster", "/of/oneroster/change", "/of/oneroster/remove", "/connect/oneroster"):
        answer = technician.get(f"/sources/consoles{address}")
        assert answer.status_code == 200
        assert SECRET not in answer.content.decode()


def test_a_secret_that_is_left_empty_stays(connected: Connection, as_: ClientFactory, cast: Cast) -> None:
    form = {name: value for name, value in FORM.items() if name != "name"} | {
        "setting-client_secret": "",
        "every_hours": "6",
    }
    assert as_("director").post("/sources/consoles/of/oneroster/change", form).status_code == 302
    from homeroom.apps.know.connections.commands import decrypt_settings

    changed = Connection.objects.of(cast.district).select_related("district").get(name="oneroster")
    assert decrypt_settings(changed)["client_secret"] == SECRET
    assert changed.every_hours == 6


def test_how_often_logs_are_read_is_set_within_limits_and_recorded(
    connected: Connection, as_: ClientFactory, cast: Cast
) -> None:
    address, rows = "/sources/consoles/of/oneroster/change", Connection.objects.of(cast.district)
    for minutes in ("4", "1441", "x", "", "-5"):
        answer = as_("director").post(address, FORM | {"logs_minutes": minutes})
        assert (answer.status_code, "5 to 1440 minutes would fit" in answer.content.decode()) == (400, True), minutes
    assert as_("director").post(address, FORM | {"logs_minutes": "60"}).status_code == 302
    assert as_("director").post(address, FORM).status_code == 302  # a form without the field changes nothing
    assert rows.get(name="oneroster").logs_minutes == 60
    details = Entry.objects.of(cast.district).filter(action="change connection").values_list("detail", flat=True)
    assert [detail["logs_minutes"] for detail in details] == [60, 60]
    page = as_("director").get("/sources/consoles/connect/google").content.decode()
    assert 'name="logs_minutes" min="5" max="1440" inputmode="numeric" value="10"' in page
    assert "logs_minutes" not in as_("director").get("/sources/consoles/connect/oneroster").content.decode()


def test_a_secret_is_not_sent_to_another_host_unless_it_is_entered_again(
    connected: Connection, as_: ClientFactory, cast: Cast
) -> None:
    form = FORM | {"setting-client_secret": "", "setting-token_address": "https://elsewhere.example/token"}
    answer = as_("director").post("/sources/consoles/of/oneroster/change", form)
    assert answer.status_code == 400
    assert "Client secret: This is missing." in answer.content.decode()
    unchanged = Connection.objects.of(cast.district).get(name="oneroster")
    assert unchanged.plain["token_address"] == FORM["setting-token_address"]
    path = form | {"setting-token_address": "https://sis.maple.example/other/token"}
    assert as_("director").post("/sources/consoles/of/oneroster/change", path).status_code == 302


def test_what_does_not_fit_is_said_field_by_field_and_nothing_is_kept(
    empty_folder: None, cast: Cast, as_: ClientFactory
) -> None:
    wrong = FORM | {
        "setting-address": "http://sis.maple.example/v1p2",
        "setting-client_secret": "",
        "name": "Bad Name!",
    }
    answer = as_("director").post("/sources/consoles/connect/oneroster", wrong | {"every_hours": "5", "quiet": "dawn"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "An address that begins with https:// would fit." in page
    assert "This is missing." in page
    assert page.count('class="error"') >= 2
    assert "Small letters, digits and single hyphens" in page
    assert not Connection.objects.of(cast.district).exists()


def test_an_auditor_reads_and_the_stranger_sees_nothing(connected: Connection, as_: ClientFactory, cast: Cast) -> None:
    auditor, stranger = as_("auditor"), as_("stranger")
    assert auditor.get("/sources/consoles/of/oneroster").status_code == 200
    for verb in ("ask", "try", "remove", "change"):
        assert auditor.post(f"/sources/consoles/of/oneroster/{verb}").status_code == 403
        assert stranger.post(f"/sources/consoles/of/oneroster/{verb}").status_code == 404
    assert stranger.get("/sources/consoles/of/oneroster").status_code == 404
    assert "/sources/consoles/of/oneroster" not in stranger.get("/sources/consoles").content.decode()
    technician = as_("technician")
    technician.post("/sources/consoles/of/oneroster/ask")
    number = Sync.objects.of(cast.district).get().pk
    assert technician.get(f"/sources/syncs/{number}").status_code == 200
    assert stranger.get(f"/sources/syncs/{number}").status_code == 404
    assert stranger.post(f"/sources/syncs/{number}/stop").status_code == 404
    assert auditor.post(f"/sources/syncs/{number}/stop").status_code == 403


def test_asking_twice_shows_the_sync_that_is_under_way(connected: Connection, as_: ClientFactory, cast: Cast) -> None:
    technician = as_("technician")
    first = technician.post("/sources/consoles/of/oneroster/ask")
    second = technician.post("/sources/consoles/of/oneroster/ask")
    assert first["Location"] == second["Location"]
    assert Sync.objects.of(cast.district).count() == 1


def test_a_connection_is_taken_away_with_its_secrets(connected: Connection, as_: ClientFactory, cast: Cast) -> None:
    assert as_("director").post("/sources/consoles/of/oneroster/remove").status_code == 302
    assert not Connection.objects.of(cast.district).exists()


def test_the_demo_connects_nothing(empty_folder: None, cast: Cast, as_: ClientFactory, settings: object) -> None:
    settings.DEMO = True  # type: ignore[attr-defined]
    answer = as_("director").post("/sources/consoles/connect/oneroster", FORM)
    assert "This is the demo" in answer.content.decode()
    assert not Connection.objects.of(cast.district).exists()
