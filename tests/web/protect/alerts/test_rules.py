"""The pages of rules and coverage: states, detections, how right a rule was, its test's sentences, and the next log."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from homeroom.apps.protect.detection.judging.alert_rules import load_alert_rules
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import FIRED_AT, create_alert
from tests.web.protect.alerts.test_queue import get_text

ClientFactory = Callable[[str], Client]
GRANTED = "google-super-admin-granted"


@pytest.fixture
def client(as_: ClientFactory, cast: Cast, store: EvidenceStore) -> Client:
    """Return the auditor's client in a district without logs."""
    return as_("auditor")


def test_all_rules_are_listed_and_see_nothing_where_no_log_came(client: Client, cast: Cast):
    create_alert(cast.district, 1, rule=GRANTED, state="closed", verdict="real", closed_rules=[GRANTED])
    create_alert(cast.district, 2, rule=GRANTED, state="closed", verdict="false_alarm", closed_rules=[GRANTED])
    create_alert(cast.district, 3, rule=GRANTED, at=FIRED_AT - timedelta(days=91))
    number = len(load_alert_rules().texts)
    pages = "".join(client.get(f"/alerts/rules?after={after}").content.decode() for after in range(0, number, 50))
    assert len(set(re.findall(r'href="/alerts/rules/([^"?]+)"', pages))) == number
    assert f"Sees nothing here ({number})" in pages
    line = next(row for row in pages.split("<tr>") if f"/alerts/rules/{GRANTED}" in row)
    assert re.findall(r'data-label="(?:Detections|Right)">([^<]*)<', line) == ["2", "50%"]
    assert "No rule is in this state" in get_text(client, "/alerts/rules?state=runs")


def test_a_rule_has_what_it_means_the_first_step_and_the_sentences_of_its_test(client: Client):
    texts = load_alert_rules().texts[GRANTED]
    text = unescape(get_text(client, f"/alerts/rules/{GRANTED}"))
    assert texts.means in text
    assert texts.first_step in text
    tests = text.partition("What it fires on, and what not")[2]
    assert " yes " in tests
    assert " no " in tests
    assert client.get("/alerts/rules/no-such-rule").status_code == 404


def test_coverage_names_the_best_log_to_add_with_its_minutes_and_the_blind_rules(client: Client):
    number = len(load_alert_rules().texts)
    text = get_text(client, "/alerts/coverage")
    assert f"0 of {number} rules can see something here." in text
    assert "No event of any log came." in text
    gains = text.partition("What the next log would open")[2].partition("Logs of the last seven days")[0]
    assert "Google admin changes" in gains
    assert "Connect Google under Sources" in gains
    assert "Rules that see nothing here" in text
