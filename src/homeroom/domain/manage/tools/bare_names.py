"""The bare text of a product's name, as a purchase order, contract or list writes it."""

from __future__ import annotations

import re

from homeroom.domain.manage.tools.words import COMPANY_FORMS, RESELLERS, TERMS, UNITS, fold_words

_NOISE = re.compile(
    r"""
      \b(?:sku|part|item|po|p\.o\.|invoice|inv|quote|order|req|ref|mfr|mfg)\.?\s*(?:no\.?|number|num|id)?\s*[:\#]?\s*
        [A-Z0-9]*\d[A-Z0-9./-]*                                                     # PO 12345, SKU: AB-12
    | \b(?:(?:year|yr)\s*)?\d+\s*of\s*\d+\b                                        # Year 2 of 3
    | \b(?:grades?|gr\.?)\s*(?:pk|k|\d)(?:\s*[-–]\s*\d+)?\b                         # grades 3-5
    | (?:\s{2,}|\t|\|)\s*\d[\d,]*(?=\s{2,}|\t|\s*\||\s*$)                            # a number in a column of its own
    | \b\d+\.\d\d\b                                                                # 28.69
    | [$€£]\s*\d[\d,]*(?:\.\d+)?                                                    # $1,234.00
    | \b\d{1,4}[/.-]\d{1,2}[/.-]\d{2,4}\b                                            # 07/01/2026, 2026-07-01
    | \b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?
        |nov(?:ember)?|dec(?:ember)?)\.?\s+\d{1,2}(?:st|nd|rd|th)?\b                 # June 30
    | \b(?:(?:fy|sy|school\ year|fiscal\ year)\s*'?)?(?:20)?\d{2}\s*[-–/]\s*(?:20)?\d{2}\b(?!\w)   # 2026-27, FY26/27
    | \b(?:fy|sy)\s*'?\d{2,4}\b                                                     # FY27
    | \b(?:19|20)\d{2}\b                                                            # 2026
    | \b\d+\s*[x×]\s | \s[x×]\s*\d[\d,]*\b | \bqty\.?\s*:?\s*\d[\d,]*\b              # 450 x, x 450
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(r"(?<![\w-])(?=[A-Z0-9/_-]*\d)(?=[A-Z0-9/_-]*[A-Z])[A-Z0-9]+(?:[-/_][A-Z0-9]+)+(?![\w-])")
"""A code of a seller: capitals with digits in parts, such as KAMI-DIST-1YR."""
_DISTRICT_WIDE = re.compile(
    r"\bk\s*-\s*12\b|\b(?:district|site|school)[ -]?wide\b|\bco[ -]?term(?:ed)?\b", re.IGNORECASE
)
_REPLACED = re.compile(
    r"(?<=\w)\W+(?:replaces|replacing|supersedes|superseding|instead\s+of|in\s+(?:lieu|place)\s+of)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_FORMER = re.compile(r"(?<=\w)\W+(?:formerly|previously|fka)\b.*", re.IGNORECASE | re.DOTALL)
_ASIDE = re.compile(r"(?<=\w)\W+(?:w/|incl\b|including\b|not\s+to\s+exceed\b|nte\b).*", re.IGNORECASE | re.DOTALL)
_SCHOOL = re.compile(
    r"""
    (?<=\w)(?:\s*[-–,(/|]|\s+(?:for|at)\b)\s*
    (?:[\w.']+\s+){1,3}?(?:elementary|middle|intermediate|primary|(?:junior\s+|senior\s+)?high|es|ms|hs)\b(?:\s+school)?\)?
    """,
    re.IGNORECASE | re.VERBOSE,
)
MAX_LENGTH = 300
"""Letters of a text in which its name is looked for."""
_THOUSANDS = re.compile(r"\b(\d{1,3}),(\d{3})\b\+?")
_LICENSES = re.compile(r"\blicen[cs]es?\b", re.IGNORECASE)
"""As Americans and others spell it."""
_COUNT = re.compile(r"\d+k?")
_WRITTEN_COUNT = re.compile(r"\d{4,}k")
"""A count with a comma, as it is marked before the text is taken apart: 1,250 is 1250k."""
_TERM = re.compile(r"\d+(?:yrs?|years?|mos?|months?|y|m)")


def cut_replaced(text: str) -> str:
    """Return a text up to where it names what is replaced: `Kami (replaces …)`; at its begin it cuts nothing."""
    return _REPLACED.sub("", text)


def strip_name(text: str) -> str:
    """Return the words of a text that can be a name, in small letters, separated by spaces.

    Without term, quantity, price, date, order number, seller's code, license words, company forms, resellers, schools,
    what comes with it and what it replaces or was called. What would leave nothing is the text in small letters.
    """
    plain = _LICENSES.sub("license", cut_replaced(text[:MAX_LENGTH]))
    for clause in (_FORMER, _ASIDE, _SCHOOL, _DISTRICT_WIDE, _NOISE, _CODE):
        plain = clause.sub(" ", plain)
    names = _drop_terms(_drop_resellers(fold_words(_THOUSANDS.sub(r"\1\2k ", plain))))
    return " ".join(names) or " ".join(fold_words(text[:MAX_LENGTH]))


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


def _drop_terms(words: tuple[str, ...]) -> list[str]:
    """Drop words of terms and licenses, and numbers with the words that they count: `450 student licenses`."""
    remaining = []
    counting = False
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if _COUNT.fullmatch(word) and (following in UNITS or position == 0 or _WRITTEN_COUNT.fullmatch(word)):
            counting = True
        elif not (counting and word in UNITS):
            counting = False
            if word not in TERMS and word not in COMPANY_FORMS and not _TERM.fullmatch(word):
                remaining.append(word)
    return remaining
