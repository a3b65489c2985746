"""Precision and recall over the labelled table, near misses included."""

from __future__ import annotations

from homeroom.domain.software import Shelf
from homeroom.engines.vulnerabilities.naming import Way, named
from homeroom.library.software import products
from tests.unit.vulnerabilities.house import scored
from tests.unit.vulnerabilities.labelled import rows


def test_every_labelled_row_has_its_flaws_and_no_others() -> None:
    score = scored()
    print(f"{score.rows} rows, {score.labelled} flaws: precision {score.precision:.3f}, recall {score.recall:.3f}")
    assert score.rows >= 150
    assert score.labelled >= 80
    assert (score.wrong, score.missed, score.misnamed) == ((), (), ())


def test_every_labelled_row_is_what_it_is() -> None:
    shelf = Shelf(products())
    every = rows()
    made = [
        named(
            Way(name=f"{one.version} {one.name.removeprefix(one.version)}".strip() if one.kind == "system" else one.name, version=one.version,
                listing=one.listing, vendor=one.vendor, identifier=one.identifier, platform=one.platform, system=one.system, kind=one.kind),
            shelf=shelf,
        )
        for one in every
    ]  # fmt: skip
    wrong = [
        (one.name, found.thing, one.thing) for one, found in zip(every, made, strict=True) if found.thing != one.thing
    ]
    assert wrong == []
    assert all(found.reason for one, found in zip(every, made, strict=True) if not one.thing)
