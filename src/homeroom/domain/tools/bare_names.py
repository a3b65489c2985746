"""The bare text of a product's name, as a purchase order, contract or list writes it."""

from __future__ import annotations

import re

from homeroom.domain.tools.words import COMPANY_FORMS, RESELLERS, TERMS, UNITS, fold_words

_NOISE = re.compile(
    r"""
      \b(?:sku|part|item|po|p\.o\.|invoice|inv|quote|order|req|ref|mfr|mfg)\.?\s*(?:no\.?|number|num|id)?\s*[:\#]?\s*
        [A-Z0-9]*\d[A-Z0-9./-]*                                                     # PO 12345, SKU: AB-12
    | [$€£]\s*\d[\d,]*(?:\.\d+)?                                                    # $1,234.00
    | \b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b                                            # 07/01/2026, 2026-07-01
    | \b(?:(?:fy|sy|school\ year|fiscal\ year)\s*'?)?(?:20)?\d{2}\s*[-–/]\s*(?:20)?\d{2}\b(?!\w)   # 2026-27, FY26/27
    | \b(?:fy|sy)\s*'?\d{2,4}\b                                                     # FY27
    | \b(?:19|20)\d{2}\b                                                            # 2026
    | \b\d+\s*[x×]\s | \s[x×]\s*\d[\d,]*\b | \bqty\.?\s*:?\s*\d[\d,]*\b              # 450 x, x 450
    | \b\d{1,3}(?:,\d{3})+\+?                                                        # 1,250
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9/_-]*\d)(?=[A-Z0-9/_-]*[A-Z])[A-Z0-9]+(?:[-/_][A-Z0-9]+)+(?![\w-])")
"""A code of a seller: capitals with digits in parts, such as KAMI-DIST-1YR."""
_DISTRICT_WIDE = re.compile(
    r"\bk\s*-\s*12\b|\b(?:district|site|school)[ -]?wide\b|\bco[ -]?term(?:ed)?\b", re.IGNORECASE
)
_COUNTED = re.compile(r"\d+")
_TERM = re.compile(r"\d+(?:yrs?|years?|mos?|months?|y|m)")
_TIER = re.compile(r"\d{1,3}(?:k)?")


def strip_name(text: str) -> str:
    """Return the words of a text that can be a name, in small letters, separated by spaces.

    Without term, quantity, price, year, order number, seller's code, license words, company forms and resellers. What
    would leave nothing is the text in small letters.
    """
    plain = _CODE.sub(" ", _NOISE.sub(" ", _DISTRICT_WIDE.sub(" ", text)))
    words = _drop_resellers(fold_words(plain))
    names = [word for position, word in enumerate(words) if not _is_noise(words, position)]
    return " ".join(names) or " ".join(fold_words(text))


def _drop_resellers(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop the names of resellers; what is a reseller alone remains."""
    remaining: list[str] = []
    position = 0
    while position < len(words):
        length = max((len(name) for name in RESELLERS if words[position : position + len(name)] == name), default=0)
        if not length:
            remaining.append(words[position])
        position += length or 1
    return tuple(remaining) or words


def _is_noise(words: tuple[str, ...], position: int) -> bool:
    word = words[position]
    following = words[position + 1] if position + 1 < len(words) else ""
    preceding = words[position - 1] if position else ""
    if word in TERMS or word in COMPANY_FORMS or _TERM.fullmatch(word):
        return True
    if _COUNTED.fullmatch(word):
        return following in UNITS or position == 0
    return word in UNITS and _TIER.fullmatch(preceding) is not None
