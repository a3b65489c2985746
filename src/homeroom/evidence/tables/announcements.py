"""What the technology team announces for judging logs: expected activity, canaries, and the district's own networks."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, STAFF, L, T, Table, build_columns

EXPECTED_ACTIVITIES = Table(
    name="expected_activities",
    meaning="Work that somebody announced: what it sets off alerts nobody. All lists that are not empty have to match.",
    derived=False,
    key=("key",),
    columns=build_columns(
        STAFF,
        ("key", T, "A hash of the entry, so that the same entry is one row.", PUBLIC),
        ("who", L, "Accounts that act."),
        ("targets", L, "Accounts, documents, apps or addresses that it is done to."),
        ("hosts", L, "Computers, by short name.", PUBLIC),
        ("addresses", L, "Network addresses, or networks in CIDR notation.", PUBLIC),
        ("countries", L, "Countries, ISO 3166 alpha-2.", PUBLIC),
        (
            "starts",
            T,
            "From which day or time, in the district's zone unless it names one; null where ever.",
            PUBLIC,
        ),
        ("ends", T, "Until which day, the whole of it, or time; null where for good.", PUBLIC),
        ("daily_from", T, "From which time of day, as HH:MM in the district's zone; null where all day.", PUBLIC),
        ("daily_until", T, "Until which time of day; before the first where it goes past midnight.", PUBLIC),
        ("reason", T, "Why, in a sentence."),
    ),
)

CANARIES = Table(
    name="canaries",
    meaning="An account, document or file that nobody has a reason to touch.",
    derived=False,
    key=("kind", "value"),
    columns=build_columns(
        STAFF,
        ("kind", T, "account, document or file.", PUBLIC),
        ("value", T, "The account's name or address, the id of the document in Drive, or the share and path."),
    ),
)

OWN_NETWORKS = Table(
    name="own_networks",
    meaning="A network from which the district's own people and devices come, as somebody declared it.",
    derived=False,
    key=("network",),
    columns=build_columns(PUBLIC, ("network", T, "The network in CIDR notation.")),
)

OWN_IDENTIFIERS = Table(
    name="own_identifiers",
    meaning="A domain, phone number or street address of the district itself, which never counts as a person's.",
    derived=False,
    key=("kind", "value"),
    columns=build_columns(
        PUBLIC,
        ("kind", T, "domain, phone or address."),
        ("value", T, "The domain in lower case, or the number or address as written."),
    ),
)
