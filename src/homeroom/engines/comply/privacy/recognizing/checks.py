"""Arithmetic checks of values: whether a number can be what it looks like.

Each takes the text of a value, and returns it in the one form in which it is counted, or None if it cannot be one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

_DIGITS = re.compile(r"\D+")
_ROUTING_WEIGHTS = (3, 7, 1) * 3
_CARD = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|3(?:0[0-5]|[689]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}"
)
"""Card numbers by the ranges of their issuers (ISO/IEC 7812)."""
_YEARS = range(1900, 2100)
_MONTHS = {
    name: number
    for number, names in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
    for name in (names,)
}
_NUMERIC_DATE = re.compile(r"(\d{1,4})[/.\-](\d{1,2})[/.\-](\d{1,4})")
_WRITTEN_DATE = re.compile(r"([A-Za-z]{3})[a-z]*\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_DAY_FIRST_DATE = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[\s-]+([A-Za-z]{3})[a-z]*\.?,?[\s-]+(\d{2,4})")
_SERIAL_DAYS = range(25_569, 60_000)  # days of a spreadsheet from 1970 to 2064
_TOLL_FREE = frozenset({"800", "888", "877", "866", "855", "844", "833", "822", "900"})
_PLACEHOLDERS = re.compile(
    r"[*•●xX._\-#?]+|[<\[{(].*[>\]})]|\$\{?.*|%.*%|https?:.*|www\..*|[\w.+-]+@[\w-]+\.[\w.]+", re.DOTALL
)
_NO_PASSWORD = frozenset(
    [
        "required",
        "reset",
        "expired",
        "changed",
        "must",
        "should",
        "see",
        "none",
        "policy",
        "incorrect",
        "unknown",
        "forgotten",
        "forgot",
        "protected",
        "field",
        "null",
        "true",
        "false",
        "yes",
        "no",
        "na",
        "n/a",
        "tbd",
        "blank",
        "hidden",
        "set",
        "not",
        "is",
        "was",
        "are",
        "the",
        "a",
        "an",
        "your",
        "my",
        "and",
        "or",
        "for",
        "to",
        "of",
        "in",
        "on",
        "at",
        "by",
        "with",
        "default",
        "same",
        "temporary",
        "invalid",
        "wrong",
        "valid",
        "protection",
        "manager",
        "change",
        "needed",
        "optional",
        "hash",
        "here",
        "below",
        "above",
        "only",
        "before",
        "after",
        "when",
        "if",
        "password",
        "passwords",
        "username",
        "user",
        "login",
        "enabled",
        "disabled",
        "never",
        "ask",
        "contact",
        "use",
        "enter",
        "type",
        "characters",
        "minimum",
        "maximum",
        "length",
        "strength",
        "hint",
        "history",
        "redacted",
        "removed",
        "confidential",
        "secret",
        "md5",
        "sha-1",
        "sha1",
        "crypt",
        "again",
        "new",
        "old",
        "current",
        "confirm",
        "this",
        "that",
        "please",
        "will",
        "can",
        "has",
        "have",
        "been",
        "from",
        "it",
        "as",
    ]
)


def keep_digits(text: str) -> str:
    """Return the digits of a text."""
    return _DIGITS.sub("", text)


def check_ssn(text: str) -> str | None:
    """Return the nine digits of a number that may be a Social Security number.

    Never given out: area 000, 666 and from 900 on, group 00, serial 0000 (Social Security Administration, POMS RM
    10201.035).
    """
    digits = keep_digits(text)
    if len(digits) != 9 or digits[0] == "9" or digits[:3] in ("000", "666") or digits[3:5] == "00":
        return None
    return None if digits[5:] == "0000" or len(set(digits)) == 1 else digits


def has_luhn_digit(digits: str) -> bool:
    """Check the last digit of a card number (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + position % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def check_card(text: str) -> str | None:
    """Return the digits of a number in the range of an issuer of cards with the right last digit."""
    digits = keep_digits(text)
    if not _CARD.fullmatch(digits) or len(set(digits)) < 2:
        return None
    return digits if has_luhn_digit(digits) else None


def check_routing(text: str) -> str | None:
    """Return a routing number whose checksum is right (ABA; the first two digits name a Federal Reserve district)."""
    digits = keep_digits(text)
    if len(digits) != 9 or len(set(digits)) == 1:
        return None
    district = int(digits[:2])
    if not (district <= 12 or 21 <= district <= 32 or 61 <= district <= 72 or district == 80):
        return None
    is_right = sum(weight * int(digit) for weight, digit in zip(_ROUTING_WEIGHTS, digits, strict=True)) % 10 == 0
    return digits if is_right else None


def check_account(text: str) -> str | None:
    """Return the digits of what may be the number of an account: 4 to 17, and not one digit alone."""
    digits = keep_digits(text)
    return digits if 4 <= len(digits) <= 17 and len(set(digits)) > 1 else None


def check_iban(text: str) -> str | None:
    """Return an international account number whose check digits are right (ISO 13616)."""
    code = re.sub(r"[\s-]", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", code):
        return None
    return code if int("".join(str(int(sign, 36)) for sign in code[4:] + code[:4])) % 97 == 1 else None


def check_phone(text: str) -> str | None:
    """Return the digits of a telephone number of the North American plan, or of seven digits; no toll-free one."""
    digits = keep_digits(text)
    if len(digits) == 11 and digits[0] == "1":
        digits = digits[1:]
    if len(digits) == 7:
        return digits if digits[0] in "23456789" else None
    if len(digits) != 10 or digits[:3] in _TOLL_FREE or len(set(digits)) == 1:
        return None
    return digits if digits[0] in "23456789" and digits[3] in "23456789" else None


def check_date(text: str) -> str | None:
    """Return a day as YYYY-MM-DD, if the text is one, by month first where both would fit."""
    if match := _NUMERIC_DATE.fullmatch(text.strip()):
        first, second, third = match.groups()
        if len(first) == 4:
            return _build_date(int(first), int(second), int(third))
        if len(first) > 2 or len(third) not in (2, 4):
            return None
        year = int(third) if len(third) == 4 else int(third) + (2000 if int(third) < 40 else 1900)
        return _build_date(year, int(first), int(second)) or _build_date(year, int(second), int(first))
    if match := _WRITTEN_DATE.fullmatch(text.strip()):
        return _build_date(int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2]))
    if match := _DAY_FIRST_DATE.fullmatch(text.strip()):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return _build_date(year, _MONTHS.get(match[2].lower(), 0), int(match[1]))
    return None


