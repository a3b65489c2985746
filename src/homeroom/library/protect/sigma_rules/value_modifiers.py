"""The modifiers of Sigma's values: pySigma's, and our own where the specification differs.

pySigma 1.5 has no `utf16le`, encodes ASCII only, writes the mark of `utf16` in UTF-8, counts letters instead of bytes
in `base64offset`, exchanges `-` and `/` alone in `windash`, takes no number as text, and asks Python whether a regular
expression is valid.
"""

from __future__ import annotations

import codecs
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from sigma.exceptions import SigmaValueError
from sigma.modifiers import (
    SigmaBase64Modifier,
    SigmaBase64OffsetModifier,
    SigmaCompareModifier,
    SigmaModifier,
    SigmaRegularExpressionModifier,
    SigmaTimestampModifier,
    SigmaValueModifier,
    SigmaWindowsDashModifier,
    modifier_mapping,
)
from sigma.rule.detection import SigmaDetectionItem
from sigma.types import Placeholder, SigmaExpansion, SigmaRegularExpression, SigmaString, SigmaType, sigma_type

from homeroom.engines.protect.detect.values import parse_number

type ModifierClass = type[SigmaModifier[Any, Any]]

DASHES = ("-", "/", "\u2013", "\u2014", "\u2015")
"""What `windash` exchanges: hyphen, slash, en dash, em dash, horizontal bar."""
MAX_DASHES = 5
"""Dashes of one value that are exchanged, which makes 3,125 texts of it."""
MAX_EXACT_FLOAT = 2**53
_DASH = re.compile(r"\B[-/\u2013\u2014\u2015]\b")
_DASH_NAME = "_windash"


def build_item(key: str | None, value: Any) -> SigmaDetectionItem:
    """Return the search of one field, or of all of them, by its name with modifiers; raise SigmaError."""
    name, *modifiers = ("" if key is None else str(key)).split("|")
    classes = [_find_modifier(modifier) for modifier in modifiers]
    values = value if isinstance(value, list) else [value]
    return SigmaDetectionItem(name or None, classes, [_convert_plain(plain, classes) for plain in values])


def _find_modifier(name: str) -> ModifierClass:
    try:
        return MODIFIERS[name]
    except KeyError:
        raise SigmaValueError(f"Unknown modifier {name!r}") from None


def _convert_plain(value: Any, modifiers: list[ModifierClass]) -> SigmaType:
    """Return a value of YAML in pySigma's types.

    A number is text where a modifier wants text, or where a float could not hold it; a text may be a number to compare.
    """
    takes_text = any(issubclass(modifier, SigmaValueModifier) for modifier in modifiers)
    takes_number = any(issubclass(modifier, SigmaCompareModifier | SigmaTimestampModifier) for modifier in modifiers)
    if value is None and takes_text:
        raise SigmaValueError("null takes no modifier of values")
    if takes_number:
        number = parse_number(value)
        return sigma_type(value if number is None else number)
    if isinstance(value, int | float) and not isinstance(value, bool) and (takes_text or abs(value) >= MAX_EXACT_FLOAT):
        value = str(value)
    if isinstance(value, str) and any(issubclass(modifier, SigmaRegularExpressionModifier) for modifier in modifiers):
        return SigmaString.from_str(value)
    return sigma_type(value)


class EncodedText(SigmaString):
    """A text in another encoding: its bytes, and each byte as a character."""

    data: bytes

    @classmethod
    def encode(cls, text: SigmaString, *, encoding: str, mark: bytes = b"") -> EncodedText:
        """Return the text in an encoding; raise SigmaValueError if it has wildcards."""
        if any(not isinstance(part, str) for part in text.s):
            raise SigmaValueError(f"a text with wildcards has no form in {encoding}")
        encoded = cls()
        encoded.data = mark + "".join(map(str, text.s)).encode(encoding)
        encoded.s = [encoded.data.decode("latin-1")]
        return encoded


class WideModifier(SigmaValueModifier[SigmaString, SigmaString]):
    """Encode text as UTF-16, without mark, and little-endian."""

    encoding: ClassVar[str] = "utf-16-le"
    mark: ClassVar[bytes] = b""

    def modify(self, val: SigmaString) -> SigmaString:
        """Return the text encoded."""
        return EncodedText.encode(val, encoding=self.encoding, mark=self.mark)


class BigEndianModifier(WideModifier):
    """Encode text as UTF-16, without mark, and big-endian."""

    encoding = "utf-16-be"


class MarkedModifier(WideModifier):
    """Encode text as UTF-16 with its mark."""

    mark = codecs.BOM_UTF16_LE


def _list_bytes(text: SigmaString) -> bytes:
    if any(not isinstance(part, str) for part in text.s):
        raise SigmaValueError("Base64 encoding of strings with wildcards is not allowed")
    return text.data if isinstance(text, EncodedText) else "".join(map(str, text.s)).encode()


class Base64Modifier(SigmaBase64Modifier):
    """Encode text in Base64."""

    def modify(self, val: SigmaString) -> SigmaString:
        """Return the text encoded."""
        return SigmaString.from_str(b64encode(_list_bytes(val)).decode())


class Base64OffsetModifier(SigmaBase64OffsetModifier):
    """Encode text in Base64 as it is within a longer text, after bytes whose number has each remainder by three."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        """Return the three parts that do not depend on what is around the text."""
        data = _list_bytes(val)
        encoded = [b64encode(b" " * offset + data).decode() for offset in range(3)]
        ends = [self.end_offsets[(len(data) + offset) % 3] for offset in range(3)]
        return SigmaExpansion(
            [
                SigmaString.from_str(text[start:end])
                for text, start, end in zip(encoded, self.start_offsets, ends, strict=True)
            ]
        )


class WindowsDashModifier(SigmaWindowsDashModifier):
    """Exchange the dash before a word by each of the others."""

    def modify(self, val: SigmaString) -> SigmaExpansion:
        """Return the text with each combination of dashes."""
        marked = val.replace_with_placeholder(_DASH, _DASH_NAME)
        if sum(isinstance(part, Placeholder) and part.name == _DASH_NAME for part in marked.s) > MAX_DASHES:
            raise SigmaValueError(f"windash of a text with more than {MAX_DASHES} dashes")
        return SigmaExpansion(list(marked.replace_placeholders(_list_dashes)))


def _list_dashes(placeholder: Placeholder) -> Iterator[str | Placeholder]:
    if placeholder.name == _DASH_NAME:
        yield from DASHES
    else:
        yield placeholder


class UncheckedExpression(SigmaRegularExpression):
    """A regular expression that Python has no say in; the engine that runs it checks it."""

    def compile(self) -> None:
        """Leave the check to the engine."""


class ExpressionModifier(SigmaRegularExpressionModifier):
    """Take text as a regular expression."""

    def modify(self, val: SigmaString) -> SigmaRegularExpression:
        """Return the expression; raise SigmaValueError after another modifier."""
        if self.applied_modifiers:
            raise SigmaValueError("Regular expression modifier only applicable to unmodified values")
        return UncheckedExpression(val.original)


MODIFIERS: Mapping[str, ModifierClass] = {
    **modifier_mapping,
    "base64": Base64Modifier,
    "base64offset": Base64OffsetModifier,
    "re": ExpressionModifier,
    "utf16": MarkedModifier,
    "utf16be": BigEndianModifier,
    "utf16le": WideModifier,
    "wide": WideModifier,
    "windash": WindowsDashModifier,
}
