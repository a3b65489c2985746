"""Detection rules of others that a district took in, and the rules that run for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.conf import settings

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.domain.detections.rules import RuleNotRun, RuleSet
from homeroom.domain.district import District
from homeroom.library.detections.imported_rules import (
    INDEX_FILE,
    ImportedRule,
    RuleImport,
    list_imported_rules,
    load_imported_rules,
    read_rule_import,
    write_rule_import,
)


def import_rules(path: Path, *, default_license: str, district: District, actor: str, at: datetime) -> RuleImport:
    """Import the Sigma rules of a folder or zip for a district; newer rules replace older ones of their ids.

    Raise NoRulesToImport if no rule can be read.
    """
    addition = read_rule_import(path, default_license=default_license)
    write_rule_import(_get_rules_folder(district), addition)
    detail = {
        "file": path.name,
        "rules": len(addition.rules),
        "on": sum(rule.is_on for rule in addition.rules),
        "refused": len(addition.refused),
    }
    record_audit_entry(
        district=district, at=at, actor=actor, action="import rules", subject_kind="rules", detail=detail
    )
    return addition


def list_district_imports(*, district: District) -> tuple[ImportedRule, ...]:
    """Return the rules that the district imported, on or off."""
    return list_imported_rules(_get_rules_folder(district))


def load_district_imports(*, district: District) -> tuple[RuleSet, tuple[RuleNotRun, ...]]:
    """Return the imported rules that are on for the district, and those that do not run any more."""
    return load_imported_rules(_get_rules_folder(district))


def get_imports_version(*, district: District) -> str:
    """Return what changes whenever the imported rules do; empty if there are none."""
    index = _get_rules_folder(district) / INDEX_FILE
    try:
        status = index.stat()
    except FileNotFoundError:
        return ""
    return f"{status.st_mtime_ns}-{status.st_size}"


def _get_rules_folder(district: District) -> Path:
    return Path(settings.DATA) / "content" / str(district.slug) / "rules"
