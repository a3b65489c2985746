"""Schemas learned from JSON pages while file after file is sniffed: the type of their rows and their columns.

A page is parsed once. Its rows stay in memory until it is loaded, as long as there is room; a page for which there is
no room is parsed again then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pyarrow as pa

from homeroom.ingest.contract.limits import MIB
from homeroom.ingest.json_files.fast_path import (
    DocumentSummary,
    decode_fast,
    read_first_names,
    split_top_level,
    summarize_document,
    summarize_envelope,
)
from homeroom.ingest.json_files.object_stream import SAMPLE_SIZE
from homeroom.ingest.json_files.typed_reader import InferredSchema, collect_filled_names, extract_envelope

ROOM = 128 * MIB
"""Bytes of all rows that are held in memory at one time: those of about 300 MB of JSON."""
IsFlat = Callable[[str, Mapping[str, tuple[str, ...]]], bool]
"""Whether the rows of an envelope are read as columns, by the names in each place of the file."""


IsRow = Callable[[Mapping[str, Any]], bool]
"""Whether an object is a row of a known kind, and so no page, even if it has a list under the name of an envelope."""


@dataclass(kw_only=True)
class SchemaCache:
    """Sniffs small files one after another and learns.

    `envelopes` and `drops` are those that any file kind declares. Several threads may sniff at a time. The result for a
    file does not depend on the files sniffed before it.
    """

    envelopes: AbstractSet[str]
    drops: AbstractSet[str]
    max_names: int
    is_flat: IsFlat
    is_row: IsRow = field(default=lambda _: False)
    room: int = ROOM
    _schemas: dict[str, InferredSchema] = field(default_factory=dict)

    def sniff(self, data: bytes) -> tuple[DocumentSummary, pa.StructArray | None] | None:
        """Return the summary of a file and the rows of its single envelope, or None if the strict reader has to read
        it.
        """
        nulls = b"null" in data  # which Arrow does not tell from what is not there
        for learned in () if nulls else tuple(self._schemas.values()):
            if learned.may_match(data) and (summary_and_rows := self._sniff_typed(data, learned)):
                return summary_and_rows
        parts = split_top_level(data)
        envelope_names = [name for name in parts if name in self.envelopes]
        is_single_envelope = len(envelope_names) == 1 and not self.drops & parts.keys()
        schema = self._schemas.get(envelope_names[0]) if is_single_envelope and nulls else None
        if schema is not None and (summary_and_rows := self._sniff_typed(data, schema, parts=parts)):
            return summary_and_rows
        document = decode_fast(data)
        summary = (
            None
            if document is None
            else summarize_document(document, envelopes=self.envelopes, drops=self.drops, max_names=self.max_names)
        )
        if summary is None or not is_single_envelope or not summary.rows.get(envelope_names[0]):
            return None if summary is None else (summary, None)
        if self.room > 0 and self.is_flat(envelope_names[0], summary.names):
            schema = self._schemas.setdefault(envelope_names[0], InferredSchema(envelope=envelope_names[0]))
            schema.learn(document)
            return self._sniff_typed(data, schema, parts=parts) or (summary, None)
        return summary, None

    def _sniff_typed(
        self, data: bytes, schema: InferredSchema, *, parts: Mapping[str, Any] | None = None
    ) -> tuple[DocumentSummary, pa.StructArray | None] | None:
        """Return the same through the schema already learned, or None if the page does not fit it.

        `parts` are the page's values by top-level name, for a page that may contain null.
        """
        typed = schema.read_page(data)
        if typed is None:
            return None
        rows, page = typed
        sample = rows.slice(0, SAMPLE_SIZE)
        if parts is None:
            envelope, names = extract_envelope(page, envelope=schema.envelope), collect_filled_names(sample)
        else:
            envelope = decode_fast(msgspec.json.encode({**parts, schema.envelope: None}))
            names = read_first_names(parts[schema.envelope], max_names=self.max_names)
        if envelope is None:
            return None
        summary = summarize_envelope(envelope, {schema.envelope: (len(rows), names)}, max_names=self.max_names)
        has_room = self.room > 0
        self.room -= rows.nbytes if has_room else 0
        return summary, rows if has_room else None
