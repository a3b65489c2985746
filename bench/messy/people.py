"""A messy labeled district of people: who they are, and which cases of mess each of them meets.

It shares no code and no constant with the resolver, the sample or the other generators. Every rate is an assumption
about how districts maintain their lists, not a measurement. `bench.messy.people_exports` writes their records.
"""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass, field


def _split_names(text: str) -> list[str]:
    return text.split()


GIVEN_NAMES = _split_names(
    "Abel Ada Adela Agnes Alan Alba Albert Alma Alvin Amos Anita Arlo Arnold Ben Benita Bernard Bertha Blanca Boris "
    "Brenda Bruno Calvin Carla Carmen Cecil Celia Clara Claude Conrad Cora Craig Cyrus Dale Daphne Dario Deanna Delia "
    "Derek Dolores Donna Dora Duane Edgar Edith Edna Edwin Effie Elmer Eloise Elsa Elvira Emil Enid Ernest Esther "
    "Eugene Eunice Felix Fern Flora Floyd Frances Frank Gail Gavin Gerald Gerda Gilbert Gina Glen Gloria Gordon Greta "
    "Gwen Harold Harriet Hector Heidi Helga Herbert Hilda Homer Horace Hugo Ida Ignacio Inez Ira Irene Iris Irma "
    "Ismael Ivan Janet Jasper Jerome Joan Joel Josefa Joyce Judith Julius Karen Karl Keith Kurt Lara Laura Leon Leona "
    "Leroy Lewis Linda Lloyd Lola Lorenzo Louisa Lowell Lydia Mabel Marco Marina Mario Marlene Marta Martin Maud "
    "Maurice Mavis Melvin Milton Minnie Miriam Mona Morris Myra Myron Nadia Neil Nelson Nettie Nina Norma Olga Oscar "
    "Otis Otto Pablo Pauline Pearl Percy Petra Philip Phyllis Ralph Ramona Raul Regina Rita Roger Roland Rosa Roy "
    "Ruben Ruth Salma Saul Selma Sergio Sheila Simon Stella Susan Sylvia Teresa Thelma Theo Tobias Trudy Ulises "
    "Ursula Vera Vernon Viola Virgil Wallace Walter Wanda Wendell Wilma Winifred Yolanda Zelda"
)
_STEMS = _split_names(
    "Ader Ander Bal Barn Beck Berg Bing Bloom Bor Brad Bran Brook Buch Burk Cald Can Chan Clif Cole Cor Cran Croft "
    "Dan Davi Dor Dun Ed Els Em Ever Fal Fer Fish Ford Frei Fuller Gal Gard Gar Gib Gil Gor Gran Gray Gun Had Hal Han "
    "Har Has Hen Hil Hof Hol Hor Hud Jan Jar Jen Kel Kemp Ken Kir Knot Lam Lan Law Lei Lin Lock Lor Lyn Mad Mal Man "
    "Mar Mas May Mer Mil Mon Mor Nash Nel New Nor Oak Ol Pal Par Pel Per Pol Por Pres Quin Ral Ran Ray Reed Rem Rich "
    "Rob Rod Rol Ros Row Rus Sal San Saw Sel Shaw Sher Sil Sin Spen Stan Ster Stod Sul Tal Tan Thom Tor Trav Tur Ul "
    "Van Ver Vin Wag Wal War Web Wel Wes Whit Wil Win Wood Yar York Zim"
)
_ENDS = _split_names(
    "a ard ber bert burn by dall den der don ek er ers ert es ett ey ham ing ins ke kin ler ley man mer mont ner ning "
    "o old on ow rell rick rin sen ser shaw son stein stone ter ton vale ville well wick win worth"
)
_FREQUENT = _split_names("Carter Lopez Nguyen Smith Jones Garcia Peters Ortiz Johnson Adams")
SCHOOLS = (("s1", "Pine Ridge High"), ("s2", "Harbor Middle"), ("s3", "Meadow Elementary"), ("s4", "Canyon Elementary"))
NICKNAMES = {
    "Albert": "Al", "Benita": "Beni", "Bernard": "Bernie", "Calvin": "Cal", "Edwin": "Ed", "Eugene": "Gene",
    "Frances": "Fran", "Gerald": "Jerry", "Harold": "Hal", "Judith": "Judy", "Lorenzo": "Larry", "Philip": "Phil",
    "Susan": "Sue", "Teresa": "Terry", "Walter": "Walt", "Winifred": "Winnie",
}  # fmt: skip
CASES = (
    "upn-local", "upn-tenant", "upn-old-name", "unknown", "parent", "administrator", "renamed", "itinerant",
)  # fmt: skip
"""Cases of mess, each the class of the records that it touches."""


@dataclass(frozen=True, kw_only=True)
class MessRates:
    """How many of those who may meet a case do meet it."""

    upn: float
    unknown: float
    parent: float
    administrator: float
    renamed: float
    itinerant: float


RATES = {
    "light": MessRates(upn=0.05, unknown=0.02, parent=0.03, administrator=0.02, renamed=0.01, itinerant=0.02),
    "usual": MessRates(upn=0.2, unknown=0.06, parent=0.12, administrator=0.04, renamed=0.04, itinerant=0.06),
    "heavy": MessRates(upn=0.6, unknown=0.15, parent=0.25, administrator=0.08, renamed=0.1, itinerant=0.15),
}


