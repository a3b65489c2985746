"""`python -m tools naming`: measure how searchable the names are, and list what breaks the rules.

The rules, for src/, tests/, bench/ and tools/:

- A function's name begins with a verb (tools/verbs.txt). Properties, tests, fixtures, template filters, commands of the
  command line, and builders of an SQL text (`…_sql`) or of a column expression may be nouns.
- No function's name begins with a past participle.
- No variable, parameter or module has a name of the list BANNED_NAMES, which does not show its role.
- No class name is defined twice. No folder has more than MAX_MODULES modules.
- Docstrings use no word of DIALECT. (Their mood and the length of lines are ruff's rules D401 and E501.)
"""

from __future__ import annotations

import ast
import gc
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from tools.steps import ROOT

TOPS = ("src", "tests", "bench", "tools")
MAX_MODULES = 24
BANNED_NAMES = frozenset(
    [
        "found",
        "told",
        "said",
        "made",
        "kept",
        "given",
        "asked",
        "known",
        "lost",
        "there",
        "every",
        "whole",
        "why",
        "standing",
        "laid",
        "judged",
        "heard",
        "most",
        "meant",
        "stands",
        "spared",
        "befallen",
        "anew",
        "whom",
        "whose",
        "who",
        "which",
        "how",
        "many",
        "mine",
        "ours",
        "theirs",
        "somebody",
        "someone",
        "nobody",
        "everybody",
        "everyone",
        "nothing",
        "something",
        "one",
        "ones",
        "thing",
        "things",
        "here",
        "upon",
        "apart",
        "beside",
    ]
)
DIALECT = re.compile(
    r"\b(stands?|standing|told|tells?|laid|lays?|of which|of whom|let stand|is asked|are asked|said|says|befalls?|anew"
    r"|heard of|put right)\b",
    re.IGNORECASE,
)
UNTYPED_DISTRICT = re.compile(r"(?<!\w)district: Any\b")
IRREGULAR_PARTICIPLES = frozenset(
    [
        "told",
        "said",
        "made",
        "kept",
        "given",
        "taken",
        "found",
        "laid",
        "held",
        "drawn",
        "known",
        "shown",
        "written",
        "lost",
        "sent",
        "met",
        "seen",
        "done",
        "gone",
        "begun",
        "born",
        "bound",
        "bought",
        "brought",
        "built",
        "chosen",
        "dealt",
        "driven",
        "eaten",
        "fallen",
        "felt",
        "fed",
        "flown",
        "forgotten",
        "gotten",
        "grown",
        "heard",
        "hidden",
        "hung",
        "led",
        "left",
        "lent",
        "meant",
        "paid",
        "proven",
        "ridden",
        "risen",
        "sold",
        "sought",
        "spent",
        "spoken",
        "stolen",
        "stood",
        "struck",
        "sung",
        "sworn",
        "swept",
        "taught",
        "thought",
        "thrown",
        "torn",
        "understood",
        "withdrawn",
        "won",
        "worn",
        "woven",
        "broken",
        "frozen",
    ]
)
ENDS_IN_ED = frozenset(
    ["need", "feed", "seed", "embed", "speed", "shed", "bed", "exceed", "proceed", "succeed", "breed"]
)
NOUN_DECORATORS = (
    "property",
    "fixture",
    "register.",
    ".command",
    "callback",
    "overload",
    "override",
    "setter",
    "composite",
)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, kw_only=True)
class NamingProblem:
    """One name that breaks a rule; `rule`, `path` and `name` identify it among the accepted exceptions."""

    rule: str
    path: str
    line: int
    name: str
    advice: str

    @property
    def key(self) -> str:
        """The line of the list of accepted exceptions."""
        return f"{self.rule} {self.path} {self.name}"

    def __str__(self) -> str:
        """Return the place, the name, and what would fit."""
        return f"{self.path}:{self.line} {self.name}: {self.advice}"


@dataclass(frozen=True, kw_only=True)
class SourceModule:
    """One parsed module; `path` is relative to the root of the repository."""

    path: str
    tree: ast.Module
    lines: tuple[str, ...]

    @cached_property
    def scopes(self) -> tuple[SourceScope, ...]:
        """The module, then its classes and functions in the order of their lines."""
        return tuple(_iter_scopes(self.tree))

    @property
    def functions(self) -> Iterator[SourceScope]:
        """The functions of the module, also those in classes and functions."""
        return (scope for scope in self.scopes if isinstance(scope.node, FUNCTION))


