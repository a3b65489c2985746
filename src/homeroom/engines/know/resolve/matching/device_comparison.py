"""Score pairs of devices that the identity rules did not join, by serials, tags, addresses, names and holders.

Records of connectors that report neither serial nor tag for any device are not compared: `scan_sightings` places what
merely saw a host. A hardware address that software made up (locally administered), or that occurs on CROWD devices of
one source (a dock, a USB adapter), is ignored and reported as worthless.
"""

from __future__ import annotations

from homeroom.engines.know.resolve.matching.blocking import (
    list_blocking_steps,
    list_open_subject_steps,
    list_pair_steps,
)
from homeroom.engines.know.resolve.matching.device_weights import DEVICE_MODEL
from homeroom.engines.know.resolve.matching.scoring import (
    build_empty_scores_step,
    build_score_store_step,
    list_decision_steps,
    list_scoring_steps,
)
from homeroom.engines.know.resolve.shared.hosts import HOST_LABEL_SQL, IS_SPECIFIC_HOST_SQL, OWN_MAC
from homeroom.engines.know.resolve.shared.makers import maker_sql, model_sql
from homeroom.engines.know.resolve.shared.rules import CROWD, NORMAL_FORMS
from homeroom.engines.know.resolve.shared.words import PLACEHOLDERS, RETIRED_STATUSES, quote_sql_list
from homeroom.evidence.query.steps import Step

_INVENTORY_CONNECTORS_SQL = (
    "(SELECT DISTINCT connector FROM rz_device_rows WHERE serial IS NOT NULL OR asset_tag IS "
    "NOT NULL OR managed IS NOT NULL)"
)
_GENERIC_MODEL_WORDS = (
    "chromebook",
    "laptop",
    "notebook",
    "desktop",
    "tablet",
    "inch",
    "series",
    "touch",
    "plus",
    "mini",
    "education",
)
SPACES = (
    "misread",
    "prefixed",
    "tagged",
    "fold",
    "near",
    "other",
    "tag",
    "digits",
    "mac",
    "token",
    "numbered",
    "name",
    "holder",
    "spelt",
)
_PLAIN = "coalesce({0} NOT IN ({1}) AND NOT (replace({0}, left({0}, 1), '') = '' AND length({0}) > 1), false)"
_FOLD = "translate({}, 'OQDILBSZG', '000118526')"
_IS_RETIRED_SQL = f"coalesce(NOT r.managed AND r.status IN ({quote_sql_list(RETIRED_STATUSES)}), false)"
_HAS_MOVED = f"{_IS_RETIRED_SQL} AND (r.source, {{}}) IN (SELECT (source, value) FROM rz_moved)"
_MISREAD = "translate({}, 'OI', '01')"
_BARCODES = ("[0-9]?[0-9]?S(......+)", "(?:SN|ST|SER)(......+)")
"""Serials after the data identifier of their barcode (ANSI MH10.8.2: S, 1S, 18S) or the letters of their label."""
_WORTHLESS_VALUES_SQL = "(SELECT value FROM rz_device_worthless)"
_WORDS = "nullif(trim(regexp_replace(lower({}), '[^a-z0-9]+', ' ', 'g')), '')"
_DIGITS = "ltrim(regexp_extract({0}, '^[A-Z]*([0-9]+)[A-Z]*$', 1), '0')"
# Gen 3, 3rd generation and G3 become one token, and so do CB and Chromebook.
_MODEL = (
    "regexp_replace(regexp_replace(regexp_replace({}, '\\b([0-9]+)(st|nd|rd|th) gen(eration)?\\b', 'g\\1', 'g'),"
    " '\\bgen(eration)? ?([0-9]+)\\b', 'g\\2', 'g'), '\\bcb\\b', 'chromebook', 'g')"
)
_UNITS = "list_transform(string_split(coalesce(r.org_unit, ''), '/'), x -> {})"
# Spellings of a local part from a name, with the given name first or last.
_SPELLINGS = "[f || l, l || f, left(f, 1) || l, l || left(f, 1), f || left(l, 1), left(l, 1) || f]"
# A name with blanks in it, such as Cart 9 iPad 18, that is more than a manufacturer's word for the device.
_IS_NUMBERED_NAME_SQL = "contains(words, ' ') AND length(words) > 5 AND regexp_matches(words, '[0-9]')"
_MASKED_CHARACTER_SQL = "list_transform(range(1, length(s) + 1), i -> left(s, i - 1) || '*' || substr(s, i + 1))"
_DROPPED_CHARACTER_SQL = "flatten(list_transform(range(1, length(s) + 1), i -> [left(s, i - 1) || substr(s, i + 1)]))"


