"""YAML documents of rule files, read with bounds: size, nesting and what aliases make of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from homeroom.library.protect.sigma_rules.rule_files import RuleFile, RuleFileUnreadable

MAX_NODES = 50_000
"""Nodes of one document with each alias expanded; the largest rule of SigmaHQ has under 5,000."""
MAX_DEPTH = 60


class DocumentRefused(ValueError):
    """A rule file that cannot be read; the message has the reason."""


class _RuleLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Loader of Sigma's YAML, which is YAML 1.1, that refuses repeated keys and takes a date as text."""


def _construct_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    own = [pair for pair in node.value if pair[0].tag != _MERGE_TAG]
    loader.flatten_mapping(node)
    mapping = {
        _construct_key(loader, key_node): loader.construct_object(value_node, deep=True)
        for key_node, value_node in node.value
    }
    names = set()
    for key_node, _value_node in own:
        key = _construct_key(loader, key_node)
        if key in names:
            raise yaml.constructor.ConstructorError(None, None, f"{key!r} stands twice", key_node.start_mark)
        names.add(key)
    return mapping


def _construct_key(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
    key = loader.construct_object(node, deep=True)
    if not isinstance(key, str | int | float | bool | None):
        raise yaml.constructor.ConstructorError(None, None, "a key that is no word", node.start_mark)
    return key


_MERGE_TAG = "tag:yaml.org,2002:merge"
_RuleLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _construct_mapping)
_RuleLoader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)


@dataclass(frozen=True, kw_only=True)
class RuleDocument:
    """One document of a rule file, or the reason why the file cannot be read."""

    file: str
    number: int
    content: dict[str, Any]
    refusal: str = ""


def read_rule_documents(file: RuleFile) -> Iterator[RuleDocument]:
    """Return the documents of a file; a file that cannot be read is one document with a refusal."""
    try:
        contents = parse_documents(file.read_text())
    except (DocumentRefused, RuleFileUnreadable) as error:
        yield RuleDocument(file=file.name, number=1, content={}, refusal=str(error))
        return
    for number, content in enumerate(_apply_actions(contents), start=1):
        if isinstance(content, dict):
            yield RuleDocument(file=file.name, number=number, content=content)
        elif content is not None:
            yield RuleDocument(file=file.name, number=number, content={}, refusal="not a mapping of fields")


def _apply_actions(contents: Iterable[Any]) -> Iterator[Any]:
    """Return the rules of a file whose documents share fields, as older rules have it.

    A `global` document has fields of all that follow, `reset` drops them, and `repeat` is the rule before with changes.
    """
    shared: dict[str, Any] = {}
    previous: dict[str, Any] = {}
    for content in contents:
        action = content.get("action") if isinstance(content, dict) else None
        fields = {name: value for name, value in content.items() if name != "action"} if action else content
        if action == "global":
            shared = _merge_fields(shared, fields)
        elif action == "reset":
            shared = {}
        elif isinstance(fields, dict):
            previous = _merge_fields(previous if action == "repeat" else shared, fields)
            yield previous
        else:
            yield fields


def _merge_fields(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with the changes, also within mappings."""
    merged = dict(base)
    for name, value in changes.items():
        before = merged.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            value = _merge_fields(before, value)
        merged[name] = value
    return merged


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
