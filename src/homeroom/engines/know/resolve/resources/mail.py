"""Mail domains: the effect of their SPF and DMARC records.

Sources of the rules: RFC 7208 section 4.6.4 (terms that cause a DNS lookup by the receiver) and 4.7 (a record without
`all` is neutral); RFC 7489 sections 6.3 (tags) and 6.6.3 (a domain without a record has that of the domain above).
"""

from __future__ import annotations

from homeroom.engines.know.resolve.resources.definition import Resource, is_none_text_sql

_LOOKUP = "^[?~+-]?(include:|exists:|(a|mx|ptr)($|[:/]))|^redirect="
_TERMS = r"string_split_regex(lower(trim(spf)), '\s+')"
_ALL = f"list_filter({_TERMS}, x -> regexp_matches(x, '^[?~+-]?all$'))"


def _record_text_sql(column: str) -> str:
    """Return SQL for a record's text; empty where the list states that there is none."""
    return f"CASE WHEN {is_none_text_sql(column)} THEN '' ELSE {column} END AS {column}"


def _tag_sql(name: str, column: str) -> str:
    return f"nullif(regexp_extract(replace(lower({column}), ' ', ''), '(?:^|;){name}=([^;]+)', 1), '')"


_SPF_ALL = f"""CASE WHEN spf_all IS NOT NULL THEN spf_all WHEN spf IS NULL OR spf = '' THEN NULL
    WHEN len({_ALL}) > 0 THEN CASE left({_ALL}[1], 1) WHEN '-' THEN 'fail' WHEN '~' THEN 'softfail' WHEN '?'
        THEN 'neutral' ELSE 'pass' END
    WHEN contains(lower(spf), 'redirect=') THEN NULL ELSE 'neutral' END"""
_READ = f"""SELECT *, coalesce(dmarc_policy, {_tag_sql("p", "dmarc")}) AS policy, coalesce({_tag_sql("sp", "dmarc")},
    dmarc_policy, {_tag_sql("p", "dmarc")}) AS sp,
    coalesce(dmarc_percent, try_cast({_tag_sql("pct", "dmarc")} AS BIGINT), 100) AS pct,
    CASE WHEN len(dmarc_reports) > 0 THEN dmarc_reports ELSE string_split(coalesce({_tag_sql("rua", "dmarc")}, ''),
        ',') END AS rua
    FROM (SELECT * EXCLUDE (spf, dmarc), {_record_text_sql("spf")}, {_record_text_sql("dmarc")} FROM rz_domain_rows)
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY looked_at DESC NULLS LAST, connector, instance) = 1"""

DOMAIN = Resource(
    kind="domain",
    records="mail_domains",
    key="lower(trim(r.domain))",
    same="lower(trim(r.domain))",
    select=f"""WITH read AS ({_READ}),
        above AS (SELECT d.id, arg_max(up, length(up.domain)) AS record FROM read d JOIN read up
            ON ends_with(d.domain, '.' || up.domain) AND up.dmarc <> '' WHERE d.dmarc = '' GROUP BY d.id),
        counted AS (SELECT d.*, a.record, CASE WHEN d.dmarc <> '' THEN d.domain ELSE a.record.domain END AS dmarc_from
            FROM read d LEFT JOIN above a USING (id))
        SELECT id, domain, sends, spf, {_SPF_ALL} AS spf_all,
            CASE WHEN spf <> '' THEN len(list_filter({_TERMS}, x -> regexp_matches(x, '{_LOOKUP}'))) END AS spf_lookups,
            dkim, dmarc, dmarc_from, CASE WHEN dmarc <> '' THEN policy ELSE record.sp END AS dmarc_policy,
            CASE WHEN dmarc <> '' THEN pct ELSE record.pct END AS dmarc_percent,
            CASE WHEN dmarc <> '' THEN sp ELSE record.sp END AS dmarc_subdomains,
            CASE WHEN dmarc_from IS NOT NULL THEN list_filter(CASE WHEN dmarc <> '' THEN rua ELSE record.rua END,
                x -> x <> '') END AS dmarc_reports,
            looked_at, [instance] AS sources
        FROM counted""",
)
