"""Checking content: a mistake in one file is reported once, for that file; a file can be checked alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from homeroom.library.validate_content import KINDS, find_content_problems, find_file_problems
from homeroom.library.yaml_loader import BUILTIN_CONTENT
from tests.unit.teach.courses.course_folder import write_course

QUESTIONNAIRE = """id: short
title: Short
checked_on: 2026-01-01
questions:
  - {id: leavers, asks: Are accounts closed, controls: [chromeos-expired, holder-gone]}
"""
PROFILE = """id: small
title: A small school
classes: [{id: staff, title: Staff, units: ['*/staff']}]
changes: [{policies: [teams-channels-take-no-mail], for: [staff], because: They write to parents.}]
"""
FILES = {
    "framework": "frameworks/cisa-cpg-2.0.yaml",
    "control": "controls/chromeos/chromeos-expired.yaml",
    "risk table": "risk.yaml",
    "planning rules": "planning.yaml",
    "triage table": "triage.yaml",
    "kinds of logs": "log-kinds.yaml",
    "vulnerability weights": "vulnerabilities.yaml",
    "product": "software/google-chrome.yaml",
    "capability": "capabilities/security.yaml",
    "tool": "tools/classroom.yaml",
    "mapping": "mappings/sophos.yaml",
    "policy": "baselines/microsoft/teams/teams-channels-take-no-mail.yaml",
    "profile": "profiles/small.yaml",
    "questionnaire": "questionnaires/short.yaml",
    "guide": "guides/hr.yaml",
    "playbook": "playbooks/lost-laptop.yaml",
    "element": "elements/birth-date.yaml",
    "program": "programs/e-rate-c2.yaml",
    "lifetimes": "lifetimes/macos.yaml",
    "law": "laws/us-ny/us-ny-121.yaml",
    "holiday list": "laws/holidays/us.yaml",
    "facts of laws": "laws/facts.yaml",
    "recognizer": "recognizers/email.yaml",
    "words of recognizers": "recognizers/words/telephones.yaml",
    "canary guide": "canaries/drive-document.yaml",
    "course": "courses/lost-key/course.yaml",
    "detection rule": "detections/google/google-leaked-password.yml",
}
RECORDS = "detections/google/google-leaked-password.events.jsonl"
OTHERS = (
    "frameworks/nist-800-53.yaml",
    "controls/assets/holder-gone.yaml",
    "software/firefox.yaml",
    "recognizers/name.yaml",
)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Create a content folder with a file of every kind; some refer to others."""
    own = {"profiles/small.yaml": PROFILE, "questionnaires/short.yaml": QUESTIONNAIRE}
    for name in (*FILES.values(), *OTHERS, "baselines/microsoft/terms.yaml", RECORDS):
        path = tmp_path / "content" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in own or (BUILTIN_CONTENT / name).exists():
            path.write_text(own.get(name) or (BUILTIN_CONTENT / name).read_text(encoding="utf-8"), encoding="utf-8")
    write_course(tmp_path / "content")
    return tmp_path / "content"


def prepend(path: Path, line: str) -> None:
    path.write_text(f"{line}\n{path.read_text(encoding='utf-8')}", encoding="utf-8")


def test_a_folder_with_every_kind_of_content_is_valid(content: Path) -> None:
    assert find_content_problems(content) == ()
    assert {name.partition("/")[0] for name in FILES.values()} == {kind.place for kind in KINDS}


@pytest.mark.parametrize("name", FILES.values(), ids=FILES)
@pytest.mark.parametrize(("line", "expected"), [("color: red", "color"), ("color: [red", "")])
def test_a_mistake_is_reported_once_and_for_its_own_file(content: Path, name: str, line: str, expected: str) -> None:
    prepend(content / name, line)
    if not expected and name == FILES["course"]:
        expected = "line 2"
    problems = find_content_problems(content)
    assert [(problem.file, problem.field) for problem in problems] == [(name, expected)]
    assert str(problems[0]).count(name) == 1
    assert find_file_problems(content / name) == problems
    for other in {*FILES.values(), *OTHERS} - {name}:
        assert find_file_problems(content / other) == (), other


def test_a_shipped_control_with_a_mistake_blames_no_question_of_a_questionnaire(content: Path) -> None:
    """The questionnaire once reported 27 controls as missing, since none was loaded."""
    prepend(content / FILES["control"], "color: red")
    prepend(content / OTHERS[1], "color: [red")
    assert [problem.file for problem in find_content_problems(content)] == [OTHERS[1], FILES["control"]]


def test_a_reference_to_nothing_is_still_a_problem(content: Path) -> None:
    (content / FILES["control"]).unlink()
    assert [str(problem) for problem in find_file_problems(content / FILES["questionnaire"])] == [
        "questionnaires/short.yaml: questions.leavers.controls: there is no control 'chromeos-expired'"
    ]


