"""Makers of devices under one name each, and what firmware and typists enter where there is no maker or model."""

from __future__ import annotations

from homeroom.engines.know.resolve.shared.words import quote_sql_list

_SAME = {
    "hewlett-packard": "hp",
    "hewlett": "hp",
    "hpe": "hp",
    "asustek": "asus",
    "micro-star": "msi",
    "micro": "msi",
}
"""First words of a maker's name, and the name that they are compared by."""
_NO_MAKERS = frozenset(
    {
        "system",
        "to",
        "default",
        "custom",
        "generic",
        "unknown",
        "other",
        "others",
        "oem",
        "o",
        "none",
        "na",
        "n",
        "not",
        "various",
        "clone",
        "white",
        "whitebox",
        "self",
        "home",
        "homebuilt",
        "built",
        "invalid",
        "empty",
        "unbranded",
        "misc",
        "miscellaneous",
    }
)
"""First words where nobody entered a maker: `System manufacturer`, `To be filled by O.E.M.`, `Custom`."""
_NO_MODELS = frozenset(
    {
        "system product name",
        "system name",
        "all series",
        "default string",
        "to be filled by o e m",
        "o e m",
        "oem",
        "custom",
        "custom build",
        "custom built",
        "custom computer",
        "custom desktop",
        "custom laptop",
        "custom pc",
        "desktop",
        "desktop computer",
        "desktop pc",
        "lab computer",
        "lab pc",
        "computer",
        "pc",
        "laptop",
        "notebook",
        "generic",
        "generic desktop",
        "generic laptop",
        "generic pc",
        "white box",
        "not specified",
        "not applicable",
        "n a",
        "none",
        "unknown",
        "other",
        "invalid",
        "misc",
        "tbd",
    }
)
"""Models in lower case without punctuation of which nothing follows about the device."""


def maker_sql(value: str) -> str:
    """Return SQL for the first word of a maker's name in lower case, the same for each of its spellings.

    Null where nobody entered a maker.
    """
    word = f"regexp_extract(lower({value}), '[a-z0-9]+(-[a-z0-9]+)*')"
    cases = " ".join(f"WHEN '{word}' THEN '{name}'" for word, name in _SAME.items())
    return (
        f"nullif(CASE WHEN {word} IN ({quote_sql_list(_NO_MAKERS)}) THEN '' ELSE CASE {word} {cases} ELSE {word} END "
        f"END, '')"
    )


def model_sql(words: str) -> str:
    """Return SQL for a model in lower-case words; null where nobody entered a model."""
    return f"CASE WHEN {words} NOT IN ({quote_sql_list(_NO_MODELS)}) THEN {words} END"