@dataclass(frozen=True, kw_only=True)
class SourceScope:
    """A module, class or function, with (name, line) of all that it binds itself; those of classes are not listed."""

    node: Scope | ast.ClassDef
    bindings: tuple[tuple[str, int], ...]

    @cached_property
    def docstring(self) -> str:
        """The docstring, empty without one; asynchronous functions are not asked."""
        return "" if isinstance(self.node, ast.AsyncFunctionDef) else ast.get_docstring(self.node) or ""


@cache
def find_all_problems() -> tuple[NamingProblem, ...]:
    """Return every name in the repository that breaks a rule."""
    return tuple(find_problems(load_modules()))


@cache
def load_modules() -> tuple[SourceModule, ...]:
    """Parse every module of the repository except migrations."""
    paths = sorted(path for top in TOPS for path in (ROOT / top).rglob("*.py") if "migrations" not in path.parts)
    gc.disable()  # syntax trees are millions of objects, none of which becomes garbage here
    try:
        return tuple(_parse_module(path) for path in paths)
    finally:
        gc.freeze()
        gc.enable()


def _parse_module(path: Path) -> SourceModule:
    text = path.read_text(encoding="utf-8")
    name = path.relative_to(ROOT).as_posix()
    return SourceModule(path=name, tree=ast.parse(text), lines=tuple(text.splitlines()))


@cache
def load_verbs() -> frozenset[str]:
    """Return the verbs that a function's name may begin with."""
    return frozenset((ROOT / "tools" / "verbs.txt").read_text(encoding="utf-8").split())


def is_past_participle(word: str) -> bool:
    """Check whether a word is a past participle (`shown`, `loaded`)."""
    return word in IRREGULAR_PARTICIPLES or (len(word) > 3 and word.endswith("ed") and word not in ENDS_IN_ED)


def find_problems(modules: Sequence[SourceModule]) -> list[NamingProblem]:
    """Return every name that breaks a rule."""
    problems = [problem for module in modules for problem in _check_module(module)]
    return [*problems, *_find_repeated_classes(modules), *_find_crowded_folders(modules)]


def _check_module(module: SourceModule) -> Iterator[NamingProblem]:
    stem = Path(module.path).stem
    if stem in BANNED_NAMES or is_past_participle(stem):
        yield _build_problem(
            "module", module, 1, stem, "name a module by its subject, a noun that one would search for"
        )
    yield from _check_bindings(module, module.scopes[0], stem)
    for scope in module.scopes:
        if isinstance(scope.node, FUNCTION):
            yield from _check_function(module, scope, scope.node)
        match = DIALECT.search(scope.docstring)
        if match:
            advice = f"write it in plain English, without {match[0]!r}"
            name = getattr(scope.node, "name", "(module)")
            yield _build_problem("docstring", module, getattr(scope.node, "lineno", 1), name, advice)


