"""Lines of orders, invoices, contracts and lists of apps, each with the product that it is about.

Shares no code and no constant with what finds names: the words around a name are written down here once more.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SPELLINGS = Path(__file__).with_name("spellings.txt")
SELLERS = (
    "CDW-G",
    "CDW Government LLC",
    "SHI",
    "SHI International Corp",
    "Trafera",
    "Bluum",
    "Amazon Business",
    "Howard Technology Solutions",
    "Insight Public Sector",
    "Carahsoft",
)
TERMS = (
    "1YR",
    "1 yr",
    "3-Year",
    "36 months",
    "annual",
    "12 mo term",
    "2-yr renewal",
    "FY27",
    "SY 2026-27",
    "2026-2027",
)
UNITS = ("students", "licenses", "seats", "users", "devices", "staff", "student licenses", "endpoints")
CODES = ("LIC-4471-1Y", "EDU/88213-B", "K12-SUB-9A", "SFT-00312", "ABX-12-EDU")
SCHOOLS = ("Oak Elementary", "Maple Grove Middle School", "Lincoln High School", "Cedar Hills ES", "North HS")
PLAIN = (
    "{name}",
    "{name}",
    "{name} {term}",
    "{name} - {count} {unit}",
    "{count} {unit} {name}",
    "{count} x {name} {term}",
    "{name}, {count} {unit}, {term}",
    "{name} site license {term}",
    "{name} district unlimited {term}",
    "{name} subscription renewal 07/01/2026 - 06/30/2027",
    "{name} (qty {count}) @ ${price}",
    "{name}\u2122 {term}",
    "{name}\u00ae annual subscription",
    "{seller}: {name} {term}",
    "{seller} - {name} {count} {unit}",
    "{seller} / {name} / qty {count}",
    "{code} {name} {term}",
    "{name} {code} EDU",
    "PO 2026-{count}: {name}",
    "Invoice #{count} {name} {term}",
    "{name} prorated to June 30, 2027",
    "{name} Year 2 of 3",
    "{name}, ren., {count} ea",
    "{name} - {school}",
    "{name} ({school}) {term}",
    "{name} for {school}, {count} {unit}",
    "{name} K-8 {term}",
    "{name} grades 3-5 {term}",
    "{name} w/ onboarding",
    "Renewal: {name}",
    "{term} {name}",
    "{name} (SaaS) Qty: {count}",
    "{seller} quote Q-88213 {name}",
    "{name} | {count} | EA | ${price}",
    "{name} exp 6/30/27",
    "{name} 7/1/26-6/30/27",
    "SUBSCRIPTION - {name}",
    "Software: {name}",
    "{name} not to exceed ${price}",
    "{name}  {count}  {price}",
)
BEFORE = (
    "",
    "",
    "{seller} ",
    "{seller}: ",
    "PO# {count}-0091 ",
    "Renew: ",
    "Qty {count} - ",
    "{code} - ",
    "({count}) ",
)
AFTER = (
    "",
    "",
    " {term}",
    " - {count} {unit}",
    ", FY 2027",
    " ({school})",
    " EDU",
    " unlimited site license",
    " - co-termed",
    " @ ${price}/ea",
    " | {term}",
    " 7/1/2026 thru 6/30/2027",
)
TYPOS = 12
REFERRING = (
    "{name} (replaces {other})",
    "{name} {term} - replacing {other}",
    "{name} instead of {other}",
    "{name} in lieu of {other}, {count} {unit}",
)


@dataclass(frozen=True)
class OrderLine:
    """One text and the product that it is about."""

    text: str
    product: str


def read_spellings() -> tuple[dict[str, list[str]], set[str]]:
    """Return the spellings of each product, by its first, and which products are look-alikes."""
    products: dict[str, list[str]] = {}
    near: set[str] = set()
    part = ""
    for line in SPELLINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            part = line.removeprefix("#").strip()
            continue
        names = [name.strip() for name in line.split("|")]
        products[names[0]] = names
        if part == "look-alikes":
            near.add(names[0])
    return products, near


def write_lines(*, seed: int, lines: int = 400, products: int = 250) -> tuple[list[OrderLine], set[str]]:
    """Return messy lines of that many products, with all look-alikes among them, and the names of those."""
    rng = random.Random(seed)
    spellings, near = read_spellings()
    spellings, near = _add_typos(spellings, near, rng)
    others = sorted(spellings.keys() - near)
    chosen = [*sorted(near)[:products], *rng.sample(others, max(products - len(near), 0))]
    counted = [*chosen, *rng.choices(chosen, k=max(lines - len(chosen), 0))][:lines]
    rng.shuffle(counted)
    return [OrderLine(text, name) for name, text in _spell(counted, spellings, rng)], near & set(chosen)


def _add_typos(
    spellings: dict[str, list[str]], near: set[str], rng: random.Random
) -> tuple[dict[str, list[str]], set[str]]:
    """Add typos as products of their own: names of one word with two letters exchanged; nobody may join them."""
    words = sorted(
        name for name in spellings if name.isalpha() and name.isascii() and len(name) > 5 and name not in near
    )
    typos = {}
    for word in rng.sample(words, TYPOS):
        place = rng.choice([spot for spot in range(2, len(word) - 1) if word[spot].lower() != word[spot + 1].lower()])
        typos[f"{word[:place]}{word[place + 1]}{word[place]}{word[place + 2 :]}"] = word
    return spellings | {typo: [typo] for typo in typos}, near | typos.keys()


def _spell(counted: list[str], spellings: dict[str, list[str]], rng: random.Random) -> Iterator[tuple[str, str]]:
    names = sorted(spellings)
    for product in counted:
        kind = rng.random()
        pattern = rng.choice(REFERRING) if kind < 0.06 else rng.choice(PLAIN)
        if kind > 0.5:
            pattern = f"{rng.choice(BEFORE)}{{name}}{rng.choice(AFTER)}{rng.choice(AFTER)}"
        name = rng.choice(spellings[product])
        case = rng.random()
        yield (
            product,
            pattern.format(
                name=name.upper() if case < 0.12 else name.lower() if case < 0.17 else name,
                other=rng.choice([other for other in names if other != product]),
                seller=rng.choice(SELLERS),
                term=rng.choice(TERMS),
                unit=rng.choice(UNITS),
                school=rng.choice(SCHOOLS),
                code=rng.choice(CODES),
                count=rng.choice((25, 40, 118, 300, 450, 1200)),
                price=f"{rng.randint(1, 40)}.{rng.randint(0, 99):02}",
            ),
        )
