"""What a rule's searches mean: text, wildcards, numbers, null, lists, keywords and each modifier."""

from __future__ import annotations

import base64
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.engines.protect.detect import detect_events
from homeroom.library.protect.sigma_rules import load_sigma_rules
from tests.unit.protect.detections.log_events import make_event


def does_fire(folder: Path, detection: dict[str, Any], fields: dict[str, Any]) -> bool:
    rule = {"title": "t", "id": "r", "logsource": {"product": "windows"}, "detection": detection}
    path = folder / "rule.yml"
    path.write_text(yaml.safe_dump(rule, allow_unicode=True), encoding="utf-8")
    rules, not_run = load_sigma_rules([path])
    assert not_run == ()
    return bool(list(detect_events(rules, [make_event(fields)])))


def get_refusal(folder: Path, text: str) -> str:
    path = folder / "rule.yml"
    path.write_text(text, encoding="utf-8")
    rules, not_run = load_sigma_rules([path])
    assert len(rules) == 0
    (entry,) = not_run
    return entry.reason


ENCODED = base64.b64encode(b"..http://a").decode()
FIELD_CASES: list[tuple[dict[str, Any], dict[str, Any], bool]] = [
    # text: whole, without case, with wildcards
    ({"A": "cmd.exe"}, {"A": "CMD.EXE"}, True),
    ({"A": "cmd"}, {"A": "cmd.exe"}, False),
    ({"A": "*cmd*"}, {"A": "x\ncmd\ny"}, True),
    ({"A": "c?d"}, {"A": "CMD"}, True),
    ({"A": "c?d"}, {"A": "cd"}, False),
    ({"A": "a*b*c"}, {"A": "aXbYc"}, True),
    ({"A": "ab*bc"}, {"A": "abc"}, False),
    ({"A": "a?c*?z"}, {"A": "abc-yz"}, True),
    ({"A": "a?c*?z"}, {"A": "abcz"}, False),
    ({"A": r"\*.exe"}, {"A": "*.exe"}, True),
    ({"A": r"\*.exe"}, {"A": "a.exe"}, False),
    ({"A": r"C:\\*"}, {"A": "C:\\x"}, True),
    ({"A": r"C:\Temp"}, {"A": "C:\\Temp"}, True),
    ({"A": r"\\host\x"}, {"A": "\\host\\x"}, True),
    ({"A": r"\\\*"}, {"A": "\\*"}, True),
    ({"A": ""}, {"A": ""}, True),
    ({"A": ""}, {}, False),
    ({"A": "*"}, {"A": ""}, True),
    ({"A": "*"}, {}, False),
    # numbers and truth values
    ({"A": 4688}, {"A": "4688"}, True),
    ({"A": 4688}, {"A": 4688}, True),
    ({"A": "4688"}, {"A": 4688}, True),
    ({"A": "46*"}, {"A": 4688}, True),
    ({"A": 1}, {"A": True}, False),
    ({"A": 4688}, {"A": "4688x"}, False),
    ({"A": True}, {"A": "True"}, True),
    ({"A": "true"}, {"A": True}, True),
    ({"A": 1.5}, {"A": "1.5"}, True),
    # null, absent fields and lists
    ({"A": None}, {}, True),
    ({"A": None}, {"A": None}, True),
    ({"A": None}, {"A": ""}, False),
    ({"A": ["x", None]}, {}, True),
    ({"A": "x"}, {"A": ["y", "X"]}, True),
    ({"A|contains|all": ["x", "y"]}, {"A": ["ax", "by"]}, True),
    ({"A|exists": True}, {"A": ""}, True),
    ({"A|exists": True}, {"A": None}, True),
    ({"A|exists": True}, {}, False),
    ({"A|exists": False}, {}, True),
    # modifiers
    ({"A|contains": "B"}, {"A": "abc"}, True),
    ({"A|startswith": "a"}, {"A": "ABC"}, True),
    ({"A|endswith": "c"}, {"A": "cb"}, False),
    ({"A|contains|all": ["a", "z"]}, {"A": "abc"}, False),
    ({"A|contains|all": ["a", "c"]}, {"A": "abc"}, True),
    ({"A|cased": "Ab"}, {"A": "ab"}, False),
    ({"A|contains|cased": "Ab"}, {"A": "xAbx"}, True),
    ({"A|neq": "x"}, {"A": "y"}, True),
    ({"A|neq": "x"}, {}, True),
    ({"A|neq": ["x", "y"]}, {"A": "y"}, False),
    ({"A|re": "^ab+$"}, {"A": "abb"}, True),
    ({"A|re": "^ab+$"}, {"A": "ABB"}, False),
    ({"A|re|i": "^ab+$"}, {"A": "ABB"}, True),
    ({"A|re": "b.c"}, {"A": "ab\nc"}, False),
    ({"A|re|s": "b.c"}, {"A": "ab\nc"}, True),
    ({"A|re": "^c"}, {"A": "ab\nc"}, False),
    ({"A|re|m": "^c"}, {"A": "ab\nc"}, True),
    ({"A|re": r"[[&&]\<\d{2}"}, {"A": "&<42"}, True),
    ({"A|re": "c$"}, {"A": "abc\n"}, True),
    ({"A|cidr": "10.0.0.0/8"}, {"A": "10.1.2.3"}, True),
    ({"A|cidr": "10.0.0.0/8"}, {"A": "11.1.2.3"}, False),
    ({"A|cidr": "10.0.0.0/8"}, {"A": "-"}, False),
    ({"A|cidr": "2001:db8::/32"}, {"A": "2001:0DB8::1"}, True),
    ({"A|fieldref": "B"}, {"A": "x", "B": "X"}, True),
    ({"A|fieldref": "B"}, {"A": "x"}, False),
    ({"A|fieldref": "B"}, {}, False),
    ({"A|fieldref|contains": "B"}, {"A": "axb", "B": "X"}, True),
    ({"A|fieldref|startswith": "B"}, {"A": "axb", "B": "x"}, False),
    ({"A|gt": 5}, {"A": "6"}, True),
    ({"A|gte": 5}, {"A": 5}, True),
    ({"A|lt": 5}, {"A": "-7.5"}, True),
    ({"A|lte": 5}, {"A": "many"}, False),
    ({"A|windash|contains": " -enc"}, {"A": "x /enc y"}, True),
    ({"A|windash|contains": " -enc"}, {"A": "x \u2013enc y"}, True),
    ({"A|windash|contains|all": [" -a", " -b"]}, {"A": "x /a -b"}, True),
    ({"A|windash|contains|all": [" -a", " -b"]}, {"A": "x /a"}, False),
    ({"A|base64": "abc"}, {"A": "YWJj"}, True),
    ({"A|base64offset|contains": "http://"}, {"A": ENCODED}, True),
    (
        {"A|wide|base64offset|contains": "net user"},
        {"A": base64.b64encode("x net user y".encode("utf-16le")).decode()},
        True,
    ),
    (
        {"A|utf16|base64": "id"},
        {"A": base64.b64encode(b"\xff\xfe" + "id".encode("utf-16le")).decode()},
        True,
    ),
    ({"A|hour": 23}, {"A": "2026-09-01T23:15:00.1234567Z"}, True),
    ({"A|hour|gte": 22}, {"A": "2026-09-01 21:59:59"}, False),
    ({"A|day": 1}, {"A": 1788220800}, True),
    ({"A|week|lt": 37}, {"A": "2026-09-01T01:00:00+02:00"}, True),
    ({"A|minute": 1}, {"A": "no time"}, False),
]


