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
`doubt` bits on a person reviews the pair. The figures are declared, not learned: they follow the model of Fellegi and
Sunter (1969) with round numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAD_BITS = 5
"""Bits by which a pair must lead every other pair of either side to be joined at `alone` bits."""
MIN_POPULATION = 4096
"""The minimum population for rarity and prior: in a list of ten every name is rare."""


@dataclass(frozen=True, kw_only=True)
class ComparisonLevel:
    """One degree of agreement.

    `condition` is SQL over the pair `p` and the profiles `a` and `b`; `bits` are added where it holds, at most those of
    the column or expression `rarity`.
    """

    reason: str
    condition: str
    bits: float
    rarity: str = ""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One attribute in which two records may agree or differ."""

    name: str
    levels: tuple[ComparisonLevel, ...]


@dataclass(frozen=True, kw_only=True)
class MatchModel:
    """How one kind is scored: its comparisons, and the bits from which a pair is joined, joined alone, or reviewed."""

    kind: str
    comparisons: tuple[Comparison, ...]
    join: float
    alone: float
    doubt: float
    margin: float
    prior: bool


def _build_comparison(name: str, *levels: tuple[str, str, float] | tuple[str, str, float, str]) -> Comparison:
    return Comparison(
        name=name,
        levels=tuple(
            ComparisonLevel(reason=row[0], condition=row[1], bits=row[2], rarity=row[3] if len(row) == 4 else "")
            for row in levels
        ),
    )


def _no_common_value_sql(column: str) -> str:
    """Return SQL for whether both sides have values in a list and none in common."""
    return f"len(a.{column}) > 0 AND len(b.{column}) > 0 AND NOT list_has_any(a.{column}, b.{column})"


def _no_common_value_of_form_sql(column: str, form: str) -> str:
    """Return SQL for whether both sides have values of that form in a list, and no value at all in common.

    Values of different forms are not compared: a name does not contradict an address.
    """
    both_have_values = " AND ".join(
        f"len(list_filter({side}.{column}, x -> regexp_full_match(x, '{form}'))) > 0" for side in ("a", "b")
    )
    return f"({both_have_values} AND NOT list_has_any(a.{column}, b.{column}))"


def _rarity_cap_sql(space: str, max_bits: float) -> str:
    """Return SQL for the cap of a shared value that p.<space> subjects of one source carry.

    Each doubling costs two bits.
    """
    return f"{max_bits} - 2 * log2(p.{space})"


_NO_SHARED_HARDWARE_SQL = (
    "(len(a.serials) = 0 OR len(b.serials) = 0) AND NOT list_has_any(a.hardware_types, b.hardware_types)"
)
_WITHIN = "len(a.model_parts) > 1 AND len(b.model_parts) > 1 AND (list_has_all(a.model_parts, b.model_parts) OR list_has_all(b.model_parts, a.model_parts))"
_ALIKE = "len(list_intersect(a.model_parts, b.model_parts)) > 1 AND len(list_filter(list_intersect(a.model_parts, b.model_parts), x -> regexp_matches(x, '[0-9]'))) > 0"
_NO_SERIES_SQL = "a.alone AND b.alone"
_ONE_OFF = "length(a.serials[1]) > 5 AND damerau_levenshtein(a.serials[1], b.serials[1]) = 1"

DEVICE_MODEL = MatchModel(
    kind="device",
    join=14,
    alone=14,
    doubt=8,
    margin=3,
    prior=False,
    comparisons=(
        _build_comparison(
            "serial",
            ("serials that differ only in signs read alike, such as O and 0", "p.fold IS NOT NULL", 12),
            ("serials with two signs swapped, or one too many, of no row of like serials", f"p.near = 1 AND {_NO_SERIES_SQL}", 11.5),
            ("serials with one other sign, of no row of like serials", f"p.other = 1 AND {_NO_SERIES_SQL}", 11.5),
            ("serials with two signs swapped, or one too many", "p.near IS NOT NULL", 9),
            ("serials with one other sign", f"len(b.serials) > 0 AND {_ONE_OFF}", 4),
            ("another serial of the same tag with the same holder or name, as after a new board", f"p.tag = 1 AND (p.holder IS NOT NULL OR p.name = 1) AND {_no_common_value_sql('serials')}", -4),
            ("another serial", _no_common_value_sql("serials"), -12),
        ),
        _build_comparison("hardware id", ("another hardware id of that type", f"{_no_common_value_sql('hardware')} AND list_has_any(a.hardware_types, b.hardware_types)", -8)),
        _build_comparison(
            "asset tag",
            ("the same asset tag, where one side has no serial to be told by", f"p.tag = 1 AND {_NO_SHARED_HARDWARE_SQL}", 14),
            ("the same asset tag", "p.tag IS NOT NULL", 12, _rarity_cap_sql("tag", 12)),
            ("asset tags of the same number, where one side has no serial to be told by", f"p.digits = 1 AND {_NO_SHARED_HARDWARE_SQL}", 12),
            ("asset tags of the same number", "p.digits IS NOT NULL", 9, _rarity_cap_sql("digits", 9)),
            ("another asset tag", _no_common_value_sql("tags"), -5),
        ),
        _build_comparison("network address", ("the same hardware network address", "p.mac IS NOT NULL", 15, _rarity_cap_sql("mac", 15))),
        _build_comparison(
            "written name",
            ("a name that contains the other's serial or tag", "p.token IS NOT NULL", 12, _rarity_cap_sql("token", 12)),
            ("a name that contains the number of the other's tag, where one side has no serial to be told by", f"p.numbered IS NOT NULL AND {_NO_SHARED_HARDWARE_SQL}", 12, _rarity_cap_sql("numbered", 12)),
            ("a name that contains the number of the other's tag", "p.numbered IS NOT NULL", 9, _rarity_cap_sql("numbered", 9)),
        ),
        _build_comparison(
            "name",
            ("the same name, where one side has no serial to be told by", f"p.name IS NOT NULL AND p.name = 1 AND {_NO_SHARED_HARDWARE_SQL}", 14),
            ("the same name", "p.name IS NOT NULL", 9, _rarity_cap_sql("name", 9)),
            ("another name", _no_common_value_sql("names"), -3),
        ),
        _build_comparison(
            "holder",
            ("the same holder, whose only device this is on both sides, one of which has no serial to be told by", f"p.holder IS NOT NULL AND a.sole AND b.sole AND {_NO_SHARED_HARDWARE_SQL}", 13),
            ("the same holder", "p.holder IS NOT NULL", 6, _rarity_cap_sql("holder", 6)),
            ("a holder whose address is spelled as the other's name", "p.spelt IS NOT NULL", 5, _rarity_cap_sql("spelt", 5)),
            ("another holder", f"{_no_common_value_of_form_sql('holders', '.+@.+')} OR {_no_common_value_of_form_sql('holders', '[^@0-9]+')}", -3),
        ),
        _build_comparison("model", ("the same model", "list_has_any(a.models, b.models)", 2), ("a model that shares a word", f"list_has_any(a.model_words, b.model_words) OR {_WITHIN} OR {_ALIKE}", 1), ("another model", _no_common_value_sql("spoken_models"), -4)),
        _build_comparison("maker", ("another maker", _no_common_value_sql("makers"), -6)),
        _build_comparison("platform", ("another platform", _no_common_value_sql("platforms"), -8)),
        _build_comparison("school", ("the same school or place", "list_has_any(a.places, b.places)", 2)),
    ),
)  # fmt: skip

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
    ("a given name that is alike", f"{_SHORT.format('given')} AND jaro_winkler_similarity(a.given, b.given) >= 0.75", -2),
)  # fmt: skip
_GIVEN_ANOTHER = ("another given name", "a.given <> b.given", -40.0)
# Numbers are assigned in sequence, so that almost every number has a neighbor that differs in one digit.
# Twins share everything but the given name, so for students another given name outweighs all else.
_GIVEN_ADULT = (
    "another given name of an adult of the same birth date",
    f"a.given <> b.given AND {_SAME_DAY} AND a.grown AND b.grown",
    -9.0,
)
_FAMILY = _build_comparison(
    "family name",
    ("family and given name the other way round", _SWAPPED, 8),
    ("family and given name the other way round, nearly", _NEARLY_SWAPPED, 6),
    ("the same family name", "a.family = b.family", 12, "a.family_bits"),
    ("one of two family names", _PART, 8),
    ("nearly the same family name", _NEAR_NAME.format("family", 0.9), 7),
    ("a family name that is alike", f"{_SHORT.format('family')} AND jaro_winkler_similarity(a.family, b.family) >= 0.75", 0),
    ("another family name", "a.family <> b.family", -6),
)  # fmt: skip
_SAME_SOURCE = "a.source = b.source"

PERSON_MODEL = MatchModel(
    kind="person",
    join=8,
    alone=4,
    doubt=3,
    margin=3,
    prior=True,
    comparisons=(
        _build_comparison("given name", *_GIVEN_LEVELS, _GIVEN_ADULT, _GIVEN_ANOTHER),
        _FAMILY,
        _build_comparison(
            "birth date",
            ("the same birth date", "a.born = b.born", 13),
            ("birth dates with day and month swapped, or one digit off", "damerau_levenshtein(a.born, b.born) <= 1 OR left(a.born, 4) = left(b.born, 4) AND right(a.born, 2) = substr(b.born, 5, 2) AND right(b.born, 2) = substr(a.born, 5, 2)", 8),
            ("birth dates with two digits off", "damerau_levenshtein(a.born, b.born) = 2", 1),
            ("another birth date", "a.born <> b.born", -9),
            ("the same year of birth", "a.birth_year = b.birth_year", 5),
            ("another year of birth", "a.birth_year <> b.birth_year", -7),
        ),
        _build_comparison(
            "street",
            ("the same street", "a.street = b.street", 8),
            ("nearly the same street", "jaro_winkler_similarity(a.street, b.street) >= 0.9 OR levenshtein(a.street, b.street) <= 2", 7),
            ("another street", "a.street <> b.street", -2),
        ),
        _build_comparison("house number", ("the same house number", "a.house_number = b.house_number", 4), ("another house number", "a.house_number <> b.house_number", -1)),
        _build_comparison("second line", ("the same second line of the address", "a.second_line = b.second_line", 5), ("nearly the same second line of the address", "jaro_winkler_similarity(a.second_line, b.second_line) >= 0.9", 4), ("another second line of the address", "a.second_line <> b.second_line", -1)),
        _build_comparison("postal code", ("the same postal code", "a.postal_code = b.postal_code", 6), ("nearly the same postal code", "damerau_levenshtein(a.postal_code, b.postal_code) = 1", 3), ("another postal code", "a.postal_code <> b.postal_code", -2)),
        _build_comparison("city", ("the same city", "a.city = b.city", 5), ("nearly the same city", "jaro_winkler_similarity(a.city, b.city) >= 0.9", 4), ("another city", "a.city <> b.city", -2)),
        _build_comparison("region", ("the same region", "a.region = b.region", 1), ("another region", "a.region <> b.region", -1)),
        _build_comparison("school", ("the same school", "a.school = b.school", 3), ("another school", "a.school <> b.school", -2)),
        _build_comparison("grade", ("the same grade", "a.grade = b.grade", 3), ("another grade", "a.grade <> b.grade", -4)),
        _build_comparison("address", ("the same user name, or part before the @ of the address", "list_has_any(a.locals, b.locals)", 9), ("another address of the same domain", "a.domain = b.domain AND a.local <> b.local", -6)),
        _build_comparison("number", ("the same number", "a.number = b.number AND length(a.number) > 3", 10), ("numbers with one digit off", "length(a.number) > 4 AND damerau_levenshtein(a.number, b.number) = 1 AND a.source <> b.source", -1), ("another number in the same source", f"a.number <> b.number AND {_SAME_SOURCE}", -12), ("another number", "a.number <> b.number", -3)),
        _build_comparison("middle name", ("the same middle initial", "left(a.middle, 1) = left(b.middle, 1)", 2), ("another middle initial", "left(a.middle, 1) <> left(b.middle, 1)", -3)),
    ),
)  # fmt: skip

ACCOUNT_MODEL = MatchModel(
    kind="account",
    join=8,
    alone=4,
    doubt=3,
    margin=3,
    prior=True,
    comparisons=(
        _build_comparison("given name", *_GIVEN_LEVELS, _GIVEN_ANOTHER),
        _FAMILY,
        _build_comparison(
            "address",
            ("the same part before the @ of the address", "a.local = b.local OR a.local = b.username", 10),
            ("an address spelled from given and family name", "a.given IS NULL AND list_contains(b.spelled, a.spelling)", 19, "a.spelled_bits"),
            ("an address spelled from an initial and the family name", "a.given IS NULL AND list_contains(b.initialled, a.spelling)", 13, "a.spelled_bits"),
            ("another address of the same domain", "a.domain = b.domain", -6),
            ("an address spelled from these names", "list_contains(b.spelled, a.spelling) OR list_contains(b.initialled, a.spelling)", 1),
        ),
        _build_comparison("kind of person", ("the unit of that kind of person", "a.hint = b.lane", 1), ("the unit of another kind of person", "a.hint <> b.lane", -10)),
        _build_comparison("school", ("the unit of the person's school", "list_contains(a.schools, b.school)", 5), ("the unit of another school", "len(a.schools) > 0 AND b.school IS NOT NULL", -3)),
        _build_comparison("grade", ("the grade or graduation year in the unit or address", "a.grade = b.grade", 3), ("another grade or graduation year", "a.grade <> b.grade", -5)),
        _build_comparison("title", ("the same title", "a.title = b.title", 3)),
        _build_comparison("number", ("numbers with one digit off", "a.number <> b.number AND length(a.number) > 4 AND damerau_levenshtein(a.number, b.number) = 1", -4), ("another number", "a.number <> b.number", -8)),
        _build_comparison("a place taken", ("the person has another account in that directory", "p.taken", -10)),
    ),
)  # fmt: skip

MATCH_MODELS: dict[str, MatchModel] = {scale.kind: scale for scale in (DEVICE_MODEL, PERSON_MODEL, ACCOUNT_MODEL)}
