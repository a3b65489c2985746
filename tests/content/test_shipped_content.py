"""The content that comes with Homeroom proves itself, and the checker refuses what does not."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.risk import compute_risk
from homeroom.engines.protect.posture.evaluate import evaluate_controls
from homeroom.evidence.query.session import build_view_schema, open_session_over
from homeroom.library.know.software import load_proven_products
from homeroom.library.protect.controls import load_controls
from homeroom.library.protect.frameworks import load_frameworks
from homeroom.library.protect.risk import load_risk_table
from homeroom.library.validate_content import find_content_problems
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared"))
REQUIRED_CONTROLS = {
    "staff-second-factor", "admin-second-factor", "few-super-admins", "leaver-account", "unknown-person",
    "dormant-account", "never-used-account", "chromeos-expired", "chromeos-expires-12-months",
    "chromeos-expires-24-months", "chromeos-developer-mode", "chromeos-silent", "windows-10", "staff-laptop-encrypted",
    "managed-without-asset-record", "asset-not-managed", "retired-but-managed", "holder-gone",
    "internet-facing-remote-access", "scanner-known-exploited",
}  # fmt: skip


@pytest.mark.scale  # `./run check` asks the same in a step of its own
def test_every_example_of_every_control_holds_and_every_goal_resolves() -> None:
    assert [str(problem) for problem in find_content_problems()] == []


def test_the_controls_that_districts_count_on_are_there() -> None:
    assert {control.id for control in load_controls()} >= REQUIRED_CONTROLS
    assert len(load_controls()) >= 50


def test_unknown_people_are_asked_about_and_not_accused() -> None:
    unknown_person = next(control for control in load_controls() if control.id == "unknown-person")
    assert unknown_person.question
    assert unknown_person.question == "Whose account is this?"
    assert not unknown_person.title.endswith("?")


def test_a_dormant_account_never_says_that_somebody_left() -> None:
    dormant = next(control for control in load_controls() if control.id == "dormant-account")
    assert "left" not in f"{dormant.title} {dormant.because} {dormant.fix}".lower().split()


def test_no_second_factor_is_ever_asked_of_a_second_grader() -> None:
    """Check that no second-factor control applies to a young child."""
    second_factor_controls = [control for control in load_controls() if "second-factor" in control.id]
    child = {"kind": "student", "role": "student", "grade_band": "k-2", "works_here": False, "administrator": False}
    child |= {"enabled": True, "known_to_authority": True, "second_factor": False, "mfa_enforced": False}
    rows = [
        {"id": n, **child, "directory": name, "signs_in_with": name} for n, name in enumerate(("google", "microsoft"))
    ]
    accounts = pa.Table.from_pylist(rows, schema=build_view_schema("accounts"))
    evaluation = evaluate_controls(
        open_session_over({"accounts": accounts}), controls=second_factor_controls, today=date(2026, 1, 15)
    )
    assert len(second_factor_controls) >= 5
    assert {state.population for state in evaluation.counts.values()} == {0}


def test_an_account_that_stays_in_the_building_is_asked_for_no_second_factor() -> None:
    second_factor_controls = [control for control in load_controls() if "second-factor" in control.id]
    account = {"id": 1, "directory": "activedirectory", "signs_in_with": "activedirectory", "enabled": True}
    rows = [
        {**account, "id": n, "kind": kind, "works_here": n % 2 == 0, "administrator": n % 3 == 0, "grade_band": "9-12"}
        for n, kind in enumerate(("staff", "student", "shared", "service", "unknown") * 6)
    ]
    accounts = pa.Table.from_pylist(rows, schema=build_view_schema("accounts"))
    evaluation = evaluate_controls(
        open_session_over({"accounts": accounts}), controls=second_factor_controls, today=date(2026, 1, 15)
    )
    assert {state.population for state in evaluation.counts.values()} == {0}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"names": ["(?=chrome)"]}, "plain groups"),
        ({"platforms": ["beos"]}, "windows, macos, linux, chromeos, ios, android would fit"),
        ({"examples": {"is": ["Chrome"], "is_not": ["Paint"]}}, "'Chrome' is found otherwise"),
        ({"id": "chrome"}, "google-chrome in small letters would fit"),
    ],
)
def test_a_product_that_does_not_fit_is_refused_with_what_would(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    text = (BUILTIN_CONTENT / "software" / "google-chrome.yaml").read_text(encoding="utf-8")
    (tmp_path / "software").mkdir()
    path = tmp_path / "software" / "google-chrome.yaml"
    path.write_text(yaml.safe_dump({**yaml.safe_load(text), **changes}), encoding="utf-8")
    with pytest.raises(ContentRefused, match=message):
        load_proven_products(tmp_path)


def test_both_dates_of_a_chromebook_are_shown() -> None:
    for control in load_controls():
        if control.id.startswith("chromeos-expire"):
            assert {"expires_without", "expires_with"} <= set(control.shows)


@pytest.mark.skipif(not (SHARED / "data").exists(), reason="the shared data folder is not beside this clone")
@pytest.mark.parametrize(
    ("name", "file"), [("nist-csf-2.0", "nist_csf_2.0.json"), ("cisa-cpg-2.0", "cisa_cpg_2.0.json")]
)
def test_a_framework_has_exactly_the_goals_of_its_source(name: str, file: str) -> None:
    source = json.loads((SHARED / "data" / "frameworks" / file).read_text(encoding="utf-8"))
    goals = next(framework.goals for framework in load_frameworks() if framework.id == name)
    assert set(goals) == {node["ref_id"] for node in source["nodes"] if node["assessable"]}


def test_each_further_subject_adds_less_risk() -> None:
    first, second, third = (
        compute_risk(load_risk_table(), severity=Severity.HIGH, area="identity", subjects=count) for count in (1, 2, 3)
    )
    assert first > 0
    assert second - first > third - second > 0


def check_changed_control(folder: Path, **changes: object) -> list[str]:
    """Return the checker's problems for the Chromebook control with some fields changed (None removes the field)."""
    text = (BUILTIN_CONTENT / "controls" / "chromeos" / "chromeos-expired.yaml").read_text(encoding="utf-8")
    fields = {name: value for name, value in {**yaml.safe_load(text), **changes}.items() if value is not None}
    path = folder / "controls" / "chromeos" / "chromeos-expired.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(fields), encoding="utf-8")
    return [str(problem) for problem in find_content_problems(folder)]


