"""Single faults of exports, injected at a random position into text: nothing here is shared with any reader."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Mapping

Injection = Callable[[bytes, random.Random], bytes | None]
"""Returns the text with one fault, or None if the text has no place for it."""

_DELIMITERS = (b",", b";", b"\t", b"|")
_MARK = b"\xef\xbb\xbf"
_BIG = 2 * 1024 * 1024
_MIN_ROWS = 3
_JSON_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_JSON_STRING_VALUE = re.compile(rb':\s*"([^"\\]{2,})"')
_JSON_PAIR = re.compile(rb'("[^"\\]{1,40}")\s*:\s*("[^"\\]{0,60}"|\d+)(?=\s*[,}])')
_CDATA = re.compile(rb"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_XML_TEXT = re.compile(rb">([^<>&]*[A-Za-z]{2}[^<>&]*)</")


def _split_lines(text: bytes) -> tuple[list[bytes], bytes]:
    end = b"\r\n" if b"\r\n" in text else b"\n"
    lines = text.split(end)
    if lines and not lines[-1]:
        lines.pop()
    return lines, end


def _join_lines(lines: list[bytes], end: bytes) -> bytes:
    return end.join(lines) + end


def _find_delimiter(header: bytes) -> bytes:
    return max(_DELIMITERS, key=header.count)


def _pick_row(lines: list[bytes], chance: random.Random) -> int | None:
    """Return a line that is a whole row without quotes, other than the header; None if there is none."""
    if len(lines) < _MIN_ROWS or any(line.count(b'"') % 2 for line in lines):
        return None
    fields = lines[0].count(_find_delimiter(lines[0]))
    plain = [
        number
        for number, line in enumerate(lines)
        if number and fields and b'"' not in line and line.count(_find_delimiter(lines[0])) == fields
    ]
    return chance.choice(plain) if plain else None


def _change_row(change: Callable[[list[bytes], random.Random], list[bytes] | None]) -> Injection:
    def inject(text: bytes, chance: random.Random) -> bytes | None:
        lines, end = _split_lines(text)
        number = _pick_row(lines, chance)
        if number is None:
            return None
        delimiter = _find_delimiter(lines[0])
        fields = change(lines[number].split(delimiter), chance)
        if fields is None:
            return None
        lines[number] = delimiter.join(fields)
        return _join_lines(lines, end)

    return inject


def _change_field(change: Callable[[bytes], bytes]) -> Injection:
    def change_fields(fields: list[bytes], chance: random.Random) -> list[bytes] | None:
        filled = [number for number, value in enumerate(fields) if len(value) > 1]
        if not filled:
            return None
        number = chance.choice(filled)
        return [change(value) if place == number else value for place, value in enumerate(fields)]

    return _change_row(change_fields)


def _insert_in_middle(value: bytes, piece: bytes) -> bytes:
    return value[: len(value) // 2] + piece + value[len(value) // 2 :]


def _add_lines(build: Callable[[bytes], bytes], *, at_end: bool) -> Injection:
    def inject(text: bytes, _chance: random.Random) -> bytes | None:
        lines, end = _split_lines(text.removeprefix(_MARK))
        if len(lines) < _MIN_ROWS:
            return None
        line = build(lines[0])
        mark = _MARK if text.startswith(_MARK) else b""
        return mark + _join_lines([*lines, line] if at_end else [line, *lines], end)

    return inject


def _build_wide_total(header: bytes) -> bytes:
    delimiter = _find_delimiter(header)
    return b"Total" + delimiter * header.count(delimiter)


def _cut_last_line(text: bytes, chance: random.Random) -> bytes | None:
    lines, end = _split_lines(text)
    if len(lines) < _MIN_ROWS or len(lines[-1]) < 4:
        return None
    lines[-1] = lines[-1][: chance.randrange(1, len(lines[-1]) - 1)]
    return end.join(lines)


def _repeat_column(values: Callable[[bytes], bytes]) -> Injection:
    def inject(text: bytes, chance: random.Random) -> bytes | None:
        lines, end = _split_lines(text)
        if len(lines) < _MIN_ROWS or b'"' in text:
            return None
        delimiter = _find_delimiter(lines[0])
        rows = [line.split(delimiter) for line in lines]
        if any(len(row) != len(rows[0]) for row in rows):
            return None
        number = chance.randrange(len(rows[0]))
        repeated = [rows[0] + [rows[0][number]], *([*row, values(row[number])] for row in rows[1:])]
        return _join_lines([delimiter.join(row) for row in repeated], end)

    return inject


def _insert_blank_line(text: bytes, chance: random.Random) -> bytes | None:
    lines, end = _split_lines(text)
    number = _pick_row(lines, chance)
    return None if number is None else _join_lines([*lines[:number], b"", *lines[number:]], end)


CSV_FAULTS: Mapping[str, Injection] = {
    "short row": _change_row(lambda fields, _: fields[:-1] if fields[:-1] else None),
    "long row": _change_row(lambda fields, _: [*fields, b"x"]),
    "wide total": _add_lines(_build_wide_total, at_end=True),
    "short total": _add_lines(lambda _: b"Total: 12", at_end=True),
    "cut last line": _cut_last_line,
    "quote in value": _change_field(lambda value: _insert_in_middle(value, b'"')),
    "title line": _add_lines(lambda _: b"Export of the district, 1/15/2026", at_end=False),
    "NUL": _change_field(lambda value: _insert_in_middle(value, b"\0")),
    "lone CR": _change_field(lambda value: _insert_in_middle(value, b"\r")),
    "column twice": _repeat_column(lambda value: value),
    "column twice, other values": _repeat_column(lambda _: b"zz"),
    "big value": _change_field(lambda value: value + b"x" * _BIG),
    "Latin-1 letter": _change_field(lambda value: _insert_in_middle(value, b"\xe9")),
    "bad byte": _change_field(lambda value: _insert_in_middle(value, b"\x81")),
    "blank line": _insert_blank_line,
    "no final line end": lambda text, _: text.rstrip(b"\r\n"),
}


def _change_json_string(change: Callable[[bytes], bytes]) -> Injection:
    def inject(text: bytes, chance: random.Random) -> bytes | None:
        places = [match.span(1) for match in _JSON_STRING_VALUE.finditer(text)]
        if not places:
            return None
        start, end = chance.choice(places)
        return text[:start] + change(text[start:end]) + text[end:]

    return inject


def _repeat_key(text: bytes, chance: random.Random) -> bytes | None:
    places = list(_JSON_PAIR.finditer(text))
    if not places:
        return None
    match = chance.choice(places)
    return text[: match.start()] + match[1] + b': "other", ' + text[match.start() :]


def _add_trailing_comma(text: bytes, chance: random.Random) -> bytes | None:
    closings = [match.start() for match in re.finditer(rb"[}\]]", _JSON_STRING.sub(lambda m: b"_" * len(m[0]), text))]
    if not closings:
        return None
    at = chance.choice(closings)
    return text[:at] + b"," + text[at:] if text[:at].rstrip()[-1:] not in b"[{," else None


def _cut_end(text: bytes, chance: random.Random) -> bytes | None:
    return text[: -chance.randrange(3, max(4, len(text) // 10))] if len(text) > 40 else None


JSON_FAULTS: Mapping[str, Injection] = {
    "lone surrogate": _change_json_string(lambda value: _insert_in_middle(value, b"\\ud800")),
    "key twice": _repeat_key,
    "trailing comma": _add_trailing_comma,
    "last bytes cut": _cut_end,
    "bad byte": _change_json_string(lambda value: _insert_in_middle(value, b"\x81")),
    "raw line end in a string": _change_json_string(lambda value: _insert_in_middle(value, b"\n")),
    "bad escape": _change_json_string(lambda value: _insert_in_middle(value, b"\\q")),
    "NUL in a string": _change_json_string(lambda value: _insert_in_middle(value, b"\0")),
    "unquoted quote": _change_json_string(lambda value: _insert_in_middle(value, b'"')),
    "byte order mark": lambda text, _: text if text[:3] == b"\xef\xbb\xbf" else b"\xef\xbb\xbf" + text,
    "list around it": lambda text, _: b"[" + text.strip() + b"]" if text.lstrip()[:1] == b"{" else None,
    "text after the end": lambda text, _: text.rstrip() + b"\n\n",
}


def _break_line(text: bytes, chance: random.Random) -> bytes | None:
    lines, end = _split_lines(text)
    if len(lines) < _MIN_ROWS:
        return None
    number = chance.randrange(len(lines))
    lines[number] = lines[number][: len(lines[number]) // 2]
    return _join_lines(lines, end)


LINES_FAULTS: Mapping[str, Injection] = {
    "cut last line": _cut_last_line,
    "broken line": _break_line,
    "blank line": lambda text, _: text.replace(b"\n", b"\n\n", 1),
    "no final line end": lambda text, _: text.rstrip(b"\r\n"),
    **{name: JSON_FAULTS[name] for name in ("lone surrogate", "key twice", "bad byte", "bad escape")},
}


def _change_xml_text(change: Callable[[bytes], bytes]) -> Injection:
    def inject(text: bytes, chance: random.Random) -> bytes | None:
        places = [match.span(1) for match in _XML_TEXT.finditer(_CDATA.sub(lambda part: b" " * len(part[0]), text))]
        if not places:
            return None
        start, end = chance.choice(places)
        return text[:start] + change(text[start:end]) + text[end:]

    return inject


XML_FAULTS: Mapping[str, Injection] = {
    "bad byte": _change_xml_text(lambda value: _insert_in_middle(value, b"\x81")),
    "Latin-1 letter": _change_xml_text(lambda value: _insert_in_middle(value, b"\xe9")),
    "bare ampersand": _change_xml_text(lambda value: _insert_in_middle(value, b" & ")),
    "control character": _change_xml_text(lambda value: _insert_in_middle(value, b"\x02")),
    "bare less-than": _change_xml_text(lambda value: _insert_in_middle(value, b" < ")),
    "last bytes cut": _cut_end,
    "byte order mark": lambda text, _: text if text[:3] == b"\xef\xbb\xbf" else b"\xef\xbb\xbf" + text,
    "lines after the end": lambda text, _: text + b"\n\n",
}


def pack_zip(members: Mapping[str, bytes]) -> bytes:
    """Return a zip with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


