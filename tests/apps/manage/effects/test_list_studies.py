"""What a start changed in the use of a tool and in tickets, from the lists that a district loads."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.manage.effects.list_studies import NoLists, estimate_ticket_effect, estimate_use_effect
from homeroom.apps.manage.effects.stored_studies import find_stored_study, store_ticket_study, store_use_study
from homeroom.apps.platform.districts.commands import create_district
from homeroom.domain.platform.district import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.errors import FileRefused

pytestmark = pytest.mark.django_db
AT, TODAY = datetime(2026, 12, 21, 12, tzinfo=UTC), date(2026, 12, 21)
MONDAY = date(2026, 8, 3)
SCHOOLS = tuple(f"School {letter}" for letter in "ABCDEFGHIJ")
STARTS = {school: MONDAY + timedelta(weeks=8 + number) for number, school in enumerate(SCHOOLS[:6])}
MAPPINGS = {
    "people": """\
table: person_records
authority: [student]
columns:
  key: {from: ID}
  given_name: {from: First}
  family_name: {from: Last}
  org_name: {from: School}
roles: {role: student}
""",
    "tickets": """\
table: ticket_records
columns:
  key: {from: Ticket}
  opened_on: {from: Created}
  school_name: {from: Location}
  category: {from: Issue Type}
  minutes: {from: Minutes}
""",
    "use": """\
table: app_use_records
columns:
  app: {from: App}
  school_name: {from: School}
  since: {from: First Day}
  until: {from: Last Day}
  users: {from: Users}
""",
}


def write_lists(folder: Path) -> None:
    """Write 20 weeks of ten schools: after its start a school has 3 tickets a week fewer, and 2 users of Kami more."""
    tickets, use = ["Ticket,Created,Location,Issue Type,Minutes,Requester"], ["App,School,First Day,Last Day,Users"]
    for number in range(20):
        week = MONDAY + timedelta(weeks=number)
        for place, school in enumerate(SCHOOLS):
            started = school in STARTS and STARTS[school] <= week
            noise = (number * 7 + place * 5) % 3
            for _ in range(6 + noise - (3 if started else 0)):
                tickets.append(f"{len(tickets)},{week + timedelta(days=len(tickets) % 5)},{school},Printer,20,Ana Ray")
            users = 4 + noise + (2 if started else 0)
            use.append(f"kamiapp.com,{school},{week},{week + timedelta(days=6)},{users}")
            use.append(f"Lark Math,{school},{week},{week + timedelta(days=6)},9")
    people = ["ID,First,Last,School"]
    people += [f"{n},Ana,Ray{n},{SCHOOLS[n % 10]}" for n in range(100)]
    for name, lines in (("people", people), ("tickets", tickets), ("use", use)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        text = f"homeroom: mapping\nname: {name}\nconnector: {name}\n{MAPPINGS[name]}"
        (folder / f"{name}.mapping.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path, district: District) -> EvidenceStore:
    folder = tmp_path / "lists"
    folder.mkdir()
    write_lists(folder)
    store = EvidenceStore(tmp_path / "store", district=district.slug)
    report = load_files([folder], district=district, store=store, at=AT)
    assert report.clean, [str(problem) for problem in report.refused]
    resolve(district=district, store=store, today=TODAY, at=AT)
    return store


@pytest.fixture
def started(tmp_path: Path) -> Path:
    path = tmp_path / "started.csv"
    path.write_text("school,started\n" + "".join(f"{school},{day}\n" for school, day in STARTS.items()), "utf-8")
    return path


def test_lists_show_fewer_tickets_and_more_use_of_a_tool_by_any_of_its_names(
    store: EvidenceStore, started: Path, tmp_path: Path
) -> None:
    tickets = estimate_ticket_effect(started, store=store)
    assert (tickets.study, tickets.verdict, tickets.schools) == ("tickets", "lower", 10)
    assert tickets.estimate == pytest.approx(-3 / 10, abs=0.05)
    for tool in ("kami", "KAMI"):
        use = estimate_use_effect(started, tool=tool, store=store)
        assert (use.study, use.verdict) == ("use of Kami", "higher")
        assert use.estimate == pytest.approx(2 / 10, abs=0.05)
    assert estimate_use_effect(started, tool="Lark Math", store=store).verdict == "not seen"
    with pytest.raises(NoLists, match="Lark Math would fit"):
        estimate_use_effect(started, tool="Lark Maths", store=store)
    (tmp_path / "wrong.csv").write_text("school,started\nSchool Z,2026-10-05\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="School"):
        estimate_ticket_effect(tmp_path / "wrong.csv", store=store)


def test_a_study_of_lists_is_stored_with_the_verdict_of_the_command_line_and_what_its_values_are(
    district: District, store: EvidenceStore, started: Path
) -> None:
    shared: dict[str, Any] = {"district": district, "store": store, "file": "s.csv", "at": AT, "actor": "director"}
    (use,) = store_use_study(tool="kami", content=started.read_bytes(), **shared)
    (tickets,) = store_ticket_study(content=started.read_bytes(), **shared)
    stored = [find_stored_study(district=district, number=number) for number in (use, tickets)]
    assert [study and (study.name, study.verdict) for study in stored] == [
        ("Use of Kami: people per student", "higher"),
        ("Tickets per student", "lower"),
    ]
    by_command = estimate_use_effect(started, tool="kami", store=store)
    assert stored[0] is not None
    assert stored[0].effect["estimate"] == by_command.estimate
    alone = [week.started for week in stored[0].course if week.started_schools == 1]
    assert alone == [None]
    with pytest.raises(NoLists, match="would fit"):
        store_use_study(tool="Kamis", content=started.read_bytes(), **shared)


def test_a_district_without_lists_learns_what_would_fit(tmp_path: Path, started: Path) -> None:
    other = create_district(slug="birch", name="Birch Hollow")
    store = EvidenceStore(tmp_path / "other", district=other.slug)
    with pytest.raises(NoLists, match="homeroom load"):
        estimate_ticket_effect(started, store=store)
    resolve(district=other, store=store, today=TODAY, at=AT)
    with pytest.raises(NoLists, match="ticket_records"):
        estimate_ticket_effect(started, store=store)
    with pytest.raises(NoLists, match="a list of the use of apps would fit"):
        estimate_use_effect(started, tool="Kami", store=store)
