"""Problem texts: each control and policy has one that reads right for one and for many; an invalid one is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from homeroom.apps.protect.posture.catalog.controls import list_policy_controls
from homeroom.apps.protect.posture.catalog.problems import describe_count, describe_problem
from homeroom.domain.problem_texts import ProblemText
from homeroom.domain.protect.controls import Control
from homeroom.library.comply.questionnaires import load_questionnaires
from homeroom.library.protect.baselines import load_policies
from homeroom.library.protect.controls import load_control, load_controls
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentRefused

PLURAL_WITH_ONE = re.compile(r"^1 (?:[\w-]+ ){1,3}?(are|have|were|do)\b")
SINGULAR_WITH_MANY = re.compile(r"^2 (?:[\w-]+ ){1,3}?(is|has|was|does)\b")
PRIVATE_WORDS = re.compile(
    r"\b(pupils?|licences?|second factor|catalogue|leavers?|mended|organi[sz]ations? unit|somebody|unwell|"
    r"judg\w*|stands?|takes in|organisation)\b",
    re.IGNORECASE,
)
CONTROL = (BUILTIN_CONTENT / "controls" / "chromeos" / "chromeos-expired.yaml").read_text(encoding="utf-8")
POLICY = (BUILTIN_CONTENT / "baselines" / "google" / "drive" / "files-stay-inside.yaml").read_text(encoding="utf-8")
GOOD = re.search(r"^problem: .*$", CONTROL, re.MULTILINE)


def get_control(name: str) -> Control:
    return next(control for control in load_controls() if control.id == name)


def list_forms() -> list[tuple[str, ProblemText]]:
    """Return every problem text of controls, groups and tenants, by the id of its control."""
    return [
        (control.id, text)
        for control in load_controls()
        for text in (control.problem, control.groups.problem if control.groups else None, control.behind)
        if text is not None
    ]


def test_every_control_and_policy_has_what_is_wrong_beside_what_should_be_true() -> None:
    assert all(control.problem for control in load_controls())
    assert all(control.groups.problem for control in load_controls() if control.groups)
    assert all(control.problem for control in list_policy_controls())
    assert all(policy.problem and policy.problem != policy.title for policy in load_policies())
    titles = [control.title for control in load_controls()] + [policy.title for policy in load_policies()]
    assert [title for title in titles if "?" in title] == []


def test_no_two_controls_or_policies_of_a_suite_say_the_same() -> None:
    texts = [text.plural for _name, text in list_forms()]
    by_suite = [(policy.suite, policy.problem) for policy in load_policies()]
    assert len(set(texts)) == len(texts)
    assert len(set(by_suite)) == len(by_suite)


def test_number_and_verb_agree_in_every_problem() -> None:
    wrong = [name for name, text in list_forms() if PLURAL_WITH_ONE.search(text.format_for(1))]
    wrong += [name for name, text in list_forms() if SINGULAR_WITH_MANY.search(text.format_for(2))]
    assert wrong == []
    assert get_control("internet-facing-database").problem == ProblemText(
        singular="{n} database can be reached from the internet",
        plural="{n} databases can be reached from the internet",
    )


def test_problems_are_written_in_the_words_of_the_trade() -> None:
    texts = [(name, form) for name, text in list_forms() for form in (text.singular, text.plural)]
    texts += [(policy.id, policy.problem) for policy in load_policies()]
    assert [(name, text) for name, text in texts if PRIVATE_WORDS.search(text)] == []
    assert [(name, text) for name, text in texts if len(text) > 100] == []


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "No Chromebook in use is past its auto-update expiration date"),
        (1, "1 Chromebook in use is past its auto-update expiration date"),
        (1234, "1,234 Chromebooks in use are past their auto-update expiration date"),
    ],
)
def test_the_problem_has_its_number_and_no_failure_is_the_title(count: int, text: str) -> None:
    assert describe_problem(get_control("chromeos-expired"), count=count) == text


def test_a_figure_reads_the_same_way_with_no_failure() -> None:
    described = describe_count(get_control("internet-facing-database"), count=0)
    assert described == "0 databases can be reached from the internet"


def test_a_group_and_a_tenant_are_named_in_the_problem() -> None:
    cart = describe_problem(get_control("chromeos-silent"), count=12, group="Cart {n}")
    assert cart == "Cart {n}: 12 Chromebooks in the cart stopped checking in"
    assert describe_problem(get_control("chromeos-silent"), count=0, group="Cart 7").startswith("Cart 7: ")
    (policy,) = (control for control in list_policy_controls() if control.id == "files-stay-inside")
    assert describe_problem(policy, count=3, group="C0maple00") == (
        "Files can be shared outside the district (Google C0maple00)"
    )
    assert describe_problem(policy, count=3) == "Files can be shared outside the district"


@pytest.mark.parametrize(
    ("line", "field", "fits"),
    [
        ("", "problem", "what is wrong"),
        ("problem: {n} Chromebooks", "", "not YAML"),
        ('problem: {one: "{n} Chromebook is old"}', "problem.other", "what is wrong with several"),
        ('problem: {one: "a Chromebook is old", other: "{n} Chromebooks are old"}', "problem.one", "{n}, once each,"),
        ('problem: {one: "{n} is old", other: "{n} of {all} are old"}', "problem.other", "{n}, once each,"),
        ('problem: {one: "{n} is old", other: "{n} is old"}', "problem.other", "its own words for several"),
        ('problem: {one: "Is {n} old?", other: "{n} are old"}', "problem.one", "not a question"),
        ('problem: {one: "{n} is old.", other: "{n} are old"}', "problem.one", "without a period"),
        ('problem: {one: "{n} is old", other: "{n} are old", many: "old"}', "problem.many", "no such field"),
        (
            'problem: {one: "{n} no Chromebook in use is past its auto-update expiration date", other: "{n} are old"}',
            "problem.one",
            "the same as the title",
        ),
    ],
)
def test_a_control_without_a_readable_problem_is_refused(line: str, field: str, fits: str, tmp_path: Path) -> None:
    assert GOOD is not None
    text = CONTROL.replace(f"{GOOD[0]}\n", f"{line}\n" if line else "")
    assert fits in refuse_control(tmp_path, text, field=field)


def test_questions_are_no_titles_and_have_a_question_mark_in_their_own_place(tmp_path: Path) -> None:
    title = "title: No Chromebook in use is past its auto-update expiration date"
    question = CONTROL.replace(title, "title: Is this Chromebook past its auto-update expiration date?")
    assert "a statement would fit" in refuse_control(tmp_path, question, field="title")
    statement = CONTROL.replace(title, f"{title}\nquestion: Somebody looks at it")
    assert "a question with a question mark" in refuse_control(tmp_path, statement, field="question")
    behind = CONTROL.replace(title, f'{title}\nbehind: {{one: "{{n}} row", other: "{{n}} rows"}}')
    assert "only a control with a subject" in refuse_control(tmp_path, behind, field="behind")


def test_the_problem_of_a_group_names_the_group_and_its_number(tmp_path: Path) -> None:
    grouping = (
        'groups: {by: [cart], at_share: 0.8, at_least: 5, title: "{group}: all is well", problem: {one: "{n} is old", '
    )
    text = CONTROL.replace("severity: high", f'severity: high\n{grouping}other: "{{group}}: {{n}} are old"}}}}')
    assert "{n} and {group}, once each, would fit" in refuse_control(tmp_path, text, field="groups.problem.one")


@pytest.mark.parametrize(
    ("line", "fits"),
    [
        ("", "what is wrong"),
        ("problem: Files cannot be shared outside the district", "the same as the title"),
        ("problem: Are files shared?", "not a question"),
        ('problem: "{n} files are shared"', "a text without placeholders"),
    ],
)
def test_a_policy_without_a_readable_problem_is_refused(line: str, fits: str, tmp_path: Path) -> None:
    own_line = "problem: Files can be shared outside the district\n"
    assert own_line in POLICY
    file = tmp_path / "baselines" / "google" / "drive" / "files-stay-inside.yaml"
    file.parent.mkdir(parents=True)
    file.write_text(POLICY.replace(own_line, f"{line}\n" if line else ""), encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_policies(tmp_path)
    assert [problem.field for problem in refused.value.problems] == ["problem"]
    assert fits in str(refused.value)


def test_every_control_and_measure_of_a_questionnaire_names_the_export_that_answers_it() -> None:
    for questionnaire in load_questionnaires():
        needed = {name for question in questionnaire.questions for name in (*question.controls, *question.measures)}
        assert set(questionnaire.exports) == needed


def refuse_control(folder: Path, text: str, *, field: str) -> str:
    """Write the control, and return the message of the one problem for which it is refused."""
    file = folder / "controls" / "chromeos" / "chromeos-expired.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ContentRefused) as refused:
        load_control(file, root=folder)
    (problem,) = refused.value.problems
    assert problem.field == field
    return problem.message
