"""Names for canaries that look as if they belonged to a district: built as it names its own things.

The order of proposals hangs on a seed that only the installation has. Who reads this code and knows the district cannot
guess which of them was planted.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from homeroom.domain.protect.detections.canaries import MAX_SAM_NAME, CanaryPlace

COUNT = 5
"""So many names are proposed at once."""
SERVICE_MARKS = ("svc", "srv", "sa", "service", "app", "sys", "task", "bot")
"""What names of service accounts begin or end with."""
_WORDS = re.compile(r"[^a-z0-9]+")
_BLANK = re.compile(r"\{(year|school_year|school|district|share)\}")


@dataclass(frozen=True, kw_only=True)
class AccountStyle:
    """How a district names its service accounts: `svc-backup` has the mark svc in front, and a hyphen."""

    mark: str = ""
    separator: str = "-"
    mark_ends: bool = False

    def compose(self, words: Sequence[str]) -> str:
        """Return the name of an account about these words."""
        parts = [*words, self.mark] if self.mark_ends else [self.mark, *words]
        return self.separator.join(filter(None, parts))


@dataclass(frozen=True, kw_only=True)
class NamingHabits:
    """How a district names things.

    `services` are names of service accounts without domain, `separators` the signs in names of all accounts with how
    often they occur. `domain` is that of the place's accounts. `year` is the first year of the school year.
    """

    district: str
    year: int
    services: tuple[str, ...] = ()
    separators: tuple[tuple[str, int], ...] = ()
    domain: str = ""
    schools: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()


def build_candidates(
    place: CanaryPlace, *, baits: Iterable[str], habits: NamingHabits, seed: bytes, people_words: Collection[str] = ()
) -> tuple[str, ...]:
    """Return all names for a place, in the order of the seed.

    A bait with a word that is also a person's first or last name here is left out, so that no name is a person's.
    """
    words = {word.casefold() for word in people_words}
    usable = [bait for bait in baits if not words & set(split_words(_BLANK.sub(" ", bait)))]
    if place.kind == "account":
        names = [_build_account(place, bait, habits=habits) for bait in usable]
    else:
        names = [_build_title(bait, habits=habits, seed=seed) for bait in usable]
    return tuple(sorted(dict.fromkeys(filter(None, names)), key=lambda name: _rank(seed, name)))


def choose_names(
    candidates: Sequence[str], *, taken: Collection[str], turn: int = 0, count: int = COUNT
) -> tuple[str, ...]:
    """Return the next names that are not taken (in any case, with or without domain); after the last, the first."""
    folded = {clip_domain(name).casefold() for name in taken}
    free = [name for name in candidates if clip_domain(name).casefold() not in folded]
    if not free:
        return ()
    pages = -(-len(free) // count)
    start = turn % pages * count
    return tuple(free[start : start + count])


def learn_account_style(habits: NamingHabits) -> AccountStyle:
    """Return how the district's service accounts are named; with none, words joined as its other accounts join them."""
    styles: Counter[AccountStyle] = Counter()
    for name in sorted(habits.services):
        match = re.search(r"[-_.]", name)
        if match is None:
            continue
        parts = [part for part in re.split(r"[-_.]", name.casefold()) if part]
        if len(parts) > 1 and parts[0] in SERVICE_MARKS:
            styles[AccountStyle(mark=parts[0], separator=match[0])] += 1
        elif len(parts) > 1 and parts[-1] in SERVICE_MARKS:
            styles[AccountStyle(mark=parts[-1], separator=match[0], mark_ends=True)] += 1
    if styles:
        return max(styles, key=lambda style: (styles[style], style.mark, style.separator))
    separator = max(habits.separators, key=lambda pair: (pair[1], pair[0]), default=("-", 0))[0]
    return AccountStyle(separator=separator)


def compose_initials(name: str) -> str:
    """Return the initials of a name of several words, else the name: Maple Valley Unified is MVU."""
    plain = re.findall(r"[A-Za-z0-9]+", re.sub(r"\(.*?\)", "", name))
    words = [word for word in plain if word.casefold() not in ("of", "the", "and")]
    return "".join(word[0].upper() for word in words) if len(words) > 1 else name.strip()


def clip_domain(name: str) -> str:
    """Return an account's name without its domain."""
    return name.partition("@")[0]


def split_words(text: str) -> list[str]:
    """Return the words of a name or title, in lower case."""
    return [word for word in _WORDS.split(text.casefold()) if word]


def _build_account(place: CanaryPlace, bait: str, *, habits: NamingHabits) -> str:
    name = learn_account_style(habits).compose(split_words(bait))
    if place == CanaryPlace.AD_ACCOUNT:
        return name if len(name) <= MAX_SAM_NAME else ""
    return f"{name}@{habits.domain}" if habits.domain else ""


def _build_title(bait: str, *, habits: NamingHabits, seed: bytes) -> str:
    """Return a title or path with what the district has; empty if it lacks what the bait needs."""
    blanks = {
        "year": str(habits.year + 1),
        "school_year": f"{habits.year}-{(habits.year + 1) % 100:02}",
        "school": _choose(habits.schools, seed, bait),
        "district": compose_initials(habits.district),
        "share": _choose(habits.shares, seed, bait),
    }
    if any(not blanks[name] for name in _BLANK.findall(bait)):
        return ""
    return _BLANK.sub(lambda match: blanks[match[1]], bait)


def _choose(values: Sequence[str], seed: bytes, bait: str) -> str:
    return min(values, key=lambda value: _rank(seed, f"{bait}\n{value}"), default="")


def _rank(seed: bytes, text: str) -> bytes:
    return hashlib.blake2b(text.encode(), key=seed[:64], digest_size=8).digest()