def _check_function(
    module: SourceModule, scope: SourceScope, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> Iterator[NamingProblem]:
    if _needs_verb(node):
        first = node.name.strip("_").split("_")[0]
        if is_past_participle(first):
            advice = "begin with a verb in the imperative, not with a past participle (`load_rows`, not `loaded_rows`)"
            yield _build_problem("participle", module, node.lineno, node.name, advice)
        elif first not in load_verbs():
            advice = f"begin with a verb ({first!r} is none): build_, load_, find_ …; new verbs go to tools/verbs.txt"
            yield _build_problem("verb", module, node.lineno, node.name, advice)
    yield from _check_bindings(module, scope, node.name, outside=_list_outside_parameters(node))


def _check_bindings(
    module: SourceModule, scope: SourceScope, scope_name: str, *, outside: frozenset[str] = frozenset()
) -> Iterator[NamingProblem]:
    for name, line in scope.bindings:
        if name in BANNED_NAMES and name not in outside:
            advice = f"name {name!r} by its role (finding, load, row, message, error, limit, …)"
            yield _build_problem("variable", module, line, f"{scope_name}.{name}", advice)


def _needs_verb(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    is_noun = any(word in decorator for decorator in decorators for word in NOUN_DECORATORS)
    is_expression = node.name.endswith("_sql") or (node.returns is not None and ast.unparse(node.returns) == "pl.Expr")
    return not (is_noun or is_expression or node.name == "main" or node.name.startswith(("__", "test_", "pytest_")))


def _iter_scopes(top: Scope | ast.ClassDef) -> Iterator[SourceScope]:
    """Yield a scope with its bindings, then the classes and functions inside it."""
    inner: list[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = []
    bindings: list[tuple[str, int]] = []
    remaining: list[ast.AST] = [top]
    while remaining:
        node = remaining.pop()
        if node is not top and isinstance(node, (*FUNCTION, ast.ClassDef)):
            inner.append(node)
            continue
        if isinstance(node, ast.arg):
            bindings.append((node.arg, node.lineno))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bindings.append((node.id, node.lineno))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bindings.append((node.name, node.lineno))
        remaining += _list_children(node)
    yield SourceScope(node=top, bindings=() if isinstance(top, ast.ClassDef) else tuple(bindings))
    for node in sorted(inner, key=lambda scope: scope.lineno):
        yield from _iter_scopes(node)


def _list_children(node: ast.AST) -> list[ast.AST]:
    """Return the nodes directly inside a node that have nodes or bindings themselves, the last first."""
    children: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            children += [child for child in value if isinstance(child, ast.AST)]
        elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            children.append(value)
    children.reverse()
    return children


def _list_outside_parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """Return the parameters whose names come from outside: options of the command line and parts of an address."""
    decorators = " ".join(ast.unparse(decorator) for decorator in node.decorator_list)
    is_entry = any(word in decorators for word in (".command", ".callback", "district_view", "my_view"))
    return frozenset(argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)) if is_entry else frozenset()


def _find_repeated_classes(modules: Sequence[SourceModule]) -> Iterator[NamingProblem]:
    places: dict[str, list[tuple[SourceModule, int]]] = {}
    for module in modules:
        for node in module.tree.body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append((module, node.lineno))
    for name, definitions in sorted(places.items()):
        for module, line in definitions[1:]:
            advice = f"{definitions[0][0].path} defines a class of this name; one of the two needs a more specific name"
            yield _build_problem("class", module, line, name, advice)


def _find_crowded_folders(modules: Sequence[SourceModule]) -> Iterator[NamingProblem]:
    sizes = Counter(
        Path(module.path).parent.as_posix() for module in modules if not module.path.endswith("__init__.py")
    )
    for folder, size in sorted(sizes.items()):
        if size > MAX_MODULES and not folder.startswith("tests/"):
            advice = f"has {size} modules side by side, at most {MAX_MODULES} fit: group them by subject into packages"
            yield NamingProblem(rule="folder", path=folder, line=1, name=folder, advice=advice)


def _build_problem(rule: str, module: SourceModule, line: int, name: str, advice: str) -> NamingProblem:
    return NamingProblem(rule=rule, path=module.path, line=line, name=name, advice=advice)


def measure_gauges(modules: Sequence[SourceModule]) -> dict[str, float]:
    """Return the gauges of the naming rules over the modules: shares in percent, dialect per 1,000 docstring words."""
    functions = [scope for module in modules for scope in module.functions]
    nodes = [scope.node for scope in functions if isinstance(scope.node, FUNCTION)]
    counted = [node for node in nodes if not node.name.startswith(("__", "test_")) and not _is_property(node)]
    firsts = [node.name.strip("_").split("_")[0] for node in counted]
    bindings = [name for scope in functions for name, _ in scope.bindings]
    docstrings = [scope.docstring for module in modules for scope in module.scopes]
    lines = [line for module in modules for line in module.lines]
    return {
        "functions that begin with a verb, %": _compute_percent(
            sum(word in load_verbs() for word in firsts), len(firsts)
        ),
        "functions that begin with a past participle, %": _compute_percent(
            sum(map(is_past_participle, firsts)), len(firsts)
        ),
        "bindings with a banned name, %": _compute_percent(
            sum(name in BANNED_NAMES for name in bindings), len(bindings)
        ),
        "dialect per 1,000 docstring words": 1000
        * sum(len(DIALECT.findall(text)) for text in docstrings)
        / max(1, sum(len(text.split()) for text in docstrings)),
        "largest folder, modules": max(
            Counter(Path(module.path).parent for module in modules if not module.path.endswith("__init__.py")).values()
        ),
        "class names defined twice": len({problem.name for problem in _find_repeated_classes(modules)}),
        "lines over 120 characters, %": _compute_percent(sum(len(line) > 120 for line in lines), len(lines)),
        "`district: Any`": sum(bool(UNTYPED_DISTRICT.search(line)) for line in lines),
    }


def _is_property(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("property" in ast.unparse(decorator) for decorator in node.decorator_list)


def _compute_percent(part: int, total: int) -> float:
    return 100 * part / max(1, total)


def print_naming(arguments: Sequence[str]) -> int:
    """Print the gauges of each top folder, then every problem; 1 if there is one that no exception accepts."""
    from tests.architecture.test_names import read_accepted

    del arguments
    modules = load_modules()
    for top in TOPS:
        gauges = measure_gauges([module for module in modules if module.path.startswith(f"{top}/")])
        print(f"{top}/")
        for name, value in gauges.items():
            print(f"  {name:<50} {value:10.2f}")
    problems = [problem for problem in find_all_problems() if problem.key not in read_accepted()]
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0
