"""How versions are compared, by scheme: each scheme turns a version into a key that orders as its makers order versions.

A key is None where a version says too little to be compared: a Windows build without its last number is neither older nor
newer than the update that would close a flaw. Keys of one scheme compare with each other and with nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from packaging.version import InvalidVersion, Version
from univers import versions as univers

from homeroom.engines.vulnerabilities.packages import deb, number, rpm, rpm_bare

_TOKEN = re.compile(r"[0-9]+|[a-z]+")
_CLEAN = re.compile(r"\A(?:version|ver|release|build|v|r)?[\s._-]*(?=[0-9])", re.IGNORECASE)
_AFTER = re.compile(r"\s*[(,].*|\s+(?!(?:sp|update|u|patch|p|hotfix|beta|alpha|rc|build)[0-9\s]).*", re.IGNORECASE)
_APART = re.compile(r"\b(sp|update|patch|hotfix|beta|alpha|rc|build)\s+(?=[0-9])", re.IGNORECASE)
_EARLY = {"dev": 1, "snapshot": 1, "pre": 2, "preview": 2, "alpha": 3, "a": 3, "beta": 4, "b": 4, "m": 5, "milestone": 5,
          "rc": 6, "cr": 6, "c": 6, "canary": 1, "nightly": 1, "insider": 2}  # fmt: skip
_LATE = {"sp": "1", "p": "2", "patch": "2", "pl": "2", "update": "3", "u": "3", "hotfix": "4", "hf": "4"}
_SILENT = {"esr", "final", "ga", "release", "stable", "lts", "x", "os", "official"}
_EARLY_MARK, _END, _LATE_MARK, _NUMBER, _LAST = b"\x30", b"\x40", b"\x45", b"\x50", b"\xff"
_DOTTED = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)+")
_FOUR = re.compile(r"(?<![0-9.])([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,6})\.([0-9]{1,6})(?![0-9.])")
_BUILD = re.compile(r"(?<![0-9.])([0-9]{5})\.([0-9]{1,6})(?![0-9.])")
_APPLE = re.compile(r"([0-9]+(?:\.[0-9]+)*)(?:\s*\(([a-z])\))?")
_SEMVER = re.compile(
    r"\A\s*(?:go|v|=)?\s*([0-9]+(?:\.[0-9]+)*)(?:-?([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]*)?\s*\Z"
)
_JAVA_OLD = re.compile(r"\A\s*(?:1\.)?([5-8])(?:\.0)?[\s_.-]*(?:update|u|_)\s*_?([0-9]+)", re.IGNORECASE)
_JAVA_WINDOWS = re.compile(r"\A\s*([5-8])\.0\.([0-9]+)0\.[0-9]+\s*\Z")

Key = Any


def plain(version: str) -> bytes | None:
    """Numbers part by part; 1.0 is 1.0.0; rc, beta and their like come before, letters, patches and updates after.

    `1.2.3.*` comes after every 1.2.3 with further parts.
    """
    whole = _APART.sub(r"\1", version.strip())
    text = _CLEAN.sub("", _AFTER.sub("", whole, count=1), count=1).lower().partition("+")[0]
    tokens = [token for token in _TOKEN.findall(text) if token not in _SILENT]
    if not tokens or not tokens[0].isdigit():
        found = _DOTTED.search(version)
        return plain(found[0]) if found and found[0] != version else None
    made, waiting = bytearray(), bytearray()
    for token in tokens:
        if token.isdigit():
            waiting += _NUMBER + number(token)
            if token.strip("0"):
                made, waiting = made + waiting, bytearray()
        else:
            made, waiting = made + _word(token), bytearray()
    return bytes(made + (_LAST if text.endswith(".*") else _END))


def _word(token: str) -> bytes:
    if token in _EARLY:
        return _EARLY_MARK + bytes((_EARLY[token],))
    return _LATE_MARK + _LATE.get(token, token).encode("ascii") + b"\x00"


def windows(version: str) -> bytes | None:
    """A Windows build with its update: 10.0.19045.4780, or 19045.4780; None without the last number."""
    if found := _FOUR.search(version):
        return b"".join(number(part) for part in found.groups())
    if found := _BUILD.search(version):
        return number("10") + number("0") + b"".join(number(part) for part in found.groups())
    return None


def chrome(version: str) -> bytes | None:
    """Four numbers, as Chrome, ChromeOS, Edge and other Chromium browsers count; None where fewer stand."""
    found = _FOUR.search(version)
    return None if found is None else b"".join(number(part) for part in found.groups())


def apple(version: str) -> bytes | None:
    """An Apple release: 14.6 is 14.6.0, 13.4.1 (a) comes after 13.4.1; a build in brackets does not count."""
    found = _APPLE.search(version)
    if found is None:
        return None
    numbers = re.sub(r"(\.0+)+\Z", "", found[1]).split(".")
    response = _LATE_MARK + found[2].encode("ascii") if found[2] else b""
    return b"".join(_NUMBER + number(part) for part in numbers) + response + _END


def semver(version: str) -> bytes | None:
    """Semantic versioning 2.0, with or without v; what follows a plus does not count."""
    found = _SEMVER.match(version)
    if found is None:
        return None
    numbers = re.sub(r"(\.0+)+\Z", "", found[1]).split(".")
    release = b"".join(_NUMBER + number(part) for part in numbers)
    if not found[2]:
        return release + _END
    return release + _EARLY_MARK + b"".join(_identifier(part) for part in found[2].split(".")) + b"\x01"


def _identifier(part: str) -> bytes:
    return b"\x02" + number(part) if part.isdigit() else b"\x03" + part.encode("ascii") + b"\x00"


def python(version: str) -> bytes | None:
    """A Python version as PEP 440 orders it."""
    try:
        found = Version(version)
    except InvalidVersion:
        return None
    release = [str(part) for part in found.release]
    while len(release) > 1 and not int(release[-1]):
        release.pop()
    made = number(str(found.epoch)) + b"".join(_NUMBER + number(part) for part in release) + _END
    return (
        made
        + _before(found)
        + _numbered(found.post, absent=b"\x10")
        + _numbered(found.dev, absent=b"\x60")
        + _local(found)
    )


def _before(found: Version) -> bytes:
    if found.pre is not None:
        word, count = found.pre
        return b"\x20" + bytes((("a", "b", "rc").index(word) + 1,)) + number(str(count))
    return b"\x10" if found.post is None and found.dev is not None else b"\x60"


def _numbered(count: int | None, *, absent: bytes) -> bytes:
    return absent if count is None else b"\x20" + number(str(count))


def _local(found: Version) -> bytes:
    if found.local is None:
        return b"\x05"
    parts = found.local.split(".")
    return (
        b"".join(b"\x30" + number(part) if part.isdigit() else b"\x20" + part.encode() + b"\x00" for part in parts)
        + b"\x10"
    )


def java(version: str) -> bytes | None:
    """Java as its makers write it: 8u361, 1.8.0_361 and the 8.0.3610.9 that Windows lists are one; 17.0.8 stays as it is."""
    found = _JAVA_OLD.match(version) or _JAVA_WINDOWS.match(version)
    if found is not None:
        return plain(f"{found[1]}.0.{found[2]}")
    if old := re.match(r"\A\s*1\.([5-8])\.0\s*\Z", version):
        return plain(f"{old[1]}.0.0")
    return plain(version)


def knowledge(version: str) -> bytes | None:
    """A Microsoft update by its number: KB5041578."""
    found = re.search(r"[0-9]{6,8}", version)
    return None if found is None else number(found[0])


def _of(kind: type[univers.Version], version: str) -> Any:
    try:
        return kind(version)
    except (univers.InvalidVersion, ValueError, TypeError, AttributeError, IndexError):
        return None


SCHEMES: Mapping[str, Callable[[str], Key | None]] = {
    "plain": plain,
    "semver": semver,
    "python": python,
    "deb": deb,
    "rpm": rpm,
    "rpm-bare": rpm_bare,
    "windows": windows,
    "chrome": chrome,
    "apple": apple,
    "java": java,
    "kb": knowledge,
    "maven": partial(_of, univers.MavenVersion),
    "gem": partial(_of, univers.RubygemsVersion),
    "nuget": partial(_of, univers.NugetVersion),
    "apk": partial(_of, univers.AlpineLinuxVersion),
    "arch": partial(_of, univers.ArchLinuxVersion),
    "gentoo": partial(_of, univers.GentooVersion),
}
"""Every scheme by name. `plain` is for makers who count in numbers and say nothing more, calendar versions among them."""


def key(version: str, *, scheme: str) -> Key | None:
    """The key of a version; None where it cannot be compared. Raises KeyError for a scheme that is none."""
    return SCHEMES[scheme](version)


def scheme_as_listed(scheme: str, version: str) -> str:
    """The scheme for an installed version: a list of RPM packages that leaves epochs out is compared without them."""
    return "rpm-bare" if scheme == "rpm" and not re.match(r"\A\s*[0-9]+:", version) else scheme