@pytest.mark.parametrize(
    ("kind", "old", "new", "message"),
    [
        ("control", "expect: passes", "expect: fails", "and the judge says pass"),
        ("policy", "expect: passes", "expect: fails", "comes to passes, not fails"),
        ("framework", "goals:", "same_as: {1.A: ['nist-800-53:ZZ-9']}\ngoals:", "nist-800-53 has no goal 'ZZ-9'"),
        ("mapping", "purpose: {constant: antivirus}", "purpose: {constant: umbrella}", "columns.purpose"),
    ],
)
def test_a_named_file_proves_its_examples(content: Path, kind: str, old: str, new: str, message: str) -> None:
    path = content / FILES[kind]
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = find_file_problems(path)
    assert problems
    assert {problem.file for problem in problems} == {FILES[kind]}
    assert any(message in str(problem) for problem in problems)


def test_a_policy_is_checked_with_the_terms_that_it_uses(content: Path) -> None:
    terms = content / "baselines" / "microsoft" / "terms.yaml"
    prepend(terms, "color: red")
    assert [problem.file for problem in find_file_problems(content / FILES["policy"])] == [
        "baselines/microsoft/terms.yaml"
    ]
    assert find_file_problems(content / FILES["policy"]) == find_file_problems(terms) == find_content_problems(content)


def test_a_control_in_no_content_folder_is_checked_alone(tmp_path: Path) -> None:
    text = (BUILTIN_CONTENT / OTHERS[1]).read_text(encoding="utf-8")
    (tmp_path / "holder-gone.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("no: control\n", encoding="utf-8")
    assert find_file_problems(tmp_path / "holder-gone.yaml") == ()
    (tmp_path / "holder-gone.yaml").write_text(text.replace("expect: fails", "expect: passes"), encoding="utf-8")
    assert {problem.file for problem in find_file_problems(tmp_path / "holder-gone.yaml")} == {"holder-gone.yaml"}


def test_files_are_named_on_the_command_line(content: Path) -> None:
    prepend(content / FILES["control"], "color: red")
    arguments = ["check-content", str(content / FILES["guide"]), str(content / FILES["framework"])]
    valid = CliRunner().invoke(build_app(), arguments)
    assert (valid.exit_code, valid.output) == (0, "Every file fits, every example holds.\n")
    refused = CliRunner().invoke(build_app(), [*arguments, str(content / FILES["control"]), "--json"])
    assert refused.exit_code == 2
    (problem,) = json.loads(refused.output)["problems"]
    assert problem.startswith("controls/chromeos/chromeos-expired.yaml: color: no such field; there are ")


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere.yaml", "there is no such file"), ("a.md", "a YAML file would")]
)
def test_what_is_no_content_file_is_refused(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "a.md").write_text("# Notes\n", encoding="utf-8")
    refused = CliRunner().invoke(build_app(), ["check-content", str(tmp_path / name), "--json"])
    assert refused.exit_code == 2
    assert message in json.loads(refused.output)["problems"][0]


@pytest.mark.parametrize(("line", "fields"), [("# a comment", []), ("color: red", ["color"])])
def test_a_folder_of_laws_alone_has_no_controls_to_blame(tmp_path: Path, line: str, fields: list[str]) -> None:
    path = tmp_path / "laws" / "us-ny" / "us-ny-121.yaml"
    path.parent.mkdir(parents=True)
    path.write_text((BUILTIN_CONTENT / FILES["law"]).read_text(encoding="utf-8"), encoding="utf-8")
    prepend(path, line)
    assert [problem.field for problem in find_content_problems(tmp_path)] == fields


@pytest.mark.parametrize("place", ["laws/us-ny-121.yaml", "laws/us/ny/us-ny-121.yaml", "laws/us-ny/us-ny-121.yml"])
def test_a_law_in_a_place_where_nobody_reads_it_is_refused(content: Path, place: str) -> None:
    path = content / place
    path.parent.mkdir(parents=True, exist_ok=True)
    (content / FILES["law"]).rename(path)
    assert [problem.file for problem in find_content_problems(content)] == [place]


@pytest.mark.parametrize(("law_id", "fields"), [
    ("us-ny-121", []), ("district-121", []), ("us-121", []), ("121", ["id"]), ("us-nyc", []),
])  # fmt: skip
def test_a_law_by_itself_is_checked_as_one(tmp_path: Path, law_id: str, fields: list[str]) -> None:
    path = tmp_path / "anything.yaml"
    text = (BUILTIN_CONTENT / FILES["law"]).read_text(encoding="utf-8")
    path.write_text(text.replace("id: us-ny-121", f"id: {law_id}", 1), encoding="utf-8")
    assert [problem.field for problem in find_file_problems(path)] == fields
    prepend(path, "color: red")
    assert "color" in {problem.field for problem in find_file_problems(path)} or fields
