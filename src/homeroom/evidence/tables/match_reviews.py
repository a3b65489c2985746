"""Derived evidence: pairs of records that matching leaves to a person, one match review per pair."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STUDENT, I, T, Table, build_columns

MATCH_REVIEWS = Table(
    name="match_reviews",
    meaning="Two subjects that may be one, with what speaks for it and against it. Of accounts: an account and a "
    "person.",
    derived=True,
    key=("id",),
    columns=build_columns(
        STUDENT,
        ("id", T, "The question: the same while both first records are.", PUBLIC),
        ("kind", T, "device, person, or account (may it belong to that person?).", PUBLIC),
        ("one", I, "The first subject, from the identity ledger.", PUBLIC),
        ("other", I, "The second subject; of accounts the person.", PUBLIC),
        ("one_connector", T, "Connector of the first subject's first record.", PUBLIC),
        ("one_instance", T, "Its source instance.", PUBLIC),
        ("one_key", T, "Its key."),
        ("other_connector", T, "Connector of the second subject's first record.", PUBLIC),
        ("other_instance", T, "Its source instance.", PUBLIC),
        ("other_key", T, "Its key."),
        ("bits", I, "What all signs weigh together, in bits of evidence.", PUBLIC),
        ("why", T, "The signs with their weights, in words.", PUBLIC),
    ),
)
