"""The page of a long incident shows its newest lines and worst alerts; lists and the page to print have the rest."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from homeroom.apps.protect.incidents.cases import find_case
from homeroom.apps.protect.incidents.commands import open_incident
from homeroom.apps.protect.incidents.respond import write_note
from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.incidents import propose_incidents
from tests.cast import Cast
from tests.unit.protect.incidents.alert_cases import ANA, make_address, make_incident_alert
from tests.web.conftest import MORNING
from tests.web.protect.alerts.alert_rows import FIRED_AT, create_alert

ClientFactory = Callable[[str], Client]
ALERTS, NOTES = 60, 5
MOST_QUERIES = 15
"""Statements for the page of an incident, those that find the user and the district among them."""
WORST = range(7, ALERTS, 10)
"""Numbers of the alerts that are critical; the others are of medium severity."""


@pytest.fixture
def incident(cast: Cast, empty_folder: None) -> str:
    return open_long_incident(cast, ALERTS)


def open_long_incident(cast: Cast, count: int) -> str:
    """Open an incident of so many alerts about Ana, each from an address of its own, and write notes in it."""
    alerts = [
        make_incident_alert(
            f"rule-{number:03}", ANA, make_address(f"203.0.113.{number}"), minutes=number,
            severity=Severity.CRITICAL if number in WORST else Severity.MEDIUM,
        )
        for number in range(count)
    ]  # fmt: skip
    public = open_incident(
        district=cast.district, proposed=propose_incidents(alerts)[0], read_rows=lambda _: {}, actor="technician",
        at=MORNING,
    )  # fmt: skip
    for number in range(NOTES):
        write_note(district=cast.district, public=public, text=f"Note {number}.", actor="technician", at=MORNING)
    return public


def _read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def _list_lines(page: str) -> list[str]:
    """Return the texts of the lines of a page's timeline."""
    table = page.partition('aria-labelledby="timeline"><thead>')[2].partition("</table>")[0]
    return [text.strip() for text in re.findall(r'<td data-label="What"><span>([^<]*)<', table)]


def _list_alerts(page: str) -> list[str]:
    return re.findall(r"<h[23]>(Rule \d+)</h[23]>", page)


def _read_pages(client: Client, address: str) -> list[str]:
    pages = [_read(client, address)]
    while later := re.search(r'rel="next" href="([^"]+)"', pages[-1]):
        pages.append(_read(client, later[1]))
    return pages


def test_the_page_has_the_newest_lines_and_the_worst_alerts_and_leads_to_all(
    as_: ClientFactory, cast: Cast, incident: str
) -> None:
    client, address = as_("technician"), f"/alerts/incidents/{incident}"
    view = find_case(district=cast.district, public=incident)
    assert view is not None
    expected = [line.what for line in view.timeline]
    page = _read(client, address)
    assert _list_lines(page) == expected[-25:]
    worst = [f"Rule {number:03}" for number in (*WORST, *(number for number in range(ALERTS) if number not in WORST))]
    assert _list_alerts(page) == worst[:10]
    assert "Alerts (60)" in page
    assert "Addresses (60)" in page
    lists = [_read_pages(client, f"{address}?show={name}") for name in ("timeline", "alerts", "named")]
    assert [line for part in lists[0] for line in _list_lines(part)] == expected
    assert [title for part in lists[1] for title in _list_alerts(part)] == worst
    named = re.findall(r'<span class="break">(203[^<]+)</span>', "".join(lists[2]))
    assert named == [f"203.0.113.{number}" for number in range(ALERTS)]
    for link in ("?show=timeline", "?show=alerts", "?show=named", "?print=1"):
        assert f'href="{link}"' in page


def test_all_of_it_is_on_the_page_to_print(as_: ClientFactory, cast: Cast, incident: str) -> None:
    page = _read(as_("auditor"), f"/alerts/incidents/{incident}?print=1")
    assert len(_list_lines(page)) == ALERTS + 1 + NOTES
    assert len(_list_alerts(page)) == ALERTS
    assert page.count('<li class="break">203.') == ALERTS
    assert 'href="?print=1"' not in page


