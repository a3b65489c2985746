"""Scoring of vulnerabilities: their points and reasons, and the version that fixes each of them."""

from __future__ import annotations

from datetime import date

from homeroom.domain.protect.vulnerabilities import VulnerabilityWeights
from homeroom.evidence.query.steps import Step

LIKELY_PERCENTILE_PPM = 900_000
"""The percentile from which the reason `likely` is named; it only chooses a word, never a place in the ranking."""
WIDESPREAD_SHARE = 0.1
"""The share of the devices from which the reason `everywhere` is named."""
_EXPLOITED_SQL = "exploited IS TRUE"

# Of several records of a vulnerability, its own comes first.
_SELECT_CVE_DETAILS = Step(
    name="select the feeds' details of each vulnerability",
    reads=("findings",),
    writes=("cve_details",),
    sql="""SELECT cve, arg_min(title, own) AS title, arg_min(severity, own) AS severity, arg_min(cvss_tenths,
            own) AS cvss_tenths,
            min(published_on) AS published_on
        FROM (SELECT unnest(cves) AS cve, title, severity, cvss_tenths, published_on,
                CASE WHEN len(cves) = 1 AND cves[1] = id THEN CASE connector WHEN 'nvd' THEN 0 ELSE 1 END
                    ELSE 2 END AS own
            FROM cves WHERE rejected IS NOT TRUE)
        WHERE cve IN (SELECT cve FROM vn_findings) GROUP BY cve""",
)
_MERGE_LIKELIHOODS = Step(
    name="merge likelihoods of exploitation",
    writes=("likelihoods",),
    sql="""SELECT cve, max(probability_ppm) AS probability_ppm, max(percentile_ppm) AS percentile_ppm,
            max(model) AS model
        FROM epss_scores GROUP BY cve""",
)
_MERGE_EXPLOITED_CVES = Step(
    name="merge catalogs of exploited vulnerabilities",
    writes=("exploited_cves",),
    sql="""SELECT upper(cve) AS cve, max(due_on) AS due_on, bool_or(ransomware) AS ransomware
        FROM known_exploited GROUP BY ALL""",
)
# The higher of the tool's and the feed's fix.
_CHOOSE_FIXES = Step(
    name="choose the fix of each vulnerability in each item",
    reads=("findings", "items", "version_ranks"),
    writes=("fixes",),
    sql="""SELECT item, cve, arg_max(fix, rank) AS fixed_in, max(rank) AS rank FROM (
            SELECT f.item, f.cve, unnest([f.reported_fix, f.matched_fix]) AS fix FROM vn_findings f) s
        JOIN vn_items i USING (item) JOIN vn_version_ranks r ON r.scheme = i.scheme AND r.version = s.fix
            WHERE fix IS NOT NULL GROUP BY item, cve""",
)
_CHOOSE_UPDATES = Step(
    name="choose the version that fixes all vulnerabilities of a product",
    reads=("fixes", "items"),
    writes=("product_updates",),
    sql="""SELECT product_key, scheme, arg_max(fixed_in, rank) AS update_to
        FROM vn_fixes JOIN vn_items USING (item) GROUP BY product_key, scheme""",
)
_COMBINED_SQL = """SELECT f.item, f.cve, i.product_key, i.product, CASE WHEN starts_with(i.product_key, 'check:')
                THEN coalesce(f.title, i.title) ELSE i.title END AS title, nullif(i.version, '') AS version,
                nullif(i.platform, '') AS platform, i.line,
                f.told_by, f.matched_by, coalesce(c.title, f.title) AS cve_title, coalesce(c.severity,
                    f.severity) AS severity, c.cvss_tenths,
                e.probability_ppm, e.percentile_ppm, e.model AS epss_model,
                CASE WHEN f.exploited OR k.cve IS NOT NULL THEN true WHEN f.exploited = false OR (SELECT count(*)
                    FROM vn_exploited_cves) > 0 THEN false END AS exploited,
                coalesce(k.due_on, f.due_on) AS due_on, coalesce(k.ransomware, f.ransomware) AS ransomware,
                    c.published_on,
                x.fixed_in, u.update_to, coalesce(f.remedy, f.solution) AS remedy,
                coalesce(w.devices, 0) AS devices, coalesce(w.public, 0) AS public, coalesce(w.staff, 0) AS staff,
                coalesce(w.students, 0) AS students, coalesce(w.servers, 0) AS servers,
                coalesce(w.administrators, 0) AS administrators, coalesce(w.beside_servers, 0) AS beside_servers,
                coalesce(w.opens, 0) AS opens
            FROM vn_findings f JOIN vn_items i USING (item)
            LEFT JOIN vn_cve_details c ON c.cve = f.cve LEFT JOIN vn_likelihoods e ON e.cve = f.cve
            LEFT JOIN vn_exploited_cves k ON k.cve = f.cve
            LEFT JOIN vn_item_usage w ON w.item = f.item LEFT JOIN vn_fixes x ON x.item = f.item AND x.cve = f.cve
            LEFT JOIN vn_product_updates u ON u.product_key = i.product_key AND u.scheme = i.scheme"""
