"""Parses the YAML that people write: mapping files for CSVs of their own, and the district's facts."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import yaml

from homeroom.ingest.connector import Connector, DocumentReader, Reading
from homeroom.ingest.mapping import connector_of
from homeroom.ingest.problems import Refused, refused
from homeroom.library.reading import Strict


class _Plain(Strict):
    """As YAML 1.2 has it: only true and false are truths, so that `on: 2025-09-01` is a field named on.

    Aliases are refused: nine lines of them can stand for a billion values, and nobody writes them by hand.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(problem="an alias (*name)", problem_mark=mark)
        return super().compose_node(parent, index)

    yaml_implicit_resolvers = {  # noqa: RUF012 read by yaml as a class attribute
        first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool"]
        for first, found in Strict.yaml_implicit_resolvers.items()
    }


_Plain.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def mapping_of(text: str, *, file: str) -> Connector:
    """The connector that a mapping file describes. Raises Refused with file, field and what would fit."""
    return connector_of(document_of(text, file=file), file=file)


def reading_of(text: str, *, file: str, reader: DocumentReader) -> Reading:
    """What a connector's document reader makes of a YAML file. Raises Refused with file, field and what would fit."""
    document = document_of(text, file=file)
    try:
        return reader(document)
    except Refused as refusal:
        raise Refused([replace(problem, file=file) for problem in refusal.problems]) from None


def document_of(text: str, *, file: str) -> dict[str, Any]:
    """The mapping of a YAML text, without repeated keys. Raises Refused."""
    try:
        given = yaml.load(text, Loader=_Plain)  # noqa: S506 a SafeLoader that is stricter
    except RecursionError:
        raise refused(file, "is not YAML: nested too deep", fits="YAML, one field a line") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError) as error:
        place = getattr(error, "problem_mark", None)
        line = place.line + 1 if place is not None else None
        reason = getattr(error, "problem", None) or "a value that cannot be read"
        raise refused(file, f"is not YAML: {reason}", line=line, fits="YAML, one field a line") from None
    if not isinstance(given, dict):
        raise refused(file, "has no fields", fits="YAML, one field a line, beginning with homeroom:")
    return given