def list_device_matching_steps() -> tuple[Step, ...]:
    """Join device nodes whose scored pairs match in rz_device_components.

    Build also rz_device_scores (a, b, bits, levels, joined), and add worthless addresses to rz_device_worthless.
    """
    inputs = ("apart", "device_components", "device_rows", "device_scores", "device_worthless")
    return (
        build_empty_scores_step("device"),
        *_list_address_steps(),
        _build_candidates_step(),
        *list_open_subject_steps(),
        Step(
            name="join devices that match",
            reads=("candidates", "crowded_addresses", "open_subjects", *inputs),
            writes=("device_components", "device_scores"),
            steps=_list_comparison_steps(),
            when="SELECT count(*) > 0 FROM rz_open_subjects",
        ),
    )


def _list_comparison_steps() -> tuple[Step, ...]:
    return (
        _build_serial_series_step(),
        _build_sole_holders_step(),
        _build_moved_values_step(),
        _build_facts_step(),
        *list_blocking_steps(table="facts", spaces=_blocking_keys_sql(), reads=("crowded_addresses",)),
        *list_pair_steps(spaces=SPACES),
        _build_descriptions_step(),
        _build_profiles_step(),
        *list_scoring_steps(DEVICE_MODEL, profiles=("profiles", "profiles")),
        *list_decision_steps(DEVICE_MODEL, "device"),
        build_score_store_step("device", include_unjoined=True),
    )


def _build_serial_series_step() -> Step:
    """Build rz_serial_series (beginning, length): serials that differ in their last three characters alone.

    Three or more of them are likely devices of one delivery, so a small difference between two serials means nothing.
    """
    return Step(
        name="find series of serial numbers",
        reads=("device_rows",),
        writes=("serial_series",),
        sql="""SELECT left(serial, -3) AS beginning, length(serial) AS length FROM (
            SELECT DISTINCT plain_serial AS serial FROM rz_device_rows WHERE serial IS NOT NULL)
        WHERE length(serial) > 5 GROUP BY ALL HAVING count(*) > 2""",
    )


def _build_sole_holders_step() -> Step:
    """Build rz_sole_holders (source, holder): addresses that hold exactly one device in a source."""
    return Step(
        name="find holders of exactly one device",
        reads=("device_components", "device_rows"),
        writes=("sole_holders",),
        sql=f"""SELECT source, lower(trim(holder_email)) AS holder FROM rz_device_rows r JOIN rz_device_components s
            USING (n)
        WHERE holder_email IS NOT NULL AND NOT gone AND connector IN {_INVENTORY_CONNECTORS_SQL} GROUP BY ALL
            HAVING count(DISTINCT comp) = 1""",
    )


def _build_moved_values_step() -> Step:
    """Build rz_moved (source, value): host names and tags of retired assets that another asset of the list has now."""
    return Step(
        name="find names and tags that moved on to another asset",
        reads=("device_rows",),
        writes=("moved",),
        sql=f"""SELECT source, value FROM (SELECT source, {_IS_RETIRED_SQL} AS retired,
            unnest([{HOST_LABEL_SQL.format("r.name")}, r.plain_tag]) AS value
            FROM rz_device_rows r WHERE NOT r.managed AND NOT r.gone)
        WHERE value IS NOT NULL GROUP BY ALL HAVING bool_or(retired) AND NOT bool_and(retired)""",
    )