@pytest.mark.parametrize(("search", "fields", "expected"), FIELD_CASES)
def test_a_search_matches_as_sigma_has_it(
    tmp_path: Path, search: dict[str, Any], fields: dict[str, Any], expected: bool
) -> None:
    assert does_fire(tmp_path, {"s": search, "condition": "s"}, fields) is expected
    assert does_fire(tmp_path, {"s": search, "condition": "not s"}, fields) is not expected


@pytest.mark.parametrize(
    ("keywords", "fields", "expected"),
    [
        (["mimikatz"], {"A": "x", "B": ["run MimiKatz now"]}, True),
        (["mimikatz"], {"mimikatz": "x"}, False),
        (["a*c", "nothing"], {"A": "xxabcxx"}, True),
        ({"|all": ["one", "two"]}, {"A": "one", "B": "two"}, True),
        ({"|all": ["one", "two"]}, {"A": "one"}, False),
        ({"|re": "o.e$"}, {"A": "the one"}, True),
        ([4625], {"A": 4625}, True),
    ],
)
def test_a_keyword_is_looked_for_in_all_values(
    tmp_path: Path, keywords: Any, fields: dict[str, Any], expected: bool
) -> None:
    assert does_fire(tmp_path, {"k": keywords, "condition": "k"}, fields) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("yes and not no", True),
        ("not yes or yes", True),
        ("not (yes or no)", False),
        ("no or yes and no", False),
        ("1 of them", True),
        ("all of them", False),
        ("any of y*", True),
        ("all of yes*", True),
        ("yes and not 1 of filter_*", True),
        ("notable", True),
        ("yes AND notable", True),
        ("_hidden", True),
        (["no", "yes"], True),
    ],
)
def test_a_condition_joins_searches(tmp_path: Path, condition: Any, expected: bool) -> None:
    detection = {"yes": {"A": 1}, "no": {"A": 2}, "notable": [{"A": 3}, {"A": 1, "B": 2}], "_hidden": {"B": 2}}
    assert does_fire(tmp_path, {**detection, "condition": condition}, {"A": 1, "B": 2}) is expected


