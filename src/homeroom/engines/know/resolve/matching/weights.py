"""Match models: weights, in bits of evidence, for two records that share no deciding identifier.

The identity rules (`rules.py`) come first: a serial number, a directory id or a student number that two records share
decides alone. The records that they leave separate are scored here. A bit doubles the odds that two records are the
same; a negative bit halves them. Of each comparison the first level that applies counts; where one side has no value,
the comparison counts nothing.

`rarity` caps a level: a family name that every tenth person has proves less than one that two have. `prior` is true
where the size of the district counts against a match: among more people a chance namesake is likelier (log2 of their
number, in steps of a doubling, at least that of MIN_POPULATION).

A pair is joined from `join` bits on, where it is the best of both sides by `margin` bits; where no other pair of either
side comes within LEAD_BITS of it, `alone` bits are enough: an unlisted namesake is rarer than the prior assumes. From
`review` bits on a person reviews the pair. The figures are declared, not learned: they follow the model of Fellegi and
Sunter (1969) with round numbers.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.device_weights import DEVICE_MODEL
from homeroom.engines.know.resolve.matching.match_model import (
    MatchModel,
    build_comparison,
)

_SHORT = "length(a.{0}) > 1 AND length(b.{0}) > 1"
_NEAR_NAME = (
    "(jaro_winkler_similarity(a.{0}, b.{0}) >= {1} OR damerau_levenshtein(a.{0}, b.{0}) <= 1 AND length(a.{0}) > 3)"
)
_SWAPPED = "a.given = b.family AND a.family = b.given AND a.given <> a.family"
_NEARLY_SWAPPED = (
    "jaro_winkler_similarity(a.given, b.family) >= 0.9 AND jaro_winkler_similarity(a.family, b.given) >= 0.9"
)
_SAME_DAY = "damerau_levenshtein(a.born, b.born) <= 1"
_NICKNAME_SQL = "len(a.roots) > 0 AND list_has_any(a.roots, b.roots)"
_PART = "len(list_intersect(a.families, b.families)) > 0"
_INITIAL = "left(a.given, 1) = left(b.given, 1) AND (length(a.given) = 1 OR length(b.given) = 1)"

_GIVEN_LEVELS: tuple[tuple[str, str, float] | tuple[str, str, float, str], ...] = (
    ("given and family name the other way round", _SWAPPED, 8),
    ("given and family name the other way round, nearly", _NEARLY_SWAPPED, 6),
    ("the same given name", "a.given = b.given AND length(a.given) > 1", 9, "a.given_bits"),
    ("a short form of the given name", _NICKNAME_SQL, 7),
    ("one of several given names", "len(list_intersect(a.givens, b.givens)) > 0", 6),
    ("nearly the same given name", _NEAR_NAME.format("given", 0.9), 5),
    ("the same initial", _INITIAL, 2),
    ("a given name that is alike", f"{_SHORT.format('given')} AND jaro_winkler_similarity(a.given, b.given) "
                                   f">= 0.75", -2),
)  # fmt: skip
_GIVEN_ANOTHER = ("another given name", "a.given <> b.given", -40.0)
# Numbers are assigned in sequence, so that almost every number has a neighbor that differs in one digit.
# Twins share everything but the given name, so for students another given name outweighs all else.
_GIVEN_ADULT = (
    "another given name of an adult of the same birth date",
    f"a.given <> b.given AND {_SAME_DAY} AND a.grown AND b.grown",
    -9.0,
)
_FAMILY = build_comparison(
    "family name",
    ("family and given name the other way round", _SWAPPED, 8),
    ("family and given name the other way round, nearly", _NEARLY_SWAPPED, 6),
    ("the same family name", "a.family = b.family", 12, "a.family_bits"),
    ("one of two family names", _PART, 8),
    ("nearly the same family name", _NEAR_NAME.format("family", 0.9), 7),
    ("a family name that is alike", f"{_SHORT.format('family')} AND jaro_winkler_similarity(a.family, b.family) "
                                    f">= 0.75", 0),
    ("another family name", "a.family <> b.family", -6),
)  # fmt: skip
_SAME_SOURCE = "a.source = b.source"

PERSON_MODEL = MatchModel(
    kind="person",
    join=8,
    alone=4,
    review=3,
    margin=3,
    prior=True,
    comparisons=(
        build_comparison("given name", *_GIVEN_LEVELS, _GIVEN_ADULT, _GIVEN_ANOTHER),
        _FAMILY,
        build_comparison(
            "birth date",
            ("the same birth date", "a.born = b.born", 13),
            (
                "birth dates with day and month swapped, or one digit off",
                "damerau_levenshtein(a.born, b.born) <= 1 OR "
                "left(a.born, 4) = left(b.born, 4) AND "
                "right(a.born, 2) = substr(b.born, 5, 2) AND "
                "right(b.born, 2) = substr(a.born, 5, 2)",
                8,
            ),
            ("birth dates with two digits off", "damerau_levenshtein(a.born, b.born) = 2", 1),
            ("another birth date", "a.born <> b.born", -9),
            ("the same year of birth", "a.birth_year = b.birth_year", 5),
            ("another year of birth", "a.birth_year <> b.birth_year", -7),
        ),
        build_comparison(
            "street",
            ("the same street", "a.street = b.street", 8),
            (
                "nearly the same street",
                "jaro_winkler_similarity(a.street, b.street) >= 0.9 OR levenshtein(a.street, b.street) <= 2",
                7,
            ),
            ("another street", "a.street <> b.street", -2),
        ),
        build_comparison(
            "house number",
            ("the same house number", "a.house_number = b.house_number", 4),
            ("another house number", "a.house_number <> b.house_number", -1),
        ),
        build_comparison(
            "second line",
            ("the same second line of the address", "a.second_line = b.second_line", 5),
            (
                "nearly the same second line of the address",
                "jaro_winkler_similarity(a.second_line, b.second_line) >= 0.9",
                4,
            ),
            ("another second line of the address", "a.second_line <> b.second_line", -1),
        ),
        build_comparison(
            "postal code",
            ("the same postal code", "a.postal_code = b.postal_code", 6),
            ("nearly the same postal code", "damerau_levenshtein(a.postal_code, b.postal_code) = 1", 3),
            ("another postal code", "a.postal_code <> b.postal_code", -2),
        ),
        build_comparison(
            "city",
            ("the same city", "a.city = b.city", 5),
            ("nearly the same city", "jaro_winkler_similarity(a.city, b.city) >= 0.9", 4),
            ("another city", "a.city <> b.city", -2),
        ),
        build_comparison(
            "region", ("the same region", "a.region = b.region", 1), ("another region", "a.region <> b.region", -1)
        ),
        build_comparison(
            "school", ("the same school", "a.school = b.school", 3), ("another school", "a.school <> b.school", -2)
        ),
        build_comparison(
            "grade", ("the same grade", "a.grade = b.grade", 3), ("another grade", "a.grade <> b.grade", -4)
        ),
        build_comparison(
            "address",
            ("the same user name, or part before the @ of the address", "list_has_any(a.locals, b.locals)", 9),
            ("another address of the same domain", "a.domain = b.domain AND a.local <> b.local", -6),
        ),
        build_comparison(
            "number",
            ("the same number", "a.number = b.number AND length(a.number) > 3", 10),
            (
                "numbers with one digit off",
                "length(a.number) > 4 AND damerau_levenshtein(a.number, b.number) = 1 AND a.source <> b.source",
                -1,
            ),
            ("another number in the same source", f"a.number <> b.number AND {_SAME_SOURCE}", -12),
            ("another number", "a.number <> b.number", -3),
        ),
        build_comparison("kind of person", ("a parent and a person of another list", "a.parent <> b.parent", -8)),
        build_comparison(
            "middle name",
            ("the same middle initial", "left(a.middle, 1) = left(b.middle, 1)", 2),
            ("another middle initial", "left(a.middle, 1) <> left(b.middle, 1)", -3),
        ),
    ),
)

ACCOUNT_MODEL = MatchModel(
    kind="account",
    join=8,
    alone=4,
    review=3,
    margin=3,
    prior=True,
    comparisons=(
        build_comparison("given name", *_GIVEN_LEVELS, _GIVEN_ANOTHER),
        _FAMILY,
        build_comparison(
            "address",
            ("the same part before the @ of the address", "a.local = b.local OR a.local = b.username", 10),
            (
                "an address spelled from given and family name",
                "a.given IS NULL AND list_contains(b.spelled, a.spelling)",
                19,
                "a.spelled_bits",
            ),
            (
                "an address spelled from an initial and the family name",
                "a.given IS NULL AND list_contains(b.initialled, a.spelling)",
                13,
                "a.spelled_bits",
            ),
            (
                "another address of the same domain, spelled from these names",
                "a.domain = b.domain AND a.hint IS DISTINCT FROM 'student' AND NOT p.taken AND "
                "(list_contains(b.spelled, a.spelling) OR list_contains(b.initialled, a.spelling))",
                -2,
            ),
            ("another address of the same domain", "a.domain = b.domain", -6),
            (
                "an address spelled from these names",
                "list_contains(b.spelled, a.spelling) OR list_contains(b.initialled, a.spelling)",
                1,
            ),
        ),
        build_comparison(
            "kind of person",
            ("the unit of that kind of person", "a.hint = b.lane", 1),
            ("the unit of another kind of person", "a.hint <> b.lane", -10),
        ),
        build_comparison(
            "school",
            ("the unit of the person's school", "list_contains(a.schools, b.school)", 5),
            ("the unit of another school", "len(a.schools) > 0 AND b.school IS NOT NULL", -3),
        ),
        build_comparison(
            "grade",
            ("the grade or graduation year in the unit or address", "a.grade = b.grade", 3),
            ("another grade or graduation year", "a.grade <> b.grade", -5),
        ),
        build_comparison("title", ("the same title", "a.title = b.title", 3)),
        build_comparison(
            "number",
            (
                "numbers with one digit off",
                "a.number <> b.number AND length(a.number) > 4 AND damerau_levenshtein(a.number, b.number) = 1",
                -4,
            ),
            ("another number", "a.number <> b.number", -8),
        ),
        build_comparison("a place taken", ("the person has another account in that directory", "p.taken", -10)),
    ),
)

MATCH_MODELS: dict[str, MatchModel] = {scale.kind: scale for scale in (DEVICE_MODEL, PERSON_MODEL, ACCOUNT_MODEL)}