def _build_facts_step() -> Step:
    """Build rz_facts: one row for each record of an open subject, with its values normalized for comparison.

    A worthless value is null.
    """
    return Step(
        name="normalize the values of open devices",
        reads=("device_components", "device_rows", "device_worthless", "moved", "open_subjects", "serial_series"),
        writes=("facts",),
        sql=f"""SELECT f.* EXCLUDE (host), {_FOLD.format("serial")} AS fold, {_DIGITS.format("tag")} AS digits,
            CASE WHEN {IS_SPECIFIC_HOST_SQL} THEN host WHEN {_IS_NUMBERED_NAME_SQL} THEN words END AS called,
                length(serial) > 6 AND b.beginning IS NULL AS alone FROM (
            SELECT s.comp, r.n,
            CASE WHEN {_PLAIN.format("r.plain_serial", quote_sql_list(PLACEHOLDERS))} AND length(r.plain_serial) > 4
                AND r.plain_serial NOT IN {_WORTHLESS_VALUES_SQL} THEN r.plain_serial END AS serial,
            CASE WHEN {_PLAIN.format("r.plain_tag", quote_sql_list(PLACEHOLDERS))} AND length(r.plain_tag) > 1
                AND NOT ({_HAS_MOVED.format("r.plain_tag")}) THEN ltrim(r.plain_tag, '0') END AS tag,
            r.own_macs AS macs,
            CASE WHEN NOT ({_HAS_MOVED.format(HOST_LABEL_SQL.format("r.name"))}) THEN
                {HOST_LABEL_SQL.format("r.name")} END AS host, {_WORDS.format("r.name")} AS words,
            list_filter([lower(trim(r.holder_email)), {NORMAL_FORMS["stripped"].format("r.holder_number")}, CASE
                WHEN r.holder_email IS NULL THEN {_WORDS.format("r.holder_name")} END], x -> x <> '') AS holders
            FROM rz_device_rows r JOIN rz_device_components s USING (n) JOIN rz_open_subjects o USING (comp)
                WHERE r.connector IN {_INVENTORY_CONNECTORS_SQL}) f
        LEFT JOIN rz_serial_series b ON b.beginning = left(f.serial, -3) AND b.length = length(f.serial)""",
    )


def _list_address_steps() -> tuple[Step, ...]:
    """Build rz_crowded_addresses (value, c), those of docks and adapters, and record all worthless addresses."""
    return (
        Step(
            name="list network addresses of devices",
            reads=("device_rows",),
            writes=("network_addresses",),
            sql="SELECT n, source, unnest(macs) AS value FROM rz_device_rows WHERE len(macs) > 0",
        ),
        Step(
            name="find network addresses on several devices",
            reads=("device_components", "network_addresses"),
            writes=("crowded_addresses",),
            sql=f"""SELECT value, c FROM (SELECT value, max(c) AS c FROM (
            SELECT value, source, count(DISTINCT s.comp) AS c FROM rz_network_addresses
                JOIN rz_device_components s USING (n) GROUP BY ALL) GROUP BY value)
        WHERE c >= {CROWD}""",
        ),
        Step(
            name="record crowded network addresses",
            reads=("crowded_addresses", "device_worthless"),
            writes=("device_worthless",),
            sql="""INSERT INTO rz_device_worthless SELECT 'device', 'network address', value, c FROM
            rz_crowded_addresses""",
        ),
        Step(
            name="record network addresses that software made up",
            reads=("crowded_addresses", "device_worthless", "network_addresses"),
            writes=("device_worthless",),
            sql=f"""INSERT INTO rz_device_worthless SELECT 'device', 'network address', value, count(DISTINCT n)
            FROM rz_network_addresses WHERE NOT regexp_full_match(value, '{OWN_MAC}')
                AND value NOT IN (SELECT value FROM rz_crowded_addresses) GROUP BY value""",
        ),
    )


