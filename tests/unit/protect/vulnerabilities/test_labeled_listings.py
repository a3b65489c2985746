"""Test precision and recall on the labeled table, near misses included."""

from __future__ import annotations

from homeroom.domain.know.software.products import ProductCatalog
from homeroom.engines.protect.vulnerabilities.product_identification import ProductListing, identify_product
from homeroom.library.know.software import load_products
from tests.unit.protect.vulnerabilities.engine_runs import score_engine
from tests.unit.protect.vulnerabilities.labeled_listings import parse_labeled_rows


def test_every_labeled_row_has_its_vulnerabilities_and_no_others() -> None:
    score = score_engine()
    print(f"{score.rows} rows, {score.labeled} flaws: precision {score.precision:.3f}, recall {score.recall:.3f}")
    assert score.rows >= 150
    assert score.labeled >= 80
    assert (score.wrong, score.missed, score.misnamed) == ((), (), ())


def test_every_labeled_row_is_what_it_is() -> None:
    catalog = ProductCatalog(load_products())
    labels = parse_labeled_rows()
    identities = [
        identify_product(
            ProductListing(
                name=f"{label.version} {label.name.removeprefix(label.version)}".strip()
                if label.kind == "system"
                else label.name,
                version=label.version,
                listing=label.listing,
                vendor=label.vendor,
                identifier=label.identifier,
                platform=label.platform,
                system=label.system,
                kind=label.kind,
            ),
            shelf=catalog,
        )
        for label in labels
    ]
    wrong = [
        (label.name, identity.product_key, label.product)
        for label, identity in zip(labels, identities, strict=True)
        if identity.product_key != label.product
    ]
    assert wrong == []
    assert all(identity.reason for label, identity in zip(labels, identities, strict=True) if not label.product)
