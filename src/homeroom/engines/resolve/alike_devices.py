"""Devices that rules left apart, weighed: typed serials, tags, hardware addresses, names, holders and what they are.

Left out are records of connectors that know neither serial nor tag of anything: what merely saw a host is placed by
`sightings`. An address that somebody's software made up (locally administered), or that is the same on CROWD devices of a source
(a dock, a USB adapter), is worthless and said so.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from homeroom.engines.resolve.candidates import block, open_subjects, propose
from homeroom.engines.resolve.components import Numbers
from homeroom.engines.resolve.rules import CROWD, FORMS
from homeroom.engines.resolve.sightings import FITS, LABEL
from homeroom.engines.resolve.sql import dropped, given, made
from homeroom.engines.resolve.weighing import decide, kept, weigh
from homeroom.engines.resolve.weights import DEVICE
from homeroom.engines.resolve.words import PLACEHOLDERS, quoted

# Of an address that a maker gave, the last two bits of the first byte are clear (IEEE 802: neither local nor a group's).
_OWN_MAC = "[0-9a-f][048c][0-9a-f]{10}"
_LISTS = "(SELECT DISTINCT connector FROM rz_device_rows WHERE serial IS NOT NULL OR asset_tag IS NOT NULL OR managed IS NOT NULL)"
_SAYING_LITTLE = (
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
SPACES = ("fold", "near", "other", "tag", "digits", "mac", "token", "numbered", "name", "holder", "spelt")
_PLAIN = "coalesce({0} NOT IN ({1}) AND NOT (replace({0}, left({0}, 1), '') = '' AND length({0}) > 1), false)"
_FOLD = "translate({}, 'OQDILBSZG', '000118526')"
_NEVER = "(SELECT value FROM rz_device_worthless)"
_WORDS = "nullif(trim(regexp_replace(lower({}), '[^a-z0-9]+', ' ', 'g')), '')"
_DIGITS = "ltrim(regexp_extract({0}, '^[A-Z]*([0-9]+)[A-Z]*$', 1), '0')"
# Gen 3, 3rd generation and G3 are one word, and so are CB and Chromebook.
_MODEL = (
    "regexp_replace(regexp_replace(regexp_replace({}, '\\b([0-9]+)(st|nd|rd|th) gen(eration)?\\b', 'g\\1', 'g'),"
    " '\\bgen(eration)? ?([0-9]+)\\b', 'g\\2', 'g'), '\\bcb\\b', 'chromebook', 'g')"
)
_UNITS = "list_transform(string_split(coalesce(r.org_unit, ''), '/'), x -> {})"
# How an address may be spelled from a name, given name first or last.
_SPELLINGS = "[f || l, l || f, left(f, 1) || l, l || left(f, 1), f || left(l, 1), left(l, 1) || f]"
# A name with blanks in it, such as Cart 9 iPad 18, where it is more than a maker's word for the thing.
_CALLED = "contains(words, ' ') AND length(words) > 5 AND regexp_matches(words, '[0-9]')"
_BLANKS = "list_transform(range(1, length(s) + 1), i -> left(s, i - 1) || '*' || substr(s, i + 1))"
_DROPS = "flatten(list_transform(range(1, length(s) + 1), i -> [left(s, i - 1) || substr(s, i + 1)]))"


def weigh_devices(session: duckdb.DuckDBPyConnection, *, label: Numbers) -> Numbers:
    """The labels of device nodes with weighed pairs joined. Leaves rz_device_weighed (a, b, bits, levels, joined)."""
    given(session, "settled", pa.table({"n": np.arange(len(label)), "comp": label}))
    made(session, "device_weighed", "SELECT 0 AS a, 0 AS b WHERE false")
    _worthless(session)
    _sets(session)
    if not open_subjects(session):
        return label
    _boxes(session)
    _sole(session)
    _facts(session)
    block(session, table="facts", spaces=_spaces())
    propose(session, spaces=SPACES)
    _profiles(session)
    weigh(session, DEVICE, profiles=("profile", "profile"), size=len(label))
    grown = decide(session, DEVICE, count=len(label), label=label)
    kept(session, "device", all_of=True)
    dropped(
        session,
        "boxes",
        "sole",
        "facts",
        "described",
        "profile",
        "block",
        "shared",
        "weighed",
        "grown",
        "torn",
        "sets",
        "open",
        "settled",
    )
    return grown


def _boxes(session: duckdb.DuckDBPyConnection) -> None:
    """rz_boxes (beginning, length): serials that came in one box, so that one has others that differ in their last signs alone."""
    made(
        session,
        "boxes",
        """SELECT left(serial, -3) AS beginning, length(serial) AS length FROM (
            SELECT DISTINCT plain_serial AS serial FROM rz_device_rows WHERE serial IS NOT NULL)
        WHERE length(serial) > 5 GROUP BY ALL HAVING count(*) > 2""",
    )


def _sole(session: duckdb.DuckDBPyConnection) -> None:
    """rz_sole (source, holder): addresses that hold one device alone of all that a source knows."""
    made(
        session,
        "sole",
        f"""SELECT source, lower(trim(holder_email)) AS holder FROM rz_device_rows r JOIN rz_settled s USING (n)
        WHERE holder_email IS NOT NULL AND NOT gone AND connector IN {_LISTS} GROUP BY ALL HAVING count(DISTINCT comp) = 1""",
    )


def _facts(session: duckdb.DuckDBPyConnection) -> None:
    """rz_facts: a row a record of an open subject, with what it may be found by in the forms in which that is compared, null
    where it is worthless."""
    made(
        session,
        "facts",
        f"""SELECT f.* EXCLUDE (host), {_FOLD.format("serial")} AS fold, {_DIGITS.format("tag")} AS digits,
            CASE WHEN {FITS} THEN host WHEN {_CALLED} THEN words END AS called, length(serial) > 6 AND b.beginning IS NULL AS alone FROM (
            SELECT s.comp, r.n,
            CASE WHEN {_PLAIN.format("r.plain_serial", quoted(PLACEHOLDERS))} AND length(r.plain_serial) > 4 AND r.plain_serial NOT IN {_NEVER} THEN r.plain_serial END AS serial,
            CASE WHEN {_PLAIN.format("r.plain_tag", quoted(PLACEHOLDERS))} AND length(r.plain_tag) > 1 THEN ltrim(r.plain_tag, '0') END AS tag,
            CASE WHEN len(r.macs) > 0 THEN list_filter(r.macs, x -> regexp_full_match(x, '{_OWN_MAC}') AND x NOT LIKE '000000%') END AS macs,
            {LABEL.format("r.name")} AS host, {_WORDS.format("r.name")} AS words,
            list_filter([lower(trim(r.holder_email)), {FORMS["stripped"].format("r.holder_number")}, CASE WHEN r.holder_email IS NULL THEN {_WORDS.format("r.holder_name")} END], x -> x <> '') AS holders
            FROM rz_device_rows r JOIN rz_settled s USING (n) JOIN rz_open o USING (comp) WHERE r.connector IN {_LISTS}) f
        LEFT JOIN rz_boxes b ON b.beginning = left(f.serial, -3) AND b.length = length(f.serial)""",
    )


def _worthless(session: duckdb.DuckDBPyConnection) -> None:
    """rz_crowd (value): hardware addresses of a dock or an adapter. Says which addresses are worthless."""
    made(session, "every_mac", "SELECT n, source, unnest(macs) AS value FROM rz_device_rows WHERE len(macs) > 0")
    made(
        session,
        "crowd",
        f"""SELECT value, c FROM (SELECT value, max(c) AS c FROM (
            SELECT value, source, count(DISTINCT s.comp) AS c FROM rz_every_mac JOIN rz_settled s USING (n) GROUP BY ALL) GROUP BY value)
        WHERE c >= {CROWD}""",
    )
    session.execute("INSERT INTO rz_device_worthless SELECT 'device', 'network address', value, c FROM rz_crowd")
    session.execute(
        f"""INSERT INTO rz_device_worthless SELECT 'device', 'network address', value, count(DISTINCT n) FROM rz_every_mac
        WHERE NOT regexp_full_match(value, '{_OWN_MAC}') AND value NOT IN (SELECT value FROM rz_crowd) GROUP BY value"""
    )
    dropped(session, "every_mac")


def _sets(session: duckdb.DuckDBPyConnection) -> None:
    made(
        session,
        "sets",
        f"""SELECT s.comp, list_sort(list_distinct(coalesce(list(r.source) FILTER (NOT r.gone), []))) AS standing, [''] AS lanes, false AS twice
        FROM (SELECT n, source, gone FROM rz_device_rows WHERE connector IN {_LISTS}) r JOIN rz_settled s USING (n) GROUP BY s.comp""",
    )


def _described(session: duckdb.DuckDBPyConnection) -> None:
    """rz_described: the facts of all who are in a pair, and what else their records say, of which most is dear to bring into form."""
    made(
        session,
        "described",
        f"""SELECT f.comp, f.serial, f.tag, f.called, f.alone, f.macs, f.holders, lower(trim(r.holder_email)) AS holder_email, o.holder IS NOT NULL AS sole,
            CASE WHEN len(r.hardware_ids) > 0 THEN list_transform(r.hardware_ids, x -> {FORMS["serial"].format("x")}) END AS hardware,
            {_MODEL.format(_WORDS.format("r.model"))} AS model, split_part({_WORDS.format("r.manufacturer")}, ' ', 1) AS maker, r.platform,
            list_filter([{_WORDS.format("r.school_name")}, {_WORDS.format("r.location")}] || {_UNITS.format(_WORDS.format("x"))}, x -> x <> '') AS places
        FROM rz_facts f JOIN rz_device_rows r USING (n) LEFT JOIN rz_sole o ON o.source = r.source AND o.holder = lower(trim(r.holder_email))
        WHERE f.comp IN (SELECT a FROM rz_pairs UNION SELECT b FROM rz_pairs)""",
    )


def _profiles(session: duckdb.DuckDBPyConnection) -> None:
    """rz_profile: a row a subject of rz_pairs, with everything that any of its records says, as lists without nulls."""
    _described(session)
    single = {
        "serials": "serial",
        "tags": "tag",
        "names": "called",
        "models": "model",
        "platforms": "platform",
    }
    lists = ", ".join(
        f"list_sort(list_distinct(coalesce(list({value}) FILTER ({value} IS NOT NULL), []))) AS {name}"
        for name, value in single.items()
    )
    many = ", ".join(
        f"list_distinct(flatten(coalesce(list({name}) FILTER ({name} IS NOT NULL), []))) AS {name}"
        for name in ("macs", "hardware", "holders", "places")
    )
    made(
        session,
        "profile",
        f"""SELECT *, list_filter(string_split(array_to_string(models, ' '), ' '), x -> length(x) > 3 AND x NOT IN ({quoted(_SAYING_LITTLE)})
                OR length(x) > 2 AND regexp_matches(x, '[0-9]'))
                || list_filter(list_transform(models, x -> left(replace(x, ' ', ''), 7)), x -> length(x) > 6 AND x NOT IN ({quoted(_SAYING_LITTLE)})) AS model_words,
            list_filter(string_split(array_to_string(models, ' '), ' '), x -> x <> '') AS model_parts,
            list_filter(models, x -> NOT regexp_full_match(x, '[a-z0-9]*[0-9][a-z0-9]*')) AS spoken_models,
            list_distinct(list_transform(hardware, x -> split_part(x, ':', 1))) AS hardware_types FROM (
            SELECT comp, {lists}, {many}, coalesce(bool_and(alone) FILTER (serial IS NOT NULL), false) AS alone,
                coalesce(bool_and(sole) FILTER (holder_email IS NOT NULL), false) AS sole, list_distinct(coalesce(list(maker) FILTER (maker <> ''), [])) AS makers
            FROM rz_described GROUP BY comp)""",
    )  # fmt: skip


def _spaces() -> str:
    """Every value by which two subjects may meet. Of `near`, `whole` tells a serial from one with a sign left out."""
    never = "SELECT value FROM rz_crowd"
    spaces = [
        "SELECT 'fold' AS space, fold AS value, comp, true AS whole FROM here WHERE length(fold) > 5",
        "SELECT 'near', 's' || array_to_string(list_sort(string_split(fold, '')), ''), comp, true FROM here WHERE length(fold) > 5",
        "SELECT 'near', 'd' || fold, comp, true FROM here WHERE length(fold) > 5",
        f"SELECT 'near', 'd' || unnest({_DROPS}), comp, false FROM (SELECT comp, fold AS s FROM here WHERE length(fold) > 6)",
        "SELECT 'near', 'd' || substr(fold, 3), comp, false FROM here WHERE fold LIKE '5N%' AND length(fold) > 8",  # SN before it
        f"SELECT 'other', unnest({_BLANKS}), comp, true FROM (SELECT comp, fold AS s FROM here WHERE alone AND length(fold) > 6)",
        "SELECT 'tag', tag, comp, true FROM here WHERE tag <> ''",
        "SELECT 'digits', digits, comp, true FROM here WHERE length(digits) > 3",
        f"SELECT 'mac', value, comp, true FROM (SELECT comp, unnest(macs) AS value FROM here) WHERE value NOT IN ({never})",
        "SELECT 'name', called, comp, true FROM here",
        "SELECT 'holder', unnest(holders), comp, true FROM here",
        "SELECT 'token', serial, comp, true FROM here WHERE length(serial) > 5",
        "SELECT 'token', tag, comp, true FROM here WHERE length(tag) > 3",
        "SELECT 'token', upper(word), comp, false FROM (SELECT comp, unnest(string_split(words, ' ')) AS word FROM here) WHERE length(word) > 3 AND regexp_matches(word, '[0-9]')",
        "SELECT 'numbered', digits, comp, true FROM here WHERE length(digits) > 3",
        "SELECT 'numbered', ltrim(regexp_extract(word, '^[a-z]*([0-9]+)[a-z]*$', 1), '0'), comp, false FROM (SELECT comp, unnest(string_split(words, ' ')) AS word FROM here) WHERE regexp_matches(word, '[0-9][0-9][0-9][0-9]')",
        "SELECT 'spelt', regexp_replace(split_part(mail, '@', 1), '[^a-z]', '', 'g'), comp, true FROM (SELECT comp, unnest(holders) AS mail FROM here) WHERE mail LIKE '%_____@%'",
        f"SELECT 'spelt', unnest({_SPELLINGS}), comp, false FROM (SELECT comp, split_part(holder, ' ', 1) AS f, split_part(holder, ' ', -1) AS l FROM (SELECT comp, unnest(holders) AS holder FROM here) WHERE regexp_full_match(holder, '[a-z]+( [a-z]+)+'))",
    ]  # fmt: skip
    return " UNION ALL ".join(spaces)