def _build_candidates_step() -> Step:
    return Step(
        name="list devices with their sources",
        reads=("device_components", "device_rows"),
        writes=("candidates",),
        sql=f"""SELECT s.comp, list_sort(list_distinct(coalesce(list(r.source) FILTER (NOT r.gone), []))) AS sources,
            [''] AS lanes, false AS twice
        FROM (SELECT n, source, gone FROM rz_device_rows WHERE connector IN {_INVENTORY_CONNECTORS_SQL}) r
            JOIN rz_device_components s USING (n) GROUP BY s.comp""",
    )


def _build_descriptions_step() -> Step:
    """Build rz_described: the facts of all subjects in a pair, and what else their records report.

    Only subjects in a pair are read, because normalizing these values costs the most.
    """
    return Step(
        name="read the other values of paired devices",
        reads=("device_rows", "facts", "pairs", "sole_holders"),
        writes=("described",),
        sql=f"""SELECT f.comp, f.serial, f.tag, f.called, f.alone, f.macs, f.holders,
            lower(trim(r.holder_email)) AS holder_email, o.holder IS NOT NULL AS sole,
            {_IS_RETIRED_SQL} AS retired, CASE WHEN len(r.hardware_ids) > 0 THEN list_transform(r.hardware_ids,
                x -> {NORMAL_FORMS["serial"].format("x")}) END AS hardware,
            {_MODEL.format(model_sql(_WORDS.format("r.model")))} AS model,
            {maker_sql("r.manufacturer")} AS maker, r.platform,
            list_filter([{_WORDS.format("r.school_name")}, {_WORDS.format("r.location")}] ||
                {_UNITS.format(_WORDS.format("x"))}, x -> x <> '') AS places
        FROM rz_facts f JOIN rz_device_rows r USING (n) LEFT JOIN rz_sole_holders o ON o.source = r.source
            AND o.holder = lower(trim(r.holder_email))
        WHERE f.comp IN (SELECT a FROM rz_pairs UNION SELECT b FROM rz_pairs)""",
    )


def _build_profiles_step() -> Step:
    """Build rz_profiles: one row for each subject of rz_pairs, with its records' values as lists without nulls."""
    single = {
        "serials": "serial",
        "tags": "tag",
        "names": "called",
        "models": "model",
        "platforms": "platform",
    }
    single_columns = ", ".join(
        f"list_sort(list_distinct(coalesce(list({value}) FILTER ({value} IS NOT NULL), []))) AS {name}"
        for name, value in single.items()
    )
    list_columns = ", ".join(
        f"list_distinct(flatten(coalesce(list({name}) FILTER ({name} IS NOT NULL), []))) AS {name}"
        for name in ("macs", "hardware", "holders", "places")
    )
    return Step(
        name="merge the values of paired devices",
        reads=("described",),
        writes=("profiles",),
        sql=f"""SELECT *, list_filter(string_split(array_to_string(models, ' '), ' '), x -> length(x) > 3
            AND x NOT IN ({quote_sql_list(_GENERIC_MODEL_WORDS)})
                OR length(x) > 2 AND regexp_matches(x, '[0-9]'))
                || list_filter(list_transform(models, x -> left(replace(x, ' ', ''), 7)), x -> length(x) > 6
                    AND x NOT IN ({quote_sql_list(_GENERIC_MODEL_WORDS)})) AS model_words,
            list_filter(string_split(array_to_string(models, ' '), ' '), x -> x <> '') AS model_parts,
            list_filter(models, x -> NOT regexp_full_match(x, '[a-z0-9]*[0-9][a-z0-9]*')) AS spoken_models,
            list_distinct(list_transform(hardware, x -> split_part(x, ':', 1))) AS hardware_types FROM (
            SELECT comp, {single_columns}, {list_columns}, bool_and(retired) AS retired,
                coalesce(bool_and(alone) FILTER (serial IS NOT NULL), false) AS alone,
                coalesce(bool_and(sole) FILTER (holder_email IS NOT NULL), false) AS sole,
                    list_distinct(coalesce(list(maker) FILTER (maker <> ''), [])) AS makers
            FROM rz_described GROUP BY comp)""",
    )  # fmt: skip


