"""Names of vendors and products as keys: letters and digits, without accents, marks and the legal form."""

from __future__ import annotations

import re
import unicodedata

LEGAL_FORMS = (
    r"([,. ]+(the|inc|incorporated|llc|l[.]l[.]c|ltd|limited|corp|corporation|co|company|gmbh|pbc|plc|lp|llp|l[.]p"
    r"|bv|b[.]v|sa|s[.]a|ab|ag|oy|pty|holdings)[.]?)+$"
)
"""Pattern over a name in lower case: the legal form at its end. It is SQL's too, so it has no lookaround."""
_LEGAL_FORMS = re.compile(LEGAL_FORMS)
_MARKS = re.compile(r"[®™©℠]|\((r|tm|c|sm)\)", re.IGNORECASE)
_OTHER = re.compile(r"[^a-z0-9]")
_SEPARATORS = re.compile(
    r"\s*[;\n|]\s*|\s*,\s+(?!(?:inc|llc|l\.l\.c|ltd|corp|co|limited|lp|llp|gmbh|pbc)\b)", re.IGNORECASE
)


def build_vendor_key(name: str | None) -> str:
    """Return the key of a name; empty for none."""
    plain = _MARKS.sub("", name or "").strip().lower()
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    plain = plain.removeprefix("the ")
    return _OTHER.sub("", _LEGAL_FORMS.sub("", plain)) or _OTHER.sub("", plain)


def split_product_names(name: str | None) -> tuple[str, ...]:
    """Return the keys of the products in a cell; semicolons or commas part several."""
    keys = (build_vendor_key(part) for part in _SEPARATORS.split(name or ""))
    return tuple(dict.fromkeys(key for key in keys if key))
