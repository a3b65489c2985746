"""Whose click it was: rules that are enough alone, rules about what serves many people, and people left alone."""

from __future__ import annotations

from ipaddress import ip_network

from homeroom.domain.teach.awareness.machines import KnownMachines, KnownNetwork, KnownProgram, NetworkKind
from tests.unit.teach.awareness.drill_rows import CHROME, EDGE, EXIT, DrillRows

MACHINES = KnownMachines(
    networks=(
        KnownNetwork(id="mail", title="Mail", kind=NetworkKind.SCANNER, networks=(ip_network("192.0.2.0/25"),)),
        KnownNetwork(id="web", title="Web", kind=NetworkKind.WEB_FILTER, networks=(ip_network("192.0.2.128/25"),)),
    ),
    programs=(KnownProgram(id="proxy", title="Proxy", agents=("GoogleImageProxy",)),),
)


def test_people_of_a_building_keep_their_clicks():
    rows = DrillRows()
    rows.add_building()
    assert {origin for origin, _ in rows.judge(MACHINES).values()} == {"own"}


def test_a_known_network_or_program_is_a_machine_and_a_web_filter_is_not():
    rows = DrillRows()
    rows.send("abc")
    rows.add("a", "clicked", 4_000, "192.0.2.9", CHROME)
    rows.add("b", "opened", 4_000, "198.51.100.9", "Mozilla/5.0 (via ggpht.com googleimageproxy)")
    rows.add("c", "clicked", 4_000, "192.0.2.200", CHROME)
    assert rows.judge(MACHINES) == {
        4: ("machine", ["known-network"]),
        5: ("machine", ["known-program"]),
        6: ("own", []),
    }


def test_who_posts_from_a_known_network_is_a_person():
    rows = DrillRows()
    rows.send("a")
    rows.add("a", "clicked", 4_000, "192.0.2.9", CHROME)
    rows.add("a", "posted", 4_030, "192.0.2.9", CHROME)
    assert [origin for origin, _ in rows.judge(MACHINES).values()] == ["own", "own"]


def test_after_the_bait_all_from_that_address_and_browser_is_a_machine():
    rows = DrillRows()
    rows.send("ab")
    rows.add("a", "clicked", 400, "198.51.100.7", CHROME, link="hidden")
    rows.add("b", "clicked", 4_000, "198.51.100.7", CHROME, link="main")
    rows.add("b", "clicked", 9_000, "198.51.100.8", CHROME, link="main")
    judgments = rows.judge()
    assert judgments[3] == judgments[4] == ("machine", ["took-bait"])
    assert judgments[5] == ("own", [])


def test_bait_in_a_building_leaves_the_others_with_that_browser_alone():
    rows = DrillRows()
    rows.add_building()
    rows.add("b1", "clicked", 30_000, EXIT, EDGE, link="hidden")
    judgments = rows.judge()
    assert [row for row, (origin, _) in judgments.items() if origin != "own"] == [len(rows.rows)]


def test_an_open_and_a_click_closer_than_a_hand_can_be_are_a_machines():
    rows = DrillRows()
    rows.send("ab")
    rows.add("a", "opened", 4_000, "198.51.100.7", CHROME)
    rows.add("a", "clicked", 4_000.4, "198.51.100.7", CHROME)
    rows.add("b", "opened", 4_000, "198.51.100.8", CHROME)
    rows.add("b", "clicked", 4_003, "198.51.100.8", CHROME)
    assert [judgments for judgments, _ in rows.judge().values()] == ["machine", "machine", "own", "own"]


def test_a_tool_that_writes_an_open_for_each_click_makes_nobody_fast():
    rows = DrillRows()
    rows.send("abc")
    for person, second in (("a", 4_000), ("b", 7_000), ("c", 9_000)):
        rows.add(person, "opened", second, f"198.51.100.{second // 1000}", CHROME)
        rows.add(person, "clicked", second, f"198.51.100.{second // 1000}", CHROME)
    assert {origin for origin, _ in rows.judge().values()} == {"own"}


def test_without_a_script_it_is_a_machine_where_scripts_are_measured():
    rows = DrillRows()
    rows.send("ab")
    rows.add("a", "clicked", 4_000, "198.51.100.7", CHROME, script=False)
    assert rows.judge()[3] == ("own", [])
    rows.add("b", "clicked", 4_000, "198.51.100.8", CHROME, script=True)
    assert rows.judge()[3] == ("machine", ["no-script"])


def test_an_address_that_serves_many_people_soon_after_delivery_is_a_machine():
    rows = DrillRows()
    rows.add_building()
    for number in range(8):
        rows.add(f"m{number}", "sent", 0)
        rows.add(f"m{number}", "clicked", 12 + number, "198.51.100.7", CHROME)
    judgments = [judgment for row, judgment in rows.judge().items() if row > len(rows.rows) - 16]
    assert judgments == [("machine", ["serves-many"])] * 8


def test_a_web_filter_that_looks_again_after_each_click_is_a_machine():
    rows = DrillRows()
    rows.add_building()
    for number in range(1, 12):
        if number % 3:
            rows.add(f"b{number}", "clicked", 900 + 1_700 * number + 9 + 5, "198.51.100.7", "Scan/1")
    judgments = rows.judge()
    assert [rules for _, rules in list(judgments.values())[-7:]] == [["looked-again"]] * 7
    assert {origin for origin, rules in judgments.values() if not rules} == {"own"}


def test_what_looks_right_after_a_report_is_a_machine_and_the_click_before_it_is_not():
    rows = DrillRows()
    rows.send("a")
    rows.add("a", "clicked", 4_000, "198.51.100.7", CHROME)
    rows.add("a", "reported", 4_100)
    rows.add("a", "clicked", 4_104, "198.51.100.8", EDGE)
    rows.add("a", "clicked", 4_900, "198.51.100.7", CHROME)
    rows.add("a", "clicked", 60_000, "198.51.100.9", EDGE)
    assert list(rows.judge().values()) == [
        ("own", []),
        ("machine", ["after-report"]),
        ("own", []),
        ("cannot tell", ["after-report"]),
    ]


def test_a_technician_who_opens_forwarded_links_in_a_sitting_is_another_person():
    rows = DrillRows()
    people = [f"p{number}" for number in range(7)]
    rows.send(people)
    for number, person in enumerate(people):
        rows.add(person, "clicked", 20_000 + 55 * number, "198.51.100.7", CHROME)
    assert set(map(str, rows.judge().values())) == {str(("other", ["many-in-a-sitting"]))}


def test_three_people_who_click_shortly_after_each_other_cannot_be_told_from_a_sitting():
    rows = DrillRows()
    rows.send("abc")
    for number, person in enumerate("abc"):
        rows.add(person, "clicked", 20_000 + 70 * number, "198.51.100.7", CHROME)
    assert {origin for origin, _ in rows.judge().values()} == {"cannot tell"}


def test_an_event_without_an_address_or_a_browser_is_the_persons_own():
    rows = DrillRows()
    rows.send("ab")
    rows.add("a", "clicked", 4_000)
    rows.add("b", "clicked", 5_000, "2001:db8::7")
    assert [origin for origin, _ in rows.judge(MACHINES).values()] == ["own", "own"]


def test_no_events_give_no_judgments():
    rows = DrillRows()
    assert rows.judge(MACHINES) == {}
