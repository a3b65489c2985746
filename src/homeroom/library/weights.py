"""How flaws are ranked and by when they should be closed: vulnerabilities.yaml of a content folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from homeroom.domain.states import Severity
from homeroom.domain.vulnerabilities import Weights
from homeroom.library.reading import SHIPPED, ContentRefused, Field, Problem, misfits, read

FILE = "vulnerabilities.yaml"
NUMBERS = (
    "score", "likelihood", "exploited", "overdue", "ransomware", "public", "servers", "administrators", "beside_servers", "opens",
    "staff", "reach",
)  # fmt: skip
BY_SEVERITY = ("severities", "days")
_FIELDS = (
    *(Field(name=name, type=int, fits="a whole number, 0 or more") for name in NUMBERS),
    *(Field(name=name, type=dict, fits="a whole number for critical, high, medium and low") for name in BY_SEVERITY),
)


@cache
def weights(directory: Path = SHIPPED) -> Weights:
    """The weights of a content folder. Raises ContentRefused where one is missing or no number."""
    given = read(directory / FILE, root=directory)
    problems = misfits(given, _FIELDS, file=FILE)
    wanted = {severity.value for severity in Severity}
    for name in BY_SEVERITY:
        table = given.get(name)
        if isinstance(table, dict) and (set(table) != wanted or not all(_whole(one) for one in table.values())):
            problems.append(
                Problem(file=FILE, field=name, told=f"{table!r}; a number each for {', '.join(wanted)} would fit")
            )
    problems += [
        Problem(file=FILE, field=name, told=f"{given[name]!r}; a whole number, 0 or more, would fit")
        for name in NUMBERS
        if isinstance(given.get(name), int) and not _whole(given[name])
    ]
    if problems:
        raise ContentRefused(problems)
    return Weights(**{name: given[name] for name in (*NUMBERS, *BY_SEVERITY)})


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
