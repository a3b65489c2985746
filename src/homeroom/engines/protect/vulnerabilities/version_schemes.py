"""Version schemes: each turns a version into a key that sorts in the order of the vendor's versions.

A key is None where a version is too vague to be compared: a Windows build without its last number is neither older nor
newer than the update that would fix a vulnerability. Keys of one scheme compare with each other and with no others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from packaging.version import InvalidVersion, Version
from univers import versions as univers

from homeroom.engines.protect.vulnerabilities.packages import (
    encode_deb,
    encode_number,
    encode_rpm,
    encode_rpm_without_epoch,
)

_TOKEN = re.compile(r"[0-9]+|[a-z]+")
_CLEAN = re.compile(r"\A(?:version|ver|release|build|v|r)?[\s._-]*(?=[0-9])", re.IGNORECASE)
_TRAILING_TEXT = re.compile(
    r"\s*[(,].*|\s+(?!(?:sp|update|u|patch|p|hotfix|beta|alpha|rc|build)[0-9\s]).*", re.IGNORECASE
)
_SPACED_QUALIFIER = re.compile(r"\b(sp|update|patch|hotfix|beta|alpha|rc|build)\s+(?=[0-9])", re.IGNORECASE)
_PRERELEASE_ORDER = {
    "dev": 1,
    "snapshot": 1,
    "pre": 2,
    "preview": 2,
    "alpha": 3,
    "a": 3,
    "beta": 4,
    "b": 4,
    "m": 5,
    "milestone": 5,
    "rc": 6,
    "cr": 6,
    "c": 6,
    "canary": 1,
    "nightly": 1,
    "insider": 2,
    "ea": 2,
    "eap": 2,
    "internal": 1,
}
_PATCH_ORDER = {"sp": "1", "p": "2", "patch": "2", "pl": "2", "update": "3", "u": "3", "hotfix": "4", "hf": "4"}
_IGNORED_TOKENS = {"esr", "final", "ga", "release", "stable", "lts", "x", "os", "official"}
_PRERELEASE_MARK, _END, _PATCH_MARK, _NUMBER, _LAST = b"\x30", b"\x40", b"\x45", b"\x50", b"\xff"
_DOTTED = re.compile(r"(?<![\w.])[0-9]+(?:\.[0-9]+)+")
_FOUR = re.compile(r"(?<![0-9.])([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,6})\.([0-9]{1,6})(?![0-9.])")
_BUILD = re.compile(r"(?<![0-9.])([0-9]{5})\.([0-9]{1,6})(?![0-9.])")
_APPLE = re.compile(r"([0-9]+(?:\.[0-9]+)*)(?:\s*\(([a-z])\))?")
_SEMVER = re.compile(
    r"\A\s*(?:go|v|=)?\s*([0-9]+(?:\.[0-9]+)*)(?:-?([0-9A-Za-z][0-9A-Za-z.-]*))?(?:\+[0-9A-Za-z.-]*)?\s*\Z"
)
_JAVA_OLD = re.compile(r"\A\s*(?:1\.)?([5-8])(?:\.0)?[\s_.-]*(?:update|u|_)\s*_?([0-9]+)", re.IGNORECASE)
_JAVA_PRERELEASE = re.compile(r"\A[^+]*?[0-9]-?(ea|internal|alpha|beta|rc|pre|dev|snapshot)(?![a-z])", re.IGNORECASE)
# Maven orders `release` like `final` and `ga`, which the parser knows: none of them counts.
_MAVEN_RELEASE = re.compile(r"(?<=[.-])release(?![a-z])", re.IGNORECASE)
_GEM_PLATFORM = re.compile(
    r"-(?:(?:x86_64|x86|x64|i[3-6]86|aarch64|arm64|arm(?:v[0-9][a-z0-9]*|hf)?|universal|powerpc\w*|ppc\w*|s390x?|riscv\w*)"
    r"-[a-z].*|java|jruby|dalvik|ruby|mswin\w*.*|mingw\w*.*|linux.*|darwin.*|freebsd.*|solaris.*)\Z",
    re.IGNORECASE,
)
_JAVA_WINDOWS = re.compile(r"\A\s*([5-8])\.0\.([0-9]+)0\.[0-9]+\s*\Z")

VersionKey = Any


def encode_plain(version: str) -> bytes | None:
    """Return the sort key of numbers part by part; 1.0 equals 1.0.0.

    Prereleases (rc, beta, …) come before, letters, patches and updates after. `1.2.3.*` comes after every 1.2.3 with
    further parts.
    """
    compact = _SPACED_QUALIFIER.sub(r"\1", version.strip())
    text = _CLEAN.sub("", _TRAILING_TEXT.sub("", compact, count=1), count=1).lower().partition("+")[0]
    tokens = [token for token in _TOKEN.findall(text) if token not in _IGNORED_TOKENS]
    if not tokens or not tokens[0].isdigit():
        match = _DOTTED.search(version)
        return encode_plain(match[0]) if match and match[0] != version else None
    encoded, pending = bytearray(), bytearray()
    for token in tokens:
        if token.isdigit():
            pending += _NUMBER + encode_number(token)
            if token.strip("0"):
                encoded, pending = encoded + pending, bytearray()
        else:
            encoded, pending = encoded + _encode_word(token), bytearray()
    return bytes(encoded + (_LAST if text.endswith(".*") else _END))


def _encode_word(token: str) -> bytes:
    if token in _PRERELEASE_ORDER:
        return _PRERELEASE_MARK + bytes((_PRERELEASE_ORDER[token],))
    return _PATCH_MARK + _PATCH_ORDER.get(token, token).encode("ascii") + b"\x00"


def encode_windows(version: str) -> bytes | None:
    """Return the sort key of a Windows build with its update: 10.0.19045.4780, or 19045.4780.

    None without the last number.
    """
    if match := _FOUR.search(version):
        return b"".join(encode_number(part) for part in match.groups())
    if match := _BUILD.search(version):
        return encode_number("10") + encode_number("0") + b"".join(encode_number(part) for part in match.groups())
    return None


def encode_chrome(version: str) -> bytes | None:
    """Return the sort key of four numbers, as Chrome, ChromeOS, Edge and other Chromium browsers use them.

    None where there are fewer.
    """
    match = _FOUR.search(version)
    return None if match is None else b"".join(encode_number(part) for part in match.groups())


def encode_apple(version: str) -> bytes | None:
    """Return the sort key of an Apple release: 14.6 is 14.6.0, and 13.4.1 (a) comes after 13.4.1.

    A build in brackets does not count.
    """
    match = _APPLE.search(version)
    if match is None:
        return None
    numbers = re.sub(r"(\.0+)+\Z", "", match[1]).split(".")
    response = _PATCH_MARK + match[2].encode("ascii") if match[2] else b""
    return b"".join(_NUMBER + encode_number(part) for part in numbers) + response + _END


def encode_semver(version: str) -> bytes | None:
    """Return the sort key of a version by Semantic versioning 2.0, with or without v.

    Build metadata after a plus does not count.
    """
    match = _SEMVER.match(version)
    if match is None:
        return None
    numbers = re.sub(r"(\.0+)+\Z", "", match[1]).split(".")
    release = b"".join(_NUMBER + encode_number(part) for part in numbers)
    if not match[2]:
        return release + _END
    return release + _PRERELEASE_MARK + b"".join(_encode_identifier(part) for part in match[2].split(".")) + b"\x01"


def _encode_identifier(part: str) -> bytes:
    return b"\x02" + encode_number(part) if part.isdigit() else b"\x03" + part.encode("ascii") + b"\x00"


def encode_python(version: str) -> bytes | None:
    """Return the sort key of a Python version in the order of PEP 440."""
    try:
        parsed = Version(version)
    except InvalidVersion:
        return None
    release = [str(part) for part in parsed.release]
    while len(release) > 1 and not int(release[-1]):
        release.pop()
    encoded = encode_number(str(parsed.epoch)) + b"".join(_NUMBER + encode_number(part) for part in release) + _END
    return (
        encoded
        + _encode_prerelease(parsed)
        + _encode_optional_number(parsed.post, absent=b"\x10")
        + _encode_optional_number(parsed.dev, absent=b"\x60")
        + _encode_local(parsed)
    )


def _encode_prerelease(parsed: Version) -> bytes:
    if parsed.pre is not None:
        word, count = parsed.pre
        return b"\x20" + bytes((("a", "b", "rc").index(word) + 1,)) + encode_number(str(count))
    return b"\x10" if parsed.post is None and parsed.dev is not None else b"\x60"


def _encode_optional_number(count: int | None, *, absent: bytes) -> bytes:
    return absent if count is None else b"\x20" + encode_number(str(count))


def _encode_local(parsed: Version) -> bytes:
    if parsed.local is None:
        return b"\x05"
    parts = parsed.local.split(".")
    return (
        b"".join(
            b"\x30" + encode_number(part) if part.isdigit() else b"\x20" + part.encode() + b"\x00" for part in parts
        )
        + b"\x10"
    )


def encode_java(version: str) -> bytes | None:
    """Return the sort key of a Java version.

    8u361, 1.8.0_361 and the 8.0.3610.9 that Windows lists are equal; 17.0.8 is compared as plain numbers. An early
    access build (21-ea+35) comes before its release, and the number of a build (-b07, +8) does not count.
    """
    prerelease = _JAVA_PRERELEASE.match(version)
    ending = f"-{prerelease[1]}" if prerelease else ""
    match = _JAVA_OLD.match(version) or _JAVA_WINDOWS.match(version)
    if match is not None:
        return encode_plain(f"{match[1]}.0.{match[2]}{ending}")
    if old := re.match(r"\A\s*1\.([5-8])\.0(?![0-9._])", version):
        return encode_plain(f"{old[1]}.0.0{ending}")
    return encode_plain(version)


def encode_maven(version: str) -> VersionKey | None:
    """Return the sort key of a Maven version: 5.3.27.RELEASE, 5.3.27.Final and 5.3.27-GA are 5.3.27."""
    return _parse_with_univers(univers.MavenVersion, _MAVEN_RELEASE.sub("ga", version.strip()))


def encode_gem(version: str) -> VersionKey | None:
    """Return the sort key of a gem's version; the platform that it is built for (-x86_64-linux) does not count."""
    return _parse_with_univers(univers.RubygemsVersion, _GEM_PLATFORM.sub("", version.strip()))


