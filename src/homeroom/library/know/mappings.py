"""Parse the YAML that people write: mapping files for their own CSVs, and the district's facts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from homeroom.ingest.contract.connector import Connector, DocumentReader, Reading
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.mappings.mapping_file import build_mapped_connector
from homeroom.library.yaml_loader import StrictLoader


class _Yaml12Loader(StrictLoader):
    """YAML 1.2 loader, in which only true and false are booleans, so that `on: 2025-09-01` is a field named on.

    Aliases are refused: nine lines of them can expand to a billion values, and nobody writes them by hand.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name)", problem_mark=mark)
        return super().compose_node(parent, index)

    yaml_implicit_resolvers = {  # noqa: RUF012 read by yaml as a class attribute
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in StrictLoader.yaml_implicit_resolvers.items()
    }


_Yaml12Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def parse_mapping(text: str, *, file: str) -> Connector:
    """Return the connector that a mapping file describes; raise FileRefused with file, field and what would fit."""
    return build_mapped_connector(parse_yaml(text, file=file), file=file)


def read_document(text: str, *, file: str, reader: DocumentReader) -> Reading:
    """Read a YAML file with a connector's document reader; raise FileRefused with file, field and what would fit."""
    document = parse_yaml(text, file=file)
    try:
        return reader(document)
    except FileRefused as error:
        raise FileRefused([replace(problem, file=file) for problem in error.problems]) from None


def parse_yaml(text: str, *, file: str) -> dict[str, Any]:
    """Return the mapping of a YAML text, without repeated keys; raise FileRefused."""
    try:
        document = yaml.load(text, Loader=_Yaml12Loader)  # noqa: S506 a SafeLoader that is stricter
    except RecursionError:
        raise build_refusal(file, "is not YAML: nested too deep", fits="YAML, one field a line") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else None
        reason = getattr(error, "problem", None) or "a value that cannot be read"
        raise build_refusal(file, f"is not YAML: {reason}", line=line, fits="YAML, one field a line") from None
    if not isinstance(document, dict):
        raise build_refusal(file, "has no fields", fits="YAML, one field a line, beginning with homeroom:")
    return document
