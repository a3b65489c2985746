"""Scan sightings: which device a host is that a scanner merely saw on the network.

A scanner's record (`managed` null) belongs to the device of a console or asset list that has its hardware address, else
its serial number (an ordinary identity rule), else its host name: the first label of the name, only where exactly one
managed device has it, or where no managed device has it exactly one device of an asset list (a switch is in no
console), and only where it is not a manufacturer's default name. An IP address joins nothing, because it is leased.
Hosts that remain are joined to each other by hardware address, so that two scanners see one printer once.
"""

from __future__ import annotations

from functools import partial

from homeroom.engines.know.resolve.shared.components import join_components
from homeroom.engines.know.resolve.shared.hosts import HOST_LABEL_SQL, IS_SPECIFIC_HOST_SQL
from homeroom.engines.know.resolve.shared.serials import usable_serial_sql
from homeroom.engines.know.resolve.shared.words import RETIRED_STATUSES, quote_sql_list
from homeroom.evidence.query.steps import Step

_MAC = "regexp_full_match(value, '[0-9a-f]{12}') AND value NOT IN ('000000000000', 'ffffffffffff')"


def list_sighting_steps() -> tuple[Step, ...]:
    """Join sighted hosts to the components of their devices in rz_device_components.

    Build also rz_consoles (connector, console) and rz_sighted (n, why): the records joined here, and by which value.
    Records of consoles and asset lists are joined to each other by the identity rules alone.
    """
    return (
        Step(
            name="start the list of sightings",
            writes=("sighted",),
            sql="SELECT NULL::BIGINT AS n, NULL::VARCHAR AS why WHERE false",
        ),
        _build_consoles_step(),
        Step(
            name="join sightings to devices",
            reads=("consoles", "device_components", "device_rows", "sighted"),
            writes=("device_components", "sighted"),
            steps=_list_placement_steps(),
            when="SELECT count(*) > 0 FROM rz_consoles WHERE console IS NULL",
        ),
    )


def _build_consoles_step() -> Step:
    """Build rz_consoles (connector, console), the kind of each connector.

    A console is a connector that manages a device. An asset list declares that it manages none, or has tags, holders or
    purchases without declaring it. Any other connector merely saw devices: console is null.
    """
    return Step(
        name="classify connectors as consoles, asset lists and scanners",
        reads=("device_rows",),
        writes=("consoles",),
        sql="""SELECT connector, CASE WHEN bool_or(managed) THEN true WHEN bool_or(NOT managed OR asset_tag IS NOT NULL
            OR holder_email IS NOT NULL
            OR holder_name IS NOT NULL OR holder_number IS NOT NULL OR checked_out IS NOT NULL
                OR purchased_on IS NOT NULL) THEN false END AS console
        FROM rz_device_rows GROUP BY connector""",
    )


def _list_placement_steps() -> tuple[Step, ...]:
    rounds = (("network address", _MATCH_BY_MAC), ("host name", _MATCH_BY_NAME)) * 2
    return (
        *_list_host_steps(),
        *(step for value, query in rounds for step in _list_home_steps(value, query)),
        *_list_remaining_steps("network address", _MATCH_REMAINING_BY_MAC),
        *_list_remaining_steps("host name", _MATCH_REMAINING_BY_NAME),
        Step(
            name="list placed sightings",
            reads=("device_components", "sighted", "sighted_home"),
            writes=("sighted",),
            sql="INSERT INTO rz_sighted SELECT s.n, min(h.why) FROM rz_device_components s "
            "JOIN rz_sighted_home h USING (comp) GROUP BY s.n",
        ),
        Step(
            name="join placed sightings to their devices",
            reads=("device_components", "sighted_home"),
            writes=("device_components",),
            run=partial(
                join_components,
                components="device_components",
                edges="SELECT comp, home FROM rz_sighted_home",
                result="device_components",
            ),
        ),
    )


def _list_home_steps(value: str, query: str) -> tuple[Step, ...]:
    """Place sightings in rz_sighted_home where a query finds one device for them.

    What they report counts for their device in the steps after.
    """
    is_address = value == "network address"
    return (
        *((_HOST_ADDRESSES,) if is_address else ()),
        Step(
            name=f"match sightings to devices by {value}",
            reads=("host_macs",) if is_address else ("hosts",),
            writes=("home",),
            sql=query,
        ),
        Step(
            name=f"place sightings by {value}",
            reads=("home", "sighted_home"),
            writes=("sighted_home",),
            sql="""INSERT INTO rz_sighted_home SELECT comp, min(home), min(why) FROM rz_home
            WHERE comp NOT IN (SELECT comp FROM rz_sighted_home) GROUP BY comp HAVING count(DISTINCT home) = 1""",
        ),
        Step(
            name=f"list hosts with those placed by {value}",
            reads=("hosts", "sighted_home"),
            writes=("hosts",),
            sql="""SELECT coalesce(p.home, h.comp) AS comp, h.* EXCLUDE (comp, alone, placed),
            h.alone AND p.home IS NULL AS alone, h.placed OR p.home IS NOT NULL AS placed
        FROM rz_hosts h LEFT JOIN rz_sighted_home p USING (comp)""",
        ),
    )


def _list_remaining_steps(value: str, query: str) -> tuple[Step, ...]:
    """Join sightings that no device was found for to each other, by one value."""
    return (
        *((_HOST_ADDRESSES,) if value == "network address" else ()),
        Step(
            name=f"match the remaining sightings to each other by {value}",
            reads=("host_macs",) if value == "network address" else ("hosts",),
            writes=("home",),
            sql=query,
        ),
        Step(
            name=f"place the remaining sightings by {value}",
            reads=("home", "sighted_home"),
            writes=("sighted_home",),
            sql="INSERT INTO rz_sighted_home SELECT comp, home, why FROM rz_home WHERE comp <> home",
        ),
    )