def test_alerts_of_the_second_page_of_the_list_move_to_an_incident_of_their_own(
    as_: ClientFactory, cast: Cast, incident: str
) -> None:
    client, address = as_("technician"), f"/alerts/incidents/{incident}"
    page = _read_pages(client, f"{address}?show=alerts")[-1]
    moving = re.findall(r'name="alert" value="([^"]+)"', page)
    assert len(moving) == 10
    client.post(f"{address}/act", {"act": "split", "alert": moving, "title": "Another one"})
    assert "Alerts (50)" in _read(client, address)
    assert "<form" not in _read(as_("auditor"), f"{address}?show=alerts").partition("<main")[2].partition("</main>")[0]


def test_a_line_of_several_alerts_is_there_once(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    first = make_incident_alert("rule-001", ANA)
    second = make_incident_alert("rule-002", ANA, minutes=1)
    shared = second.__class__(**{name: getattr(second, name) for name in second.__slots__} | {"events": first.events})
    public = open_incident(
        district=cast.district, proposed=propose_incidents([first, shared])[0], read_rows=lambda _: {},
        actor="technician", at=MORNING,
    )  # fmt: skip
    client, address = as_("auditor"), f"/alerts/incidents/{public}"
    assert _list_lines(_read(client, address)) == ["Opened.", "Rule 001"]
    assert _list_lines(_read(client, f"{address}?show=timeline")) == ["Opened.", "Rule 001"]


@pytest.mark.parametrize("shared", [0, ALERTS - 1], ids=["the oldest event", "the newest event"])
def test_an_event_that_all_alerts_of_a_long_incident_name_hides_no_other_line(
    as_: ClientFactory, cast: Cast, empty_folder: None, shared: int
) -> None:
    alerts = [make_incident_alert(f"rule-{number:03}", ANA, minutes=number) for number in range(ALERTS)]
    named = alerts[shared].events
    alerts = [replace(alert, events=tuple(dict.fromkeys((*named, *alert.events)))) for alert in alerts]
    public = open_incident(
        district=cast.district, proposed=propose_incidents(alerts)[0], read_rows=lambda _: {}, actor="technician",
        at=MORNING,
    )  # fmt: skip
    view = find_case(district=cast.district, public=public)
    assert view is not None
    expected = [line.what for line in view.timeline]
    assert len(expected) == ALERTS + 1
    client, address = as_("auditor"), f"/alerts/incidents/{public}"
    assert _list_lines(_read(client, address)) == expected[-25:]
    pages = _read_pages(client, f"{address}?show=timeline")
    assert [line for part in pages for line in _list_lines(part)] == expected


def test_a_long_incident_asks_the_database_no_more_than_a_short_one(
    as_: ClientFactory, cast: Cast, empty_folder: None
) -> None:
    counts = []
    for number in (2, ALERTS):
        public = open_long_incident(cast, number) if number == 2 else _open_next(cast)
        client = as_("technician")
        client.get(f"/alerts/incidents/{public}")
        with CaptureQueriesContext(connection) as queries:
            page = _read(client, f"/alerts/incidents/{public}")
        counts.append(len(queries))
    assert len(page) < 120_000
    assert counts[1] <= counts[0] <= MOST_QUERIES


def _open_next(cast: Cast) -> str:
    """Open a long incident beside the short one, whose alerts are others."""
    alerts = [
        make_incident_alert(f"other-{number:03}", ANA, make_address(f"198.51.100.{number}"), minutes=number)
        for number in range(ALERTS)
    ]
    return open_incident(
        district=cast.district, proposed=propose_incidents(alerts)[0], read_rows=lambda _: {}, actor="technician",
        at=MORNING,
    )  # fmt: skip


def test_lists_of_a_proposed_incident_and_an_unknown_list(as_: ClientFactory, cast: Cast, empty_folder: None) -> None:
    alert = create_alert(cast.district, at=FIRED_AT)
    client = as_("auditor")
    public = re.search(r'href="(/alerts/incidents/[^"]+)"', _read(client, "/alerts/incidents?state=proposed"))
    assert public is not None
    assert _list_lines(_read(client, f"{public[1]}?show=timeline")) == [alert.title]
    assert alert.title in _read(client, f"{public[1]}?show=alerts")
    assert "dana@maple.example" in _read(client, f"{public[1]}?show=named&after=x")
    assert "Nothing is here" in _read(client, f"{public[1]}?show=named&after=500")
    assert "Moments" in _read(client, f"{public[1]}?show=everything")
    for name in ("timeline", "alerts", "named"):
        assert as_("stranger").get(f"{public[1]}?show={name}").status_code == 404
