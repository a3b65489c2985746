"""The objects of a JSON file, one after another: of a list, of an envelope, of lines, or a single one."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.limits import MIB, Limits
from homeroom.ingest.files.byte_source import ByteGap, ByteSource
from homeroom.ingest.files.encodings import Encoding, iter_utf8_blocks
from homeroom.ingest.json_files.nesting import NESTING_FITS, NestedTooDeep, NestingGuard
from homeroom.ingest.json_files.tokenizer import JsonTokenizer

MAX_LEVELS = 3
SAMPLE_SIZE = 50  # objects whose names are looked at
MAX_TOP_VALUES = 1000  # values that are remembered of what stands beside the rows
MAX_TEXT = 256  # characters of one
_PIECE = 1 << 18  # bytes
_MIN_GAP = MIB  # bytes of a dropped value from which its place is remembered


class JsonObjectStream:
    """One reading of a file.

    Iterate over it once: (the envelope of the object, or empty text; the object). `envelopes` are top-level names whose
    lists hold rows, `drops` top-level names that are skipped and counted in `dropped`. With `only_names` a single
    object and the values beside an envelope's rows are reduced to their names, and to the plain values in `top`
    (`meta.has_next_results`); the object that is yielded holds only names. `passed` are the places of large values that
    were dropped, by name, in a file of UTF-8. Given as `gaps` of a later reading they are not read again; null and as
    many line ends replace them.
    """

    def __init__(
        self,
        origin: ByteSource,
        encoding: Encoding,
        limits: Limits,
        *,
        envelopes: AbstractSet[str] = frozenset(),
        drops: AbstractSet[str] = frozenset(),
        only_names: bool = False,
        gaps: Iterable[ByteGap] = (),
        again: bool = False,
    ) -> None:
        self._limits = limits
        self._envelopes, self._drops, self._only_names = envelopes, drops, only_names
        self._ordinal = 0
        self._pieces = _TextPieces(origin, encoding, limits, gaps)
        self._text = JsonTokenizer(iter(self._pieces), file=origin.name, limits=limits, again=again)
        self._can_skip = encoding.codec == "utf-8" and not gaps
        self.passed: list[tuple[str, ByteGap]] = []
        self.dropped: Counter[str] = Counter()
        self.top: dict[str, str | bool] = {}
        self.envelopes_met: dict[str, None] = {}
        self.not_rows: set[str] = set()

    @property
    def position(self) -> int:
        """Number of characters that were read."""
        return self._text.position

    @property
    def ordinal(self) -> int:
        """Number of the current object, from 1."""
        return self._ordinal

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for envelope, items in self.iter_runs():
            for item in items:
                yield envelope, item

    def iter_runs(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield the same, with adjacent objects of one envelope in lists."""
        start = self._text.peek()
        if start == "[":
            yield from self._iter_array("")
        elif start == "{":
            yield from self._iter_by_name()
            yield from self._iter_lines()
        else:
            self._text.fail("is empty" if not start else "is neither an object nor a list of objects")
        if self._text.peek():
            self._text.fail("more text after the end")

    def _iter_array(self, envelope: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        self._text.take("[")
        if self._text.peek() == "]":
            self._text.take("]")
            return
        while True:
            yield envelope, self._check_rows(envelope, [self._text.read_value()])
            for batch in iter(self._text.read_batch, []):
                yield envelope, self._check_rows(envelope, batch)
            if self._text.peek() == "]":
                self._text.take("]")
                return
            self._text.take(",")

    def _check_rows(self, envelope: str, values: list[Any]) -> list[dict[str, Any]]:
        """Return the entries of a list of objects; others are refused, or noted if only names are requested."""
        if set(map(type, values)) == {dict} and (self._only_names or not self._drops):
            self._ordinal += len(values)
            return values
        if envelope and self._only_names:
            objects = [value for value in values if isinstance(value, dict)]
            if len(objects) < len(values):
                self.not_rows.add(envelope)
            return [self._check_object(value) for value in objects]
        return [self._check_object(value) for value in values]

    def _iter_by_name(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Read an object name by name: yield an envelope's rows as they are read, and skip dropped values."""
        self._text.take("{")
        result: dict[str, Any] = {}
        names: set[str] = set()
        has_envelope, size = False, 0
        is_end = self._text.peek() == "}"
        while not is_end:
            name = self._read_name(names)
            if name in self._drops:
                self._drop(name)
                if self._only_names:
                    result[name] = None
            elif name in self._envelopes and self._text.peek() == "[":
                has_envelope = True
                self.envelopes_met[name] = None
                result[name] = None
                before = self._ordinal
                yield from self._iter_array(name)
                if name in self.not_rows and self._ordinal > before:
                    self._text.fail(f"the list {name[:60]!r} has objects, and entries that are none")
            else:
                start = self._text.position
                value = self._text.read_value()
                size += self._text.position - start
                self._store_value(name, value, result, size)
            is_end = self._text.peek() != ","
            if not is_end:
                self._text.take(",")
        self._text.take("}")
        if not has_envelope or self._only_names:
            yield "", [self._check_object(result)]

    def _drop(self, name: str) -> None:
        """Skip a value, and remember its place if it is large."""
        self._text.peek()
        start, line = self._pieces.consumed - len(self._text.unread.encode("utf-8")), self._text.line
        self._text.skip()
        self.dropped[name] += 1
        end = self._pieces.consumed - len(self._text.unread.encode("utf-8"))
        if self._can_skip and end - start > _MIN_GAP:
            instead = b"null" + b"\n" * (self._text.line - line)
            self.passed.append((name, ByteGap(start=start, end=end, replacement=instead)))

    def _store_value(self, name: str, value: Any, result: dict[str, Any], size: int) -> None:
        if not self._only_names:
            if size > self._limits.row:
                self._text.fail(f"one object of more than {self._limits.row:,} characters")
            result[name] = value
            return
        result[name] = reduce_to_names(value, MAX_LEVELS - 1)
        inner = value.items() if isinstance(value, dict) else ()
        for full, item in ((name, value), *((f"{name}.{key}", item) for key, item in inner)):
            if isinstance(item, str | bool) and len(self.top) < MAX_TOP_VALUES:
                self.top[full] = item[:MAX_TEXT] if isinstance(item, str) else item

    def _read_name(self, names: set[str]) -> str:
        if self._text.peek() != '"':
            self._text.fail("a name in quotes is missing here")
        name = str(self._text.read_value())
        if name in names:
            self._text.fail(f"the name {name[:60]!r} stands twice in one object")
        names.add(name)
        self._text.take(":")
        return name

    def _iter_lines(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Yield further objects after the first one, as JSON lines have them."""
        if self._text.peek() != "{" or (self.envelopes_met and not self._only_names):
            return
        self._envelopes = frozenset()
        while self._text.peek() == "{":
            if self.dropped:
                yield from self._iter_by_name()
            else:
                yield "", [self._check_object(self._text.read_value())]
        self.envelopes_met.clear()  # lists within lines are no envelopes

    def _check_object(self, value: Any) -> dict[str, Any]:
        self._ordinal += 1
        if not isinstance(value, dict):
            self._text.fail(f"entry {self._ordinal:,} of the list is no object")
        if not self._only_names:
            for name in self._drops & value.keys():
                del value[name]
                self.dropped[name] += 1
        return value


def collect_names(item: dict[str, Any], *, max_names: int) -> dict[str, None]:
    """Return the names in an object, with dots between levels (`name.familyName`), three levels deep, without lists."""
    names: dict[str, None] = {}
    _collect_names(item, "", MAX_LEVELS, names, max_names)
    return names


def _collect_names(item: dict[str, Any], prefix: str, levels: int, names: dict[str, None], max_names: int) -> None:
    for name, value in item.items():
        if len(names) >= max_names:
            return
        names[prefix + name] = None
        if isinstance(value, dict) and levels > 1:
            _collect_names(value, f"{prefix}{name}.", levels - 1, names, max_names)


def select_distinct_shapes(objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one object of each set of names, two levels deep.

    An object with deeper levels always counts as distinct.
    """
    by_shape: dict[object, dict[str, Any]] = {}
    for candidate in objects:
        inner = {name: value for name, value in candidate.items() if value.__class__ is dict}
        deeper = any(value.__class__ is dict for item in inner.values() for value in item.values())
        by_shape.setdefault(
            id(candidate) if deeper else (tuple(candidate), tuple(inner), *map(tuple, inner.values())), candidate
        )
    return list(by_shape.values())


def reduce_to_names(value: Any, levels: int) -> Any:
    """Return the names in a value, so many levels deep, without their values."""
    if not isinstance(value, dict) or not levels:
        return None
    return {name: reduce_to_names(item, levels - 1) for name, item in value.items()}


class _TextPieces:
    """A file's text in pieces.

    `consumed` counts the bytes of UTF-8, the mark among them, up to the end of the last piece.
    """

    def __init__(self, origin: ByteSource, encoding: Encoding, limits: Limits, gaps: Iterable[ByteGap]) -> None:
        self._origin, self._encoding = origin, encoding
        self._blocks = iter_utf8_blocks(origin, encoding=encoding, limits=limits, gaps=gaps)
        self.consumed = encoding.mark_length

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        guard = NestingGuard()
        lines, read = 1, self.consumed
        try:
            for block in self._blocks:
                for start in range(0, len(block), _PIECE):
                    piece = block[start : start + _PIECE]
                    guard.check(piece)
                    text = decoder.decode(piece)
                    lines += text.count("\n")
                    read += len(piece)
                    self.consumed = read - len(decoder.getstate()[0])
                    yield text
            decoder.decode(b"", True)
        except NestedTooDeep as error:
            raise build_refusal(self._origin.name, str(error), line=lines, fits=NESTING_FITS) from None
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n")
            raise build_refusal(self._origin.name, "a byte that is not UTF-8", line=line, fits="UTF-8") from error
