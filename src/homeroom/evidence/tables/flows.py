"""Flows of student data to vendors: what was sent by hand or as a roster, and each flow beside its agreement."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, D, I, L, T, Table, build_columns

MADE_BY = "privacy"

SENT_RECORDS = Table(
    name="sent_records",
    meaning="A column of student data that a vendor was given: how many rows filled it, and none of its values.",
    derived=False,
    key=("recipient", "way", "sent_on", "batch", "element", "column"),
    columns=build_columns(
        PUBLIC,
        ("recipient", T, "The product or vendor that it was sent to, as named."),
        ("way", T, "roster (a bundle) or hand (a sheet)."),
        ("sent_on", D, "When it was sent."),
        ("batch", T, "The kind of files that were sent together, as a hash of their columns."),
        ("element", T, "The kind of student data, by its id in content/elements."),
        ("column", T, "The column by its heading."),
        ("students", I, "How many rows of students fill it."),
        ("guardians", I, "How many rows of parents and guardians fill it."),
        ("children", I, "How many children the rows of its element are about."),
        ("schools", L, "Schools of those children, by name; null where the files have none."),
        ("school_children", L, "How many of the children each of the schools has, in their order."),
    ),
)

FLOWS = Table(
    name="flows",
    meaning="One kind of student data that goes to one product by one way, beside the agreement about it.",
    derived=True,
    engine=MADE_BY,
    key=("id",),
    resource_kind="flow",
    label="title",
    columns=build_columns(
        PUBLIC,
        ("id", I, "The flow, the same number in every run."),
        ("title", T, "The element and the product."),
        ("vendor", T, "Who gets it."),
        ("product", T, "Which product gets it; null where all of the vendor's may."),
        ("element", T, "The kind of student data, by its id in content/elements."),
        ("sensitivity", T, "low, moderate or high."),
        ("way", T, "roster, hand, or grant (a permission that students or an administrator gave)."),
        ("children", I, "How many children it is about."),
        ("since", D, "When it was first sent or granted, as far as known."),
        ("newest", D, "When it was last sent; null of a grant."),
        (
            "agreement",
            T,
            "How the agreement about the product is: signed, ended, asked, refused, unsigned or none; null without a "
            "list of agreements.",
        ),
        (
            "state",
            T,
            "allowed, or why it is not: not allowed, no agreement, not signed, ended, refused; null where nobody can "
            "tell.",
        ),
        ("scopes", L, "The permissions by which it goes; null where it was sent."),
    ),
)