def test_an_unchanged_control_of_a_districts_own_passes(tmp_path: Path) -> None:
    assert check_changed_control(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"severity": "terrible"}, "severity: 'terrible'; critical, high, medium, low would fit"),
        ({"because": None}, "because: None; one sentence"),
        ({"color": "red"}, "color: no such field; there are"),
        ({"requires": {"expires_no|gte": "today"}}, "there is no column 'expires_no'"),
        ({"requires": {"expires_on|gte": "soon"}}, "today-90d"),
        ({"requires": {"expires_on|maybe|gte": "today"}}, "maybe would let a missing value pass"),
        ({"requires": {"expires_on|lt": "today"}}, "expects passes, and the judge says fail"),
        ({"fix": {"gogle": "Replace it."}}, "fix.gogle: no such product; google would fit"),
        (
            {"fix": {"abacus": "Replace it."}},
            "fix.abacus: no such product; activedirectory, any, anywhere, bell, by_hand, ",
        ),
        ({"fix": {True: "Replace it."}}, "fix.True: no such product; "),
        ({"satisfies": ["cis-8.1:99.9"]}, "cis-8.1 has no goal '99.9'"),
        ({"satisfies": ["iso-1:1"]}, "no framework 'iso-1'"),
        ({"fixed_if": {"asset_state": "retired"}}, "there is no column 'asset_state'"),
        ({"fixed_if": {}}, "fixed_if: a pattern over the subjects"),
        ({"asks": "software", "fixed_if": {"managed": False}}, "fixed_if: a pattern over the subjects"),
        ({"fixed_if_gone": "yes"}, "fixed_if_gone: 'yes'; true where"),
        ({"shows": ["serail"]}, "no column 'serail' in devices"),
        ({"id": "something-else"}, "id: 'something-else'; chromeos-expired would fit"),
        ({"sql": "SELECT 1"}, "only controls that come with Homeroom may ask in SQL"),
        ({"examples": [{"expect": "passes", "given": {"platform": "windows"}}]}, "none that fails"),
        ({"examples": [{"expect": "passes", "given": {"platfrom": "windows"}}]}, "no column platfrom in devices"),
    ],
)
def test_a_control_that_does_not_fit_is_refused_with_what_would(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    problems = check_changed_control(tmp_path, **changes)
    assert any(
        problem.startswith("controls/chromeos/chromeos-expired.yaml: ") and message in problem for problem in problems
    )


@pytest.mark.parametrize("product", ["any", "anywhere", "by_hand", "windows", "google", "glpi"])
def test_steps_are_for_a_connector_or_for_any_product(tmp_path: Path, product: str) -> None:
    assert check_changed_control(tmp_path, fix={product: "Replace it."}) == []


def test_a_field_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "controls" / "chromeos" / "twice.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("id: twice\nid: twice\n", encoding="utf-8")
    assert any("'id' stands twice" in str(problem) for problem in find_content_problems(tmp_path))


@pytest.mark.parametrize("place", ["", "assets", "controls/assets", "controls"])
def test_a_control_is_read_wherever_a_district_puts_it(tmp_path: Path, place: str) -> None:
    text = (BUILTIN_CONTENT / "controls" / "assets" / "holder-gone.yaml").read_text(encoding="utf-8")
    for name, content in (("good", text), ("bad", text.replace("expect: fails", "expect: passes"))):
        folder = tmp_path / name / place
        folder.mkdir(parents=True)
        (folder / "holder-gone.yaml").write_text(content, encoding="utf-8")
    assert find_content_problems(tmp_path / "good") == ()
    messages = [str(problem) for problem in find_content_problems(tmp_path / "bad")]
    assert all(message.startswith(f"{place}/holder-gone.yaml: ".lstrip("/")) for message in messages)
    assert "and the judge says fail" in messages[-1]


def test_a_folder_without_a_control_is_refused(tmp_path: Path) -> None:
    assert "no content" in str(find_content_problems(tmp_path)[0])
    assert "no such folder" in str(find_content_problems(tmp_path / "nowhere")[0])
