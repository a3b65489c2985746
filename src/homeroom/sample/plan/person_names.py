"""Names of invented people, from several cultures, with everything in them that breaks careless programs."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.random import Generator


@dataclass(frozen=True, kw_only=True)
class NameCulture:
    """First and last names that go together, and their share out of a hundred."""

    weight: int
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    two_surnames: float = 0.0


def _build_culture(weight: int, first_names: str, last_names: str, two_surnames: float = 0.0) -> NameCulture:
    return NameCulture(
        weight=weight,
        first_names=tuple(first_names.split(",")),
        last_names=tuple(last_names.split(",")),
        two_surnames=two_surnames,
    )


# Weights follow the races and ethnicities of students in NCES Digest 2023, table 216.30, roughly.
CULTURES: Final = (
    _build_culture(
        38,
        "Emma,Liam,Olivia,Noah,Ava,Mason,Harper,Ethan,Abigail,Lucas,Mary-Kate,Owen,Chloe,Wyatt,Hannah,Caleb,Zoë,Jack,"
        "Ruby,Henry,Anna Grace,Levi,Nora,Eli,Hazel,Theo,Ivy,Miles,June,Reid",
        "Walker,Bennett,O'Connell,Hayes,Smith-Barrow,Foster,D'Amico,Larsen,Kowalski,McAllister,Brooks,St. Clair,Novak,"
        "Fitzgerald,Sørensen,Müller,Van der Berg,Prescott,Whitlock,Ellison,Hartwell,Lindqvist,Byrne,Carver,Dunmore,"
        "Eastman,Fairbanks,Granger,Holloway,Ives",
    ),
    _build_culture(
        28,
        "José,Sofía,Mateo,Valentina,Ángel,Camila,Jesús,Lucía,Diego,Ximena,Íker,Renata,Andrés,Inés,Raúl,Itzel,María "
        "José,"
        "Joaquín,Belén,Óscar",
        "García,Hernández,Muñoz,Peña,Ramírez,Núñez,Ibáñez,Cárdenas,Ordóñez,Villaseñor,De la "
        "Cruz,Zúñiga,Arreola,Quiñones,"
        "Bolaños,Márquez,Treviño,Echeverría,Solís,Montaño",
        0.45,
    ),
    _build_culture(
        15,
        "Aaliyah,Jayden,Imani,Malik,Nia,Xavier,Zuri,Darius,Ta'Niyah,Elijah,Kehinde,Amara,De'Andre,Ngozi,Kwame,Ayodele,"
        "Simone,Isaiah,Adaeze,Tariq",
        "Washington,Okonkwo,Jefferson,Adeyemi,Coleman,Mensah,Baptiste,N'Diaye,Abebe,Freeman,Gaines,Okafor,Tesfaye,"
        "Broussard,Diallo,Hollis,Owusu,Merriweather,Asante,Bellamy",
    ),
    _build_culture(
        9,
        "Wei,Minh,Priya,Arjun,Yuki,Jin,Anh,Hae-won,Xiu "
        "Ying,Ravi,Lakshmi,Kenji,Thảo,Ling,Rohan,Mei,Đức,Ji-ho,Ananya,Bao",
        "Nguyễn,Chen,Patel,Kim,Li,Trần,Singh,Ng,Park,Yamamoto,Reddy,Wu,Phạm,Gupta,Lê,Ōno,Choi,Hoàng,Iyer,Xu",
    ),
    _build_culture(
        6,
        "Yusuf,Fatima,Omar,Layla,Ibrahim,Maryam,Khalid,Noor,Zainab,Amir,Abd al-Rahman,Salma,Idris,Hana,Bilal,Rania",
        "Al-Sayed,Haddad,Rahman,El-Amin,Karimi,Abdullahi,Mansour,Ben Youssef,Nasser,Qureshi,Hassan,Al-Khatib,Farah,"
        "Sharif,Aziz,Darwish",
    ),
    _build_culture(
        4,
        "Keanu,Leilani,Kai,Moana,Nāinoa,Tala,Ka'imi,Aiyana,Malia,Sione,Winona,Ahanu,Lani,Makoa",
        "Kealoha,Kahananui,Begay,Tuiasosopo,Yazzie,Māhoe,Fonoti,Tsosie,Kaʻanāʻanā,Latu,Whitehorse,Palakiko,Vea,Benally",
    ),
)

# Words that spreadsheets, databases and careless programs swallow; each is somebody's name.
ODD_NAMES: Final = (
    ("Jennifer", "Null"),
    ("None", "Whitfield"),
    ("Na", "NA"),
    ("True", "Sorrell"),
    ("X", "Æ"),
    ("O", "Y"),
    ("Nil", "False"),
    ("Nan", "NaN"),
)

_SPECIAL = str.maketrans(
    {"ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "ß": "ss", "æ": "ae", "Æ": "AE", "ʻ": "", "’": ""}
)


@lru_cache(maxsize=8192)
def convert_to_ascii(text: str) -> str:
    """Return a name as mail addresses spell it: lower case ASCII letters and digits, without accents and signs."""
    plain = unicodedata.normalize("NFKD", text.translate(_SPECIAL))
    return "".join(letter for letter in plain.lower() if letter.isascii() and letter.isalnum()) or "x"


def draw_names(rng: Generator, count: int) -> list[tuple[str, str]]:
    """Draw `count` pairs of (first name, last name)."""
    weights = np.array([culture.weight for culture in CULTURES], dtype=float)
    culture_indexes = rng.choice(len(CULTURES), size=count, p=weights / weights.sum()).tolist()
    picks = rng.integers(0, 1 << 30, size=(count, 3)).tolist()
    doubled = rng.random(count).tolist()
    names = []
    for index in range(count):
        culture = CULTURES[culture_indexes[index]]
        first_index, last_index, second_index = picks[index]
        surname = culture.last_names[last_index % len(culture.last_names)]
        if doubled[index] < culture.two_surnames:
            surname = f"{surname} {culture.last_names[second_index % len(culture.last_names)]}"
        names.append((culture.first_names[first_index % len(culture.first_names)], surname))
    return names
