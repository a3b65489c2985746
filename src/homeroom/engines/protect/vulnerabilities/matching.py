"""Matching of installed versions to ranges, as integer comparisons over distinct pairs."""

from __future__ import annotations

from homeroom.evidence.query.steps import Step

_RANK_ITEMS = Step(
    name="rank installed versions",
    reads=("items", "version_ranks"),
    writes=("ranked_items",),
    sql="""SELECT i.item, i.product_key, r.scheme, i.platform, r.rank
        FROM vn_items i JOIN vn_version_ranks r ON r.version = i.version
            AND (r.scheme = i.scheme OR (i.scheme = 'rpm' AND r.scheme = 'rpm-loose'))""",
)
# Where several ranges contain the version, the highest of their fixes is taken, because it fixes the vulnerability for
# certain.
_MATCH_VERSIONS = Step(
    name="match versions to ranges",
    reads=("ranked_items", "range_bounds"),
    writes=("matches",),
    sql="""SELECT w.item, b.cve, list_sort(list(DISTINCT b.connector)) AS feeds, arg_max(b.fixed, b.hi) AS fixed_in,
            max(b.remedy) AS remedy
        FROM vn_ranked_items w JOIN vn_range_bounds b ON b.product_key = w.product_key AND b.scheme = w.scheme
            AND w.rank >= b.lo AND w.rank <= coalesce(b.hi, 9223372036854775807)
        WHERE (NOT b.after OR w.rank > b.lo) AND (b.hi IS NULL OR b.closed OR w.rank < b.hi)
            AND (b.platforms IS NULL OR w.platform = '' OR list_contains(b.platforms, w.platform))
            AND (b.spared IS NULL OR NOT list_contains(b.spared, w.rank))
        GROUP BY w.item, b.cve""",
)
_MERGE_FINDINGS = Step(
    name="merge reports and matches",
    reads=("reported", "matches"),
    writes=("findings",),
    sql="""SELECT coalesce(t.item, m.item) AS item, coalesce(t.cve, m.cve) AS cve, t.told_by, m.feeds AS matched_by,
            t.exploited, t.due_on,
            t.ransomware, t.title, t.severity, t.solution, t.fixed_in AS reported_fix, m.fixed_in AS matched_fix,
            m.remedy
        FROM (SELECT item, cve, list_sort(list(DISTINCT source)) AS told_by, bool_or(exploited) AS exploited,
            max(due_on) AS due_on,
                bool_or(ransomware) AS ransomware, max(title) AS title, max(severity) AS severity,
                    max(solution) AS solution, max(fixed_in) AS fixed_in
            FROM vn_reported GROUP BY item, cve) t
        FULL JOIN vn_matches m ON m.item = t.item AND m.cve = t.cve""",
)
_LIST_UNMATCHED = Step(
    name="list software that was compared with nothing",
    reads=("items", "ranked_items", "range_bounds", "listings", "identities", "listing_items"),
    writes=("software_unmatched",),
    sql="""WITH unread AS (SELECT item FROM vn_items EXCEPT SELECT item FROM vn_ranked_items),
        without_feed AS (SELECT item FROM vn_items WHERE product_key NOT IN (SELECT product_key FROM vn_range_bounds)),
        reasons AS (
            SELECT l.name, l.listing, l.platform, l.installs, CASE WHEN n.product_key = '' THEN n.reason
                WHEN o.item IN (FROM without_feed) THEN 'no feed'
                WHEN o.item IN (FROM unread) THEN 'version unreadable' END AS reason
            FROM vn_listings l JOIN vn_identities n USING (listing_hash)
                LEFT JOIN vn_listing_items o USING (listing_hash) WHERE l.kind = 'software'
                AND NOT starts_with(l.name, 'check:'))
        SELECT name, listing, platform, reason, count(*) AS versions, sum(installs)::BIGINT AS installs FROM reasons
            WHERE reason IS NOT NULL
        GROUP BY name, listing, platform, reason""",
)
MATCHING_STEPS = (_RANK_ITEMS, _MATCH_VERSIONS, _MERGE_FINDINGS, _LIST_UNMATCHED)
"""The steps that write findings, a row for each item and vulnerability with the sources that report it.

They write software_unmatched too: software by name that was compared with nothing, and the reason.
"""
