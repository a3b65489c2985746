"""Which rules can see anything, by the events that came, and what one more log would open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from homeroom.domain.protect.detections.coverage import Coverage, SeenEvents
from homeroom.engines.protect.detect.coverage import measure_coverage
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from homeroom.library.protect.sigma_rules.documents import RuleDocument
from homeroom.library.protect.sigma_rules.load import build_rule_set
from homeroom.library.yaml_loader import ContentRefused

SECURITY = SeenEvents(product="windows", channel="Security", event_id=4624)
PROCESS = SeenEvents(product="windows", channel="Security", event_id=4688, count=3)
COMMANDS = replace(PROCESS, fields=frozenset({"CommandLine"}))
RULES = yaml.safe_load_all("""
title: Command
id: command
logsource: {product: windows, category: process_creation}
detection: {s: {'CommandLine|contains': vssadmin}, condition: s}
---
title: Image
id: image
logsource: {product: windows, category: process_creation}
detection: {s: {'Image|endswith': tool.exe}, f: {CommandLine: null}, condition: s and not f or s}
---
title: Cleared
id: cleared
logsource: {product: windows, service: security}
detection: {s: {EventID: 1102}, condition: s}
---
title: Granted
id: granted
name: granted
logsource: {product: google_workspace, service: admin}
detection: {s: {name: ASSIGN_ROLE}, condition: s}
---
title: Firewall
id: firewall
logsource: {product: windows, service: firewall-as}
detection: {s: {EventID: 2002}, condition: s}
---
title: Both
id: both
correlation: {type: temporal, rules: [granted, cleared], timespan: 1h, generate: true}
""")
DOCUMENTS = [RuleDocument(file="r.yml", number=number, content=rule) for number, rule in enumerate(RULES, start=1)]


def measure(*seen: SeenEvents) -> Coverage:
    rules, not_run = build_rule_set(DOCUMENTS)
    assert not_run == ()
    headings = {rule.heading.id for rule in (*rules.rules, *rules.correlations)}
    return measure_coverage(rules, headings=headings, kinds=load_log_kinds(), seen=seen)


def list_seeing(*seen: SeenEvents) -> list[str]:
    return [rule.heading.id for rule in measure(*seen).rules if rule.can_see]


def test_without_events_no_rule_sees_anything() -> None:
    assert list_seeing() == []
    assert measure().seeing == 0


def test_a_rule_needs_events_of_its_own_log_and_id() -> None:
    assert list_seeing(SECURITY) == ["cleared"]
    assert list_seeing(PROCESS) == ["cleared", "image"]


def test_a_rule_about_command_lines_needs_events_that_have_them() -> None:
    assert "command" not in list_seeing(PROCESS)
    assert list_seeing(COMMANDS) == ["cleared", "command", "image"]


def test_a_correlation_of_different_rules_needs_all_of_their_logs() -> None:
    google = SeenEvents(product="google_workspace", service="admin")
    assert list_seeing(google) == ["granted"]
    assert list_seeing(google, SECURITY) == ["both", "cleared", "granted"]


def test_a_channel_that_is_no_kind_counts_if_it_came() -> None:
    channel = "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall"
    assert list_seeing(SeenEvents(product="windows", channel=channel, event_id=2002)) == ["firewall"]


def test_what_to_add_is_ranked_by_rules_for_each_minute_with_what_has_to_come_first() -> None:
    gains = {gain.kind.id: gain for gain in measure().gains}
    commands = gains["windows-command-lines"]
    assert [kind.id for kind in commands.first] == ["windows-security", "windows-process-creation"]
    assert commands.rules == 4  # with the kinds before it: command, image, cleared, and half of both
    assert commands.minutes == sum(kind.minutes for kind in (*commands.first, commands.kind))
    assert measure(PROCESS).gains[0].kind.id == "google-admin"
    assert "windows-command-lines" not in {gain.kind.id for gain in measure(COMMANDS).gains}


def test_a_kind_that_follows_nothing_is_refused(tmp_path: Path) -> None:
    entry = {"id": "a", "title": "t", "product": "windows", "how": "Do.", "minutes": 5, "after": "nobody"}
    (tmp_path / "log-kinds.yaml").write_text(yaml.safe_dump({"kinds": [entry, {"id": "b"}]}), encoding="utf-8")
    with pytest.raises(ContentRefused) as caught:
        load_log_kinds(tmp_path)
    assert {problem.field for problem in caught.value.problems} >= {"kinds.1.title", "kinds.1.how"}
    (tmp_path / "log-kinds.yaml").write_text(yaml.safe_dump({"kinds": [entry]}), encoding="utf-8")
    load_log_kinds.cache_clear()
    with pytest.raises(ContentRefused, match="a kind before it would fit"):
        load_log_kinds(tmp_path)
