"""Text of RTF: what is between its control words. Source: Rich Text Format Specification 1.9.1."""

from __future__ import annotations

import re
from collections.abc import Iterator

from homeroom.domain.protect.loose.documents import TextPart
from homeroom.ingest.documents.limits import DocumentLimits
from homeroom.ingest.documents.text_files import iter_line_parts

_TOKEN = re.compile(r"\\([a-z]+)(-?\d+)? ?|\\'([0-9a-fA-F]{2})|\\([^a-z'])|([{}])|([^\\{}\r\n]+)|[\r\n]+")
_BREAKS = {"par": "\n", "line": "\n", "row": "\n", "page": "\n", "sect": "\n", "cell": "\t", "tab": "\t"}
_SKIPPED = frozenset(
    ["fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "themedata", "datastore", "fldinst", "generator"]
)


def iter_rtf_parts(content: bytes, *, limits: DocumentLimits) -> Iterator[TextPart]:
    """Yield the text of an RTF document as lines."""
    yield from iter_line_parts(_strip_controls(content.decode("latin-1")).split("\n"), limits=limits)


def _strip_controls(text: str) -> str:
    pieces: list[str] = []
    stack: list[bool] = []
    is_hidden, skip = False, 0
    for match in _TOKEN.finditer(text):
        word, number, byte, sign, brace, plain = match.groups()
        if brace == "{":
            stack.append(is_hidden)
        elif brace == "}":
            is_hidden = stack.pop() if stack else False
        elif sign == "*" or word in _SKIPPED:
            is_hidden = True
        elif is_hidden:
            continue
        elif word == "u" and number:
            pieces.append(chr(int(number) % 65536))
            skip = 1
        elif word:
            pieces.append(_BREAKS.get(word, ""))
        elif skip and (byte or plain):
            pieces.append((plain or "")[1:])
            skip = 0
        elif byte:
            pieces.append(bytes.fromhex(byte).decode("cp1252", "replace"))
        elif sign:
            pieces.append({"~": " ", "_": "-", "\n": "\n"}.get(sign, sign if sign in "\\{}" else ""))
        else:
            pieces.append(plain or "")
    return "".join(pieces)