HEAD = "title: t\nid: r\nlogsource: {product: windows}\n"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HEAD + "detection: {s: {'A|expand': '%admins%'}, condition: s}", "placeholder %admins%"),
        (HEAD + "detection: {s: {'A|re': '(a'}, condition: s}", "invalid"),
        (HEAD + "detection: {s: {'A|re': '(?=a)b'}, condition: s}", "linear time"),
        (HEAD + "detection: {s: {'A|sounds_like': x}, condition: s}", "sounds_like"),
        (HEAD + "detection: {s: {A: x}, condition: t}", "'t'"),
        (HEAD + "detection: {s: {A: x}, condition: s and}", "no search"),
        (HEAD + "detection: {s: {A: x}, condition: (s}", "parenthesis"),
        (HEAD + "detection: {s: {A: x}, condition: 2 of s}", "before `of`"),
        (HEAD + "detection: {s: {A: x}, condition: s | count() > 3}", "'|'"),
        (HEAD + "detection: {s: {A: x}, condition: 1 of t*}", "'t*'"),
        (HEAD + "detection: {s: {A: 1, A: 2}, condition: s}", "stands twice"),
        (HEAD, "no detection"),
        ("title: t\nid: r\ndetection: {s: {A: x}, condition: s}", "logsource"),
        ("title: t\nlogsource: {product: okta}\ndetection: {s: {A: x}, condition: s}", "product okta"),
        ("title: [", "not YAML"),
        ("- a\n- b", "mapping"),
        ("a: " + "[" * 80 + "]" * 80, "nested"),
        ("a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
            f"{chr(98 + n)}: &{chr(98 + n)} [" + ",".join([f"*{chr(97 + n)}"] * 10) + "]\n" for n in range(9)
        ), "aliases"),
        ("a: &a [*a]", "contains itself"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_run_is_listed_with_its_reason(tmp_path: Path, text: str, reason: str) -> None:
    assert reason in get_refusal(tmp_path, text)


def test_two_rules_of_one_id_are_refused_and_the_others_run(tmp_path: Path) -> None:
    for name, rule_id in (("a", "same"), ("b", "same"), ("c", "other")):
        text = f"title: t\nid: {rule_id}\nlogsource: {{product: windows}}\ndetection: {{s: {{A: x}}, condition: s}}"
        (tmp_path / f"{name}.yml").write_text(text, encoding="utf-8")
    rules, not_run = load_sigma_rules([tmp_path])
    assert [rule.heading.id for rule in rules.rules] == ["other"]
    assert [(entry.file, entry.id) for entry in not_run] == [("a.yml", "same"), ("b.yml", "same")]


def test_two_rules_of_one_name_and_no_id_are_refused(tmp_path: Path) -> None:
    text = "title: t\nname: same\nlogsource: {product: windows}\ndetection: {s: {A: x}, condition: s}\n"
    (tmp_path / "r.yml").write_text(f"{text}---\n{text}", encoding="utf-8")
    rules, not_run = load_sigma_rules([tmp_path])
    assert (len(rules), [entry.reason for entry in not_run]) == (0, ["2 rules have this id"] * 2)


def test_a_search_takes_over_the_fields_of_another(tmp_path: Path) -> None:
    rule = HEAD + "detection: {_base: &base {A: x, B: y}, s: {<<: *base, B: z}, condition: s}\n"
    (tmp_path / "r.yml").write_text(rule, encoding="utf-8")
    rules, _not_run = load_sigma_rules([tmp_path])
    events = [make_event({"A": "x", "B": value}, record=number) for number, value in enumerate("yz", start=1)]
    assert [detection.event.record for detection in detect_events(rules, events)] == [2]


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*a){20}b", ".*a.*a.*a.*a.*a.*a.*b"])
def test_an_evil_pattern_takes_no_longer_than_the_text(tmp_path: Path, pattern: str) -> None:
    started = time.process_time()
    assert does_fire(tmp_path, {"s": {"A|re": pattern}, "condition": "s"}, {"A": "a" * 20_000 + "!"}) is False
    assert time.process_time() - started < 60  # a backtracking engine would not end at all


