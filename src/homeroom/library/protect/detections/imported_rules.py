"""Sigma rules of others, such as SigmaHQ's: read from a folder or zip, and from where a district keeps them.

Each rule keeps its author and license. The ones that are stable or in test, of level high or critical, and that run are
switched on; the others are listed with the reason. A file is kept as it came, under the hash of its content.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.rules import RuleNotRun, RuleSet
from homeroom.evidence.files.blobs import write_file
from homeroom.library.protect.sigma_rules.documents import DocumentRefused, RuleDocument, parse_documents
from homeroom.library.protect.sigma_rules.load import build_rule_set
from homeroom.library.protect.sigma_rules.rule_files import RuleFileUnreadable, list_rule_files

INDEX_FILE = "index.json"
DEFAULT_LICENSE = "Detection Rule License (DRL) 1.1"
STATUSES_ON = frozenset({"stable", "test"})
LEVELS_ON = frozenset({"high", "critical"})
SWITCHED_ON, SWITCHED_OFF = "on", "off"
MAX_FILES = 10_000
MAX_TOTAL_BYTES = 64_000_000
"""All rule files of an import together, unpacked; SigmaHQ's are a quarter of it."""


class NoRulesToImport(ValueError):
    """A folder or zip in which no rule can be read; the message has the reason."""


@dataclass(frozen=True, kw_only=True)
class ImportedRule:
    """A rule of others: who wrote it under which license, the file that has it, and why it is off if it is.

    `origin` is the name of the folder or zip that it came in. `switch` is on or off where somebody switched it.
    """

    id: str
    title: str
    author: str
    license: str
    status: str
    level: str
    file: str
    off_because: str = ""
    origin: str = ""
    switch: str = ""

    @property
    def is_on(self) -> bool:
        """Return whether the rule runs."""
        return self.switch == SWITCHED_ON if self.switch else not self.off_because

    @property
    def reason(self) -> str:
        """Return why the rule is off; empty if it is on."""
        if self.is_on:
            return ""
        return "somebody switched it off" if self.switch else self.off_because


@dataclass(frozen=True, kw_only=True)
class RuleImport:
    """What a folder or zip has: rules, texts of their files by name, and what could not be read or run."""

    rules: tuple[ImportedRule, ...]
    texts: Mapping[str, str]
    refused: tuple[RuleNotRun, ...]


def read_rule_import(path: Path, *, default_license: str = DEFAULT_LICENSE, origin: str = "") -> RuleImport:
    """Return the rules at and below a path. Raise NoRulesToImport if none can be read, or if there is too much."""
    refused: list[RuleNotRun] = []
    documents: list[RuleDocument] = []
    texts: dict[str, str] = {}
    files, size = list_rule_files([path]), 0
    if len(files) > MAX_FILES:
        raise NoRulesToImport(f"{origin or path} has {len(files):,} rule files; at most {MAX_FILES:,} fit")
    for file in files:
        try:
            text = file.read_text()
            size += len(text)
            if size > MAX_TOTAL_BYTES:
                raise NoRulesToImport(
                    f"the rule files of {origin or path} are larger than {MAX_TOTAL_BYTES // 1_000_000} MB together"
                )
            documents += _read_documents(text, name=file.name)
        except (DocumentRefused, RuleFileUnreadable) as error:
            refused.append(RuleNotRun(file=file.name, id="", reason=str(error)))
        else:
            texts[file.name] = text
    _rules, not_run = build_rule_set(documents)
    reasons = {(entry.file, entry.id): entry.reason for entry in not_run}
    names = {name: _name_file(text) for name, text in texts.items()}
    rules = tuple(
        _build_rule(document, file=names[document.file], default_license=default_license, origin=origin)
        for document in documents
        if "filter" not in document.content and (document.file, _get_id(document)) not in reasons
    )
    refused += not_run
    if not rules:
        raise NoRulesToImport(
            f"there is no rule that runs in {origin or path}" + (f": {refused[0].reason}" if refused else "")
        )
    used = {rule.file for rule in rules}
    return RuleImport(
        rules=rules,
        texts={names[name]: text for name, text in texts.items() if names[name] in used},
        refused=tuple(sorted(refused, key=lambda entry: (entry.file, entry.id))),
    )


def _read_documents(text: str, *, name: str) -> list[RuleDocument]:
    contents = [
        (number, content) for number, content in enumerate(parse_documents(text), start=1) if content is not None
    ]
    if not all(isinstance(content, dict) for _number, content in contents):
        raise DocumentRefused("not a mapping of fields")
    return [RuleDocument(file=name, number=number, content=content) for number, content in contents]


def _get_id(document: RuleDocument) -> str:
    content = document.content
    number = f"#{document.number}" if document.number > 1 else ""
    return str(content.get("id") or content.get("name") or f"{document.file}{number}")


