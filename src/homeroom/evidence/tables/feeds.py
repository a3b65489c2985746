"""Public vulnerability feeds: records, affected versions, likelihood of exploitation, end of support."""

from __future__ import annotations

from homeroom.evidence.tables.declaration import PUBLIC, B, D, I, L, S, T, Table, build_columns

CVES = Table(
    name="cves",
    meaning="A flaw as one feed records it, or that the feed took it back.",
    derived=False,
    key=("id",),
    columns=build_columns(
        PUBLIC,
        ("id", T, "The feed's own id: a CVE id, GHSA, USN, DSA or another advisory."),
        ("cves", L, "The CVE ids that it stands for; its own id where it names none."),
        ("title", T, "What it is, on one line."),
        ("severity", T, "low, medium, high, critical or null, in the feed's own word."),
        ("cvss_tenths", I, "CVSS base score in tenths (98 is 9.8), the newest version that is given."),
        ("cvss_vector", T, "The vector that the score was made from."),
        ("published_on", D, "When it was published."),
        ("modified_at", S, "When the feed last changed it."),
        (
            "status",
            T,
            "The feed's own word in lower case: analyzed, awaiting analysis, published, withdrawn, rejected.",
        ),
        ("rejected", B, "Whether the feed took it back, so that nothing is touched by it."),
    ),
)

CVE_RANGES = Table(
    name="cve_ranges",
    meaning="Versions of one product that a flaw touches, as one feed gives them. A record without any has one "
    "empty row.",
    derived=False,
    key=("id", "number"),
    columns=build_columns(
        PUBLIC,
        ("id", T, "The feed's own id of the record."),
        ("number", I, "The range within the record, from 1; 0 for the row of a record that names no versions."),
        ("cve", T, "CVE id; the record's own id where it names none."),
        ("ecosystem", T, "The packages' world, such as PyPI, npm, Ubuntu:24.04:LTS; null for products."),
        ("vendor", T, "Maker as the feed writes it."),
        ("product", T, "Product, or package, as the feed writes it."),
        ("part", T, "application, system or hardware, where the feed says so."),
        ("edition", T, "Edition that alone is touched, such as esr; null where any is."),
        ("runs_on", L, "Systems on which alone it is touched, as the feed writes them; null where on any."),
        ("scheme", T, "How its versions are compared, where the feed says so."),
        ("introduced", T, "First version that is touched; 0 for every older one; null where the feed gives none."),
        ("introduced_after", B, "True where that first version itself is not touched."),
        ("fixed", T, "First version that is not touched any more."),
        ("last_affected", T, "Last version that is touched, where no fix is named."),
        ("versions", L, "Versions that are touched one by one."),
        ("spared", L, "Versions in between that are not touched."),
        ("remedy", T, "What closes it where it is no version, such as a KB number."),
    ),
)

EPSS_SCORES = Table(
    name="epss_scores",
    meaning="How likely a flaw is to be used within thirty days, by FIRST's Exploit Prediction Scoring System.",
    derived=False,
    key=("cve",),
    columns=build_columns(
        PUBLIC,
        ("cve", T, "CVE id."),
        ("probability_ppm", I, "The probability in parts per million."),
        ("percentile_ppm", I, "The share of all flaws with at most this probability, in parts per million."),
        ("model", T, "Version of the model. Scores of two models do not compare; their percentiles do."),
        ("scored_on", D, "The day of the scores."),
    ),
    volatile=("probability_ppm", "percentile_ppm", "scored_on"),
)

LIFECYCLES = Table(
    name="lifecycles",
    meaning="How long one release of a product is supported, by endoflife.date.",
    derived=False,
    key=("product", "cycle"),
    columns=build_columns(
        PUBLIC,
        ("product", T, "The product's name at endoflife.date, such as windows or ubuntu."),
        ("cycle", T, "The release, such as 22.04 or 11-24h2-e."),
        ("label", T, "The release as people call it."),
        ("released_on", D, "When it came out."),
        ("support_until", D, "Last day of active support."),
        ("support_over", B, "Whether active support is over; null where only a date is given."),
        ("eol_on", D, "The day on which security updates end."),
        ("over", B, "Whether they have ended; null where only a date is given."),
        ("extended_until", D, "The day on which paid or extended updates end."),
        ("extended_over", B, "Whether they have ended; null where only a date is given."),
        ("discontinued_on", D, "When it was no longer sold; devices only."),
        ("lts", B, "Whether it is a release with long support."),
        ("latest", T, "Its newest version."),
        ("latest_on", D, "When that came out."),
    ),
)
