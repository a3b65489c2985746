"""Words of purchase orders and contracts that are no part of a product's name, and the folding of names to words."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans(
    {"'": None, "\u2019": None, "\u2018": None, "`": None, "\u2122": " ", "\u00ae": " ", "\u00a9": " ", "\u2120": " "}
)
_LETTERS = str.maketrans(
    {"\u00df": "ss", "\u00e6": "ae", "\u00f8": "o", "\u0153": "oe", "\u0142": "l", "\u00f0": "d", "\u00fe": "th"}
)
_MARK = re.compile(r"\((?:tm|r|c|sm)\)", re.IGNORECASE)


def _list_words(text: str) -> list[str]:
    """Return the words or names of a text, which commas separate."""
    return [word.strip() for word in text.split(",")]


COMPANY_FORMS = frozenset(
    _list_words(
        """
    inc, incorporated, llc, llp, ltd, limited, corp, corporation, co, company, gmbh, plc, pbc, pty, ag, sarl,
    bv
    """
    )
)
RESELLERS = tuple(
    tuple(name.split())
    for name in _list_words(
        """
        cdw g, cdwg, cdw government, cdw, shi international, shi, trafera, bluum, softchoice,
        insight public sector, govconnection, pc connection, zones, howard technology, howard technology solutions,
        dell marketing, dell emc, amazon business, amazon, sehi, trox, firefly computers, virtucom,
        riverside technologies, two trees technologies, arey jones, staples, b h photo, provantage, pcm g, pcmg,
        data networks, carahsoft, dlt, ctl corporation, camcor, school specialty, journeyed, academic superstore,
        gov connection, stone ware, it savvy, itsavvy
        """
    )
)
UNITS = frozenset(
    _list_words(
        """
    license, licenses, lic, lics, user, users, seat, seats, student, students, staff,
    teacher, teachers, device, devices, endpoint, endpoints, account, accounts, computer, computers,
    chromebook, chromebooks, fte, ftes, site, sites, school, schools, year, years, yr, yrs, month, months, mo,
    mos, day, days, unit, units, ea, each, pk, pack, enrollment, mailbox, mailboxes, pc, pcs, ct
    """
    )
)
"""Words that a number counts."""
TERMS = frozenset(
    _list_words(
        """
    license, licenses, licensing, lic, lics, licensed, subscription, subscriptions, subscr,
    subs, sub, renewal, renewals, renew, renewing, rnwl, ren, annual, annually, yearly, monthly, perpetual,
    prepaid, year, years, yr, yrs, month, months, mo, mos, term, qty, quantity, each, ea, per, user, users,
    seat, seats, site, sitewide, wide, district, districtwide, unlimited, fte, edu, k12, po, invoice, inv, sku,
    quote, order, purchase, software, fee, fees, prorated, proration, coterm, multiyear, price, pricing,
    maintenance, upfront, saas, usd, fy, sy, number, the, a, an, of, for, to,
        enrollment, from, thru, through, until, expires, exp
    """
    )
)
"""Words of terms, quantities, licenses and orders."""
HARD_REFERENCES = frozenset(
    _list_words(
        """
    replace, replacement, instead, lieu, vs, versus, supersedes, superseding, unlike, not,
    alternative
    """
    )
)
"""Words before a product that the text is not about."""
SOFT_REFERENCES = (
    frozenset(["for", "to", "of", "from"]),
    frozenset(["with", "via", "in", "into", "on", "using", "by"]),
)
"""Words before a product that the text is about only where no other product is named: the nearer come first."""

FOLLOWING_REFERENCES = frozenset(["integration", "addon", "plugin", "connector", "lti", "backup", "compatible"])
"""Words after a product for which something else is bought."""


def fold_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in small letters.

    Without accents, trademark signs, apostrophes, punctuation, and the word `and`, which others write as an ampersand.
    """
    plain = _MARK.sub(" ", text).translate(_APOSTROPHES)
    letters = unicodedata.normalize("NFKD", plain).casefold().translate(_LETTERS)
    words = _WORD.findall("".join(letter for letter in letters if not unicodedata.combining(letter)))
    return tuple(word for word in words if word != "and")
