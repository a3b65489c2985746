"""Search terms: how identifiers and names are folded, so that a person finds them as they type them.

Accents and the case of letters do not matter, nor which apostrophe is typed. `FOLD_SQL` does the same in DuckDB.
"""

from __future__ import annotations

import re
import unicodedata

MAX_TERM_LENGTH = 100
ENDING_MARK = "<"
"""Begins a term that is stored from its end to its beginning, so that its last characters find it."""
MIN_ENDING_LENGTH = 3
_APOSTROPHES = "’‘ʼ`´"
_TO_APOSTROPHE = str.maketrans(dict.fromkeys(_APOSTROPHES, "'"))
_MAC_ADDRESS = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){1,5}[:-]?|[0-9a-f]{4}\.[0-9a-f]{1,4}(\.[0-9a-f]{1,4})?")
FOLD_SQL = f"translate(lower(strip_accents({{}})), '{_APOSTROPHES}', '{"''" * len(_APOSTROPHES)}')"
"""SQL that folds a text as `fold_term` does, without its blanks."""


def fold_term(text: str) -> str:
    """Return a text in the form of the stored terms: lower case, no accents, single blanks, at most 100 characters."""
    decomposed = unicodedata.normalize("NFD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(unicodedata.normalize("NFC", plain).lower().translate(_TO_APOSTROPHE).split())[:MAX_TERM_LENGTH]


def list_spellings(folded: str) -> frozenset[str]:
    """Return the beginnings of stored terms that a folded search text may mean.

    Words in reverse order, so that "ada lovelace" finds "lovelace, ada"; a network address without its separators; and
    the last characters of a tag or serial number, if the text has a digit.
    """
    words = folded.split(" ")
    spellings = {folded}
    if len(words) > 1:
        spellings |= {" ".join(reversed(words)), ", ".join(reversed(words))}
    if _MAC_ADDRESS.fullmatch(folded):
        spellings.add(re.sub(r"[^0-9a-f]", "", folded))
    if len(words) == 1 and len(folded) >= MIN_ENDING_LENGTH and any(character.isdigit() for character in folded):
        spellings.add(ENDING_MARK + folded[::-1])
    return frozenset(spellings)