def _name_file(text: str) -> str:
    return f"{hashlib.sha256(text.encode('utf-8')).hexdigest()[:32]}.yml"


def _build_rule(document: RuleDocument, *, file: str, default_license: str, origin: str) -> ImportedRule:
    content = document.content
    author = content.get("author") or ""
    status, level = str(content.get("status") or ""), str(content.get("level") or "")
    return ImportedRule(
        id=_get_id(document),
        title=str(content.get("title") or ""),
        author=", ".join(str(name) for name in author) if isinstance(author, list) else str(author),
        license=str(content.get("license") or default_license),
        status=status,
        level=level,
        file=file,
        off_because=_explain_off(status, level),
        origin=origin,
    )


def _explain_off(status: str, level: str) -> str:
    if status not in STATUSES_ON:
        return f"its status is {status or 'not stated'}; rules that are {' or '.join(sorted(STATUSES_ON))} are on"
    if level not in LEVELS_ON:
        return f"its level is {level or 'not stated'}; rules of level {' or '.join(sorted(LEVELS_ON))} are on"
    return ""


def merge_rule_import(folder: Path, addition: RuleImport) -> tuple[ImportedRule, ...]:
    """Return the rules of a folder with those of an import, where a rule replaces an older one of its id.

    One that somebody switched stays switched.
    """
    before = {rule.id: rule for rule in list_imported_rules(folder)}
    added = {rule.id: rule for rule in addition.rules}
    switched = (replace(rule, switch=before[rule.id].switch) if rule.id in before else rule for rule in added.values())
    return (*(rule for rule in before.values() if rule.id not in added), *switched)


def switch_rule(folder: Path, rule: str, *, switch: str) -> tuple[ImportedRule, ...]:
    """Return the rules of a folder with one switched on or off. Raise LookupError if none of that id was imported."""
    rules = list_imported_rules(folder)
    if rule not in {item.id for item in rules}:
        raise LookupError(rule)
    return tuple(replace(item, switch=switch) if item.id == rule else item for item in rules)


def encode_rules(rules: Sequence[ImportedRule]) -> bytes:
    """Return the index of a folder of rules."""
    return json.dumps([asdict(rule) for rule in rules], indent=1).encode()


def write_rules(folder: Path, rules: Sequence[ImportedRule], *, texts: Mapping[str, str] | None = None) -> None:
    """Write new files of rules, then which rules there are, at once, and delete files of none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, text in (texts or {}).items():
        write_file(folder / name, text.encode())
    write_file(folder / INDEX_FILE, encode_rules(rules))
    used = {rule.file for rule in rules}
    for path in folder.glob("*.yml"):
        if path.name not in used:
            path.unlink()


def list_imported_rules(folder: Path) -> tuple[ImportedRule, ...]:
    """Return the rules in a folder, on or off; none if nothing was imported."""
    index = folder / INDEX_FILE
    if not index.is_file():
        return ()
    return tuple(ImportedRule(**entry) for entry in json.loads(index.read_text(encoding="utf-8")))


def load_imported_rules(folder: Path) -> tuple[RuleSet, tuple[RuleNotRun, ...]]:
    """Return the rules in a folder that are on, with those that they refer to, and what does not run any more."""
    rules = list_imported_rules(folder)
    wanted = {rule.id for rule in rules if rule.is_on}
    ids_by_file: dict[str, set[str]] = {}
    for rule in rules:
        ids_by_file.setdefault(rule.file, set()).add(rule.id)
    documents = [
        document
        for file, ids in sorted(ids_by_file.items())
        for document in _read_documents((folder / file).read_text(encoding="utf-8"), name=file)
        if _get_id(document) in ids
    ]
    wanted |= _find_references(documents, wanted)
    return build_rule_set([document for document in documents if _get_id(document) in wanted])


def _find_references(documents: Sequence[RuleDocument], wanted: Iterable[str]) -> set[str]:
    """Return the ids of the rules that the wanted correlations refer to, at any distance."""
    by_name = {name: document for document in documents for name in _list_names(document)}
    ids: set[str] = set()
    pending = list(wanted)
    while pending:
        document = by_name.get(pending.pop())
        for name in _list_references(document.content) if document else ():
            referenced = by_name.get(name)
            if referenced is not None and _get_id(referenced) not in ids:
                ids.add(_get_id(referenced))
                pending.append(_get_id(referenced))
    return ids


def _list_names(document: RuleDocument) -> list[str]:
    return [str(name) for name in (document.content.get("name"), _get_id(document)) if name]


def _list_references(content: Mapping[str, Any]) -> list[str]:
    correlation = content.get("correlation")
    rules = correlation.get("rules") if isinstance(correlation, dict) else None
    return [str(name) for name in (rules if isinstance(rules, list) else [rules] if rules else [])]
