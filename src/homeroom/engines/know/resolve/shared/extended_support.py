"""Windows support beyond its ordinary end, where a record mentions it: ESU and LTSC.

Sources: Microsoft Lifecycle, learn.microsoft.com/lifecycle/products/windows-10-enterprise-ltsc-2019 (and -2021,
windows-10-2016-ltsb, windows-10-iot-enterprise-ltsc-2021, windows-11-enterprise-ltsc-2024) and
learn.microsoft.com/windows/whats-new/extended-security-updates (ESU: years end with the second Tuesday of October);
the LTSC dates agree with endoflife.date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class LongTermSupport:
    """One term of long support.

    It applies where the pattern (a regular expression, lower case) and the build match.
    """

    kind: str
    pattern: str
    build: int | None
    until: date


LONG_SUPPORT_TERMS: tuple[LongTermSupport, ...] = (
    LongTermSupport(kind="ltsc", pattern=r"iot.*ltsc.*2021|iot.*21h2", build=None, until=date(2032, 1, 13)),
    LongTermSupport(kind="ltsc", pattern=r"iot.*ltsc", build=19044, until=date(2032, 1, 13)),
    LongTermSupport(kind="ltsc", pattern=r"iot.*ltsc.*2024", build=None, until=date(2034, 10, 10)),
    LongTermSupport(kind="ltsc", pattern=r"iot.*ltsc", build=26100, until=date(2034, 10, 10)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb].*2024", build=None, until=date(2029, 10, 9)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb].*2021", build=None, until=date(2027, 1, 12)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb].*2019", build=None, until=date(2029, 1, 9)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb].*2016", build=None, until=date(2026, 10, 13)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb].*2015", build=None, until=date(2025, 10, 14)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb]|enterprises\b", build=26100, until=date(2029, 10, 9)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb]|enterprises\b", build=19044, until=date(2027, 1, 12)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb]|enterprises\b", build=17763, until=date(2029, 1, 9)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb]|enterprises\b", build=14393, until=date(2026, 10, 13)),
    LongTermSupport(kind="ltsc", pattern=r"lts[cb]|enterprises\b", build=10240, until=date(2025, 10, 14)),
)
ESU_YEARS: dict[int, date] = {1: date(2026, 10, 13), 2: date(2027, 10, 12), 3: date(2028, 10, 10)}
_ESU = r"\besu\b|extended security"
_NO_ESU = (
    r"\b(no|not|without|declined|never|needs|need)\b[^.;,]*(\besu\b|extended security)|\besu\b[: ]+(no|none|declined)\b"
)
_YEAR = r"(?:year|yr|y)[ -]*([123])\b|\b([123])(?:st|nd|rd)?[ -]*(?:year|yr)"


def date_in_text_sql(text: str) -> str:
    """Return SQL for the date that a text contains (2026-10-13 or 10/13/2026), or null."""
    iso = f"try_cast(regexp_extract({text}, '(20[0-9][0-9]-[0-9][0-9]-[0-9][0-9])', 1) AS DATE)"
    us_date = f"try_strptime(nullif(regexp_extract({text}, '([0-9]+/[0-9]+/20[0-9][0-9])', 1), ''), '%m/%d/%Y')::DATE"
    return f"coalesce({iso}, {us_date})"


def support_kind_sql(text: str) -> str:
    """Return SQL over the text of a device's edition and note, in lower case: esu, ltsc or null."""
    return f"""CASE WHEN regexp_matches({text}, '{_ESU}') AND NOT regexp_matches({text}, '{_NO_ESU}') THEN 'esu'
        WHEN regexp_matches({text}, 'lts[cb]|enterprises\\b') THEN 'ltsc' END"""


def support_until_sql(text: str, build: str) -> str:
    """Return SQL for the last day of the support that `support_kind_sql` names.

    Null where the text does not identify the year or release.
    """
    year = (
        f"coalesce(nullif(regexp_extract({text}, '{_YEAR}', 1), ''), nullif(regexp_extract({text}, '{_YEAR}', 2), ''))"
    )
    esu = " ".join(f"WHEN {year} = '{esu_year}' THEN DATE '{until}'" for esu_year, until in ESU_YEARS.items())
    ltsc = " ".join(
        f"WHEN regexp_matches({text}, '{item.pattern}')"
        + (f" AND {build} = {item.build}" if item.build else "")
        + f" THEN DATE '{item.until}'"
        for item in LONG_SUPPORT_TERMS
    )
    return f"""CASE {support_kind_sql(text)} WHEN 'esu' THEN coalesce({date_in_text_sql(text)}, CASE {esu} END)
        WHEN 'ltsc' THEN coalesce(CASE {ltsc} END, {date_in_text_sql(text)}) END"""
