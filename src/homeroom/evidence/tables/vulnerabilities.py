"""Derived evidence about vulnerabilities: vulnerable or unsupported items, their devices, and unknowns.

An item is one version of one product on one platform, numbered within its snapshot; devices refer to items, so that a
vulnerability in one version of Chrome is one row, however many devices have it.
"""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, L, T, Table, build_columns

MADE_BY = "vulnerabilities"

VULNERABILITIES = Table(
    name="vulnerabilities",
    meaning="A flaw in one version of one product, said by other tools, found by matching feeds, or both.",
    derived=True,
    engine=MADE_BY,
    key=("item", "cve"),
    columns=build_columns(
        PUBLIC,
        ("item", I, "The product's version on a platform, numbered within this snapshot."),
        ("cve", T, "CVE id; the check's or advisory's own id where it names none."),
        ("product_key", T, "What an update would replace: a product (and its line), a package or a scanner's check."),
        ("product", T, "The product by Homeroom's own id; null where content knows none."),
        ("title", T, "What people call it."),
        ("version", T, "The version that is installed."),
        ("platform", T, "Platform of the devices; null where not known."),
        ("line", T, "The product's line, such as esr; null for its own."),
        ("told_by", L, "Connectors of the tools that report it there; null where only matching finds it."),
        ("matched_by", L, "Connectors of the feeds whose ranges hold the version; null where only tools report it."),
        ("cve_title", T, "What the flaw is, on one line."),
        ("severity", T, "low, medium, high, critical or null."),
        ("cvss_tenths", I, "CVSS base score in tenths."),
        ("probability_ppm", I, "EPSS probability in parts per million; null without its scores."),
        ("percentile_ppm", I, "EPSS percentile in parts per million."),
        ("epss_model", T, "Version of the EPSS model."),
        ("exploited", B, "Known to be exploited, by a tool or CISA's catalog; null where neither was asked."),
        ("due_on", D, "The day by which CISA's catalog tells federal agencies to act."),
        ("ransomware", B, "Whether the catalog knows of use by ransomware."),
        ("published_on", D, "When the flaw was published."),
        ("fixed_in", T, "The version that closes this flaw; null where none is named."),
        ("update_to", T, "The version that closes every flaw of this thing of which a fix is named."),
        ("remedy", T, "What closes it where that is no version: a KB number, or a scanner's words."),
        ("devices", I, "How many devices have it."),
        ("public", I, "Of those, how many answer from the internet."),
        ("staff", I, "Of those, how many an employee uses."),
        ("students", I, "Of those, how many a student uses."),
        ("servers", I, "Of those, how many are servers."),
        ("administrators", I, "Of those, how many somebody uses who administers."),
        ("beside_servers", I, "Of those, how many stand in the network of a server and are none."),
        ("opens", I, "The most systems with the data of others that one of the people opens who use those."),
        ("points", I, "What it weighs in the ranking, by the shipped table of weights."),
        (
            "reasons",
            L,
            "Why it weighs that: exploited, overdue, ransomware, likely, public, servers, administrators, "
            "beside_servers, opens, staff, everywhere.",
        ),
    ),
)

VULNERABLE_INSTALLS = Table(
    name="vulnerable_installs",
    meaning="Which device has which item of those that are vulnerable or near their end of support.",
    derived=True,
    engine=MADE_BY,
    key=("device", "item"),
    columns=build_columns(
        PUBLIC,
        ("device", I, "The device, from the identity ledger."),
        ("item", I, "The item, as in vulnerabilities and ends_of_life."),
    ),
)

ENDS_OF_LIFE = Table(
    name="ends_of_life",
    meaning="When support of one version of one product ends, or ended.",
    derived=True,
    engine=MADE_BY,
    key=("item",),
    columns=build_columns(
        PUBLIC,
        ("item", I, "The product's version on a platform, numbered within this snapshot."),
        ("product_key", T, "What would be replaced."),
        ("product", T, "The product by Homeroom's own id."),
        ("title", T, "What people call it."),
        ("version", T, "The version that is installed."),
        ("platform", T, "Platform of the devices."),
        ("cycle", T, "The release by endoflife.date; automatic updates for ChromeOS."),
        (
            "ends_on",
            D,
            "The last day of security updates that applies, with recorded ESU or LTSC; null where none is set.",
        ),
        ("ended", B, "Whether it is over today."),
        ("extended_until", D, "Until when paid or opted-in updates could go on."),
        ("extended_taken", B, "Whether they were taken: ESU is recorded, or the opt-in is on."),
        ("latest", T, "The newest version of that release."),
        ("devices", I, "How many devices have it."),
    ),
)

SOFTWARE_UNMATCHED = Table(
    name="software_unmatched",
    meaning="Software that was compared with no feed, by name, and why.",
    derived=True,
    engine=MADE_BY,
    key=("name", "listing", "platform", "reason"),
    columns=build_columns(
        PUBLIC,
        ("name", T, "Name as written."),
        ("listing", T, "The source's own word for where it was found."),
        ("platform", T, "Platform of the devices."),
        ("reason", T, "unknown, inside another program, version unreadable, distribution build, or no feed."),
        ("versions", I, "How many versions of it there are."),
        ("installs", I, "How many rows of software carry that name."),
    ),
)