"""The columns of `vulnerabilities` except points and reasons."""


def list_scoring_steps(*, weights: VulnerabilityWeights, today: date) -> tuple[Step, ...]:
    """Return the steps that write vulnerabilities, with the columns of that table.

    They read findings, items, item_usage, version_ranks and devices.
    """
    overdue = f"exploited AND due_on < DATE '{today}'"
    score_vulnerabilities = Step(
        name="score vulnerabilities",
        reads=(
            "findings",
            "items",
            "cve_details",
            "likelihoods",
            "exploited_cves",
            "item_usage",
            "fixes",
            "product_updates",
            "devices",
        ),
        writes=("vulnerabilities",),
        sql=f"""WITH combined AS (
            {_COMBINED_SQL})
        SELECT *, {_build_points_sql(weights, overdue)} AS points, {_build_reasons_sql(overdue)} AS reasons
        FROM combined""",
    )
    return (
        _SELECT_CVE_DETAILS,
        _MERGE_LIKELIHOODS,
        _MERGE_EXPLOITED_CVES,
        _CHOOSE_FIXES,
        _CHOOSE_UPDATES,
        score_vulnerabilities,
    )


def _build_points_sql(weights: VulnerabilityWeights, overdue: str) -> str:
    severities = " ".join(f"WHEN '{severity}' THEN {points}" for severity, points in weights.severities.items())
    return f"""(coalesce(cvss_tenths * {weights.score} // 10, CASE severity {severities} ELSE 0 END)
        + coalesce(percentile_ppm * {weights.likelihood} // 1000000, 0)
        + CASE WHEN {_EXPLOITED_SQL} THEN {weights.exploited} ELSE 0 END + CASE WHEN {overdue} THEN {weights.overdue}
            ELSE 0 END
        + CASE WHEN ransomware THEN {weights.ransomware} ELSE 0 END + CASE WHEN public > 0 THEN {weights.public}
            ELSE 0 END
        + CASE WHEN servers > 0 THEN {weights.servers} ELSE 0 END + CASE WHEN administrators > 0
            THEN {weights.administrators} ELSE 0 END
        + CASE WHEN beside_servers > 0 THEN {weights.beside_servers} ELSE 0 END + CASE WHEN staff > 0
            THEN {weights.staff} ELSE 0 END
        + {weights.opens} * floor(log2(1 + opens)) + {weights.reach} * floor(log2(greatest(devices, 1))))::BIGINT"""


def _build_reasons_sql(overdue: str) -> str:
    return f"""list_sort(list_filter([CASE WHEN {_EXPLOITED_SQL} THEN 'exploited' END, CASE WHEN {overdue}
        THEN 'overdue' END,
        CASE WHEN ransomware THEN 'ransomware' END, CASE WHEN percentile_ppm >= {LIKELY_PERCENTILE_PPM}
            THEN 'likely' END,
        CASE WHEN public > 0 THEN 'public' END, CASE WHEN servers > 0 THEN 'servers' END,
        CASE WHEN administrators > 0 THEN 'administrators' END, CASE WHEN beside_servers > 0 THEN 'beside_servers' END,
        CASE WHEN opens > 0 THEN 'opens' END, CASE WHEN staff > 0 THEN 'staff' END,
        CASE WHEN devices > 20 AND devices >= {WIDESPREAD_SHARE} * (SELECT count(*) FROM vn_devices)
            THEN 'everywhere' END], lambda x: x IS NOT NULL))"""