def encode_kb(version: str) -> bytes | None:
    """Return the sort key of a Microsoft update by its number: KB5041578."""
    match = re.search(r"[0-9]{6,8}", version)
    return None if match is None else encode_number(match[0])


def _parse_with_univers(version_class: type[univers.Version], version: str) -> Any:
    try:
        return version_class(version)
    except (univers.InvalidVersion, ValueError, TypeError, AttributeError, IndexError):
        return None


SCHEMES: Mapping[str, Callable[[str], VersionKey | None]] = {
    "plain": encode_plain,
    "semver": encode_semver,
    "python": encode_python,
    "deb": encode_deb,
    "rpm": encode_rpm,
    "rpm-bare": encode_rpm_without_epoch,
    "rpm-loose": encode_rpm_without_epoch,
    "windows": encode_windows,
    "chrome": encode_chrome,
    "apple": encode_apple,
    "java": encode_java,
    "kb": encode_kb,
    "maven": encode_maven,
    "gem": encode_gem,
    "nuget": partial(_parse_with_univers, univers.NugetVersion),
    "apk": partial(_parse_with_univers, univers.AlpineLinuxVersion),
    "arch": partial(_parse_with_univers, univers.ArchLinuxVersion),
    "gentoo": partial(_parse_with_univers, univers.GentooVersion),
}
"""Every scheme by name.

`plain` is for vendors without a documented scheme, calendar versions among them.
"""


def build_version_key(version: str, *, scheme: str) -> VersionKey | None:
    """Return the sort key of a version; None where it cannot be compared.

    Raise KeyError for an unknown scheme.
    """
    return SCHEMES[scheme](version)


def get_listed_scheme(scheme: str, version: str) -> str:
    """Return the scheme for an installed version: a list of RPM packages without epochs is compared without them."""
    return "rpm-bare" if scheme == "rpm" and not has_epoch(version) else scheme


def has_epoch(version: str) -> bool:
    """Check whether a version of a Linux package states its epoch (1:2.3, and 0:2.3)."""
    return re.match(r"\A\s*[0-9]+:", version) is not None