def _blocking_keys_sql() -> str:
    """Return SQL for every value on which two subjects may meet.

    In the space `near`, `whole` separates a full serial from one with a character left out.
    """
    never = "SELECT value FROM rz_crowded_addresses"
    spaces = [
        "SELECT 'fold' AS space, fold AS value, comp, true AS whole FROM here WHERE length(fold) > 5",
        f"SELECT 'misread', {_MISREAD.format('serial')}, comp, true FROM here WHERE length(serial) > 5",
        "SELECT 'prefixed', serial, comp, true FROM here WHERE length(serial) > 5",
        *(
            f"SELECT 'prefixed', regexp_extract(serial, '{barcode}', 1), comp, false FROM here WHERE "
            f"regexp_full_match(serial, '{barcode}')"
            for barcode in _BARCODES
        ),
        "SELECT 'tagged', serial, comp, true FROM here WHERE length(serial) > 5",
        "SELECT 'tagged', tag, comp, false FROM here WHERE serial IS NULL AND length(tag) > 5 AND "
        "regexp_matches(tag, '[A-Z]') AND regexp_matches(tag, '[0-9]')",
        "SELECT 'near', 's' || array_to_string(list_sort(string_split(fold, '')), ''), comp, true FROM here WHERE "
        "length(fold) > 5",
        "SELECT 'near', 'd' || fold, comp, true FROM here WHERE length(fold) > 5",
        f"SELECT 'near', 'd' || unnest({_DROPPED_CHARACTER_SQL}), comp, false FROM (SELECT comp, fold AS s FROM here "
        f"WHERE length(fold) > 6)",
        # SN before it
        "SELECT 'near', 'd' || substr(fold, 3), comp, false FROM here WHERE fold LIKE '5N%' AND length(fold) > 8",
        f"SELECT 'other', unnest({_MASKED_CHARACTER_SQL}), comp, true FROM (SELECT comp, fold AS s FROM here WHERE "
        f"alone AND length(fold) > 6)",
        "SELECT 'tag', tag, comp, true FROM here WHERE tag <> ''",
        "SELECT 'digits', digits, comp, true FROM here WHERE length(digits) > 3",
        f"SELECT 'mac', value, comp, true FROM (SELECT comp, unnest(macs) AS value FROM here) WHERE value NOT IN "
        f"({never})",
        "SELECT 'name', called, comp, true FROM here",
        "SELECT 'holder', unnest(holders), comp, true FROM here",
        "SELECT 'token', serial, comp, true FROM here WHERE length(serial) > 5",
        "SELECT 'token', tag, comp, true FROM here WHERE length(tag) > 3",
        "SELECT 'token', upper(word), comp, false FROM (SELECT comp, unnest(string_split(words, ' ')) AS word FROM "
        "here) WHERE length(word) > 3 AND regexp_matches(word, '[0-9]')",
        "SELECT 'numbered', digits, comp, true FROM here WHERE length(digits) > 3",
        "SELECT 'numbered', ltrim(regexp_extract(word, '^[a-z]*([0-9]+)[a-z]*$', 1), '0'), comp, false FROM (SELECT "
        "comp, unnest(string_split(words, ' ')) AS word FROM here) WHERE regexp_matches(word, '[0-9][0-9][0-9][0-9]')",
        "SELECT 'spelt', regexp_replace(split_part(mail, '@', 1), '[^a-z]', '', 'g'), comp, true FROM (SELECT comp, "
        "unnest(holders) AS mail FROM here) WHERE mail LIKE '%_____@%'",
        f"SELECT 'spelt', unnest({_SPELLINGS}), comp, false FROM (SELECT comp, split_part(holder, ' ', 1) AS f, "
        f"split_part(holder, ' ', -1) AS l FROM (SELECT comp, unnest(holders) AS holder FROM here) WHERE "
        f"regexp_full_match(holder, '[a-z]+( [a-z]+)+'))",
    ]  # fmt: skip
    return " UNION ALL ".join(spaces)
