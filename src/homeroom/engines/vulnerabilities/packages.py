"""Versions of Linux packages as bytes that order as the package manager orders them.

Sources of the rules: Debian Policy 5.6.12 (epoch, upstream version, revision; `~` before the end, letters before other
signs) and rpm's own vercmp (parts of digits or letters; `~` before the end, `^` right after it).
"""

from __future__ import annotations

import re

_PAIR = re.compile(r"([^0-9]*)([0-9]*)")
_PART = re.compile(r"[0-9]+|[A-Za-z]+|~|\^")
_DEB = re.compile(r"(?:([0-9]+):)?([A-Za-z0-9.+~_:-]+)\Z")
_RPM = re.compile(r"(?:([0-9]+):)?([^\s:-]+)(?:-([^\s:]+))?\Z")
_TILDE, _END, _CARET, _LETTERS, _DIGITS, _OTHER = b"\x01", b"\x02", b"\x03", b"\x04", b"\x05", 0x80


def number(digits: str) -> bytes:
    """A number of any length as bytes that order by value."""
    bare = digits.lstrip("0")[:255]
    return bytes((len(bare),)) + bare.encode("ascii")


def deb(version: str) -> bytes | None:
    """The key of a Debian or Ubuntu version; None where it is none."""
    found = _DEB.match(version.strip())
    if found is None or not any(sign.isdigit() for sign in found[2]):
        return None
    upstream, _, revision = found[2].rpartition("-")
    if not upstream:
        upstream, revision = revision, ""
    return number(found[1] or "0") + _deb_part(upstream) + _deb_part(revision or "0")


def _deb_part(text: str) -> bytes:
    made = bytearray()
    for signs, digits in _PAIR.findall(text):
        if not signs and not digits:
            continue
        made += b"".join(_deb_sign(sign) for sign in signs) + _END + number(digits)
    return bytes(made + _END)


def _deb_sign(sign: str) -> bytes:
    if sign == "~":
        return _TILDE
    code = min(ord(sign), 0x7F)
    return bytes((code if sign.isalpha() else _OTHER + code,))


def rpm(version: str) -> bytes | None:
    """The key of an RPM version with its epoch, which is 0 where none stands; None where it is none."""
    found = _RPM.match(version.strip())
    return None if found is None else number(found[1] or "0") + _rpm_part(found[2]) + _rpm_part(found[3] or "")


def rpm_bare(version: str) -> bytes | None:
    """The key of an RPM version without its epoch, for lists that leave it out: what was not said is not compared."""
    return rpm(re.sub(r"\A\s*[0-9]+:", "", version))


def _rpm_part(text: str) -> bytes:
    made = bytearray()
    for part in _PART.findall(text):
        if part == "~":
            made += _TILDE
        elif part == "^":
            made += _CARET
        elif part[0].isdigit():
            made += _DIGITS + number(part)
        else:
            made += _LETTERS + part.encode("ascii") + b"\x00"
    return bytes(made + _END)
