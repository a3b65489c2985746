"""Check a content folder, or some of its files: each is valid, its examples hold, its references resolve."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from homeroom.domain.protect.frameworks import Framework
from homeroom.library.comply.laws.law_files import FOLDER as LAWS
from homeroom.library.comply.laws.law_files import find_unknown_proofs, load_laws
from homeroom.library.comply.laws.law_frameworks import find_refused_laws, load_law_frameworks
from homeroom.library.comply.laws.own_laws import find_loose_law_problems, is_loose_law
from homeroom.library.comply.privacy.elements import FOLDER as ELEMENTS
from homeroom.library.comply.privacy.elements import find_unproven_elements, load_elements
from homeroom.library.comply.questionnaires import find_unknown_controls, load_questionnaires
from homeroom.library.know.builtin_mappings import load_builtin_mappings
from homeroom.library.know.connectors import load_connectors
from homeroom.library.know.guides import find_unknown_readers, load_guides
from homeroom.library.know.software import load_proven_products
from homeroom.library.manage.planning import load_planning_rules
from homeroom.library.manage.refresh.lifetimes import FOLDER as LIFETIMES
from homeroom.library.manage.refresh.lifetimes import find_unproven_lifetimes, load_lifetimes
from homeroom.library.manage.refresh.programs import FOLDER as PROGRAMS
from homeroom.library.manage.refresh.programs import find_unproven_programs, load_programs
from homeroom.library.manage.tools.capability_files import FOLDER as CAPABILITIES
from homeroom.library.manage.tools.capability_files import find_unknown_references, load_capabilities
from homeroom.library.manage.tools.product_files import FOLDER as TOOLS
from homeroom.library.manage.tools.product_files import load_proven_tool_products
from homeroom.library.protect.baselines import TERMS_FILE, load_policies
from homeroom.library.protect.control_examples import find_example_problems
from homeroom.library.protect.controls import list_control_files, load_control, load_controls
from homeroom.library.protect.detections import FOLDER as DETECTIONS
from homeroom.library.protect.detections import find_unproven_rules, load_shipped_rules
from homeroom.library.protect.detections.canary_guides import FOLDER as CANARIES
from homeroom.library.protect.detections.canary_guides import load_canary_guides
from homeroom.library.protect.frameworks import find_refused_frameworks, find_unknown_control_goals, load_frameworks
from homeroom.library.protect.logs.log_kinds import load_log_kinds
from homeroom.library.protect.playbooks import FOLDER as PLAYBOOKS
from homeroom.library.protect.playbooks import load_playbooks
from homeroom.library.protect.policy_examples import find_policy_problems, find_unknown_policy_goals
from homeroom.library.protect.profiles import find_unknown_policies, load_profiles
from homeroom.library.protect.recognizers.recognizer_examples import find_example_problems as find_recognizer_problems
from homeroom.library.protect.recognizers.recognizer_files import FOLDER as RECOGNIZERS
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers
from homeroom.library.protect.risk import load_risk_table
from homeroom.library.protect.triage.triage_table import load_triage_table
from homeroom.library.protect.vulnerability_scoring import load_vulnerability_weights
from homeroom.library.teach.courses.course_files import FOLDER as COURSES
from homeroom.library.teach.courses.course_files import PATTERNS as COURSE_PATTERNS
from homeroom.library.teach.courses.course_files import find_unknown_subjects, load_courses
from homeroom.library.yaml_loader import BUILTIN_CONTENT, ContentProblem, ContentRefused, get_relative_name, load_files

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, kw_only=True)
class ReferenceNames:
    """Names that content may refer to.

    A file that is refused counts too: nobody else is to blame for it. `refused_frameworks` may have any goal.
    """

    framework_list: tuple[Framework, ...]
    refused_frameworks: frozenset[str] = frozenset()
    control_ids: frozenset[str] = frozenset()
    policy_ids: frozenset[str] = frozenset()
    law_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ContentKind:
    """One kind of content: its folder or file, how it is loaded, and what its valid files have to prove.

    `patterns` find its files in its folder. A `shared_file` is beside the folder of a file that uses it. An entry that
    is `named_by_folder` has a folder of files.
    """

    place: str
    load: Callable[[Path], Sequence[Any]]
    prove: Callable[[Sequence[Any], ReferenceNames], Iterable[ContentProblem]] = lambda _valid, _names: ()
    patterns: tuple[str, ...] = ("*.yaml",)
    shared_file: str = ""
    named_by_folder: bool = False

    def list_files(self, directory: Path) -> list[Path]:
        """Return the files of the kind in a content folder."""
        if self.place == "controls":
            return list_control_files(directory)
        path = directory / self.place
        return [path] if path.is_file() else sorted(file for pattern in self.patterns for file in path.glob(pattern))

    def list_shared_files(self, files: Sequence[Path]) -> list[Path]:
        """Return the files that these use."""
        shared = {file.parents[1] / self.shared_file for file in files} if self.shared_file else set()
        return sorted(file for file in shared if file.is_file())


def _prove_controls(valid: Sequence[Any], names: ReferenceNames) -> list[ContentProblem]:
    return [
        *find_example_problems(valid),
        *find_unknown_control_goals(valid, framework_list=names.framework_list, refused=names.refused_frameworks),
    ]


def _prove_policies(valid: Sequence[Any], names: ReferenceNames) -> list[ContentProblem]:
    return [
        *find_policy_problems(valid),
        *find_unknown_policy_goals(valid, framework_list=names.framework_list, refused=names.refused_frameworks),
    ]


def _list_builtin_controls() -> frozenset[str]:
    return frozenset(path.stem for path in list_control_files(BUILTIN_CONTENT))


def _prove_guides(valid: Sequence[Any], _names: ReferenceNames) -> Iterable[ContentProblem]:
    return find_unknown_readers(
        valid,
        connector_names=frozenset(connector.name for connector in load_connectors()),
        mapping_names=frozenset(mapping.name for mapping in load_builtin_mappings()),
    )


def _prove_capabilities(valid: Sequence[Any], names: ReferenceNames) -> list[ContentProblem]:
    return find_unknown_references(
        valid,
        control_ids=names.control_ids | _list_builtin_controls(),
        law_ids=[law.id for law in load_laws()],
        goals=[f"{framework.id}:{goal}" for framework in names.framework_list for goal in framework.goals],
    )


def _prove_courses(valid: Sequence[Any], names: ReferenceNames) -> list[ContentProblem]:
    return find_unknown_subjects(
        valid,
        names=[
            *(f"{framework.id}:{goal}" for framework in names.framework_list for goal in framework.goals),
            *names.control_ids,
            *_list_builtin_controls(),
            *names.law_ids,
        ],
        refused=names.refused_frameworks,
    )


KINDS: tuple[ContentKind, ...] = (
    ContentKind(place="frameworks", load=load_frameworks),
    ContentKind(place="controls", load=load_controls, prove=_prove_controls),
    ContentKind(place="risk.yaml", load=lambda directory: (load_risk_table(directory),)),
    ContentKind(place="planning.yaml", load=lambda directory: (load_planning_rules(directory),)),
    ContentKind(place="log-kinds.yaml", load=load_log_kinds),
    ContentKind(place="triage.yaml", load=lambda directory: (load_triage_table(directory),)),
    ContentKind(place="vulnerabilities.yaml", load=lambda directory: (load_vulnerability_weights(directory),)),
    ContentKind(place="software", load=load_proven_products),
    ContentKind(place=CAPABILITIES, load=load_capabilities, prove=_prove_capabilities),
    ContentKind(place=TOOLS, load=load_proven_tool_products),
    ContentKind(place="mappings", load=load_builtin_mappings),
    ContentKind(
        place="baselines",
        load=load_policies,
        prove=_prove_policies,
        patterns=("*/*/*.yaml", f"*/{TERMS_FILE}"),
        shared_file=TERMS_FILE,
    ),
    ContentKind(
        place="profiles",
        load=load_profiles,
        prove=lambda valid, names: find_unknown_policies(valid, policy_ids=names.policy_ids),
    ),
    ContentKind(
        place="questionnaires",
        load=load_questionnaires,
        prove=lambda valid, names: find_unknown_controls(valid, control_ids=names.control_ids),
    ),
    ContentKind(place="guides", load=load_guides, prove=_prove_guides),
    ContentKind(place=PLAYBOOKS, load=load_playbooks),
    ContentKind(
        place=LAWS,
        load=load_laws,
        prove=lambda valid, names: find_unknown_proofs(valid, control_ids=names.control_ids | _list_builtin_controls()),
        patterns=("*/*.yaml", "facts.yaml"),
    ),
    ContentKind(place=ELEMENTS, load=load_elements, prove=lambda valid, _names: find_unproven_elements(valid)),
    ContentKind(
        place=RECOGNIZERS,
        load=load_recognizers,
        prove=lambda valid, _names: find_recognizer_problems(valid),
        patterns=("*.yaml", "words/*.yaml"),
    ),
    ContentKind(place=PROGRAMS, load=load_programs, prove=lambda valid, _names: find_unproven_programs(valid)),
    ContentKind(place=LIFETIMES, load=load_lifetimes, prove=lambda valid, _names: find_unproven_lifetimes(valid)),
    ContentKind(place=COURSES, load=load_courses, prove=_prove_courses, patterns=COURSE_PATTERNS, named_by_folder=True),
    ContentKind(place=CANARIES, load=load_canary_guides),
    ContentKind(
        place=DETECTIONS,
        load=load_shipped_rules,
        prove=lambda valid, _names: find_unproven_rules(valid),
        patterns=("*/*.yml",),
    ),
)


def find_content_problems(directory: Path = BUILTIN_CONTENT) -> tuple[ContentProblem, ...]:
    """Return all problems of a content folder; empty if everything is valid.

    A folder of a district's own controls may name goals of the built-in frameworks.
    """
    kinds = [kind for kind in KINDS if kind.list_files(directory)]
    if not kinds:
        message = "no content; <area>/<id>.yaml would fit" if directory.is_dir() else "there is no such folder"
        return (ContentProblem(file=directory.as_posix(), field="", message=message),)
    names = _collect_names(directory)
    return tuple(problem for kind in kinds for problem in _check_kind(kind, directory, names))


def find_file_problems(path: Path) -> tuple[ContentProblem, ...]:
    """Return the problems of one content file and of the file that it shares with others; empty if it is valid."""
    place = _locate_kind(path.resolve()) if path.is_file() else None
    if not path.is_file() or (place is None and path.suffix not in SUFFIXES):
        message = "a YAML file would fit" if path.is_file() else "there is no such file"
        return (ContentProblem(file=path.as_posix(), field="", message=message),)
    if place is None:
        return find_loose_law_problems(path) if is_loose_law(path) else _check_loose_control(path)
    kind, directory = place
    files = [path.resolve()]
    files += kind.list_shared_files(files)
    stem = path.resolve().parent.name if kind.named_by_folder else path.stem
    problems = _check_kind(kind, directory, _collect_names(directory), stems={stem})
    checked = {get_relative_name(file, directory) for file in files}
    return tuple(problem for problem in problems if problem.file in checked)


def _locate_kind(path: Path) -> tuple[ContentKind, Path] | None:
    """Return the kind of a file by the folder that it is in, and the content folder; None for a loose control."""
    return next(
        (
            (kind, folder)
            for folder in path.parents
            for kind in KINDS
            if (folder / kind.place).exists()
            and path.is_relative_to(folder / kind.place)
            and path in kind.list_files(folder)
        ),
        None,
    )


def _check_loose_control(path: Path) -> tuple[ContentProblem, ...]:
    """Return the problems of a control that is in no content folder."""
    valid, problems = load_files([path], lambda file: load_control(file, root=file.parent))
    names = ReferenceNames(framework_list=(*load_frameworks(), *load_law_frameworks()))
    return tuple(replace(problem, file=path.name) for problem in (*problems, *_prove_controls(valid, names)))


def _check_kind(
    kind: ContentKind, directory: Path, names: ReferenceNames, *, stems: Collection[str] = ()
) -> list[ContentProblem]:
    """Load the kind and return its problems; if there are `stems`, only the files of that name prove their examples."""
    valid, problems = _load(kind.load, directory)
    proofs = kind.prove([entry for entry in valid if not stems or getattr(entry, "id", "") in stems], names)
    return _correct_file_names([*problems, *proofs], directory)


def _load(load: Callable[[Path], Sequence[Any]], directory: Path) -> tuple[Sequence[Any], tuple[ContentProblem, ...]]:
    try:
        return load(directory), ()
    except ContentRefused as error:
        return error.valid, error.problems


def _collect_names(directory: Path) -> ReferenceNames:
    frameworks, _ = _load(load_frameworks, directory)
    laws = load_law_frameworks(directory)
    builtin_laws = load_law_frameworks()
    builtin_frameworks = (*load_frameworks(), *builtin_laws) if directory != BUILTIN_CONTENT else ()
    return ReferenceNames(
        control_ids=frozenset(path.stem for path in list_control_files(directory)),
        policy_ids=frozenset(path.stem for path in (directory / "baselines").rglob("*.yaml")),
        law_ids=frozenset(law.id for law in (*builtin_laws, *laws)),
        framework_list=(*builtin_frameworks, *frameworks, *laws),
        refused_frameworks=find_refused_frameworks(directory, valid=frameworks)
        | find_refused_laws(directory, valid=laws),
    )


def _correct_file_names(problems: Sequence[ContentProblem], directory: Path) -> list[ContentProblem]:
    """Return the problems with the actual file names.

    A control has only its area and id; its file may be in another place, without controls/ above it.
    """
    if not problems:
        return []
    files = {f"controls/{path.resolve().parent.name}/{path.stem}.yaml": path for path in list_control_files(directory)}
    return [
        replace(problem, file=get_relative_name(files[problem.file], directory)) if problem.file in files else problem
        for problem in problems
    ]
