"""Rules for the contents of each package that an import contract cannot express."""

from __future__ import annotations

import ast
import re
import sys

import pytest
from django.apps import apps

from homeroom.apps.platform.districts.scoping import Scoped, UnscopedQuery
from tests.architecture.repository_files import PACKAGE, format_path, list_modules, parse_module

SCOPED = [model for model in apps.get_models() if issubclass(model, Scoped)]
INLINE = re.compile(r"<style|\sstyle\s*=|<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
LOAD_STAGES = ("detect", "plan", "incremental", "read", "diff", "publish")
"""The stages in their order; `incremental` is a part of `read`."""
OWN_POLICY = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"


def test_the_domain_imports_nothing_but_the_standard_library_and_itself() -> None:
    allowed = sys.stdlib_module_names | {"homeroom"}
    imports = [
        (format_path(path), name)
        for path in (PACKAGE / "domain").rglob("*.py")
        for name in _list_imports(parse_module(path))
    ]
    assert [(path, name) for path, name in imports if name.split(".")[0] not in allowed] == []
    assert [(path, name) for path, name in imports if name.startswith("homeroom") and ".domain" not in name] == []


def test_a_stage_of_a_load_imports_only_earlier_stages() -> None:
    folder, prefix = PACKAGE / "apps" / "know" / "sources" / "loading", "homeroom.apps.know.sources.loading."
    seen = set[str]()
    for module in LOAD_STAGES:
        imports = _list_imports(parse_module(folder / f"{module}.py"))
        assert {name.removeprefix(prefix) for name in imports if name.startswith(prefix)} <= seen, module
        assert "homeroom.apps.know.sources.commands" not in imports
        seen.add(module)
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == seen


def test_no_model_has_choices_that_would_cost_a_migration() -> None:
    models = [path for path in list_modules() if path.parts[-1] == "models.py" or "models" in path.parts]
    calls = [(path, node) for path in models for node in ast.walk(parse_module(path)) if isinstance(node, ast.Call)]
    assert [format_path(path) for path, call in calls if any(word.arg == "choices" for word in call.keywords)] == []


def test_no_template_carries_a_style_or_a_script_that_the_content_policy_would_stop() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*") if path.suffix in {".html", ".svg"}}
    served = {path: text for path, text in texts.items() if OWN_POLICY not in text}
    assert [format_path(path) for path, text in served.items() if INLINE.search(text)] == []
    standalone = [text for path, text in texts.items() if path not in served]
    assert len(standalone) == 1, "reports that are handed over stand alone, and nothing else does"
    assert not any("<script" in text or "http://" in text or "https://" in text for text in standalone)


@pytest.mark.parametrize(
    "bad", ['<p style="color: red">', "<script>alert(1)</script>", '<a onclick="go()">', "<style>"]
)
def test_an_inline_style_or_script_is_recognized(bad: str) -> None:
    assert INLINE.search(bad)


def test_there_are_rows_of_districts_to_guard() -> None:
    assert len(SCOPED) >= 10


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_rows_of_a_district_are_never_asked_for_without_one(model: type[Scoped]) -> None:
    for query in (model.objects.all, model.objects.count, model.objects.first, lambda: model.objects.filter(pk=1)):
        with pytest.raises(UnscopedQuery):
            query()
    for query in (lambda: model.objects.of(None), lambda: model.objects.filter_by_keys(None, [1])):
        with pytest.raises(UnscopedQuery):
            query()


def _list_imports(tree: ast.Module) -> list[str]:
    plain = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    return plain + [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
