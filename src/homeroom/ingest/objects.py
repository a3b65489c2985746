"""The objects of a JSON file, one after another: of a list, of an envelope, of lines, or a single one."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from typing import Any

from homeroom.ingest.encodings import Encoding, utf8_blocks
from homeroom.ingest.jsontext import Text
from homeroom.ingest.limits import MIB, Limits
from homeroom.ingest.origins import Gap, Origin
from homeroom.ingest.problems import refused

LEVELS = 3
SAMPLE = 50  # objects whose names are looked at
TOP = 1000  # values that are remembered of what stands beside the rows
LONGEST = 256  # characters of one
_PIECE = 1 << 18  # bytes
_WIDE = MIB  # bytes of a dropped value from which its place is remembered


class Objects:
    """One reading of a file. Iterate over it once: (the envelope that the object stands in, or empty text; the object).

    `envelopes` are top-level names whose lists hold rows, `drops` top-level names that are passed over and counted in
    `dropped`. With `only_names` nothing of a single object or of what stands beside an envelope's rows is kept but the
    names, and the plain values in `top` (`meta.has_next_results`); the object that is handed out holds names alone.
    `passed` are the places of large values that were dropped, by name, in a file of UTF-8. Given as `gaps` of a later
    reading they are not read again; null and as many line ends stand there instead.
    """

    def __init__(
        self,
        origin: Origin,
        encoding: Encoding,
        limits: Limits,
        *,
        envelopes: AbstractSet[str] = frozenset(),
        drops: AbstractSet[str] = frozenset(),
        only_names: bool = False,
        gaps: Iterable[Gap] = (),
        again: bool = False,
    ) -> None:
        self._limits = limits
        self._envelopes, self._drops, self._only_names = envelopes, drops, only_names
        self._ordinal = 0
        self._pieces = _Pieces(origin, encoding, limits, gaps)
        self._text = Text(iter(self._pieces), file=origin.name, limits=limits, again=again)
        self._whole = encoding.codec == "utf-8" and not gaps
        self.passed: list[tuple[str, Gap]] = []
        self.dropped: Counter[str] = Counter()
        self.top: dict[str, str | bool] = {}
        self.found: dict[str, None] = {}
        self.not_rows: set[str] = set()

    @property
    def place(self) -> int:
        """How many characters were read."""
        return self._text.place

    @property
    def ordinal(self) -> int:
        """The number of the object at hand, from 1."""
        return self._ordinal

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for under, run in self.runs():
            for found in run:
                yield under, found

    def runs(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The same, but objects that stand side by side in one place come in lists."""
        start = self._text.peek()
        if start == "[":
            yield from self._array("")
        elif start == "{":
            yield from self._by_name()
            yield from self._lines()
        else:
            self._text.fail("is empty" if not start else "is neither an object nor a list of objects")
        if self._text.peek():
            self._text.fail("more text after the end")

    def _array(self, under: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        self._text.take("[")
        if self._text.peek() == "]":
            self._text.take("]")
            return
        while True:
            yield under, self._rows(under, [self._text.value()])
            for several in iter(self._text.several, []):
                yield under, self._rows(under, several)
            if self._text.peek() == "]":
                self._text.take("]")
                return
            self._text.take(",")

    def _rows(self, under: str, values: list[Any]) -> list[dict[str, Any]]:
        """The entries of a list, all of them objects; what is none is refused, or noted where only names are asked for."""
        if set(map(type, values)) == {dict} and (self._only_names or not self._drops):
            self._ordinal += len(values)
            return values
        if under and self._only_names:
            kept = [value for value in values if isinstance(value, dict)]
            self.not_rows.update([under] * (len(kept) < len(values)))
            return [self._object(value) for value in kept]
        return [self._object(value) for value in values]

    def _by_name(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """An object, name by name: an envelope's rows are handed out while they are read, what is dropped is passed over."""
        self._text.take("{")
        made: dict[str, Any] = {}
        names: set[str] = set()
        wrapped, size = False, 0
        ended = self._text.peek() == "}"
        while not ended:
            name = self._name(names)
            if name in self._drops:
                self._drop(name)
                if self._only_names:
                    made[name] = None
            elif name in self._envelopes and self._text.peek() == "[":
                wrapped = True
                self.found[name] = None
                made[name] = None
                yield from self._array(name)
            else:
                began = self._text.place
                value = self._text.value()
                size += self._text.place - began
                self._keep(name, value, made, size)
            ended = self._text.peek() != ","
            if not ended:
                self._text.take(",")
        self._text.take("}")
        if not wrapped or self._only_names:
            yield "", [self._object(made)]

    def _drop(self, name: str) -> None:
        """Pass over a value, and remember its place where it is large."""
        self._text.peek()
        start, line = self._pieces.given - len(self._text.ahead.encode("utf-8")), self._text.line
        self._text.skip()
        self.dropped[name] += 1
        end = self._pieces.given - len(self._text.ahead.encode("utf-8"))
        if self._whole and end - start > _WIDE:
            instead = b"null" + b"\n" * (self._text.line - line)
            self.passed.append((name, Gap(start=start, end=end, instead=instead)))

    def _keep(self, name: str, value: Any, made: dict[str, Any], size: int) -> None:
        if not self._only_names:
            if size > self._limits.row:
                self._text.fail(f"one object of more than {self._limits.row:,} characters")
            made[name] = value
            return
        made[name] = names_alone(value, LEVELS - 1)
        inner = value.items() if isinstance(value, dict) else ()
        for full, item in ((name, value), *((f"{name}.{key}", item) for key, item in inner)):
            if isinstance(item, str | bool) and len(self.top) < TOP:
                self.top[full] = item[:LONGEST] if isinstance(item, str) else item

    def _name(self, names: set[str]) -> str:
        if self._text.peek() != '"':
            self._text.fail("a name in quotes is missing here")
        name = str(self._text.value())
        if name in names:
            self._text.fail(f"the name {name[:60]!r} stands twice in one object")
        names.add(name)
        self._text.take(":")
        return name

    def _lines(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Further objects after the first one, as JSON lines have them."""
        if self._text.peek() != "{" or (self.found and not self._only_names):
            return
        self._envelopes = frozenset()
        while self._text.peek() == "{":
            if self.dropped:
                yield from self._by_name()
            else:
                yield "", [self._object(self._text.value())]
        self.found.clear()  # lists within lines are no envelopes

    def _object(self, value: Any) -> dict[str, Any]:
        self._ordinal += 1
        if not isinstance(value, dict):
            self._text.fail(f"entry {self._ordinal:,} of the list is no object")
        if not self._only_names:
            for name in self._drops & value.keys():
                del value[name]
                self.dropped[name] += 1
        return value


def names_in(found: dict[str, Any], *, most: int) -> dict[str, None]:
    """The names in an object, with dots between levels (`name.familyName`), three levels deep, without walking lists."""
    names: dict[str, None] = {}
    _gather(found, "", LEVELS, names, most)
    return names


def _gather(found: dict[str, Any], under: str, levels: int, names: dict[str, None], most: int) -> None:
    for name, value in found.items():
        if len(names) >= most:
            return
        names[under + name] = None
        if isinstance(value, dict) and levels > 1:
            _gather(value, f"{under}{name}.", levels - 1, names, most)


def unlike(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """One of those objects that have the same names, two levels deep and with nothing deeper."""
    seen: dict[object, dict[str, Any]] = {}
    for one in found:
        inner = {name: value for name, value in one.items() if value.__class__ is dict}
        deeper = any(value.__class__ is dict for item in inner.values() for value in item.values())
        seen.setdefault(id(one) if deeper else (tuple(one), tuple(inner), *map(tuple, inner.values())), one)
    return list(seen.values())


def names_alone(value: Any, levels: int) -> Any:
    """The names in a value, so many levels deep, without what stands under them."""
    if not isinstance(value, dict) or not levels:
        return None
    return {name: names_alone(item, levels - 1) for name, item in value.items()}


class _Pieces:
    """A file's text in pieces. `given` counts the bytes of UTF-8, the mark among them, up to the end of the last piece."""

    def __init__(self, origin: Origin, encoding: Encoding, limits: Limits, gaps: Iterable[Gap]) -> None:
        self._origin, self._encoding = origin, encoding
        self._blocks = utf8_blocks(origin, encoding=encoding, limits=limits, gaps=gaps)
        self.given = encoding.mark

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        lines, read = 1, self.given
        try:
            for block in self._blocks:
                for start in range(0, len(block), _PIECE):
                    piece = block[start : start + _PIECE]
                    text = decoder.decode(piece)
                    lines += text.count("\n")
                    read += len(piece)
                    self.given = read - len(decoder.getstate()[0])
                    yield text
            decoder.decode(b"", True)
        except UnicodeDecodeError as error:
            line = lines + error.object[: error.start].count(b"\n")
            raise refused(self._origin.name, "a byte that is not UTF-8", line=line, fits="UTF-8") from error