_BESIDE = {
    "beside.csv": b"Asset Tag,Serial,Model\nT-1,5CD0000001,ProBook\nT-2,5CD0000002,ProBook\nT-3,5CD0000003,ProBook\n"
}
"""A small list of assets, packed beside the file."""


def _flip_byte(data: bytes, chance: random.Random) -> bytes | None:
    """Change one byte of the last member's packed data."""
    start = data.rindex(b"PK\3\4")
    size = int.from_bytes(data[start + 18 : start + 22], "little")
    begin = start + 30 + int.from_bytes(data[start + 26 : start + 28], "little")
    if size < 8:
        return None
    at = begin + chance.randrange(4, size)
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def _encrypt_last(data: bytes) -> bytes:
    """Set the flag of encryption on the last member."""
    local, central = data.rindex(b"PK\3\4") + 6, data.rindex(b"PK\1\2") + 8
    flagged = bytearray(data)
    flagged[local] |= 1
    flagged[central] |= 1
    return bytes(flagged)


ZIP_FAULTS: Mapping[str, Callable[[str, bytes, random.Random], bytes | None]] = {
    "nested folder": lambda name, text, _: pack_zip({f"export/today/{name}": text}),
    "Mac entries": lambda name, text, _: pack_zip(
        {name: text, f"__MACOSX/._{name}": b"\0\5\x16\7", ".DS_Store": b"\0"}
    ),
    "cut directory": lambda name, text, _: pack_zip({**_BESIDE, name: text})[:-30],
    "cut member": lambda name, text, _: (data := pack_zip({**_BESIDE, name: text}))[: data.rindex(b"PK\3\4") + 60],
    "flipped byte": lambda name, text, chance: _flip_byte(pack_zip({**_BESIDE, name: text}), chance),
    "encrypted member": lambda name, text, _: _encrypt_last(pack_zip({**_BESIDE, name: text})),
    "an empty member beside it": lambda name, text, _: pack_zip({name: text, "notes.txt": b""}),
}
