"""Secrets in records of logs: recognized by their names and by the words before them, replaced and counted.

A password on a command line, a token in an address, a key in a parameter: the record is stored without it. The words
before it stay, since rules ask for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

REPLACEMENT = "[secret]"
_NAME = re.compile(
    r"(?:\w*[._ -])?(?:(?:new|old|temporary|temp|initial|user|admin|account)?[_-]?(?:password|passwd|passphrase|pwd)"
    r"|(?:client|app|application|shared)?[_-]?secret(?:value|text|key)?|secrettext"
    r"|(?:access|refresh|id|bearer|auth|api|session)[_-]?token(?:value)?|(?:set-)?cookie|authorization"
    r"|private[_-]?key|api[_-]?key|recovery[_-]?codes?|backup[_-]?codes?)",
    re.IGNORECASE,
)
_VALUE = r"(\"[^\"]{1,400}\"|'[^']{1,400}'|[^\s\"'&,;|]{1,400})"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?:--?|/)(?:password|passwd|pass|pwd|passphrase|api-?key|client-?secret|secret|access-?token|token)[=: ]\s*"
        + _VALUE,
        r"\b(?:password|passwd|pwd|passphrase|client_secret|api_?key|access_token|refresh_token|id_token|auth_token)"
        r"\s*=\s*" + _VALUE,
        r"\b(?:psexec|paexec|plink|pscp|winexe|mysqldump|mysql|schtasks|wmic|at)(?:64)?(?:\.exe)?\"?\s[^\n]{0,400}?"
        r"\s[-/]p\s+" + _VALUE,
        r"\bschtasks(?:\.exe)?\"?\s[^\n]{0,400}?\s/rp\s+" + _VALUE,
        r"\bnet1?(?:\.exe)?\"?\s+user\s+(?:\"[^\"]{1,200}\"|\S{1,200})\s+(?![/*])" + _VALUE,
        r"\bnet1?(?:\.exe)?\"?\s+use\s[^\n]{0,400}?/user:\S{1,200}\s+(?![/*])" + _VALUE,
        r"\bnet1?(?:\.exe)?\"?\s+use\s+(?:\w:\s+|\*\s+)?\\\\\S{1,300}\s+(?![/*])"
        + _VALUE
        + r"(?=\s[^\n]{0,200}/user:)",
        r"\bConvertTo-SecureString\s+(?:-String\s+)?" + _VALUE,
        r"\b(?:Bearer|Basic)\s+([A-Za-z0-9+/=._~-]{16,})",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,200}:([^\s/:@]{1,200})@",
        r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})",
    )
)
_HINT = re.compile(
    r"pass|pwd|secret|token|cookie|authoriz|key|code|[-/]p\s|/rp\s|net1?(?:\.exe)?[\"\\]*\s+use|securestring|bearer|basic\s"
    r"|://[^\s/@\"]+@|eyJ",
    re.IGNORECASE,
)
_CACHED, _LONGEST_CACHED = 8_192, 512
"""Names and short texts of which it is remembered whether they may be or hold a secret: most repeat."""
_LABELS = ("name", "Name", "key", "displayName")
_LABELED = ("value", "Value", "newValue", "oldValue", "NewValue", "OldValue", "multiValue")


def may_hold_secret(text: str) -> bool:
    """Check quickly whether a serialized record may hold a secret, so that few records are searched."""
    return _HINT.search(text) is not None


def mask_secrets(record: Mapping[str, Any]) -> tuple[dict[str, Any], int]:
    """Return a record with its secrets replaced, and how many there were."""
    masker = _Masker()
    return masker.mask_object(record), masker.count


@lru_cache(maxsize=_CACHED)
def _is_secret_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


@lru_cache(maxsize=_CACHED)
def _has_hint(text: str) -> bool:
    return _HINT.search(text) is not None


class _Masker:
    """Walks one record."""

    def __init__(self) -> None:
        self.count = 0

    def mask_object(self, record: Mapping[str, Any]) -> dict[str, Any]:
        label = next((record[name] for name in _LABELS if isinstance(record.get(name), str)), "")
        is_secret = bool(label) and _is_secret_name(label)
        return {
            name: self._hide(value)
            if _is_secret_name(name) or (is_secret and name in _LABELED)
            else self._mask_value(value)
            for name, value in record.items()
        }

    def _mask_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._mask_text(value)
        if isinstance(value, dict):
            return self.mask_object(value)
        if isinstance(value, list):
            return [self._mask_value(item) for item in value]
        return value

    def _hide(self, value: Any) -> Any:
        """Return the replacement of a value that its name calls a secret; numbers and truths are none."""
        if isinstance(value, str) and value and value.strip("*"):
            self.count += 1
            return REPLACEMENT
        if isinstance(value, list):
            return [self._hide(item) for item in value]
        return self._mask_value(value)

    def _mask_text(self, text: str) -> str:
        if len(text) < 6 or not (_has_hint(text) if len(text) <= _LONGEST_CACHED else _HINT.search(text)):
            return text
        for pattern in _PATTERNS:
            text = pattern.sub(self._replace, text)
        return text

    def _replace(self, match: re.Match[str]) -> str:
        if match[1].strip("\"'*") in {"", REPLACEMENT}:
            return match[0]
        self.count += 1
        first, last = match.start(1) - match.start(), match.end(1) - match.start()
        return match[0][:first] + REPLACEMENT + match[0][last:]
