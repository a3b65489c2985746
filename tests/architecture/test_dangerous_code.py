"""What would let input become code is nowhere, or in the listed places that were reviewed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "src" / "homeroom"
PATTERN_CALLS = {"compile", "match", "search", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
PATTERNS = {
    "api/token_endpoints.py": "constants",
    "apps/platform/api_tokens/token_text.py": "constants",
    "apps/platform/accounts/devices.py": "constants",
    "apps/protect/detection/announcing/drafts.py": "constants",
    "apps/comply/erasing/remaining_data.py": "escaped terms of a person",
    "apps/protect/fixes/suggestions.py": "constants",
    "apps/protect/incidents/erase_person.py": "escaped names",
    "apps/comply/privacy/masking.py": "escaped names",
    "apps/manage/setup/answers.py": "constants",
    "evidence/erasing/person_terms.py": "escaped terms of a person",
    "evidence/files/log_file.py": "constants",
    "evidence/page_cache/search_words.py": "constants",
}
"""Modules of the layers that see what visitors type, and of what their patterns are composed.

Patterns of the layers below are constants, or content that is a pattern by design and proves itself with examples.
"""
FORMATS = {
    ("apps/protect/fixes/collect.py", "sql"),
    ("apps/know/inventory/projection_merge.py", "projected.select"),
    ("apps/know/inventory/projection_merge.py", "statement"),
    ("apps/platform/people_sign_in/identity_providers.py", "issuers[self.name]"),  # settings
    ("apps/protect/posture/published/report_lines.py", "control.groups.title"),
    ("apps/manage/rollouts/teachers/room_pages.py", "calm"),
    ("apps/manage/rollouts/teachers/room_pages.py", "texts['help']"),
    ("apps/manage/rollouts/teachers/room_pages.py", "texts['title']"),
    ("apps/protect/vulnerabilities/review/closing_reasons.py", "text"),
    ("cli/platform/remote/server_calls.py", "endpoint.path"),  # a table of the program
    ("connectors/google/api.py", "path"),
    ("connectors/google/api.py", "value"),
    ("connectors/microsoft/api.py", "path"),
    ("engines/know/resolve/derived/accounts.py", "count"),
    ("engines/know/resolve/matching/account_ownership.py", "decisions_sql"),
    ("engines/know/resolve/matching/account_ownership.py", "number_form"),
    ("engines/know/resolve/matching/account_placement.py", "total"),
    ("engines/know/resolve/matching/blocking.py", "rows"),
}
MARKED_SAFE = {
    "web/know/inventory/list_rows.py": "cells that format_html made",
    "web/know/inventory/lists.py": "a literal",
    "web/manage/tools/matrix.py": "cells that format_html made",
}
SAFE_IN_TEMPLATES = {
    "my/board.html": {"lesson.html"},
    "my/class_course.html": {"lesson.html"},
    "my/course.html": {"lesson.html"},
    "my/policy.html": {"text"},
    "account/authenticator_app.html": {"drawing"},
    "courses/package.html": {"part"},
    "courses/_package_part.html": {"lesson.html"},
}
"""Markdown that was rendered without HTML, the drawing of a QR code, and templates that were rendered."""
RANDOM = {"engines/manage/rollout/improve.py", "engines/manage/rollout/places/room_moves.py", "ingest/remote/clock.py"}
"""The order of tries of an optimization, and the jitter of retries; the invented district is random as well."""


@cache
def read_modules() -> dict[str, ast.Module]:
    """Return all modules by path."""
    return {
        str(path.relative_to(SOURCES)): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(SOURCES.rglob("*.py"))
    }


@cache
def list_nodes() -> tuple[tuple[str, ast.Call | ast.Import | ast.ImportFrom], ...]:
    """Return the path and the node of each call and import."""
    kinds = (ast.Call, ast.Import, ast.ImportFrom)
    return tuple(
        (path, node) for path, module in read_modules().items() for node in ast.walk(module) if isinstance(node, kinds)
    )


def list_calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield the path and the node of each call."""
    return ((path, node) for path, node in list_nodes() if isinstance(node, ast.Call))


@cache
def write_function(call: ast.Call) -> str:
    """Return the source of what is called."""
    return ast.unparse(call.func)


