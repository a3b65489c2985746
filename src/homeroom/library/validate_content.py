"""Check an entire content folder: every file is valid, every example holds, every reference resolves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from homeroom.library.baselines import load_policies
from homeroom.library.builtin_mappings import load_builtin_mappings
from homeroom.library.connectors import load_connectors
from homeroom.library.control_examples import find_example_problems
from homeroom.library.controls import list_control_files, load_controls
from homeroom.library.frameworks import find_unknown_control_goals, load_frameworks
from homeroom.library.guides import find_unknown_connectors, load_guides
from homeroom.library.planning import load_planning_rules
from homeroom.library.policy_examples import find_policy_problems, find_unknown_policy_goals
from homeroom.library.profiles import find_unknown_policies, load_profiles
from homeroom.library.questionnaires import find_unknown_controls, load_questionnaires
from homeroom.library.risk import load_risk_table
from homeroom.library.software import load_products
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentProblem, ContentRefused, get_relative_name


def find_content_problems(directory: Path = BUILTIN_CONTENT) -> tuple[ContentProblem, ...]:
    """Return all problems of a content folder; empty if everything is valid.

    A folder of a district's own controls may name goals of the built-in frameworks.
    """
    problems: list[ContentProblem] = []
    framework_list = _try_load(lambda: load_frameworks(directory), problems)
    builtin_frameworks = load_frameworks(BUILTIN_CONTENT) if directory != BUILTIN_CONTENT else ()
    control_list = _try_load(lambda: load_controls(directory), problems)
    if (directory / "risk.yaml").exists():
        _try_load(lambda: (load_risk_table(directory),), problems)
    if (directory / "planning.yaml").exists():
        _try_load(lambda: (load_planning_rules(directory),), problems)
    _try_load(lambda: load_products(directory), problems)
    _try_load(lambda: load_builtin_mappings(directory), problems)
    policy_list = _try_load(lambda: load_policies(directory), problems)
    profile_list = _try_load(lambda: load_profiles(directory), problems)
    questionnaire_list = _try_load(lambda: load_questionnaires(directory), problems)
    guide_list = _try_load(lambda: load_guides(directory), problems)
    if not problems and not framework_list and not control_list:
        message = "no content; <area>/<id>.yaml would fit" if directory.is_dir() else "there is no such folder"
        problems.append(ContentProblem(file=directory.as_posix(), field="", message=message))
    reference_problems = (
        *find_example_problems(control_list),
        *find_policy_problems(policy_list),
        *find_unknown_policy_goals(policy_list, framework_list=[*builtin_frameworks, *framework_list]),
        *find_unknown_policies(profile_list, policies=policy_list),
        *find_unknown_control_goals(control_list, framework_list=[*builtin_frameworks, *framework_list]),
        *find_unknown_controls(questionnaire_list, controls=control_list),
        *find_unknown_connectors(
            guide_list, connector_names=frozenset(connector.name for connector in load_connectors())
        ),
    )
    return (*problems, *_correct_file_names(reference_problems, directory))


def _correct_file_names(problems: tuple[ContentProblem, ...], directory: Path) -> tuple[ContentProblem, ...]:
    """Return the problems with the actual file names.

    A control has only its area and id; its file may be in another place, without controls/ above it.
    """
    files = {f"controls/{path.resolve().parent.name}/{path.stem}.yaml": path for path in list_control_files(directory)}
    return tuple(
        replace(problem, file=get_relative_name(files[problem.file], directory)) if problem.file in files else problem
        for problem in problems
    )


def _try_load[T](load: Callable[[], tuple[T, ...]], problems: list[ContentProblem]) -> tuple[T, ...]:
    try:
        return load()
    except ContentRefused as error:
        problems += error.problems
        return ()
