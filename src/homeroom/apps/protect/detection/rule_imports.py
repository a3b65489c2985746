"""Detection rules of others that a district took in, and the rules that run for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from homeroom.apps.platform.audit.announcing import ChangeAnnouncer, ChangedArea, announce_changes
from homeroom.domain.platform.audit.chain import hash_bytes
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.rules import RuleNotRun, RuleSet
from homeroom.library.protect.detections.imported_rules import (
    INDEX_FILE,
    SWITCHED_OFF,
    SWITCHED_ON,
    ImportedRule,
    RuleImport,
    encode_rules,
    list_imported_rules,
    load_imported_rules,
    merge_rule_import,
    read_rule_import,
    switch_rule,
    write_rules,
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
    detail = {
        "file": name,
        "rules": len(addition.rules),
        "on": sum(rule.is_on for rule in addition.rules),
        "refused": len(addition.refused),
    }
    with _change_rules(district) as changes:
        rules = merge_rule_import(changes.folder, addition)
        changes.announce(rules, at, actor, action="import rules", detail=detail)
        write_rules(changes.folder, rules, texts=addition.texts)
    return addition


def remove_import(*, district: District, origin: str, actor: str, at: datetime) -> int:
    """Remove the rules of an import and return how many there were. Raise LookupError if there is no such import."""
    with _change_rules(district) as changes:
        rules = list_imported_rules(changes.folder)
        removed = [rule for rule in rules if rule.origin == origin]
        if not removed:
            raise LookupError(origin)
        detail = {"file": origin, "rules": len(removed), "on": sum(rule.is_on for rule in removed)}
        remaining = [rule for rule in rules if rule.origin != origin]
        changes.announce(remaining, at, actor, action="remove rules", detail=detail)
        write_rules(changes.folder, remaining)
    return len(removed)


def switch_imported_rule(*, district: District, rule: str, is_on: bool, actor: str, at: datetime) -> None:
    """Switch an imported rule on or off. Raise LookupError if none of that id was imported."""
    switch = SWITCHED_ON if is_on else SWITCHED_OFF
    with _change_rules(district) as changes:
        rules = switch_rule(changes.folder, rule, switch=switch)
        changes.announce(rules, at, actor, action=f"switch rule {switch}", kind="rule", subject=rule)
        write_rules(changes.folder, rules)


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


@dataclass(frozen=True, kw_only=True)
class _RuleChanges:
    """The folder of a district's rules, and what announces changes of its index."""

    folder: Path
    announcer: ChangeAnnouncer

    def announce(
        self,
        rules: Sequence[ImportedRule],
        at: datetime,
        actor: str,
        *,
        action: str,
        kind: str = "rules",
        subject: str = "",
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Announce that these are about to be all rules."""
        self.announcer.announce(
            at=at,
            actor=actor,
            action=action,
            subject_kind=kind,
            subject=subject,
            detail=detail,
            path=self.folder / INDEX_FILE,
            after=hash_bytes(encode_rules(rules)),
        )


@contextmanager
def _change_rules(district: District) -> Iterator[_RuleChanges]:
    """Yield the folder of a district's rules while no other process changes it."""
    with announce_changes(district=district, area=ChangedArea.RULES) as announcer:
        yield _RuleChanges(folder=_get_rules_folder(district), announcer=announcer)


def _get_rules_folder(district: District) -> Path:
    return Path(settings.DATA) / "content" / str(district.slug) / "rules"
