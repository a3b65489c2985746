"""Versions of Linux packages as bytes that sort in the order of the package manager.

Sources of the rules: Debian Policy 5.6.12 (epoch, upstream version, revision; `~` before the end, letters before other
characters) and rpm's own vercmp (parts of digits or letters; `~` before the end, `^` right after it).
"""

from __future__ import annotations

import re

_PAIR = re.compile(r"([^0-9]*)([0-9]*)")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_DEB = re.compile(r"(?:([0-9]+):)?([A-Za-z0-9.+~_:-]+)\Z")
_RPM = re.compile(r"(?:([0-9]+):)?([^\s:-]+)(?:-([^\s:]+))?\Z")
_TILDE, _END, _CARET, _LETTERS, _DIGITS, _OTHER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", 0x80


def encode_number(digits: str) -> bytes:
    """Encode a number of any length as bytes that sort by value."""
    bare = digits.lstrip("0")[:255]
    return bytes((len(bare),)) + bare.encode("ascii")


def encode_deb(version: str) -> bytes | None:
    """Return the sort key of a Debian or Ubuntu version; None if the text is not one."""
    match = _DEB.match(version.strip())
    if match is None or not any(character.isdigit() for character in match[2]):
        return None
    upstream, _, revision = match[2].rpartition("-")
    if not upstream:
        upstream, revision = revision, ""
    return encode_number(match[1] or "0") + _encode_deb_part(upstream) + _encode_deb_part(revision or "0")


def _encode_deb_part(text: str) -> bytes:
    encoded = bytearray()
    for characters, digits in _PAIR.findall(text):
        if not characters and not digits:
            continue
        encoded += b"".join(_encode_deb_character(character) for character in characters) + _END + encode_number(digits)
    return bytes(encoded + _END)


def _encode_deb_character(character: str) -> bytes:
    if character == "~":
        return _TILDE
    code = min(ord(character), 0x7F)
    return bytes((code if character.isalpha() else _OTHER + code,))


def encode_rpm(version: str) -> bytes | None:
    """Return the sort key of an RPM version with its epoch, which defaults to 0; None if the text is not a version."""
    match = _RPM.match(version.strip())
    return (
        None
        if match is None
        else encode_number(match[1] or "0") + _encode_rpm_part(match[2]) + _encode_rpm_part(match[3] or "")
    )


def encode_rpm_without_epoch(version: str) -> bytes | None:
    """Return the sort key of an RPM version without its epoch, for lists that leave the epoch out."""
    return encode_rpm(re.sub(r"\A\s*[0-9]+:", "", version))


def _encode_rpm_part(text: str) -> bytes:
    encoded = bytearray()
    for part in _PART.findall(text):
        if part == "~":
            encoded += _TILDE
        elif part == "^":
            encoded += _CARET
        elif part[0].isdigit():
            encoded += _DIGITS + encode_number(part)
        else:
            encoded += _LETTERS + part.encode("ascii") + b"\x00"
    return bytes(encoded + _END)