def list_imports() -> Iterator[tuple[str, str]]:
    """Yield path and imported name of each import."""
    for path, node in list_nodes():
        if isinstance(node, ast.Import):
            yield from ((path, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


def read_templates() -> dict[str, str]:
    """Return the templates of pages by name."""
    folders = sorted((SOURCES / "web").rglob("templates"))
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*.html"))
    }


def read_scripts() -> dict[str, str]:
    """Return our own scripts by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in (SOURCES / "web/static/homeroom").glob("*.js")}


def test_no_text_is_run_as_code() -> None:
    named = {(path, call.func.id) for path, call in list_calls() if isinstance(call.func, ast.Name)}
    assert not {(path, name) for path, name in named if name in {"eval", "exec", "compile", "__import__"}}
    attributes = {(path, write_function(call)) for path, call in list_calls() if isinstance(call.func, ast.Attribute)}
    assert not {(path, name) for path, name in attributes if name in {"os.system", "os.popen", "builtins.eval"}}
    assert not [path for path, call in list_calls() for word in call.keywords if word.arg == "shell"]
    for name, text in read_scripts().items():
        assert not re.search(r"\beval\(|new Function|setTimeout\(\s*[\"'`]|document\.write", text), name


def test_pickles_are_read_from_a_file_without_a_name_alone() -> None:
    unsafe = {"pickle", "marshal", "shelve", "dill", "joblib", "jsonpickle"}
    assert {path for path, name in list_imports() if name.split(".")[0] in unsafe} == {
        "apps/protect/detection/spill_file.py"
    }
    loaders = {ast.unparse(call) for _, call in list_calls() if write_function(call) == "yaml.load"}
    assert all("Loader=_" in loader for loader in loaders)


def test_yaml_is_loaded_without_constructors_of_objects() -> None:
    classes = {
        node.name: ast.unparse(node.bases[0])
        for path in ("library/know/mappings.py", "library/yaml_loader.py")
        for node in ast.walk(read_modules()[path])
        if isinstance(node, ast.ClassDef) and node.name.endswith("Loader")
    }
    assert len(classes) >= 2
    for name, base in classes.items():
        assert "Safe" in classes.get(base, base), name


def test_what_nobody_may_guess_is_not_of_the_module_random() -> None:
    users = {path for path, name in list_imports() if name.split(".")[0] == "random"}
    assert {path for path in users if not path.startswith("sample/")} == RANDOM


def test_patterns_are_constants_content_or_escaped_input() -> None:
    unescaped = {
        path
        for path, call in list_calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in PATTERN_CALLS
        and ast.unparse(call.func.value) == "re"
        and path.split("/")[0] in {"web", "api", "cli", "apps", "evidence"}
        and call.args
        and not isinstance(call.args[0], ast.Constant)
        and "re.escape(" not in ast.unparse(call.args[0])
    }
    assert unescaped == PATTERNS.keys(), unescaped ^ PATTERNS.keys()
    assert not [path for path in read_modules() if re.search(r"__i?regex\b", (SOURCES / path).read_text())]


def test_formats_are_constants() -> None:
    variables = {
        (path, ast.unparse(call.func.value))
        for path, call in list_calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"format", "format_map"}
        and not isinstance(call.func.value, ast.Constant)
        and not path.startswith("sample/")
        and not re.match(r"(_?[A-Z][A-Z_]+\b|pl$|msgspec\.json$)", ast.unparse(call.func.value))
    }
    assert variables == FORMATS, variables ^ FORMATS


def test_text_is_marked_as_html_where_it_was_made_of_escaped_parts_alone() -> None:
    called = {path for path, call in list_calls() if write_function(call) in {"mark_safe", "SafeString"}}
    assert called == set(MARKED_SAFE)
    marked = {
        name: values
        for name, text in read_templates().items()
        if (values := set(re.findall(r"\{\{\s*([\w.]+)\|safe\b", text)))
        or re.search(r"\|safe\b|autoescape|safeseq", text)
    }
    assert marked == SAFE_IN_TEMPLATES


def test_no_page_has_a_script_or_a_handler_within_its_text() -> None:
    for name, text in read_templates().items():
        inline = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag]
        assert not inline or name == "courses/package.html", name
        assert not re.search(r"\son\w+=[\"']|javascript:|<style|\sstyle=", text) or name == "courses/package.html", name


def test_scripts_put_text_into_pages_as_text() -> None:
    writers = {
        name: re.findall(r"[\w.]+\.(?:inner|outer)HTML = [^;]+", text)
        for name, text in read_scripts().items()
        if re.search(r"innerHTML|outerHTML|insertAdjacentHTML", text)
    }
    assert writers == {"board.js": ["answer.innerHTML = text"]}, "a page of this server, which escaped it"
    assert 'fetch(link.getAttribute("href")' in read_scripts()["board.js"]


def test_scripts_assign_under_computed_names_to_objects_without_a_prototype_alone() -> None:
    computed = {
        (name, target)
        for name, text in read_scripts().items()
        for target in re.findall(r"([\w.]+)\[[^\]\"']+\]\s*=[^=]", text)
    }
    assert computed == {("scorm.js", "state.answers"), ("course.js", "answers"), ("outbox.js", "bytes")}
    assert "answers: Object.create(null)" in read_scripts()["scorm.js"]
    assert "answers = Object.create(null)" in read_scripts()["course.js"]
    assert "bytes = window.crypto" in read_scripts()["outbox.js"]


def test_messages_between_windows_come_from_this_site_alone() -> None:
    listening = {name for name, text in read_scripts().items() if re.search(r"addEventListener\(\"message\"", text)}
    assert listening <= {"outbox-worker.js"}, "a service worker gets messages of its own origin alone"


def test_no_form_or_command_takes_all_fields_of_a_request() -> None:
    assert not [name for _, name in list_imports() if name.endswith((".ModelForm", ".modelform_factory"))]
    spread = {
        (path, ast.unparse(word.value))
        for path, call in list_calls()
        for word in call.keywords
        if word.arg is None
        and re.search(r"request\.(POST|GET|body)|request\.\w+\.(dict|items)\(", ast.unparse(word.value))
    }
    assert not spread
    assigned = {path for path, call in list_calls() if write_function(call) == "setattr" and path.startswith("web/")}
    assert not assigned


def test_certificates_are_verified_wherever_a_connection_is_opened() -> None:
    for path in read_modules():
        text = (SOURCES / path).read_text(encoding="utf-8")
        assert not re.search(
            r"verify=False|CERT_NONE|CERT_OPTIONAL|_create_unverified|check_hostname\s*=\s*False", text
        ), path
    clients = {path for path, name in list_imports() if name.split(".")[0] in {"httpx", "requests", "urllib3", "ldap3"}}
    assert clients <= {
        "apps/protect/vulnerabilities/feed_download.py",
        "cli/platform/remote/server_calls.py",
        "ingest/remote/checked_network.py",
        "ingest/remote/http_transport.py",
        "ingest/remote/ldap_transport.py",
    }