def _build_date(year: int, month: int, day: int) -> str | None:
    try:
        return date(year, month, day).isoformat() if year in _YEARS else None
    except ValueError:
        return None


def check_serial_date(text: str) -> str | None:
    """Return a day that a spreadsheet holds as a number of days; both are the same to whoever counts them."""
    return text if text.isdigit() and int(text) in _SERIAL_DAYS else None


def check_email(text: str) -> str | None:
    """Return an address of e-mail in small letters."""
    return text.lower().rstrip(".")


def check_text(text: str) -> str | None:
    """Return a text in small letters with single blanks."""
    return " ".join(text.lower().split()).rstrip(".,") or None


def check_password(text: str) -> str | None:
    """Return what may be a password: no placeholder, no mask and no plain word of a sentence."""
    value = text.strip().strip("\"'“”‘’").rstrip(".,;)")
    if not 4 <= len(value) <= 64 or _PLACEHOLDERS.fullmatch(value) or value.lower() in _NO_PASSWORD:
        return None
    return value if len(set(value)) > 1 or value.isdigit() else None


def check_mixed_password(text: str) -> str | None:
    """Return what may be a password within a sentence: it holds a digit or a sign beside letters."""
    value = check_password(text)
    if value is None or value.isalpha() or not re.search(r"[A-Za-z]", value):
        return None
    return value if re.search(r"[\d!@#$%^&*]", value) else None


CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "ssn": check_ssn,
    "card": check_card,
    "routing": check_routing,
    "account": check_account,
    "iban": check_iban,
    "phone": check_phone,
    "date": check_date,
    "serial date": check_serial_date,
    "email": check_email,
    "text": check_text,
    "password": check_password,
    "mixed password": check_mixed_password,
}
"""Checks by the name that a recognizer calls them."""
