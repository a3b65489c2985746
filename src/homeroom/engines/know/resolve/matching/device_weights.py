"""The declared weights for devices."""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.match_model import (
    MatchModel,
    build_comparison,
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
_WITHIN = (
    "len(a.model_parts) > 1 AND len(b.model_parts) > 1 AND (list_has_all(a.model_parts, b.model_parts) OR "
    "list_has_all(b.model_parts, a.model_parts))"
)
_ALIKE = (
    "len(list_intersect(a.model_parts, b.model_parts)) > 1 AND len(list_filter(list_intersect(a.model_parts, "
    "b.model_parts), x -> regexp_matches(x, '[0-9]'))) > 0"
)
_NO_SERIES_SQL = "a.alone AND b.alone"
_ONE_OFF = "length(a.serials[1]) > 5 AND damerau_levenshtein(a.serials[1], b.serials[1]) = 1"

DEVICE_MODEL = MatchModel(
    kind="device",
    join=14,
    alone=14,
    review=8,
    margin=3,
    prior=False,
    comparisons=(
        build_comparison(
            "serial",
            ("serials that differ only in O for 0 or I for 1", "p.misread = 1", 16),
            ("a serial with what its barcode or label has before it", "p.prefixed = 1", 16),
            ("an asset tag that is the other's serial", f"p.tagged = 1 AND {_NO_SHARED_HARDWARE_SQL}", 16),
            ("serials that differ only in signs read alike, such as O and 0", "p.fold IS NOT NULL", 12),
            (
                "serials with two signs swapped, or one too many, of no row of like serials",
                f"p.near = 1 AND {_NO_SERIES_SQL}",
                11.5,
            ),
            ("serials with one other sign, of no row of like serials", f"p.other = 1 AND {_NO_SERIES_SQL}", 11.5),
            ("serials with two signs swapped, or one too many", "p.near IS NOT NULL", 9),
            ("serials with one other sign", f"len(b.serials) > 0 AND {_ONE_OFF}", 4),
            (
                "another serial of the same tag with the same holder or name, as after a new board",
                "(p.tag = 1 OR p.digits = 1) AND (p.holder IS NOT NULL OR p.name = 1) AND "
                f"{_no_common_value_sql('serials')}",
                -4,
            ),
            ("another serial", _no_common_value_sql("serials"), -12),
        ),
        build_comparison(
            "hardware id",
            (
                "another hardware id of that type",
                f"{_no_common_value_sql('hardware')} AND list_has_any(a.hardware_types, b.hardware_types)",
                -8,
            ),
        ),
        build_comparison(
            "asset tag",
            (
                "the same asset tag, where one side has no serial to be told by",
                f"p.tag = 1 AND {_NO_SHARED_HARDWARE_SQL}",
                14,
            ),
            ("the same asset tag", "p.tag IS NOT NULL", 12, _rarity_cap_sql("tag", 12)),
            (
                "asset tags of the same number, where one side has no serial to be told by",
                f"p.digits = 1 AND {_NO_SHARED_HARDWARE_SQL}",
                12,
            ),
            ("asset tags of the same number", "p.digits IS NOT NULL", 9, _rarity_cap_sql("digits", 9)),
            ("another asset tag", _no_common_value_sql("tags"), -5),
        ),
        build_comparison(
            "network address",
            (
                "the same hardware network address, where one side has no serial to be told by",
                f"p.mac = 1 AND {_NO_SHARED_HARDWARE_SQL}",
                19,
            ),
            ("the same hardware network address", "p.mac IS NOT NULL", 15, _rarity_cap_sql("mac", 15)),
        ),
        build_comparison(
            "written name",
            ("a name that contains the other's serial or tag", "p.token IS NOT NULL", 12, _rarity_cap_sql("token", 12)),
            (
                "a name that contains the number of the other's tag, where one side has no serial to be told by",
                f"p.numbered IS NOT NULL AND {_NO_SHARED_HARDWARE_SQL}",
                12,
                _rarity_cap_sql("numbered", 12),
            ),
            (
                "a name that contains the number of the other's tag",
                "p.numbered IS NOT NULL",
                9,
                _rarity_cap_sql("numbered", 9),
            ),
        ),
        build_comparison(
            "name",
            (
                "the same name, where one side has no serial to be told by",
                f"p.name IS NOT NULL AND p.name = 1 AND {_NO_SHARED_HARDWARE_SQL}",
                18,
            ),
            ("the same name", "p.name IS NOT NULL", 9, _rarity_cap_sql("name", 9)),
            ("another name", _no_common_value_sql("names"), -3),
        ),
        build_comparison(
            "holder",
            (
                "the same holder, whose only device this is on both sides, one of which has no serial to be told by",
                f"p.holder IS NOT NULL AND a.sole AND b.sole AND {_NO_SHARED_HARDWARE_SQL}",
                13,
            ),
            ("the same holder", "p.holder IS NOT NULL", 6, _rarity_cap_sql("holder", 6)),
            (
                "a holder whose address is spelled as the other's name",
                "p.spelt IS NOT NULL",
                5,
                _rarity_cap_sql("spelt", 5),
            ),
            (
                "another holder",
                f"{_no_common_value_of_form_sql('holders', '.+@.+')} OR "
                f"{_no_common_value_of_form_sql('holders', '[^@0-9]+')}",
                -3,
            ),
        ),
        build_comparison(
            "model",
            ("the same model", "list_has_any(a.models, b.models)", 2),
            ("a model that shares a word", f"list_has_any(a.model_words, b.model_words) OR {_WITHIN} OR {_ALIKE}", 1),
            ("another model", _no_common_value_sql("spoken_models"), -4),
        ),
        build_comparison("use", ("an asset that is retired", "a.retired OR b.retired", -3)),
        build_comparison("maker", ("another maker", _no_common_value_sql("makers"), -6)),
        build_comparison("platform", ("another platform", _no_common_value_sql("platforms"), -8)),
        build_comparison("school", ("the same school or place", "list_has_any(a.places, b.places)", 2)),
    ),
)