def _list_host_steps() -> tuple[Step, ...]:
    """Build rz_hosts and an empty rz_sighted_home.

    rz_hosts has one row for each record, with its component, and whether that consists of sightings alone.
    """
    return (
        Step(
            name="list hosts with their components",
            reads=("consoles", "device_components", "device_rows"),
            writes=("hosts",),
            sql=f"""SELECT s.comp, r.source, r.gone, r.managed, r.macs, {HOST_LABEL_SQL.format("r.name")} AS host,
            {usable_serial_sql("r.plain_serial")} AS serial,
            coalesce(NOT r.managed AND r.status IN ({quote_sql_list(RETIRED_STATUSES)}),
                false) AS retired,
            false AS placed, bool_and(c.console IS NULL) OVER (PARTITION BY s.comp) AS alone
        FROM rz_device_rows r JOIN rz_device_components s USING (n) JOIN rz_consoles c USING (connector)""",
        ),
        Step(
            name="start the list of placed sightings",
            writes=("sighted_home",),
            sql="SELECT NULL::BIGINT AS comp, NULL::BIGINT AS home, NULL::VARCHAR AS why WHERE false",
        ),
    )


_HOST_ADDRESSES = Step(
    name="list network addresses of sightings",
    reads=("hosts",),
    writes=("host_macs",),
    sql=f"""WITH every AS (SELECT comp, source, gone OR retired AS gone, alone, unnest(macs) AS value FROM rz_hosts)
        SELECT * FROM every WHERE value IN (SELECT value FROM every WHERE alone) AND {_MAC}""",
)


# A current device comes before one that is gone; where two fit equally, neither is chosen.
_MATCH_BY_MAC = """
    WITH owners AS (SELECT value, comp, bool_and(gone) AS gone FROM rz_host_macs WHERE NOT alone GROUP BY ALL),
    best AS (SELECT *, min(gone::INTEGER) OVER (PARTITION BY value) AS least FROM owners),
    one AS (SELECT value, min(comp) AS home FROM best WHERE gone::INTEGER = least GROUP BY value HAVING count(*) = 1)
    SELECT DISTINCT m.comp, o.home, 'network address ' || value AS why FROM rz_host_macs m JOIN one o USING (value)
        WHERE m.alone"""
# What reports itself comes before an asset list, an asset in use before a retired one, and all of them before what
# another sighting of the device is called. Two different serial numbers are two devices, whatever their names. A name
# that an agent or console reports of two devices tells nothing, even where only one of them is in another list.
_MATCH_BY_NAME = f"""
    WITH named AS (SELECT host, comp, serial,
        CASE WHEN placed THEN 3 WHEN retired THEN 2 WHEN NOT managed THEN 1 ELSE 0 END AS cost FROM rz_hosts
        WHERE NOT alone AND NOT gone AND {IS_SPECIFIC_HOST_SQL}),
    best AS (SELECT *, min(cost) OVER (PARTITION BY host) AS least FROM named),
    one AS (SELECT host, min(comp) AS home, max(serial) AS serial FROM best WHERE cost = least GROUP BY host
        HAVING count(DISTINCT comp) = 1),
    agents AS (SELECT DISTINCT source FROM rz_hosts WHERE serial IS NOT NULL AND managed IS DISTINCT FROM false),
    twice AS (SELECT host FROM rz_hosts SEMI JOIN agents USING (source) WHERE NOT gone AND host IS NOT NULL
        GROUP BY source, host HAVING count(DISTINCT comp) > 1)
    SELECT DISTINCT h.comp, o.home, 'host name ' || host AS why FROM rz_hosts h JOIN one o USING (host)
    WHERE host NOT IN (SELECT host FROM twice) AND h.alone AND NOT h.gone
        AND (h.serial IS NULL OR o.serial IS NULL OR h.serial = o.serial)"""
_MATCH_REMAINING_BY_MAC = """
    WITH still AS (SELECT * FROM rz_host_macs WHERE alone),
    fit AS (SELECT value FROM (SELECT value, source, count(DISTINCT comp) AS c FROM still GROUP BY ALL)
        GROUP BY value HAVING max(c) = 1 AND count(*) > 1)
    SELECT s.comp, min(s.comp) OVER (PARTITION BY value) AS home, 'network address ' || value AS why FROM still s
        JOIN fit USING (value)"""
# A name that a device has is no name for hosts that were not found to be that device.
_MATCH_REMAINING_BY_NAME = f"""
    WITH still AS (SELECT * FROM rz_hosts WHERE alone AND NOT gone AND {IS_SPECIFIC_HOST_SQL}
        AND host NOT IN (SELECT host FROM rz_hosts WHERE NOT alone AND host IS NOT NULL)),
    fit AS (SELECT host FROM (SELECT host, source, count(DISTINCT comp) AS c FROM still GROUP BY ALL)
        GROUP BY host HAVING max(c) = 1 AND count(*) > 1),
    serials AS (SELECT host FROM still GROUP BY host HAVING count(DISTINCT serial) <= 1)
    SELECT s.comp, min(s.comp) OVER (PARTITION BY host) AS home, 'host name ' || host AS why FROM still s
        JOIN fit USING (host) JOIN serials USING (host)"""