def test_a_filter_narrows_the_rules_that_it_names(tmp_path: Path) -> None:
    rule = HEAD + "name: base\ndetection: {s: {A: x}, condition: s}\n---\n"
    filters = (
        "title: f\nlogsource: {product: windows}\nfilter: {rules: [base], allowed: {B: ours}, condition: not allowed}\n"
    )
    path = tmp_path / "rule.yml"
    path.write_text(rule + filters, encoding="utf-8")
    rules, not_run = load_sigma_rules([path])
    assert not_run == ()
    events = [make_event({"A": "x", "B": "ours"}, record=1), make_event({"A": "x"}, record=2)]
    assert [detection.event.record for detection in detect_events(rules, events)] == [2]


PROCESS = (
    "title: t\nid: r\nlogsource: {product: windows, category: process_creation}\n"
    "detection: {s: {'Image|endswith': '\\x.exe'}, condition: s}"
)
SYSMON = "Microsoft-Windows-Sysmon/Operational"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"Channel": SYSMON, "EventID": 1, "Image": "C:\\x.exe"}, ["Image"]),
        ({"Channel": SYSMON, "EventID": 5, "Image": "C:\\x.exe"}, []),
        ({"Channel": "Security", "EventID": "4688", "NewProcessName": "C:\\X.EXE"}, ["NewProcessName"]),
        ({"Channel": "Security", "EventID": 4688, "Image": "C:\\x.exe"}, []),
        ({"Channel": "Security", "EventID": 4689, "NewProcessName": "C:\\x.exe"}, []),
    ],
)
def test_a_process_rule_reads_sysmon_and_the_security_log(
    tmp_path: Path, fields: dict[str, Any], expected: list[str]
) -> None:
    path = tmp_path / "rule.yml"
    path.write_text(PROCESS, encoding="utf-8")
    rules, _ = load_sigma_rules([path])
    assert [name for entry in detect_events(rules, [make_event(fields)]) for name in entry.matched] == expected


