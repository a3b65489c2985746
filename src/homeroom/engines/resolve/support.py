"""How long Windows is supported beyond its ordinary end, where a record says so: ESU and LTSC.

Sources: Microsoft Lifecycle, learn.microsoft.com/lifecycle/products/windows-10-enterprise-ltsc-2019 (and -2021,
windows-10-2016-ltsb, windows-10-iot-enterprise-ltsc-2021, windows-11-enterprise-ltsc-2024) and
learn.microsoft.com/windows/whats-new/extended-security-updates (ESU: years end with the second Tuesday of October);
the LTSC dates agree with endoflife.date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class LongSupport:
    """One long support. It applies where all of the words (regular expressions, lower case) or the build fit."""

    kind: str
    words: str
    build: int | None
    until: date


LONG: tuple[LongSupport, ...] = (
    LongSupport(kind="ltsc", words=r"iot.*ltsc.*2021|iot.*21h2", build=None, until=date(2032, 1, 13)),
    LongSupport(kind="ltsc", words=r"iot.*ltsc", build=19044, until=date(2032, 1, 13)),
    LongSupport(kind="ltsc", words=r"iot.*ltsc.*2024", build=None, until=date(2034, 10, 10)),
    LongSupport(kind="ltsc", words=r"iot.*ltsc", build=26100, until=date(2034, 10, 10)),
    LongSupport(kind="ltsc", words=r"lts[cb].*2024", build=None, until=date(2029, 10, 9)),
    LongSupport(kind="ltsc", words=r"lts[cb].*2021", build=None, until=date(2027, 1, 12)),
    LongSupport(kind="ltsc", words=r"lts[cb].*2019", build=None, until=date(2029, 1, 9)),
    LongSupport(kind="ltsc", words=r"lts[cb].*2016", build=None, until=date(2026, 10, 13)),
    LongSupport(kind="ltsc", words=r"lts[cb].*2015", build=None, until=date(2025, 10, 14)),
    LongSupport(kind="ltsc", words=r"lts[cb]|enterprises\b", build=26100, until=date(2029, 10, 9)),
    LongSupport(kind="ltsc", words=r"lts[cb]|enterprises\b", build=19044, until=date(2027, 1, 12)),
    LongSupport(kind="ltsc", words=r"lts[cb]|enterprises\b", build=17763, until=date(2029, 1, 9)),
    LongSupport(kind="ltsc", words=r"lts[cb]|enterprises\b", build=14393, until=date(2026, 10, 13)),
    LongSupport(kind="ltsc", words=r"lts[cb]|enterprises\b", build=10240, until=date(2025, 10, 14)),
)
ESU_YEARS: dict[int, date] = {1: date(2026, 10, 13), 2: date(2027, 10, 12), 3: date(2028, 10, 10)}
_ESU = r"\besu\b|extended security"
_NO_ESU = (
    r"\b(no|not|without|declined|never|needs|need)\b[^.;,]*(\besu\b|extended security)|\besu\b[: ]+(no|none|declined)\b"
)
_YEAR = r"(?:year|yr|y)[ -]*([123])\b|\b([123])(?:st|nd|rd)?[ -]*(?:year|yr)"


def said(words: str) -> str:
    """SQL: the date that the words state (2026-10-13 or 10/13/2026), or null."""
    iso = f"try_cast(regexp_extract({words}, '(20[0-9][0-9]-[0-9][0-9]-[0-9][0-9])', 1) AS DATE)"
    spoken = f"try_strptime(nullif(regexp_extract({words}, '([0-9]+/[0-9]+/20[0-9][0-9])', 1), ''), '%m/%d/%Y')::DATE"
    return f"coalesce({iso}, {spoken})"


def support_kind(words: str) -> str:
    """SQL over the words of a device's edition and note, in lower case: esu, ltsc or null."""
    return f"""CASE WHEN regexp_matches({words}, '{_ESU}') AND NOT regexp_matches({words}, '{_NO_ESU}') THEN 'esu'
        WHEN regexp_matches({words}, 'lts[cb]|enterprises\\b') THEN 'ltsc' END"""


def support_until(words: str, build: str) -> str:
    """SQL: the last day of the support that `support_kind` names; null where the year or release cannot be told."""
    year = f"coalesce(nullif(regexp_extract({words}, '{_YEAR}', 1), ''), nullif(regexp_extract({words}, '{_YEAR}', 2), ''))"
    esu = " ".join(f"WHEN {year} = '{number}' THEN DATE '{until}'" for number, until in ESU_YEARS.items())
    long = " ".join(
        f"WHEN regexp_matches({words}, '{item.words}')"
        + (f" AND {build} = {item.build}" if item.build else "")
        + f" THEN DATE '{item.until}'"
        for item in LONG
    )
    return f"""CASE {support_kind(words)} WHEN 'esu' THEN coalesce({said(words)}, CASE {esu} END)
        WHEN 'ltsc' THEN coalesce(CASE {long} END, {said(words)}) END"""
