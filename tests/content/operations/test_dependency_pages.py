"""The lock's parts, the bill of materials, and the review of dependencies agree with pyproject.toml and the imports."""

from __future__ import annotations

import json
import re
import tomllib

import pytest

from tests.content.documentation import list_table_rows
from tests.content.walkthrough import ROOT
from tools.locked_packages import (
    LOCK,
    PROJECT,
    list_runtime_roots,
    parse_requirement_name,
    read_lock,
    select_required,
)
from tools.sbom import render_sbom

REVIEW = ROOT / "docs" / "security" / "dependencies.md"
# Packages that Django, DuckDB or another package loads by name: nothing of ours imports them.
LOADED_BY_NAME = {"django-htmx", "psycopg", "pytz", "tzdata", "whitenoise"}
IMPORT_NAMES = {
    "django-allauth": "allauth", "django-ox": "django_ox", "google-auth": "google.auth",
    "markdown-it-py": "markdown_it",
    "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
    "opentelemetry-sdk": "opentelemetry",
    "prometheus-client": "prometheus_client",
    "python-calamine": "python_calamine", "pysigma": "sigma", "pyyaml": "yaml",
    "recurring-ical-events": "recurring_ical_events",
}  # fmt: skip


def list_direct_dependencies() -> set[str]:
    """Return the normalized names of the dependencies, extras and those of Windows included."""
    tables = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    lines = [*tables["dependencies"], *(line for extra in tables["optional-dependencies"].values() for line in extra)]
    return {parse_requirement_name(line) for line in lines}


def list_reviewed() -> dict[str, str]:
    """Return by package the module of the review in which it is used."""
    return {row[0]: row[2] for row in list_table_rows(REVIEW.read_text(encoding="utf-8"))}


def test_every_direct_dependency_is_reviewed() -> None:
    assert list_direct_dependencies() - set(list_reviewed()) == set()


def list_imported() -> list[str]:
    """Return the packages whose module is named as code: all but those of parts that are being built."""
    reviewed = list_reviewed()
    return sorted(name for name in list_direct_dependencies() - LOADED_BY_NAME if "`" in reviewed.get(name, ""))


def test_all_but_a_few_are_named_with_their_module() -> None:
    assert len(list_direct_dependencies() - LOADED_BY_NAME) - len(list_imported()) <= 5


@pytest.mark.parametrize("name", list_imported())
def test_a_dependency_is_imported_where_the_review_says(name: str) -> None:
    text = (ROOT / "src" / "homeroom" / list_reviewed()[name].strip("`")).read_text(encoding="utf-8")
    module = re.escape(IMPORT_NAMES.get(name, name))
    assert re.search(rf"^\s*(import|from) {module}\b", text, re.MULTILINE)


def test_a_server_gets_what_the_program_needs_and_nothing_of_developers() -> None:
    packages = select_required(read_lock(), list_runtime_roots())
    assert {"django", "asgiref", "polars-runtime-32", "psycopg-binary", "ldap3", "pyasn1"} <= set(packages)
    assert {"pytest", "mypy", "ruff", "playwright", "hypothesis", "hatchling"} & set(packages) == set()


def test_a_part_of_the_lock_has_its_lines_with_every_hash() -> None:
    packages, text = read_lock(), LOCK.read_text(encoding="utf-8")
    assert "\n".join(package.text for package in packages.values()) + "\n" == text
    assert all(len(package.hashes) == package.text.count("--hash=sha256:") >= 1 for package in packages.values())
    assert packages["colorama"].marker == "sys_platform == 'win32'"


def test_a_line_of_a_lock_that_is_no_pinned_package_is_refused(tmp_path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("django>=6\n", encoding="utf-8")
    with pytest.raises(ValueError, match="name==version would fit"):
        read_lock(lock)


def test_the_bill_of_materials_lists_the_lock_with_hashes_licenses_and_who_requires_what() -> None:
    document = json.loads(render_sbom())
    components = {component["name"]: component for component in document["components"]}
    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert set(components) == set(select_required(read_lock(), list_runtime_roots()))
    assert components["django"]["purl"].startswith("pkg:pypi/django@6.")
    assert all(component["hashes"] for component in components.values())
    unstated = {name for name, component in components.items() if "licenses" not in component}
    assert unstated <= {"colorama", "pyrage"}  # not installed here; states none in its metadata
    requires = {entry["ref"]: set(entry.get("dependsOn", [])) for entry in document["dependencies"]}
    assert requires["homeroom"] == set(list_runtime_roots())
    assert requires["django"] >= {"asgiref", "sqlparse"}


def test_the_same_lock_gives_the_same_bill_of_materials() -> None:
    assert render_sbom() == render_sbom()