def test_a_cloud_rule_reads_its_own_log_only(tmp_path: Path) -> None:
    path = tmp_path / "rule.yml"
    path.write_text(
        "title: t\nid: r\nlogsource: {product: gcp, service: google_workspace.admin}\n"
        "detection: {s: {eventName: GRANT}, condition: s}",
        encoding="utf-8",
    )
    rules, _ = load_sigma_rules([path])
    events = [
        make_event({"eventName": "GRANT"}, source=source, record=record)
        for record, source in enumerate([("google_workspace", "admin"), ("google_workspace", "login"), ("azure", "")])
    ]
    assert [detection.event.record for detection in detect_events(rules, events)] == [0]


def test_rules_of_a_zip_run_and_its_broken_ones_are_listed(tmp_path: Path) -> None:
    archive = tmp_path / "rules.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("windows/a.yml", make_rule_text("a"))
        file.writestr("windows/b.yml", "title: [")
        file.writestr("README.md", "no rule")
    rules, not_run = load_sigma_rules([archive])
    assert [rule.heading.file for rule in rules.rules] == ["windows/a.yml"]
    assert [(entry.file, entry.reason[:9]) for entry in not_run] == [("windows/b.yml", "not YAML:")]
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(archive.read_bytes()[:60])
    assert [entry.file for entry in load_sigma_rules([damaged])[1]] == ["damaged.zip"]


def make_rule_text(name: str, detection: str = "{s: {A: x}, condition: s}") -> str:
    return f"title: t\nid: {name}\nname: {name}\nlogsource: {{product: windows}}\ndetection: {detection}\n"


def test_documents_of_a_file_share_the_fields_of_a_global_one(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(
        "action: global\ntitle: Shared\nlogsource: {product: windows}\ndetection: {condition: s}\n"
        "---\nid: a\ndetection: {s: {A: x}}\n---\naction: repeat\nid: b\ndetection: {s: {B: y}}\n"
        "---\naction: reset\n---\nid: c\ndetection: {s: {A: x}}\n",
        encoding="utf-8",
    )
    rules, not_run = load_sigma_rules([path])
    assert [(rule.heading.id, rule.heading.title) for rule in rules.rules] == [("a", "Shared"), ("b", "Shared")]
    assert detect_events(rules, [make_event({"A": "x"})])[0].rule.id == "a"
    assert [entry.rule.id for entry in detect_events(rules, [make_event({"A": "x", "B": "y"})])] == ["a", "b"]
    assert [entry.id for entry in not_run] == ["c"]


def test_a_rule_about_evidence_needs_it(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(
        make_rule_text("base")
        + "---\n"
        + make_rule_text("own", "{s: {district.actor.administrator: true}, condition: s}")
        + "---\ntitle: t\nid: many\ncorrelation: {type: event_count, rules: [base], timespan: 1h, "
        "group-by: [district.address.network], condition: {gte: 2}}\n",
        encoding="utf-8",
    )
    assert len(load_sigma_rules([path])[0]) == 3
    rules, not_run = load_sigma_rules([path], with_evidence=False)
    assert [entry.reason for entry in not_run] == [
        "needs the district's evidence: district.address.network",
        "needs the district's evidence: district.actor.administrator",
    ]
    assert [(rule.heading.id, rule.silent) for rule in rules.rules] == [("base", True)]


def test_a_field_that_no_log_has_is_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "rules.yml"
    path.write_text(
        "title: t\nid: a\nlogsource: {product: azure, service: pim}\n"
        "detection: {s: {riskEventType: x}, condition: s}\n",
        encoding="utf-8",
    )
    assert [entry.reason for entry in load_sigma_rules([path])[1]] == [
        "no log of azure pim has the field riskEventType"
    ]
