"""Tables in which no column holds a value of a person, with their columns: erasing people leaves them as they are."""

from __future__ import annotations

from collections.abc import Mapping

PLAIN_TABLES: Mapping[str, str] = {
    "extension_records": "app_key name kind install_kind source browsers users disabled homepage permissions org_unit",
    "tool_records": "name also does also_does season_from season_until",
    "need_records": "capability audience",
    "cves": "id cves title severity cvss_tenths cvss_vector published_on modified_at status rejected",
    "cve_ranges": (
        "id number cve ecosystem vendor product part edition runs_on scheme introduced introduced_after fixed "
        "last_affected versions spared remedy"
    ),
    "epss_scores": "cve probability_ppm percentile_ppm model scored_on",
    "lifecycles": (
        "product cycle label released_on support_until support_over eol_on over extended_until extended_over "
        "discontinued_on lts latest latest_on"
    ),
    "drills": (
        "key drill name lure connector sent_on people delivered raw own cannot_tell reported first_minutes "
        "median_minutes removed_events removed_by_rule instance ended_on"
    ),
    "tools": (
        "id name tool known does also_does runs schools costs year_minor currency seats users hollow cannot_tell "
        "checked works deployed reports used paid_twice owned_already"
    ),
    "tool_cover": "capability school audience tool main",
    "tool_links": "tool record_table record_key",
    "tool_contracts": "tool contract year_minor",
    "tool_overlaps": "kind first second capability schools people dollars_minor",
    "tool_needs": "id capability audience because covered gap schools cannot_tell",
    "tool_hollow": "tool kind total working dollars_minor",
    "tool_renewals": "id position contract tool suggestion seats notice_on ends_on dollars_minor why",
    "fund_records": (
        "name fiscal_year amount_minor currency carries_over pays_percent match program students schools kinds"
    ),
    "price_records": "kind item price_minor currency life_years visit_minutes weight per_100_students",
}