@dataclass(kw_only=True)
class MessyPerson:
    """One real person, the cases of mess that they meet, and their records: (source, key) and the record's class."""

    number: int
    kind: str
    given: str
    family: str
    school: int
    grade: int = 0
    local: str = ""
    short: str = ""
    cases: frozenset[str] = frozenset()
    old_family: str = ""
    address_owner: MessyPerson | None = None
    records: list[tuple[tuple[str, str], str]] = field(default_factory=list)

    @property
    def badge(self) -> str:
        """The number that most systems know them by."""
        start = {"student": 2_000_000, "staff": 41_000, "outsider": 930_000, "guardian": 7_000_000}[self.kind]
        return f"{start + 3 * self.number}"

    @property
    def email(self) -> str:
        """The mail address that the district gave them."""
        return f"{self.local}@{'students.larkfield.example' if self.kind == 'student' else 'larkfield.example'}"


class NameDrawer:
    """Draws names as they occur: some families are frequent, most are rare."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def draw_given(self) -> str:
        """Return a given name."""
        return self._chance.choice(GIVEN_NAMES)

    def draw_family(self) -> str:
        """Return a family name, now and then a double one."""
        roll = self._chance.random()
        if roll < 0.1:
            return self._chance.choice(_FREQUENT)
        name = self._chance.choice(_STEMS) + self._chance.choice(_ENDS)
        return f"{name}-{self._chance.choice(_STEMS)}{self._chance.choice(_ENDS)}" if roll < 0.14 else name


def generate_people(*, students: int, rates: MessRates, chance: random.Random) -> list[MessyPerson]:
    """Return students, staff, outsiders that no roster has, and the spouses of staff who share an address with them."""
    names = NameDrawer(chance)
    people: list[MessyPerson] = []
    staff_count = students // 8
    for number in range(students + staff_count):
        kind = "student" if number < students else "staff"
        people.append(_generate_person(number, kind, people, names, chance))
    outsiders = max(round(rates.unknown * staff_count), 1)
    for number in range(students + staff_count, students + staff_count + outsiders):
        people.append(_generate_person(number, "outsider", people, names, chance))
    _assign_locals(people, chance)
    for person in people:
        person.cases = _draw_cases(person, rates, chance)
        if person.cases & {"renamed", "upn-old-name"}:
            person.old_family = person.family
            person.family = names.draw_family() if chance.random() < 0.7 else f"{person.family}-{names.draw_family()}"
    return people + _generate_spouses(people, names, chance)


def _generate_person(
    number: int, kind: str, people: list[MessyPerson], names: NameDrawer, chance: random.Random
) -> MessyPerson:
    person = MessyPerson(
        number=number, kind=kind, given=names.draw_given(), family=names.draw_family(),
        school=chance.randrange(len(SCHOOLS)), grade=chance.randint(1, 12) if kind == "student" else 0,
    )  # fmt: skip
    before = people[-1] if people and people[-1].kind == kind else None
    roll = chance.random()
    if before is None:
        return person
    if roll < 0.03:  # a sibling: twins in one grade, or a brother and a sister; among staff a married couple
        person.family, person.school = before.family, before.school
        person.grade = before.grade if roll < 0.015 else person.grade
        person.given = chance.choice([name for name in GIVEN_NAMES if name != before.given])
    elif roll < 0.038:  # somebody else of the same name: among staff also father and son
        person.given, person.family = before.given, before.family
        person.school = before.school if chance.random() < 0.5 else person.school
    return person


def _assign_locals(people: list[MessyPerson], chance: random.Random) -> None:
    """Give everybody the part before the @, and the short logon name that others may have as their address."""
    used_locals: set[str] = set()
    used_shorts: set[str] = set()
    for person in people:
        first, family = fold(person.given), fold(person.family)
        if person.kind == "student":
            base = (
                f"{first}.{family}{38 - person.grade}" if chance.random() < 0.6 else f"{first[0]}{family}{person.grade}"
            )
        else:
            base = f"{first[0]}{family}" if chance.random() < 0.25 else f"{first}.{family}"
        person.local = _reserve(base, used_locals)
        person.short = _reserve(f"{first[0]}{family}"[:18], used_shorts)


def _reserve(base: str, used: set[str]) -> str:
    name, attempt = base, 1
    while name in used:
        attempt += 1
        name = f"{base}{attempt}"
    used.add(name)
    return name


def _draw_cases(person: MessyPerson, rates: MessRates, chance: random.Random) -> frozenset[str]:
    cases = set()
    if person.kind == "staff":
        chances = {
            "parent": rates.parent, "administrator": rates.administrator, "renamed": rates.renamed,
            "itinerant": rates.itinerant,
        }  # fmt: skip
        cases = {case for case, rate in chances.items() if chance.random() < rate}
        if chance.random() < rates.upn:
            cases.add(chance.choice(("upn-local", "upn-local", "upn-tenant", "upn-old-name")))
        if "upn-old-name" in cases:
            cases.discard("renamed")
    return frozenset(cases)


def _generate_spouses(people: list[MessyPerson], names: NameDrawer, chance: random.Random) -> list[MessyPerson]:
    """Return guardians who are not on the staff but are reached under the address of one who is."""
    spouses = []
    for person in [person for person in people if "parent" in person.cases and chance.random() < 0.3]:
        first_name = chance.choice([name for name in GIVEN_NAMES if name != person.given])
        spouse = MessyPerson(
            number=len(people) + len(spouses),
            kind="guardian",
            given=first_name,
            family=person.family,
            school=person.school,
        )
        spouse.address_owner = person
        spouses.append(spouse)
    return spouses


def fold(name: str) -> str:
    """Return the letters of a name as an address spells them."""
    folded = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in folded if letter.isalpha())
