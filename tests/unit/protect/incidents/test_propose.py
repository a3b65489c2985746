"""Alerts that share somebody or something within a day are one proposed incident, and others are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.detections.alerts import Entity, EntityKind, Part, Role
from homeroom.engines.protect.incidents import propose_incidents
from homeroom.engines.protect.incidents.propose import group_alerts
from tests.unit.protect.incidents.alert_cases import ANA, HOUR, make_account, make_address, make_incident_alert

DAY = 24 * HOUR
BO = make_account("bo@maple.example")


def _list_ids(proposed):
    return [[alert.rules[0] for alert in item.alerts] for item in proposed]


def test_alerts_of_one_address_are_one_incident_and_those_of_another_are_not():
    foreign = make_address("203.0.113.9")
    proposed = propose_incidents([
        make_incident_alert("spray", foreign),
        make_incident_alert("odd-sign-in", ANA, foreign, minutes=HOUR, severity=Severity.CRITICAL),
        make_incident_alert("mail-forwarded", BO, make_address("198.51.100.7"), minutes=HOUR),
    ])  # fmt: skip
    assert _list_ids(proposed) == [["spray", "odd-sign-in"], ["mail-forwarded"]]
    assert (proposed[0].severity, proposed[0].title) == (Severity.CRITICAL, "Odd sign in")


def test_a_chain_joins_what_lies_days_apart_and_a_gap_of_more_than_a_day_ends_it():
    chain = [make_incident_alert(f"step-{n}", ANA, minutes=n * DAY) for n in range(3)]
    late = make_incident_alert("late", ANA, minutes=3 * DAY + 1)
    assert _list_ids(propose_incidents([late, *chain])) == [["step-0", "step-1", "step-2"], ["late"]]


def test_the_victim_of_one_alert_who_acts_in_the_next_joins_them():
    victim = make_account("ana@maple.example", part=Part.VICTIM)
    assert len(propose_incidents([make_incident_alert("reset", BO, victim), make_incident_alert("list", ANA)])) == 1


def test_a_crowd_system_accounts_own_addresses_and_domain_controllers_join_nothing():
    crowd = [make_account(f"s{n}@maple.example", part=Part.VICTIM) for n in range(4)]
    actors = [make_account(f"t{n}@maple.example") for n in range(11)]
    controller = Entity(kind=EntityKind.HOST, name="DC1", role=Role.DOMAIN_CONTROLLER)
    pairs = [
        [make_incident_alert("a", *crowd), make_incident_alert("b", *crowd)],
        [make_incident_alert("a", *actors), make_incident_alert("b", *actors)],
        [make_incident_alert(name, make_account("NT AUTHORITY\\SYSTEM")) for name in "ab"],
        [make_incident_alert(name, make_address("203.0.113.1", part=Part.OTHER)) for name in "ab"],
        [make_incident_alert(name, make_address("::1")) for name in "ab"],
        [make_incident_alert("a", ANA, controller), make_incident_alert("b", BO, controller)],
    ]
    assert [len(group_alerts(pair)) for pair in pairs] == [2] * 6


def test_a_mild_alert_alone_is_no_incident_and_two_that_share_a_host_are():
    host = Entity(kind=EntityKind.HOST, name="LIB-12", part=Part.VICTIM)
    mild = [make_incident_alert(name, host, severity=Severity.MEDIUM) for name in ("tool", "service")]
    assert propose_incidents(mild[:1]) == ()
    assert len(propose_incidents(mild)) == 1


def test_what_belongs_to_an_open_incident_is_proposed_to_join_it():
    first = make_incident_alert("odd-sign-in", ANA)
    more = make_incident_alert("mail-forwarded", ANA, minutes=HOUR, severity=Severity.MEDIUM)
    proposed = propose_incidents([first, more], incident_by_alert={first.id: "incident-1"})
    assert [(item.joins, item.alerts) for item in proposed] == [(("incident-1",), (more,))]


NAMES = st.sampled_from(["ana", "bo", "cy", "dee"])
ALERTS = st.lists(
    st.tuples(st.lists(NAMES, min_size=1, max_size=2, unique=True), st.integers(0, 60)), min_size=1, max_size=14
)


@given(ALERTS, st.randoms(use_true_random=False))
def test_groups_are_those_of_comparing_each_pair_in_any_order(drawn, random):
    alerts = [
        make_incident_alert(f"rule-{n}", *map(make_account, names), minutes=hours * HOUR)
        for n, (names, hours) in enumerate(drawn)
    ]
    shuffled = random.sample(alerts, len(alerts))
    assert {frozenset(alert.id for alert in group) for group in group_alerts(shuffled)} == _compare_pairs(alerts)
    assert propose_incidents(shuffled) == propose_incidents(alerts)


def _compare_pairs(alerts):
    groups = [{alert.id} for alert in alerts]
    by_id = {alert.id: alert for alert in alerts}
    merged = True
    while merged:
        merged = False
        for first in groups:
            second = next((other for other in groups if other is not first and _are_linked(first, other, by_id)), None)
            if second:
                first |= second
                groups = [group for group in groups if group is not second]
                merged = True
                break
    return {frozenset(group) for group in groups}


def _are_linked(first, second, by_id):
    return any(
        {entity.name for entity in by_id[a].entities} & {entity.name for entity in by_id[b].entities}
        and abs(by_id[a].fired_at - by_id[b].fired_at) <= timedelta(hours=24)
        for a in first
        for b in second
    )


def test_the_id_of_a_proposal_stays_when_alerts_follow():
    alerts = [make_incident_alert(f"step-{n}", ANA, minutes=n * HOUR) for n in range(5)]
    assert {propose_incidents(alerts[:count])[0].id for count in range(1, len(alerts))} == {
        propose_incidents(alerts)[0].id
    }


def test_accounts_of_one_person_are_one_actor_and_those_of_nobody_are_not():
    google, windows = replace(ANA, person="11"), replace(make_account("ana", id="a-2"), person="11")
    shared = [make_account("frontdesk", id="a-3"), make_account("frontdesk@maple.example", id="a-4")]
    proposed = propose_incidents([
        make_incident_alert("odd-sign-in", google),
        make_incident_alert("new-service", windows, minutes=HOUR),
        *(make_incident_alert(f"shared-{account.id}", account, minutes=2) for account in shared),
    ])  # fmt: skip
    assert sorted(_list_ids(proposed)) == [["odd-sign-in", "new-service"], ["shared-a-3"], ["shared-a-4"]]
