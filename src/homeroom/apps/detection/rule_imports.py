"""Detection rules of others that a district took in, and the rules that run for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import filelock
from django.conf import settings

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.domain.detections.rules import RuleNotRun, RuleSet
from homeroom.domain.district import District
from homeroom.library.detections.imported_rules import (
    INDEX_FILE,
    SWITCHED_OFF,
    SWITCHED_ON,
    ImportedRule,
    RuleImport,
    list_imported_rules,
    load_imported_rules,
    read_rule_import,
    remove_rule_import,
    switch_rule,
    write_rule_import,
)


@dataclass(frozen=True, kw_only=True)
class ImportedOrigin:
    """A folder or zip that rules came in: how many there are, how many of them are on, and their licenses."""

    name: str
    rules: int
    on: int
    authors: int
    licenses: tuple[str, ...]


def import_rules(
    path: Path, *, default_license: str, district: District, actor: str, at: datetime, name: str = ""
) -> RuleImport:
    """Import the Sigma rules of a folder or zip for a district; newer rules replace older ones of their ids.

    `name` is what the import is called, else the file's name. Raise NoRulesToImport if no rule can be read.
    """
    name = name or path.name
    addition = read_rule_import(path, default_license=default_license, origin=name)
    with _lock_rules(district) as folder:
        write_rule_import(folder, addition)
    detail = {
        "file": name,
        "rules": len(addition.rules),
        "on": sum(rule.is_on for rule in addition.rules),
        "refused": len(addition.refused),
    }
    record_audit_entry(
        district=district, at=at, actor=actor, action="import rules", subject_kind="rules", detail=detail
    )
    return addition


def remove_import(*, district: District, origin: str, actor: str, at: datetime) -> int:
    """Remove the rules of an import and return how many there were. Raise LookupError if there is no such import."""
    with _lock_rules(district) as folder:
        removed = remove_rule_import(folder, origin)
    if not removed:
        raise LookupError(origin)
    detail = {"file": origin, "rules": len(removed), "on": sum(rule.is_on for rule in removed)}
    record_audit_entry(
        district=district, at=at, actor=actor, action="remove rules", subject_kind="rules", detail=detail
    )
    return len(removed)


def switch_imported_rule(*, district: District, rule: str, is_on: bool, actor: str, at: datetime) -> None:
    """Switch an imported rule on or off. Raise LookupError if none of that id was imported."""
    switch = SWITCHED_ON if is_on else SWITCHED_OFF
    with _lock_rules(district) as folder:
        switch_rule(folder, rule, switch=switch)
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=f"switch rule {switch}",
        subject_kind="rule",
        subject=rule[:160],
    )


def list_import_origins(*, district: District) -> tuple[ImportedOrigin, ...]:
    """Return the imports of a district by name; one without a name is older than names are."""
    origins: dict[str, list[ImportedRule]] = {}
    for rule in list_district_imports(district=district):
        origins.setdefault(rule.origin, []).append(rule)
    return tuple(
        ImportedOrigin(
            name=name,
            rules=len(rules),
            on=sum(rule.is_on for rule in rules),
            authors=len({rule.author for rule in rules if rule.author}),
            licenses=tuple(sorted({rule.license for rule in rules})),
        )
        for name, rules in sorted(origins.items())
    )


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


@contextmanager
def _lock_rules(district: District) -> Iterator[Path]:
    """Yield the folder of a district's rules while no other process changes it."""
    folder = _get_rules_folder(district)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with filelock.FileLock(folder.parent / "rules.lock"):
        yield folder


def _get_rules_folder(district: District) -> Path:
    return Path(settings.DATA) / "content" / str(district.slug) / "rules"
