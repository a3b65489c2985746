"""YAML documents of rule files, read with bounds: size, nesting and what aliases make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SUFFIXES = frozenset({".yml", ".yaml"})
MAX_BYTES = 4_000_000
MAX_NODES = 50_000
"""Nodes of one document with each alias expanded; the largest rule of SigmaHQ has under 5,000."""
MAX_DEPTH = 60


class DocumentRefused(ValueError):
    """A rule file that cannot be read; the message has the reason."""


class _RuleLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loader of Sigma's YAML, which is YAML 1.1, that refuses repeated keys."""


def _construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | float | bool | None):
            raise yaml.constructor.ConstructorError(None, None, "a key that is no word", key_node.start_mark)
        if key in mapping:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_RuleLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)


@dataclass(frozen=True, kw_only=True)
class RuleDocument:
    """One document of a rule file, or the reason why the file cannot be read."""

    file: str
    number: int
    content: dict[str, Any]
    refusal: str = ""


def list_rule_files(paths: Iterable[Path]) -> list[tuple[str, Path]]:
    """Return the rule files at and below the paths, each once, with the name to report."""
    files: dict[Path, str] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            for file in inside:
                files.setdefault(file.resolve(), file.relative_to(path).as_posix())
        else:
            files.setdefault(path.resolve(), path.name)
    return sorted(((name, path) for path, name in files.items()), key=lambda entry: (entry[0], str(entry[1])))


def read_rule_documents(name: str, path: Path) -> Iterator[RuleDocument]:
    """Return the documents of a file; a file that cannot be read is one document with a refusal."""
    try:
        contents = parse_documents(_read_text(path))
    except DocumentRefused as error:
        yield RuleDocument(file=name, number=1, content={}, refusal=str(error))
        return
    for number, content in enumerate(contents, start=1):
        if isinstance(content, dict):
            yield RuleDocument(file=name, number=number, content=content)
        elif content is not None:
            yield RuleDocument(file=name, number=number, content={}, refusal="not a mapping of fields")


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DocumentRefused(f"larger than {MAX_BYTES // 1_000_000} MB")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DocumentRefused(f"cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DocumentRefused("not UTF-8") from None


def parse_documents(text: str) -> list[Any]:
    """Return the documents of a YAML text; raise DocumentRefused."""
    try:
        _check_depth(text)
        loader = _RuleLoader(text)
        try:
            documents = []
            while loader.check_node():
                node = loader.get_node()
                _count_nodes(node, {})
                documents.append(loader.construct_document(node))
            return documents
        finally:
            loader.dispose()
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise DocumentRefused(f"not YAML: {' '.join(str(error).split())}") from None


def _check_depth(text: str) -> None:
    """Raise DocumentRefused if the document is nested deeper than rules are: before it is built, which recurs."""
    if not _may_be_deep(text):
        return
    depth = 0
    for event in yaml.parse(text, Loader=_RuleLoader):
        if isinstance(event, yaml.events.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise DocumentRefused(f"nested more than {MAX_DEPTH} deep")
        elif isinstance(event, yaml.events.CollectionEndEvent):
            depth -= 1


def _may_be_deep(text: str) -> bool:
    """Return False if a text has too few brackets and too little indentation to be nested too deep."""
    if text.count("[") + text.count("{") > MAX_DEPTH // 2:
        return True
    return " " * (MAX_DEPTH // 2) in text or "- - - -" in text or "? ? ? ?" in text


def _count_nodes(node: yaml.Node, counted: dict[int, int]) -> int:
    """Return how many nodes the document has with each alias expanded; raise DocumentRefused if too many."""
    if id(node) in counted:
        if counted[id(node)] == 0:
            raise DocumentRefused("an alias that contains itself")
        return counted[id(node)]
    counted[id(node)] = 0
    total = 1
    if isinstance(node, yaml.MappingNode):
        total += sum(_count_nodes(part, counted) for pair in node.value for part in pair)
    elif isinstance(node, yaml.SequenceNode):
        total += sum(_count_nodes(part, counted) for part in node.value)
    if total > MAX_NODES:
        raise DocumentRefused(f"more than {MAX_NODES} values, with the aliases expanded")
    counted[id(node)] = total
    return total
